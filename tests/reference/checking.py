"""What the tests of this folder share: the command, the checkpoints, and a count of what passed, failed and was skipped."""
import contextlib, json, os, subprocess, sys, tempfile, traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COMMAND = os.path.abspath(os.environ.get("POCKETBERT_COMMAND", os.path.join(ROOT, "build/release/pocketbert")))
SHARED = os.path.abspath(os.environ.get("POCKETBERT_SHARED", os.path.join(ROOT, "..", "shared")))
GOLDEN = os.path.join(ROOT, "tests", "golden")
SIMULATION = os.path.join(GOLDEN, "simulation")

# Every fixture of DistilBERT with a classifier; the first is the plain one.
FIXTURES = ["distilbert-sequence-classification", "distilbert-sequence-classification-pair", "distilbert-multi-label",
            "distilbert-regression", "distilbert-sinusoidal-relu", "distilbert-float16", "distilbert-bfloat16"]

# Of other families, too large to be committed; their simulations are.
CLASSIFIERS = [*FIXTURES, "bert-sequence-classification", "roberta-sequence-classification", "albert-sequence-classification"]

# Everything in ../shared/fixtures/checkpoints.
ALL_FIXTURES = [*CLASSIFIERS, "distilbert-legacy-bin", "bert-next-sentence-prediction",
                "distilbert-token-classification", "bert-token-classification", "roberta-token-classification",
                "distilbert-question-answering", "bert-question-answering",
                "distilbert-masked-lm", "bert-masked-lm-gelu-new", "roberta-masked-lm", "albert-masked-lm",
                "distilbert-base", "bert-base"]

# For what imports NumPy after this: the simulation's matrices are so small that BLAS's threads cost four times what they spare.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_work = tempfile.TemporaryDirectory(prefix="pocketbert-")


class Suite:
    """Runs checks, goes on after one that fails, and ends with a line for CI. Exit status 77: nothing ran."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except Exception as error:
            self.failed += 1
            print(f"FAILED: {name}: {error}", flush=True)
            if not isinstance(error, (AssertionError, RuntimeError)):
                traceback.print_exc()
        else:
            self.passed += 1

    def skip(self, name, reason):
        self.skipped += 1
        print(f"SKIPPED: {name}: {reason}", flush=True)

    def finish(self):
        print(f"[pocketbert] {self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0 if self.passed else 77)


def need(condition, message):
    if not condition:
        raise AssertionError(message)


def command(*arguments, stdin=None, timeout=3600):
    """Standard output of the command; an error with its last words where it fails."""
    done = subprocess.run([COMMAND, *arguments], input=stdin, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        words = (done.stderr.strip() or "(silent)").splitlines()[-1]
        raise RuntimeError(f"pocketbert {' '.join(arguments)[:100]}: exit status {done.returncode}: {words[:300]}")
    return done.stdout


def work_file(name):
    """A path in the temporary folder, which goes away at the end."""
    return os.path.join(_work.name, name)


def convert(checkpoint, weights="int8", keep=()):
    """The converted file, made once for each checkpoint, kind of weights and matrices kept in fp32."""
    name = os.path.abspath(checkpoint).replace(os.sep, "_") + "." + "+".join([weights, *keep])
    path = work_file(name + ".pbert")
    if not os.path.exists(path):
        flags = [flag for pattern in keep for flag in ("--keep", "fp32:" + pattern)]
        command("convert", checkpoint, "-o", path, "--weights", weights, *flags)
    return path


def golden_of(checkpoint):
    """The kind of head, the cases of golden.json, and the length to which they were truncated."""
    with open(os.path.join(checkpoint, "golden.json"), encoding="utf8") as file:
        golden = json.load(file)
    return golden["kind"], golden["cases"], golden["max_length"]


def cases_of(checkpoint):
    return golden_of(checkpoint)[1:]


def raw_answers(model, kind, cases, max_tokens, *flags):
    """What `run --raw` says of each case. The ids must be the case's own: what is compared is the network, not the tokenizer."""
    names = ("question", "context") if kind == "question-answering" else ("text", "text_pair")
    rows = [{name: case[key] for name, key in zip(names, ("text", "text_pair")) if case.get(key) is not None} for case in cases]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    lines = command("run", model, "--raw", "--json", "--input", "jsonl", "--max-tokens", str(max_tokens), *flags, stdin=text)
    answers = [json.loads(line) for line in lines.split("\n") if line]
    need(len(answers) == len(cases), f"{len(cases)} lines in, {len(answers)} out")
    for case, answer in zip(cases, answers):
        need(answer["input_ids"] == case["input_ids"], f"other ids than the reference's: {case['text'][:60]!r}")
    return answers


def same_length(lists, cases):
    """The lists, if each is as long as its case's; zip() would not notice."""
    for outputs, case in zip(lists, cases):
        need(len(outputs) == len(case), f"{len(outputs)} outputs, the reference has {len(case)}")
    return lists


def raw_logits(model, cases, max_tokens, *flags):
    """A list of a classifier's logits for each case."""
    answers = raw_answers(model, "sequence-classification", cases, max_tokens, *flags)
    return same_length([answer["logits"] for answer in answers], [case["logits"] for case in cases])


def reference_outputs(kind, case):
    """All outputs of a case that golden.json has, of whatever head, as one list."""
    if kind == "question-answering":
        return case["start_logits"] + case["end_logits"]
    if kind == "mlm":
        return [y for row in case["mask_logits"] for y in row]
    if kind == "feature-extraction":  # what the two usual poolings take
        return case["last_hidden_state_first_token"] + case["last_hidden_state_mean"]
    return case["logits"]


def raw_outputs(model, kind, cases, max_tokens, *flags):
    """The command's outputs for each case, as a list in the order of reference_outputs."""

    def outputs(case, answer):
        width = answer["shape"][-1]
        if kind == "question-answering":
            return answer["start_logits"] + answer["end_logits"]
        if kind == "mlm":
            return [y for at in case["mask_positions"] for y in answer["logits"][at * width : (at + 1) * width]]
        if kind == "feature-extraction":
            rows = answer["last_hidden_state"]
            return rows[:width] + [sum(rows[i::width]) * width / len(rows) for i in range(width)]
        return answer["logits"]

    answers = raw_answers(model, kind, cases, max_tokens, *flags)
    return same_length([outputs(case, answer) for case, answer in zip(cases, answers)], [reference_outputs(kind, case) for case in cases])


# Of a case's outputs every n-th is kept of the simulation, from the first: n has no factor in common with the numbers of labels (9),
# of hidden columns (64) and of tokens in the vocabulary (2000), so all columns come up in some row.
STRIDES = {"token-classification": 5, "mlm": 13, "feature-extraction": 3}


def kept(kind, outputs):
    return outputs[:: STRIDES.get(kind, 1)]


def simulated(fixture):
    """The committed simulation: of each case, by its ids, the outputs that are kept."""
    with open(os.path.join(SIMULATION, fixture + ".json"), encoding="utf8") as file:
        return {tuple(case["ids"]): case["outputs"] for case in json.load(file)["cases"]}


def worst(left, right):
    """The largest difference between two lists of lists; infinite for NaN."""
    differences = [abs(a - b) for l, r in zip(left, right) for a, b in zip(l, r)]
    return max(d if d == d else float("inf") for d in differences)


def top(logits):
    return max(range(len(logits)), key=logits.__getitem__)


def shared(path):
    """A path in ../shared, or None where there is no such thing."""
    path = os.path.join(SHARED, path)
    return path if os.path.exists(path) else None


def checkpoints(suite, fixtures=ALL_FIXTURES):
    """(name to print, fixture, directory): the committed ones, cut down to 20 cases, and those of ../shared."""
    for fixture in fixtures:
        if fixture in FIXTURES:
            yield f"{fixture} (20 cases)", fixture, os.path.join(GOLDEN, "checkpoints", fixture)
        directory = shared(os.path.join("fixtures/checkpoints", fixture))
        if directory:
            yield fixture, fixture, directory
        else:
            suite.skip(fixture, f"no fixtures/checkpoints/{fixture} in {SHARED} (POCKETBERT_SHARED)")


if not os.access(COMMAND, os.X_OK):
    sys.exit(f"FAILED: {COMMAND} is not there: build it, or set POCKETBERT_COMMAND")
