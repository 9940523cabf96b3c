#!/usr/bin/env python3
"""Checks the example data in shop/ and cafe/: counts, duplicates, annotations, and that README, flow and transcript fit to it."""

import collections
import csv
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).parent
OOS = "oos"
ENTITIES = {"item", "size", "quantity", "people", "date", "time", "day"}
BUILT_IN = {"number", "ordinal", "date", "time", "date_time", "duration", "money", "email", "url", "phone"}
ANNOTATION = re.compile(r"\[([^\[\]()]+)\]\((\w+)\)")
PLACE = re.compile(r"\{(\w+)\}")
failures = []


def check(condition, message):
    if not condition:
        failures.append(message)


def normal(text):
    return " ".join(re.findall(r"\w+|[^\w\s.,!?;:]", text.casefold()))


def readme_intents(folder):
    return re.findall(r"^- `(\w+)`", (HERE / folder / "README.md").read_text(encoding="utf-8").split("\n`oos`")[0], re.M)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    check(rows[0] == ["text", "label"], f"{path}: header {rows[0]}")
    check(all(len(row) == 2 and row[0] and row[0] == row[0].strip() for row in rows), f"{path}: a row is not text,label")
    return [tuple(row) for row in rows[1:]]


def read_nlu(path):
    """The sentences as (annotated text, intent), and the synonyms."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    check(data["version"] == "3.1", f"{path}: version")
    rows, synonyms = [], {}
    for part in data["nlu"]:
        lines = part["examples"].splitlines()
        check(all(line.startswith("- ") and line == line.rstrip() for line in lines), f"{path}: a line of {part} is no example")
        examples = [line[2:] for line in lines]
        if "intent" in part:
            rows += [(text, part["intent"]) for text in examples]
        else:
            for text in examples:
                check(text not in synonyms, f"{path}: synonym '{text}' stands twice")
                synonyms[text] = part["synonym"]
    return rows, synonyms


def check_counts(name, rows, expected, oos, exceptions=None):
    """expected and the exceptions' values are (least, most)."""
    counts = collections.Counter(label for _, label in rows)
    for label, count in counts.items():
        least, most = (oos, oos) if label == OOS else (exceptions or {}).get(label, expected)
        check(least <= count <= most, f"{name}: {label} has {count} sentences, not {least} to {most}")
    print(f"{name}: {len(rows)} sentences;", ", ".join(f"{label} {count}" for label, count in counts.items()))
    return counts


def check_duplicates(parts):
    seen = {}
    for name, rows in parts:
        for text, label in rows:
            key = normal(ANNOTATION.sub(r"\1", text))
            check(key not in seen, f"'{text}' ({name}, {label}) is also in {seen.get(key)}")
            seen[key] = (name, label)


def check_annotations(name, rows, words):
    """words are those that are annotated wherever something is ordered, cancelled or priced."""
    counts = collections.Counter()
    for text, label in rows:
        for value, entity in ANNOTATION.findall(text):
            check(entity in ENTITIES and value == value.strip(), f"{name}: '{text}': [{value}]({entity})")
            check((entity == "day") <= (label == "opening_hours"), f"{name}: '{text}': a day in {label}")
            check((entity == "date") <= (label != "opening_hours"), f"{name}: '{text}': a date in {label}")
            counts[entity] += 1
        rest = ANNOTATION.sub("|", text)
        check(not re.search(r"[\[\](){}]", rest), f"{name}: '{text}': does not parse")
        if label in ("order", "cancel", "menu_price"):
            left = [word for word in words if re.search(rf"\b{re.escape(word)}\b", rest.casefold())]
            check(not left, f"{name}: '{text}': {left} not annotated")
        if label != OOS:
            check(not re.search(r"(mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|today", rest.casefold()),
                  f"{name}: '{text}': a day not annotated")
        check(label != OOS or rest == text, f"{name}: '{text}': annotated though out of scope")
    print(f"{name}: annotations:", ", ".join(f"{entity} {count}" for entity, count in sorted(counts.items())))


def said(flow):
    """Every text the flow can say, {name} included."""
    texts = [flow["fallback"], flow["clarify"]]
    for intent in flow["intents"].values():
        texts += [intent[key] for key in ("confirm", "say", "cancelled") if key in intent]
        texts += [slot["ask"] for slot in intent.get("form", []) if "ask" in slot]
    return texts


def check_values(name, slot, annotated, synonyms):
    """That the flow lists what is annotated in the sentences, each spelling once, and the synonyms as nlu.yml has them."""
    spellings = [(text.casefold(), str(value)) for value, others in slot["values"].items() for text in [str(value), *others]]
    known = dict(spellings)
    check(len(known) == len(spellings), f"{name}: a spelling stands twice in the values of {slot['slot']}")
    missing = annotated - set(known)
    check(not missing, f"{name}: not among the values of {slot['slot']}: {sorted(missing)}")
    for text, value in synonyms.items():
        check(text not in known or known[text] == value, f"{name}: '{text}' is {known.get(text)}, in nlu.yml {value}")


def check_flow(path, intents, annotated, synonyms):
    flow = yaml.safe_load(path.read_text(encoding="utf-8"))
    check(set(flow) == {"language", "fallback", "clarify", "names", "intents"}, f"{path}: keys {set(flow)}")
    check(set(flow["intents"]) == set(flow["names"]) == intents - {OOS}, f"{path}: the intents or names are not nlu.yml's")
    check(set(PLACE.findall(flow["clarify"])) == {"first", "second"}, f"{path}: clarify")
    for name, intent in flow["intents"].items():
        check(set(intent) <= {"say", "form", "confirm", "cancelled", "cancels"} and "say" in intent, f"{path}: {name}'s keys")
        slots = {slot["slot"] for slot in intent.get("form", [])}
        check(slots <= ENTITIES, f"{path}: {name}'s slots {slots}")
        for slot in intent.get("form", []):
            check(set(slot) <= {"slot", "entity", "values", "ask", "default"} and ("ask" in slot) != ("default" in slot), f"{path}: {slot}")
            check(slot.get("entity", "number") in BUILT_IN, f"{path}: {slot}")
            check(slot.keys() & {"entity", "values"}, f"{path}: nothing fills {slot}")
            if "values" in slot:
                check_values(path, slot, annotated[slot["slot"]], synonyms)
        for key in ("say", "confirm", "cancelled"):
            check(set(PLACE.findall(intent.get(key, ""))) <= slots, f"{path}: {name}'s {key} names what is no slot of it")
    return flow


def check_transcript(path, flow):
    lines = path.read_text(encoding="utf-8").splitlines()
    check(len(lines) % 2 == 0, f"{path}: an odd number of lines")
    patterns = [re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(text)) for text in said(flow)]
    unused = set(patterns)
    for user, bot in zip(lines[::2], lines[1::2]):
        check(user.startswith("> ") and not bot.startswith(">"), f"{path}: '{user}' / '{bot}'")
        fitting = [pattern for pattern in patterns if re.fullmatch(pattern, bot)]
        check(fitting, f"{path}: the flow does not say '{bot}'")
        unused -= set(fitting)
    print(f"transcript.txt: {len(lines) // 2} turns; of the flow's {len(patterns)} texts {len(unused)} are not said in it")


def main():
    shop = [(name, read_csv(HERE / "shop" / name)) for name in ("sentences.csv", "test.csv")]
    labels = [set(check_counts(*shop[0], (25, 25), 30)), set(check_counts(*shop[1], (8, 8), 30))]
    check(len(labels[0]) == 13 and labels[0] == labels[1], "shop: not 12 intents and oos in both files")
    check(sorted(readme_intents("shop")) == sorted(labels[0] - {OOS}), "shop/README.md: other intents than sentences.csv")
    check_duplicates(shop)

    read = {name: read_nlu(HERE / "cafe" / name) for name in ("nlu.yml", "test.yml")}
    cafe = [(name, rows) for name, (rows, _) in read.items()]
    labels = [set(check_counts(*cafe[0], (20, 25), 25, {"order": (45, 45), "book_table": (45, 45)})),
              set(check_counts(*cafe[1], (10, 10), 10))]
    check(len(labels[0]) == 10 and labels[0] == labels[1], "cafe: not 9 intents and oos in both files")
    check(sorted(set(readme_intents("cafe"))) == sorted(labels[0] - {OOS}), "cafe/README.md: other intents than nlu.yml")
    check_duplicates(cafe)
    synonyms = read["nlu.yml"][1]
    words = {value.casefold() for _, rows in cafe for text, _ in rows for value, entity in ANNOTATION.findall(text)
             if entity in ("item", "size")}
    words |= {word for text, value in synonyms.items() if not value.isdigit() for word in (text, value)}
    for name, rows in cafe:
        check_annotations(name, rows, words)
    print(f"nlu.yml: {len(synonyms)} synonyms of {len(set(synonyms.values()))} values")
    annotated = collections.defaultdict(set)  # of the sentences to train on
    for text, _ in read["nlu.yml"][0]:
        for value, entity in ANNOTATION.findall(text):
            annotated[entity].add(value.casefold())
    flow = check_flow(HERE / "cafe" / "flow.yaml", labels[0], annotated, synonyms)
    check_transcript(HERE / "cafe" / "transcript.txt", flow)

    for failure in failures:
        print("FAILED:", failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
