#!/usr/bin/env python3
"""fp32 files answer what the reference library answers, and every backend and number of threads answers the same.

The references were made by the reference library in fp32 (the fixtures' golden.json); the library itself, in another version,
is within 4e-5 of them. A mistake in a layer, in the converter's names or in the tokenizer moves logits by 0.01 or more.
"""
from checking import CLASSIFIERS, Suite, cases_of, checkpoints, convert, need, raw_logits, top, worst

FP32_TOLERANCE = 2e-4
AGREEMENT = {"fp32": 1e-4, "int8": 5e-2}


def main():
    suite = Suite()
    for name, _, directory in checkpoints(suite, CLASSIFIERS):
        with suite.check(f"{name}: fp32 against the reference"):
            cases, length = cases_of(directory)
            error = worst(raw_logits(convert(directory, "fp32"), cases, length), [case["logits"] for case in cases])
            print(f"{name}: fp32: worst error {error:.1e}")
            need(error <= FP32_TOLERANCE, f"worst error {error:.2e}, at most {FP32_TOLERANCE:.0e}")

        for weights, tolerance in AGREEMENT.items():
            with suite.check(f"{name}: {weights}: backends and threads agree"):
                cases, length = cases_of(directory)
                model = convert(directory, weights)
                first = None
                for backend in ("xnnpack", "reference"):
                    for threads in ("1", "2"):
                        logits = raw_logits(model, cases, length, "--backend", backend, "--threads", threads)
                        if first is None:
                            first = logits
                            continue
                        who = f"{backend} with {threads} threads against xnnpack with 1"
                        apart = worst(logits, first)
                        need(apart <= tolerance, f"{who}: {apart:.2e} apart, at most {tolerance:.0e}")
                        labels = sum(top(a) != top(b) for a, b in zip(logits, first))
                        need(labels == 0, f"{who}: {labels} other labels")
    suite.finish()


if __name__ == "__main__":
    main()
