#!/usr/bin/env python3
"""`pocketbert convert` and `tokenize` against PyPI's tokenizers itself: ids, offsets, types.

5,000 generated texts and pairs for each of several tokenizers, with added tokens of every kind; every Unicode scalar value,
alone and between letters; and, where ../shared is, its four WordPiece tokenizers. Skipped when the library, in the pinned
version, or the command is not there, which in CI (POCKETBERT_CI or CI is set) is a failure.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = os.environ.get("POCKETBERT_COMMAND", os.path.join(HERE, "..", "..", "build", "release", "pocketbert"))
SHARED = os.environ.get("POCKETBERT_SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXTS = 5000
MOST_ALIKE = 5
# content: single_word, lstrip, rstrip, normalized
ADDED = {"[X]": (0, 0, 0, 0), "[XY]": (0, 0, 0, 0), "<l>": (0, 1, 0, 0), "<r>": (0, 0, 1, 0), "one": (1, 0, 0, 0), "One Two": (0, 0, 0, 1),
         "Café": (1, 0, 0, 1), "l中": (0, 0, 0, 1), "near": (0, 1, 1, 1), "[MASK]a": (0, 0, 0, 0), "a\u302e": (0, 0, 0, 0)}


def make_tokenizer(vocab, added, max_chars=100, **normalizer):
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
    ids = {piece: i for i, piece in enumerate(vocab)}
    t = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=max_chars))
    t.normalizer = normalizers.BertNormalizer(**normalizer)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                                                     special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    t.add_special_tokens(SPECIALS)
    for content, (single_word, lstrip, rstrip, normalized) in added.items():
        t.add_tokens([AddedToken(content, single_word=bool(single_word), lstrip=bool(lstrip), rstrip=bool(rstrip),
                                 normalized=bool(normalized))])
    return t


def write_checkpoint(directory, tokenizer):
    """A DistilBERT of 8 columns around the tokenizer. Its weights do not matter."""
    rows = tokenizer.get_vocab_size()
    block = "distilbert.transformer.layer.0."
    shapes = {"distilbert.embeddings.word_embeddings.weight": (rows, 8), "distilbert.embeddings.position_embeddings.weight": (512, 8),
              block + "ffn.lin1.weight": (8, 8), block + "ffn.lin2.weight": (8, 8), "pre_classifier.weight": (8, 8), "classifier.weight": (2, 8)}
    shapes |= {block + f"attention.{name}.weight": (8, 8) for name in ("q_lin", "k_lin", "v_lin", "out_lin")}
    shapes |= {name.replace(".weight", ".bias"): shape[:1] for name, shape in shapes.items() if "embeddings" not in name}
    for norm in ("distilbert.embeddings.LayerNorm", block + "sa_layer_norm", block + "output_layer_norm"):
        shapes |= {norm + ".weight": (8,), norm + ".bias": (8,)}
    header, size = {}, 0
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [size, size + 4 * count]}
        size += 4 * count
    text = json.dumps(header).encode()
    with open(os.path.join(directory, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + struct.pack("<f", 0.1) * (size // 4))
    # The class that takes tokenizer.json as it is: any other, also that of model_type, overrides some of it.
    with open(os.path.join(directory, "tokenizer_config.json"), "w") as file: json.dump({"tokenizer_class": "TokenizersBackend"}, file)
    with open(os.path.join(directory, "config.json"), "w") as file:
        json.dump(dict(model_type="distilbert", architectures=["DistilBertForSequenceClassification"], vocab_size=rows, dim=8, hidden_dim=8,
                       n_layers=1, n_heads=1, max_position_embeddings=512, activation="gelu", sinusoidal_pos_embds=False, pad_token_id=0,
                       id2label={"0": "A", "1": "B"}, label2id={"A": 0, "B": 1}), file)
    tokenizer.save(os.path.join(directory, "tokenizer.json"))


def convert(directory, tokenizer):
    write_checkpoint(directory, tokenizer)
    model = os.path.join(directory, "model.pbert")
    done = subprocess.run([COMMAND, "convert", directory, "-o", model], capture_output=True, text=True)
    if done.returncode: raise SystemExit(f"convert: {done.stderr}")
    return model


def shorten(text): return text if len(text) <= 1500 else text[:1500] + "..."


def count_differences(name, model, tokenizer, inputs, complain=5, alike=lambda texts, ids, reference: False):
    """Inputs are tuples of one or two texts; any number of them, in portions. `alike` says of other ids than the reference's
    whether that is a stated limit: those are counted and printed apart, and may be MOST_ALIKE."""
    wrong = total = draws = 0
    for first in range(0, len(inputs), 50000):
        portion = inputs[first:first + 50000]
        lines = "".join(json.dumps(dict(zip(("text", "text_pair"), x))) + "\n" for x in portion)
        done = subprocess.run([COMMAND, "tokenize", model, "--json", "--input", "jsonl"], input=lines, capture_output=True, text=True)
        if done.returncode: raise SystemExit(f"tokenize: {done.stderr}")
        answers = done.stdout.split("\n")[:-1]
        if len(answers) != len(portion): raise SystemExit(f"{name}: {len(portion)} lines in, {len(answers)} out")
        for x, e, line in zip(portion, tokenizer.encode_batch([x if len(x) > 1 else x[0] for x in portion]), answers):
            answer = json.loads(line)
            total += 1
            if answer["ids"] == e.ids and [tuple(o) for o in answer["offsets"]] == e.offsets and answer["type_ids"] == e.type_ids: continue
            if draws < MOST_ALIKE and alike(x, answer["ids"], e.ids):
                draws += 1
                continue
            wrong += 1
            if wrong <= complain: print(f"{name}: {shorten(ascii(x))}\n  ours      {shorten(line)}\n  reference {shorten(f'{e.ids} {e.offsets}')}")
    print(f"{'ok  ' if wrong == 0 else 'FAIL'} {name}: {total - wrong - draws:,} of {total:,}" + (f", {draws} at a stated limit" if draws else ""))
    return wrong


class Writer:
    """Texts of the reference's own special cases, and of everything else."""

    def __init__(self, seed):
        from tokenizers import normalizers
        nfd = normalizers.NFD().normalize_str
        strip = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False).normalize_str
        self.draw = random.Random(seed)
        scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
        self.combining = [c for c in scalars[:0x20000] if nfd(c + "\u0334") == "\u0334" + c or nfd("\u0345" + c) == c + "\u0345"]
        self.staying = [c for c in self.combining if strip(c)]
        self.composed = [c for c in scalars[:0x30000] if nfd(c) != c and not 0xAC00 <= ord(c) < 0xD7B0]
        odd = [0x20, 0x9, 0xA, 0xA0, 0x2003, 0x3000, 0x2028, 0x85, 0xB, 0x200B, 0xFEFF, 0, 0xFFFD, 0x4E2D, 0xF900, 0x2F800, 0x3042, 0xAC00, 0xAC01,
               0x130, 0x131, 0x1E9E, 0xDF, 0x3A3, 0xA7DC, 0x1C4, 0x212A, 0x10400]
        self.kinds = [(30, "abcdefghijABCXYZ019 .,-'"), (15, [chr(c) for c in odd]), (15, self.combining), (12, self.staying), (12, self.composed),
                      (12, scalars[:0x3000]), (4, scalars)]

    def character(self):
        return self.draw.choice(self.draw.choices([k for _, k in self.kinds], [w for w, _ in self.kinds])[0])

    def text(self):
        parts = []
        for _ in range(self.draw.randrange(14)):
            kind = self.draw.random()
            if kind < 0.2: parts.append(self.draw.choice([str, str.upper, lambda s: s[:-1], lambda s: s + s])(self.draw.choice([*ADDED, *SPECIALS])))
            elif kind < 0.3: parts.append(" " * self.draw.randrange(4))
            elif kind < 0.35: parts.append("".join(self.draw.choices(self.combining + self.staying, k=self.draw.randrange(40))))
            elif kind < 0.36: parts.append(self.draw.choice("aé中각.") * self.draw.randrange(95, 120))
            else: parts.append("".join(self.character() for _ in range(self.draw.randrange(1, 8))))
        return "".join(parts)

    def input(self):
        return (self.text(), self.text()) if self.draw.random() < 0.3 else (self.text(),)

    def vocabulary(self):
        """Single characters, so that whatever normalization makes shows in the ids, and some longer pieces."""
        letters = dict.fromkeys([*map(chr, range(0x21, 0x3100)), *self.combining, *self.composed, "中", "한", "\u1100"])
        words = ["on", "##one", "cafe", "ab", "##ab", "hel", "hello", "##lo", "##abc"]
        return [*SPECIALS, *words, *(p + c for c in letters for p in ("", "##"))]


def compare_all():
    wrong = 0
    writer = Writer(1)
    vocab = writer.vocabulary()
    settings = [("uncased", ADDED, {}), ("cased", {}, dict(lowercase=False)), ("accents", ADDED, dict(strip_accents=False)),
                ("nothing", ADDED, dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)),
                ("unclean", {}, dict(clean_text=False)), ("words of 7", ADDED, dict(max_chars=7))]
    for name, added, options in settings:
        tokenizer = make_tokenizer(vocab, added, **options)
        with tempfile.TemporaryDirectory() as directory:
            model = convert(directory, tokenizer)
            wrong += count_differences(name, model, tokenizer, [writer.input() for _ in range(TEXTS)])
            if name in ("uncased", "cased"):
                every = [(chr(c), f"a{chr(c)}b") for c in range(0x110000) if not 0xD800 <= c < 0xE000]
                wrong += count_differences(f"{name}, every scalar value alone and between letters", model, tokenizer, every)
    check = os.path.join(SHARED, "check", "tokenizers.py")
    if os.path.exists(check):
        names = ["bert-base-uncased", "bert-base-NER", "bert-base-multilingual-cased", "bert-base-chinese"]
        wrong += subprocess.run([sys.executable, check, *names], env={**os.environ, "POCKETBERT": COMMAND}).returncode
    else:
        print(f"SKIPPED: the whole sets of ../shared: no {check}")
    return 1 if wrong else 0


def skip(reason):
    if os.environ.get("CI") or os.environ.get("POCKETBERT_CI"):
        print(f"FAILED: in CI this test must not be skipped: {reason}")
        return 1
    print(f"SKIPPED: {reason}")
    return 77


def main():
    pinned = open(os.path.join(HERE, "requirements.txt")).read().split()[0]
    try:
        import tokenizers
        version = tokenizers.__version__
    except ImportError:
        version = "absent"
    if pinned != f"tokenizers=={version}":
        return skip(f"{pinned} is needed and PyPI's tokenizers is {version} for {sys.executable}")
    if not os.path.exists(COMMAND):
        return skip(f"no command at {COMMAND}")
    return compare_all()


if __name__ == "__main__":
    sys.exit(main())
