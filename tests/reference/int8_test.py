#!/usr/bin/env python3
"""int8 files answer what the scheme, simulated in NumPy (simulate_int8.py), answers, and nearly what fp32 answers.

The simulation's answers are committed (tests/golden/simulation) for all cases of each fixture, by their ids; where a case has many
outputs, every n-th (checking.STRIDES). Differences are in units of the fixture's spread: the standard deviation of the reference's outputs.

  * median: over the cases, of the largest difference in a case. A case either agrees to the last printed digit or has a value that lay
    between two steps and was rounded the other way after a sum in another order. The latter are up to 8 % of the cases where one token
    is all that counts, and up to 30 % where every token does. A product that is off by one zero point, a scale of the wrong row, a
    table that is not quantized: each moves most cases by hundredths, so the median tells, and it may be tight for every head.
  * worst: of all cases. One value rounded the other way moves a case by one to ten hundredths, however small the sum's error was. How
    far that goes is measured, not guessed: simulation_test.py disturbs the rows of the simulation by 1e-6 before they are quantized,
    and needs each limit to be between what the simulation moves then and twice that.
  * cosine with the reference's fp32 outputs, over all outputs of a fixture: says that the scheme itself is good enough. `lost` is how
    much lower than the simulation's it may be: the simulation's own changes by nearly as much when it is disturbed.
"""
import collections, math, statistics

from checking import Suite, checkpoints, convert, golden_of, kept, need, raw_outputs, reference_outputs, simulated, worst

MEDIAN = 1e-5

Limits = collections.namedtuple("Limits", "worst cosine lost")
LIMITS = {
    # Disturbed, the simulation moves by 0.077. Its cosine is 0.9993 or more, over 20 cases 0.9992.
    "sequence-classification": Limits(0.10, 0.999, 2e-4),
    # Moves by 0.067. The hidden states are off by 2.4 %, as much as below BERT's question answering, but the two logits spread over half
    # as much as a classifier's (0.62; BERT's 1.25): hence a cosine of 0.9984. They are only 66, so one case changes it more.
    "next-sentence-prediction": Limits(0.10, 0.998, 2e-4),
    # Moves by 0.085: the worst of all tokens is farther out than the worst of the first ones. The cosine is 0.9997 or more.
    "token-classification": Limits(0.10, 0.9995, 5e-5),
    # Moves by 0.071: that is BERT, whose outputs spread over 0.79 only (DistilBERT's over 1.72; it moves by 0.054). The cosine is 0.9993.
    "question-answering": Limits(0.12, 0.999, 1e-4),
    # Moves by 0.076. These logits spread over 4.3 to 5.1, so the limit is near half a logit. The cosine is 0.9994 or more.
    "mlm": Limits(0.10, 0.9993, 1e-4),
    # Moves by 0.043, the least: there is no head to add errors of its own. The cosine is 0.9998.
    "feature-extraction": Limits(0.07, 0.9997, 5e-5),
    # ALBERT moves by 0.089 and 0.094, and has 0.9981 and 0.9966. What its projection gives to the first attention has no norm behind it:
    # values are 3.4 times as large as elsewhere, so scores spread over 21 (BERT's: 2) and nearly all weight is on one token. That attention
    # makes 3.6 times as much of an error (BERT's: 1.2), and 1.04 times with the values divided by 3.4. The later passes add nothing.
    "albert sequence-classification": Limits(0.13, 0.998, 2e-4),
    "albert mlm": Limits(0.13, 0.9965, 2e-4),
}


def head_of(fixture, kind):
    return f"albert {kind}" if fixture.startswith("albert-") else kind


def spread_of(outputs):
    return statistics.pstdev(y for case in outputs for y in case)


def cosine(left, right):
    left, right = [y for row in left for y in row], [y for row in right for y in row]
    dot = lambda a, b: sum(x * y for x, y in zip(a, b))
    return dot(left, right) / math.sqrt(dot(left, left) * dot(right, right))


def main():
    suite = Suite()
    for name, fixture, directory in checkpoints(suite):
        with suite.check(name):
            kind, cases, length = golden_of(directory)
            limits = LIMITS[head_of(fixture, kind)]
            answers = [kept(kind, outputs) for outputs in raw_outputs(convert(directory, "int8"), kind, cases, length)]
            reference = [kept(kind, reference_outputs(kind, case)) for case in cases]
            simulation = simulated(fixture)
            simulation = [simulation[tuple(case["input_ids"])] for case in cases]
            need([len(a) for a in answers] == [len(s) for s in simulation], "the simulation kept other outputs: make it anew")
            spread = spread_of(reference)
            each = [worst([a], [s]) / spread for a, s in zip(answers, simulation)]
            median = statistics.median(each)
            alike, scheme = cosine(answers, reference), cosine(simulation, reference)
            print(f"{name}: spread {spread:.2f}; from the simulation: worst {max(each):.4f}, median {median:.0e}; "
                  f"from fp32: worst {worst(answers, reference) / spread:.2f}, cosine {alike:.5f} (the simulation's {scheme:.5f})")
            need(max(each) <= limits.worst, f"{max(each):.3f} of the spread from the simulation, at most {limits.worst}")
            need(median <= MEDIAN, f"median {median:.1e} of the spread from the simulation, at most {MEDIAN:.0e}")
            need(alike >= limits.cosine, f"cosine {alike:.6f} with fp32, at least {limits.cosine}")
            need(alike >= scheme - limits.lost, f"cosine {alike:.6f} with fp32, the simulation has {scheme:.6f}")
    suite.finish()


if __name__ == "__main__":
    main()
