#!/usr/bin/env python3
"""Finds the coefficients in runtime/kernels/math_impl.h.

Needs mpmath. Interpolates at Chebyshev nodes, which is within a hair of the best polynomial, and prints
each coefficient of the lowest power first with the error of the whole in exact arithmetic.
"""
import struct

import mpmath as mp

mp.mp.prec = 150
GELU_END = mp.mpf("4.9")  # past which GELU(x) is 0 or x to 5e-7 of |x|


def to_float32(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def fit(name, function, low, high, degree, weight=lambda x: 1):
    highest_first = mp.chebyfit(function, [low, high], degree + 1)
    rounded = [to_float32(c) for c in highest_first]
    points = mp.linspace(low, high, 3001)
    error = max(abs((mp.polyval(rounded, x) - function(x)) * weight(x)) for x in points)
    print(f"{name}: degree {degree}, error {mp.nstr(error, 3)}")
    for c in reversed(rounded):
        print(f"  {c!r:>24}  {c.hex()}")


# (e^r - 1) / r for |r| <= log(2) / 2, so that e^0 is 1 exactly; the relative error of e^r.
fit("exp", lambda r: mp.expm1(r) / r if r != 0 else mp.mpf(1), -mp.log(2) / 2, mp.log(2) / 2, 4,
    lambda r: r * mp.exp(-r))

# The upper tail of the normal distribution at a = (u + 1) * GELU_END / 2, for u in [-1, 1], where GELU
# multiplies it by a; the error is compared with 1 + a.
half = GELU_END / 2
fit("tail", lambda u: mp.erfc((u + 1) * half / mp.sqrt(2)) / 2, -1, 1, 12,
    lambda u: (u + 1) * half / (1 + (u + 1) * half))
