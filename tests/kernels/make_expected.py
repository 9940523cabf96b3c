#!/usr/bin/env python3
"""Writes expected.h: what the formulas in kernels.h give in double precision, by Python's own math.

    python3 make_expected.py > expected.h

Inputs are exact in float. The quantized rows are computed in exact fractions from a range of which 255 is a
divisor, so that rounding of the parameters has no part in them; Python's round() takes ties to even.
"""
import math
import random
import struct
from fractions import Fraction


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def array(kind, name, values):
    text = ", ".join(str(v) if isinstance(v, int) else repr(v) + ("f" if kind == "float" else "") for v in values)
    print(f"inline constexpr {kind} {name}[] = {{{text}}};")


random.seed(20241108)
print("// Made by make_expected.py: do not edit. clang-format off")
print("#ifndef POCKETBERT_TESTS_KERNELS_EXPECTED_H_\n#define POCKETBERT_TESTS_KERNELS_EXPECTED_H_\n")
print("#include <cstdint>\n\nnamespace pbert::test {\n")

# Activations: small, ordinary and large, both signs, and some close to where the vector code changes.
points = [0.0, 1e-30, 1e-6, 1e-3, 0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.45, 3.0, 3.5, 4.0, 4.5, 4.875, 4.9, 4.95,
          5.25, 6.0, 8.0, 12.0, 40.0, 90.0, 1000.0]
points += [random.uniform(0, 6) for _ in range(20)]
points = [f32(x) for x in points]
points += [-x for x in points[1:]]
array("float", "kActivationInput", points)
array("double", "kGeluErf", [x * math.erfc(-x / math.sqrt(2)) / 2 for x in points])
array("double", "kGeluTanh", [x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2 for x in points])
array("double", "kTanh", [math.tanh(x) for x in points])
array("double", "kSilu", [x / (1 + math.exp(-x)) if x > -700 else 0.0 for x in points])
array("double", "kQuickGelu", [x / (1 + math.exp(-1.702 * x)) if x > -400 else 0.0 for x in points])
array("double", "kRelu", [max(x, 0.0) for x in points])

# Softmax.
logits = [f32(random.gauss(0, 4)) for _ in range(13)] + [-1000.0, 30.0, -87.5]
top = max(logits)
total = math.fsum(math.exp(x - top) for x in logits)
array("float", "kLogits", logits)
array("double", "kSoftmax", [math.exp(x - top) / total for x in logits])

# Layer norm: two rows of 21, with a residual; the second row lies far from 0.
columns, epsilon = 21, 1e-12
rows = [[f32(random.gauss(0, 2)) for _ in range(columns)], [f32(random.gauss(100, 0.5)) for _ in range(columns)]]
residual = [[f32(random.gauss(0, 1)) for _ in range(columns)] for _ in rows]
gamma = [f32(random.uniform(0.2, 2)) for _ in range(columns)]
beta = [f32(random.gauss(0, 0.3)) for _ in range(columns)]
result = []
for x, r in zip(rows, residual):
    both = [f32(a + b) for a, b in zip(x, r)]  # the sum is rounded to float, as in the reference library
    mean = math.fsum(both) / columns
    variance = math.fsum((v - mean) ** 2 for v in both) / columns
    result += [(v - mean) / math.sqrt(variance + epsilon) * g + b for v, g, b in zip(both, gamma, beta)]
array("float", "kNormInput", sum(rows, []))
array("float", "kNormResidual", sum(residual, []))
array("float", "kNormGamma", gamma)
array("float", "kNormBeta", beta)
array("double", "kNorm", result)

# Attention: 3 queries, 5 keys, heads of 6.
queries, keys, head = 3, 5, 6
q = [[f32(random.gauss(0, 1)) for _ in range(head)] for _ in range(queries)]
k = [[f32(random.gauss(0, 1)) for _ in range(head)] for _ in range(keys)]
v = [[f32(random.gauss(0, 1)) for _ in range(head)] for _ in range(keys)]
result = []
for row in q:
    weights = [math.exp(math.fsum(a * b for a, b in zip(row, key))) for key in k]
    total = math.fsum(weights)
    result += [math.fsum(w * value[i] for w, value in zip(weights, v)) / total for i in range(head)]
array("float", "kAttentionQ", sum(q, []))
array("float", "kAttentionK", sum(k, []))
array("float", "kAttentionV", sum(v, []))
array("double", "kAttention", result)

# Quantization: (row, min, max) with max - min = 255 * scale exactly; halves are ties.
cases = [
    ("Ties", [-3.5, -2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 3.5, -100.0, 155.0, 154.5, -99.5, 100.25], 1),
    ("Positive", [0.25, 1.0, 63.75, 10.125, 33.0, 0.125], Fraction(1, 4)),
    ("Negative", [-510.0, -1.0, -3.0, -0.5, -256.0, -255.0, -508.75], 2),
    ("TieOfZeroPoint", [-127.5, 127.5, 0.0, 0.5, 1.0, -0.5], 1),
    ("OddTieOfZeroPoint", [-100.5, 154.5, 0.0, 0.5, 1.0, -0.5], 1),
    ("RoundedZeroPoint", [-99.375, 155.625, 0.0, 0.5, 155.25, -99.0], 1),
]
for name, row, scale in cases:
    scale = Fraction(scale)
    low, high = min(0, *map(Fraction, row)), max(0, *map(Fraction, row))
    assert high - low == 255 * scale, name
    zero_point = max(-128, min(127, round(-128 - low / scale)))
    array("float", f"kQuantize{name}", row)
    array("int8_t", f"kQuantized{name}", [max(-128, min(127, round(Fraction(x) / scale) + zero_point)) for x in row])
    print(f"inline constexpr int32_t kZeroPoint{name} = {zero_point};")
    print(f"inline constexpr float kScale{name} = {float(scale)!r}f;")

print("\n}  // namespace pbert::test\n\n#endif  // POCKETBERT_TESTS_KERNELS_EXPECTED_H_")
