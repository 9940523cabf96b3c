#!/usr/bin/env python3
"""The simulation is trusted because, with quantization switched off, it gives the reference library's logits; and what is committed
of it is what it gives today."""
import json, os

try:
    import numpy
except ImportError:
    raise SystemExit(print("SKIPPED: simulation_test.py: no numpy here (toolchains/setup.sh tests makes an environment)") or 77)

from checking import GOLDEN, Suite, cases_of, checkpoints, need
from simulate_int8 import quantize_activations, quantize_weights, simulate


def difference(left, right):
    return float(numpy.abs(numpy.asarray(left, float) - numpy.asarray(right, float)).max())


def check_numbers():
    """Values that can be followed by hand."""
    steps, scales = quantize_weights(numpy.array([[254, -127, 1, 3, 0], [0, 0, 0, 0, 0]], numpy.float32))
    need(scales.tolist() == [2, 1], f"scales {scales}")
    need(steps.tolist() == [[127, -64, 0, 2, 0], [0] * 5], f"weights {steps.tolist()}")  # 63.5, 0.5 and 1.5: to even
    steps, scales = quantize_activations(numpy.array([[0, 255, 128], [-255, 0, -1], [-1, 254, 1], [0, 0, 0]], numpy.float32))
    need(scales.tolist() == [1, 1, 1, 1], f"scales {scales}")
    need(steps.tolist() == [[0, 255, 128], [-255, 0, -1], [-1, 254, 1], [0, 0, 0]], f"activations {steps.tolist()}")


def main():
    suite = Suite()
    with suite.check("numbers"):
        check_numbers()
    for name, fixture, directory in checkpoints(suite):
        cases, _ = cases_of(directory)
        with suite.check(f"{name}: fp32"):
            answers = simulate(directory, int8=False)
            error = max(difference(answers[tuple(case["input_ids"])], case["logits"]) for case in cases)
            print(f"{name}: without quantization: worst error {error:.1e}")
            need(error < 1e-4, f"worst error {error:.2e}, below 1e-4")
        with suite.check(f"{name}: committed"):
            with open(os.path.join(GOLDEN, "simulation", fixture + ".json"), encoding="utf8") as file:
                committed = {tuple(case["ids"]): case["logits"] for case in json.load(file)["cases"]}
            answers = simulate(directory, int8=True)
            # Another build of NumPy adds in another order, and some value is rounded the other way: a few cases may move by a step.
            errors = sorted(difference(answers[ids], committed[ids]) for ids in answers)
            need(errors[len(errors) // 2] < 1e-5 and errors[-1] < 2e-2,
                 f"median {errors[len(errors) // 2]:.1e}, worst {errors[-1]:.1e}: make them anew (simulate_int8.py --all)")
    suite.finish()


if __name__ == "__main__":
    main()
