#!/usr/bin/env python3
"""Copies the checkpoints of ../shared that the tests use into tests/golden/checkpoints, golden.json cut down to 20 cases.

    reduce_fixtures.py SHARED_DIR [NAME ...]

The kept cases are spread evenly over the lengths, the shortest and the longest among them; of a case only what the tests read is kept.
"""
import json, os, shutil, sys

from checking import FIXTURES, HERE

KEEP = 20
FIELDS = ["text", "text_pair", "input_ids", "logits_shape", "logits"]


def main():
    shared, names = sys.argv[1], sys.argv[2:] or FIXTURES
    for name in names:
        source = os.path.join(shared, "fixtures", "checkpoints", name)
        target = os.path.join(os.path.dirname(HERE), "golden", "checkpoints", name)
        os.makedirs(target, exist_ok=True)
        for file in sorted(os.listdir(source)):
            if file != "golden.json":
                shutil.copyfile(os.path.join(source, file), os.path.join(target, file))
        with open(os.path.join(source, "golden.json"), encoding="utf8") as file:
            golden = json.load(file)
        cases = sorted({tuple(case["input_ids"]): case for case in golden["cases"]}.values(), key=lambda c: len(c["input_ids"]))
        chosen = [cases[round(i * (len(cases) - 1) / (KEEP - 1))] for i in range(KEEP)]
        head = {key: value for key, value in golden.items() if key != "cases"}
        lines = [json.dumps({key: case[key] for key in FIELDS}, ensure_ascii=False, separators=(",", ":")) for case in chosen]
        with open(os.path.join(target, "golden.json"), "w", encoding="utf8") as file:
            file.write(json.dumps(head)[:-1] + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n")


if __name__ == "__main__":
    main()
