#!/usr/bin/env python3
"""Makes sample.csv and validation.csv from CLINC150's data_oos_plus.json.

  make_sample.py ../shared/data/clinc150/data_oos_plus.json

sample.csv      of the test split: three sentences of each intent, evenly spaced (its 30 stand in groups of one author), and every
                tenth of the 1,000 out-of-scope ones
validation.csv  the whole validation split: 3,000 sentences and 100 out-of-scope ones; the reject threshold is chosen on it
"""

import collections
import csv
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent


def write(name, rows):
    with open(HERE / name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        writer.writerows(rows)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        data = json.load(file)
    by_intent = collections.defaultdict(list)
    for row in data["test"]:
        by_intent[row[1]].append(row)
    sample = [row for intent in sorted(by_intent) for row in by_intent[intent][::10]]
    write("sample.csv", sample + data["oos_test"][::10])
    write("validation.csv", data["val"] + data["oos_val"])


if __name__ == "__main__":
    main()
