#!/usr/bin/env python3
"""int8 files answer what the scheme, simulated in NumPy (simulate_int8.py), answers, and nearly what fp32 answers.

The simulation's answers are committed (tests/golden/simulation) for all cases of each fixture, by their ids. They differ from ours
where a value lies between two steps and is rounded the other way after a sum in another order: seldom, and then by a few
hundredths. So the worst is bounded loosely and the median, over the cases, tightly. A product that is off by one zero point, a scale
of the wrong row, a table that is not quantized: each moves most cases by hundredths or more, so the median tells.

The cosine with the reference's fp32 logits is taken over all logits of a fixture: it says that the scheme itself is good enough, and that
ours loses nothing beside it.
"""
import json, math, os, statistics

from checking import GOLDEN, Suite, cases_of, checkpoints, convert, need, raw_logits, worst

WORST, MEDIAN, COSINE, COSINE_LOST = 5e-2, 2e-3, 0.999, 2e-4
# ALBERT's one layer runs three times over, and so do its errors: the scheme itself, simulated, has 0.9981 on this fixture.
COSINES = {"albert-sequence-classification": 0.998}


def simulation(fixture):
    with open(os.path.join(GOLDEN, "simulation", fixture + ".json"), encoding="utf8") as file:
        return {tuple(case["ids"]): case["logits"] for case in json.load(file)["cases"]}


def cosine(left, right):
    left, right = [y for row in left for y in row], [y for row in right for y in row]
    dot = lambda a, b: sum(x * y for x, y in zip(a, b))
    return dot(left, right) / math.sqrt(dot(left, left) * dot(right, right))


def main():
    suite = Suite()
    for name, fixture, directory in checkpoints(suite):
        with suite.check(name):
            cases, length = cases_of(directory)
            answers = raw_logits(convert(directory, "int8"), cases, length)
            expected = simulation(fixture)
            expected = [expected[tuple(case["input_ids"])] for case in cases]
            each = [worst([a], [e]) for a, e in zip(answers, expected)]
            alike = cosine(answers, [case["logits"] for case in cases])
            scheme = cosine(expected, [case["logits"] for case in cases])
            least = COSINES.get(fixture, COSINE)
            off = worst(answers, [case["logits"] for case in cases])
            print(f"{name}: from the simulation: worst {max(each):.1e}, median {statistics.median(each):.1e}; "
                  f"from fp32: worst {off:.2f}, cosine {alike:.5f}")
            need(max(each) <= WORST, f"{max(each):.2e} from the simulation, at most {WORST}")
            need(statistics.median(each) <= MEDIAN, f"median {statistics.median(each):.2e} from the simulation, at most {MEDIAN}")
            need(alike >= least, f"cosine {alike:.6f} with fp32, at least {least}")
            need(alike >= scheme - COSINE_LOST, f"cosine {alike:.6f} with fp32, the simulation has {scheme:.6f}")
    suite.finish()


if __name__ == "__main__":
    main()
