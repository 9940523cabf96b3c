#!/usr/bin/env python3
"""Writes mcnemar_values.inc: p-values of the exact McNemar test by SciPy (pip install scipy), for metrics_test.cc.

    python3 tests/evaluate/mcnemar_values.py > tests/evaluate/mcnemar_values.inc
"""
from scipy.stats import binomtest

PAIRS = [(0, 1), (1, 0), (0, 5), (0, 6), (1, 9), (2, 3), (3, 3), (5, 15), (10, 20), (25, 40), (60, 61), (100, 160),
         (0, 300), (128, 127), (200, 260), (500, 620), (1000, 1000), (1000, 1100), (4000, 4300), (3, 997)]

for first, second in PAIRS:
    p = binomtest(min(first, second), first + second, 0.5, alternative='two-sided').pvalue
    print(f'{{{first}, {second}, {p!r}}},'.replace('np.float64(', '').replace(')}', '}'))
