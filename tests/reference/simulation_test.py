#!/usr/bin/env python3
"""The simulation is trusted because, with quantization switched off, it gives the reference library's outputs; what is committed of it
is what it gives today; and the limits of int8_test.py are as wide as rounding makes it move, and no wider than twice that."""
import os, statistics

from checking import ALL_FIXTURES, Suite, checkpoints, golden_of, kept, need, reference_outputs, shared, simulated

try:
    import numpy
except ImportError:
    raise SystemExit(print("SKIPPED: simulation_test.py: no numpy here (toolchains/setup.sh tests makes an environment)") or 77)

from int8_numbers import Jitter, quantize_activations, quantize_weights
from int8_test import LIMITS, MEDIAN, head_of, spread_of
from simulate_int8 import simulate

# Sums of 64 to 160 products in fp32 are off by about 1e-7. Ten times as much has ten times as many values rounded the other way, so two
# runs find how far one of them can move an answer.
JITTER, SEEDS = 1e-6, (0, 1)


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
    folder = shared("fixtures/checkpoints")
    if folder:
        with suite.check("every fixture is simulated"):
            unlike = sorted(set(os.listdir(folder)) ^ set(ALL_FIXTURES))
            need(not unlike, f"only in one of {folder} and ALL_FIXTURES: {unlike}")
    moved = {}  # by head, in units of the spread
    for name, fixture, directory in checkpoints(suite):
        kind, cases, _ = golden_of(directory)
        head, spread = head_of(fixture, kind), spread_of([kept(kind, reference_outputs(kind, case)) for case in cases])
        with suite.check(f"{name}: fp32"):
            answers = simulate(directory, int8=False)
            error = max(difference(answers[tuple(case["input_ids"])], reference_outputs(kind, case)) for case in cases)
            print(f"{name}: without quantization: worst error {error:.1e}")
            need(error < 1e-4, f"worst error {error:.2e}, below 1e-4")
        answers = {ids: kept(kind, outputs) for ids, outputs in simulate(directory).items()}
        with suite.check(f"{name}: committed"):
            committed = simulated(fixture)
            # Another build of NumPy adds in another order, and some value is rounded the other way: a few cases may move by a step.
            errors = [difference(answers[ids], committed[ids]) / spread for ids in answers]
            need(statistics.median(errors) <= MEDIAN and max(errors) <= LIMITS[head].worst,
                 f"median {statistics.median(errors):.1e}, worst {max(errors):.1e}: make them anew (simulate_int8.py --all)")
        if directory == shared("fixtures/checkpoints/" + fixture):  # not those cut down to 20 cases
            for seed in SEEDS:
                disturbed = simulate(directory, jitter=Jitter(JITTER, seed))
                farthest = max(difference(kept(kind, disturbed[ids]), answers[ids]) for ids in answers) / spread
                moved.setdefault(head, []).append(farthest)
    if not suite.skipped:  # a head's limit is for all of its fixtures
        for head, limits in LIMITS.items():
            with suite.check(f"{head}: how far rounding moves it"):
                far = max(moved[head])
                print(f"{head}: disturbed by {JITTER:.0e}, the simulation moves by {far:.3f} of the spread")
                need(far <= limits.worst <= 2 * far, f"moves by {far:.3f}, the limit is {limits.worst}")
    suite.finish()


if __name__ == "__main__":
    main()
