#!/usr/bin/env python3
"""int8 on real weights: as accurate as fp32, and the same answers as the reference library's in fp32, on whole test sets.

`eval` is asked, and its figures are counted again here from what `run` answers to each sentence: an error in eval cannot make int8
look good. The sets and the reference's answers (reference.jsonl: label and score in fp32 for each text) are in ../shared.
"""
import json, math, os

from checking import Suite, command, convert, need, shared

POINTS = 0.003       # int8 may be this much less (or more) accurate than fp32
SAME_LABEL = 0.99    # of the reference's fp32 labels
SCORE_DIFFERENCE = 0.03
SIGNIFICANT = 0.05   # where the set is too small for a limit in points


def references(directory):
    with open(os.path.join(directory, "reference.jsonl"), encoding="utf8") as file:
        return [json.loads(line) for line in file]


def answers(model, texts):
    stdin = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    lines = [line for line in command("run", model, "--json", "--input", "jsonl", stdin=stdin).split("\n") if line]
    need(len(lines) == len(texts), f"{len(texts)} texts, {len(lines)} answers")
    return [json.loads(line)[0] for line in lines]


def mcnemar(left, right):
    """Two-sided exact p-value from the texts that only one side has right."""
    only = (sum(l and not r for l, r in zip(left, right)), sum(r and not l for l, r in zip(left, right)))
    n = sum(only)
    tail = sum(math.comb(n, i) for i in range(min(only) + 1))
    return min(1.0, 2 * tail / 2**n)


def share(items):
    items = list(items)
    return sum(items) / len(items)


def check(suite, name, dataset, in_points):
    directory, data = shared("models/" + name), shared("data/" + dataset.split(":")[0])
    if directory is None or data is None:
        suite.skip(name, f"needs models/{name} and data/{dataset} of ../shared (POCKETBERT_SHARED)")
        return
    data = shared("data") + "/" + dataset
    model = convert(directory)
    known = references(directory)
    ours = answers(model, [k["text"] for k in known])
    right = [o["label"] == k["gold"] for o, k in zip(ours, known)]
    expected = [k["label"] == k["gold"] for k in known]
    said = json.loads(command("eval", model, data, "--reference", directory, "--json", timeout=1100))

    with suite.check(f"{name}: answers against the reference's"):
        same = share(o["label"] == k["label"] for o, k in zip(ours, known))
        off = share(abs(o["score"] - k["score"]) for o, k in zip(ours, known) if o["label"] == k["label"])
        p_value = mcnemar(right, expected)
        print(f"{name}: {100 * share(right):.2f} % right, the reference {100 * share(expected):.2f} % (p {p_value:.2f}), "
              f"same label {100 * same:.2f} %, scores off by {off:.4f}")
        need(same >= SAME_LABEL, f"the same label on {100 * same:.2f} % only")
        need(off <= SCORE_DIFFERENCE, f"scores are off by {off:.4f} on average")
        if in_points:
            need(abs(share(right) - share(expected)) <= POINTS, "more than 0.3 points apart")
        else:
            need(p_value >= SIGNIFICANT or share(right) > share(expected), f"significantly worse, p = {p_value:.3f}")

    with suite.check(f"{name}: eval"):
        print(f"{name}: eval: {json.dumps(said)}")
        need(said["metric"] == "accuracy" and said["n"] == len(known), f"{said['n']} texts, the reference has {len(known)}")
        need(abs(said["int8"] - share(right)) < 1e-6, f"int8 {said['int8']}, counted here {share(right)}")
        # The reference's arithmetic is another: one text in a thousand may fall to the other side.
        need(abs(said["fp32"] - share(expected)) <= 1e-3, f"fp32 {said['fp32']}, the reference {share(expected)}")
        need(said["same_answer"] >= SAME_LABEL, f"same answer {said['same_answer']}")
        need(said["mean_abs_score_diff"] <= SCORE_DIFFERENCE, f"score difference {said['mean_abs_score_diff']}")
        if in_points:
            need(abs(said["int8"] - said["fp32"]) <= POINTS, f"int8 {said['int8']}, fp32 {said['fp32']}")
            inside = [r for r, k in zip(right, known) if k["gold"] != "oos"]
            outside = [r for r, k in zip(right, known) if k["gold"] == "oos"]
            need(abs(said["in_scope_accuracy"] - share(inside)) < 1e-6, f"in scope {said['in_scope_accuracy']}, counted {share(inside)}")
            need(abs(said["out_of_scope_recall"] - share(outside)) < 1e-6,
                 f"out of scope {said['out_of_scope_recall']}, counted {share(outside)}")
        else:
            need(said["p_value"] >= SIGNIFICANT or said["int8"] > said["fp32"], f"significantly worse, p = {said['p_value']:.3f}")


def main():
    suite = Suite()
    check(suite, "distilbert-clinc150-small", "clinc150/data_oos_plus.json:test,oos_test", True)
    check(suite, "distilbert-clinc150", "clinc150/data_oos_plus.json:test,oos_test", True)
    check(suite, "distilbert-sst2", "sst2/test.tsv", False)
    suite.finish()


if __name__ == "__main__":
    main()
