"""Runs inside the emulated arm64 system: LiteRT's answers to one text, so many times.

    python3.11 litert_answers.py SITE_PACKAGES GRAPH TOKENS ANSWERS
"""
import sys

sys.path.insert(0, sys.argv[1])
import numpy as np  # noqa: E402
from ai_edge_litert.interpreter import Interpreter  # noqa: E402

graph, tokens, answers = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
model = Interpreter(model_path=graph, num_threads=1)
model.allocate_tensors()
ids = np.random.default_rng(tokens).integers(1, 30522, tokens).astype(np.int32)
model.set_tensor(model.get_input_details()[0]['index'], ids)
for _ in range(answers):
    model.invoke()
assert np.isfinite(model.get_tensor(model.get_output_details()[0]['index'])).all()
