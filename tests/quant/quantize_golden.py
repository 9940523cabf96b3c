#!/usr/bin/env python3
"""Writes quantize_golden.inc: rows of float32 weights with the scale and int8 values that NumPy gives them.

    python3 tests/quant/quantize_golden.py > tests/quant/quantize_golden.inc

Independent of quant/: symmetric int8, scale = max|w| / 127 in float32, rint (ties to even), clip to +-127.
"""
import numpy as np

rng = np.random.default_rng(20241106)
rows = {
    "normal": rng.normal(0, 0.05, 33),
    "uniform": rng.uniform(-1, 1, 40),
    "one outlier": np.append(rng.normal(0, 0.01, 30), -3.5),
    "heavy tail": rng.standard_cauchy(29),
    "ties": np.array([127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5, -127]),  # scale is exactly 1
    "negative only": -np.abs(rng.normal(0, 1, 17)),
    "single": np.array([-0.375]),
    "all zero": np.zeros(8),
    "negative zero": np.array([-0.0, 0.0, -0.0]),
    "large": rng.normal(0, 1e37, 16),
    "largest float": np.array([np.finfo(np.float32).max, -np.finfo(np.float32).max, 1.0]),
    "small": rng.normal(0, 1e-35, 16),
    "scale would be subnormal": np.array([1e-40, -1e-39, 1e-38, 0.0]),
    "subnormal": np.array([1e-45, -3e-45, 7e-43]),
    "equal": np.full(9, 0.1),
}
print("// Made by quantize_golden.py with NumPy; do not edit. Weights and scales are the bits of float32.")
for name, weights in rows.items():
    w = weights.astype(np.float32)
    top = np.abs(w).max()
    scale = np.float32(1) if top == 0 else max(top / np.float32(127), np.finfo(np.float32).tiny)
    with np.errstate(all="ignore"):
        q = np.clip(np.rint(w / scale), -127, 127).astype(np.int32)
    bits = lambda x: ", ".join(f"0x{b:08x}" for b in np.atleast_1d(np.asarray(x, np.float32)).view(np.uint32))
    print(f'{{"{name}",\n {{{bits(w)}}},\n {bits(scale)},\n {{{", ".join(map(str, q))}}}}},')
