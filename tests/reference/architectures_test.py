#!/usr/bin/env python3
"""Every cell of the README's table of architectures and tasks: what the reference's pipeline answered on tests/golden/architectures (made by
tests/golden/make_architectures.py) is what `run` answers in fp32, keys, nesting and types included, numbers within 2e-4.
"""
import json
import os

from checking import GOLDEN, Suite, command, convert, need

TOLERANCE = 2e-4


def difference(ours, theirs, where=""):
    """The first place where two answers differ, or None."""
    if isinstance(theirs, dict):
        if not isinstance(ours, dict) or list(ours) != list(theirs):
            return f"{where}: {ours} instead of {theirs}"
        return next((d for k in theirs if (d := difference(ours[k], theirs[k], f"{where}.{k}"))), None)
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return f"{where}: {str(ours)[:200]} instead of {str(theirs)[:200]}"
        return next((d for i, t in enumerate(theirs) if (d := difference(ours[i], t, f"{where}[{i}]"))), None)
    if isinstance(theirs, float):
        return None if isinstance(ours, (int, float)) and abs(ours - theirs) <= TOLERANCE else f"{where}: {ours} instead of {theirs}"
    return None if ours == theirs and type(ours) is type(theirs) else f"{where}: {ours!r} instead of {theirs!r}"


def main():
    suite = Suite()
    root = os.path.join(GOLDEN, "architectures")
    for name in sorted(os.listdir(root)):
        with suite.check(name):
            with open(os.path.join(root, name, "golden.json"), encoding="utf-8") as file:
                cases = json.load(file)["cases"]
            lines = "".join(json.dumps(case["request"]) + "\n" for case in cases)
            command("run", convert(os.path.join(root, name)), "--input", "jsonl", stdin=lines)  # converts to int8 as well
            pooling = ["--pooling", "tokens"] if name.endswith("feature-extraction") else []
            out = command("run", convert(os.path.join(root, name), "fp32"), "--json", "--input", "jsonl", *pooling, stdin=lines)
            answers = [json.loads(line) for line in out.splitlines()]
            need(len(answers) == len(cases), f"{len(answers)} answers for {len(cases)}")
            for case, answer in zip(cases, answers):
                need((d := difference(answer, case["answer"])) is None, f"{case['request']}: {d}")
    suite.finish()


if __name__ == "__main__":
    main()
