#!/usr/bin/env python3
"""Byte-level BPE, Unigram, and WordPiece behind other normalizers, through `pocketbert convert` and `tokenize`, against PyPI's
tokenizers itself: ids, offsets, types of 5,000 generated texts and pairs for each of many tokenizers.

The vocabularies are trained here, on texts of ../golden/tokenizers: by PyPI's tokenizers, and by PyPI's sentencepiece, whose
models carry a precompiled character map. Where ../shared is: the real vocabularies of ALBERT, RoBERTa and GPT-2 too.
reference_test.py, whose helpers are used, does the same for BERT's own way. Skipped when the libraries are not there, which in CI
(POCKETBERT_CI or CI is set) is a failure.
"""
import io
import json
import os
import struct
import sys
import tempfile

import reference_test as base

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden", "tokenizers")
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# content: single_word, lstrip, rstrip, normalized
ADDED = {"[X]": (0, 0, 0, 0), "[XY]": (0, 0, 0, 0), "<l>": (0, 1, 0, 0), "<r>": (0, 0, 1, 0), "one": (1, 0, 0, 0), "One Two": (0, 0, 0, 1),
         "Café": (1, 0, 0, 1), "ﬁl": (0, 0, 0, 1), "near": (0, 1, 1, 1), " x ": (0, 0, 0, 0)}


def corpus():
    """Sentences of many languages, and words in many scripts."""
    lines = []
    for name in sorted(os.listdir(GOLDEN)):
        with open(os.path.join(GOLDEN, name), encoding="utf8") as file:
            if name.startswith("bert") and name.endswith(".tsv"): lines += [line.rstrip("\n").split("\t")[0] for line in file]
            if name.startswith("bert") and name.endswith("vocab.txt"): lines.append(" ".join(line.strip().lstrip("#") for line in file))
    return lines


def wire(data):
    """(field number, value) of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80: return value
    while at < len(data):
        key = varint()
        if key & 7 == 0: yield key >> 3, varint()
        elif key & 7 == 5:
            yield key >> 3, struct.unpack_from("<f", data, at)[0]
            at += 4
        elif key & 7 == 2:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size
        else: raise SystemExit(f"sentencepiece model: wire type {key & 7}")


def train_sentencepiece(rule, size=2000, coverage=0.9995):
    """(pieces and scores, number of the unknown one, character map) of a Unigram model; the rarest characters become no pieces."""
    import sentencepiece
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus()), model_writer=model, vocab_size=size, model_type="unigram",
                                             normalization_rule_name=rule, hard_vocab_limit=False, minloglevel=2, num_threads=1, character_coverage=coverage,
                                             bos_id=0, pad_id=1, eos_id=2, unk_id=3, user_defined_symbols=["<mask>"])
    pieces, charsmap = [], b""
    for field, value in wire(model.getvalue()):
        if field == 1:
            piece = dict(wire(value))
            pieces.append((piece[1].decode(), piece.get(2, 0.0)))
        if field == 3: charsmap = dict(wire(value)).get(2, b"")
    return pieces, 3, charsmap


def add_tokens(t, added):
    from tokenizers import AddedToken
    t.add_special_tokens([AddedToken(s, special=True, normalized=False, lstrip=s == "<mask>") for s in SPECIALS])
    for content, (single_word, lstrip, rstrip, normalized) in added.items():
        t.add_tokens([AddedToken(content, single_word=bool(single_word), lstrip=bool(lstrip), rstrip=bool(rstrip), normalized=bool(normalized))])
    return t


def sequence(module, parts): return parts[0] if len(parts) == 1 else module.Sequence(parts)


def roberta_frame(t, **options):
    from tokenizers import processors
    return processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), **options)


def template(t, pair="<s> $A </s> </s> $B </s>"):
    from tokenizers import processors
    return processors.TemplateProcessing(single="<s> $A </s>", pair=pair, special_tokens=[(s, t.token_to_id(s)) for s in ("<s>", "</s>")])


def byte_level(model, normalizers_=(), prefix=False, regex=True, trim=True, added=ADDED, process=None):
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    t = Tokenizer(model)
    if normalizers_: t.normalizer = sequence(normalizers, list(normalizers_))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)
    add_tokens(t, added)
    t.post_processor = process(t) if process else roberta_frame(t, trim_offsets=trim, add_prefix_space=prefix)
    return t


def train_bpe(size=3000):
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIALS, show_progress=False,
                                                        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return t.model


def bytes_only(long_pieces=False):
    """A BPE model that shows every byte that a normalizer makes, and where it comes from."""
    from tokenizers import models, pre_tokenizers
    vocab = {p: i for i, p in enumerate([*SPECIALS, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    return models.BPE(vocab, [])


def odd_merges():
    """Merges in an order in which no trainer would put them: longer pieces first, and several ways to the same piece."""
    from tokenizers import models, pre_tokenizers
    vocab = {p: i for i, p in enumerate([*SPECIALS, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    merges = [("ab", "a"), ("a", "ba"), ("b", "a"), ("a", "b"), ("aba", "ab"), ("a", "a"), ("aa", "aa"), ("aa", "a"), ("aaaa", "aaaa"), ("Ġ", "Ġ"),
              ("ĠĠ", "ĠĠ"), ("Ġ", "a"), ("bab", "a"), ("ba", "b"), ("c", "c"), ("cc", "c"), ("b", "c"), ("bc", "cc")]
    for left, right in merges: vocab.setdefault(left + right, len(vocab))
    return models.BPE(vocab, merges)


def unigram(vocab, unknown, steps, splits, process=template, added=ADDED):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    t = Tokenizer(models.Unigram(vocab, unknown, byte_fallback=False))
    if steps: t.normalizer = sequence(normalizers, list(steps))
    if splits: t.pre_tokenizer = sequence(pre_tokenizers, list(splits))
    add_tokens(t, added)
    t.post_processor = process(t)
    return t


def word_piece(steps, splits):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    letters = [chr(c) for c in [*range(0x21, 0x400), *range(0x3040, 0x3100)]]
    vocab = {p: i for i, p in enumerate([*SPECIALS, *letters, *("##" + c for c in letters), "ab", "##ab", "hel", "##lo", "cafe"])}
    t = Tokenizer(models.WordPiece(vocab, unk_token="<unk>"))
    t.normalizer, t.pre_tokenizer = sequence(normalizers, list(steps)), sequence(pre_tokenizers, list(splits))
    add_tokens(t, ADDED)
    t.post_processor = template(t, "<s> $A </s> $B:1 </s>:1")
    return t


class Writer(base.Writer):
    """Adds what matters to these: contractions, words of the vocabularies, numbers, emoji, jamo, conjuncts, and runs of any length."""

    def __init__(self, seed):
        super().__init__(seed)
        lines = corpus()
        self.words = [w for line in lines for w in line.split(" ") if w]
        self.lines = [line for line in lines if len(line) < 300]
        self.clusters = ["e\u0301", "\r\n", "👩\u200d👩\u200d👧", "©\u200d©\u0301", "\u1100\u1161\u11a8", "\uac00\u11a8", "क्त", "क\u094d\u200dत\u0301", "\u0600a\u0301",
                         "🇩🇪🇫🇷", "\u200b", "\ufeff", "\u00ad", "ﬁ", "㍿", "ﷺ", "½", "Ⅳ", "٣", "ß", "İ", "``", "''", "…", "\x1c", "\x00", "▁", "\u2581\u2581", "\u3000",
                         "ｶﾞ", "o\u0308", "\u0d1c\u0d4d\u0d1e", "\u0e33", "\u0903", "a\u0903\u0301", "\u0344", "\u0f73", "\u1e9b\u0323"]

    def text(self):
        draw, parts = self.draw, []
        if draw.random() < 0.1: return draw.choice(self.lines)
        for _ in range(draw.randrange(12)):
            kind = draw.random()
            if kind < 0.12: parts.append(draw.choice([str, str.upper, lambda s: s[:-1], lambda s: " " + s + "  "])(draw.choice([*ADDED, *SPECIALS])))
            elif kind < 0.24: parts.append(draw.choice(["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'", "''s", " 's", "'r", "'l", "'v e"]))
            elif kind < 0.34: parts.append(draw.choice([" ", "  ", "   ", "\n", " \n", "\n ", "\t\t", "\u00a0 ", " \u3000", "\u2028"]))
            elif kind < 0.55: parts.append(draw.choice(["", " "]) + draw.choice(self.words))
            elif kind < 0.62: parts.append("".join(draw.choices("0123456789.,½٣", k=draw.randrange(1, 6))))
            elif kind < 0.78: parts.append("".join(draw.choices(self.clusters, k=draw.randrange(1, 4))))
            elif kind < 0.82: parts.append("".join(draw.choices(self.combining, k=draw.randrange(1, 6))))
            elif kind < 0.84: parts.append(draw.choice(["a", "ab", "abc", "aab", " ", "\n", "é", "한", "x\u0301", "中", "-", "=", "\u200b"]) * draw.randrange(1, 60))
            else: parts.append("".join(self.character() for _ in range(draw.randrange(1, 6))))
        return "".join(parts)

    def long_text(self):
        """More than any window holds, with hardly a place to split."""
        draw = self.draw
        kind = draw.randrange(5)
        if kind == 0: return draw.choice([" ", "a", "ab", "abab c", "\n", "中", "ha", "-", "aé", "x\u0301", "क्त", "\U0001f600"]) * draw.randrange(600, 2500)
        if kind == 1: return "".join(draw.choices("abc", k=draw.randrange(1000, 6000)))
        if kind == 2: return "".join(draw.choices(self.words, k=draw.randrange(200, 900)))
        if kind == 3: return "".join(draw.choices(["e", "t", "th", "the", "in", "ing", "an", "and", "er", "\u4e2d", "\u6587"], k=2000))
        return "".join(self.text() for _ in range(40)).replace(" ", "")


def checks(writer):
    """(name, tokenizer, inputs)"""
    from tokenizers import Regex, normalizers as N, pre_tokenizers as P, processors
    some = lambda: [writer.input() for _ in range(base.TEXTS)]
    few = lambda: [(writer.long_text(),) for _ in range(60)]
    scalars = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    every = [("a".join(scalars[i:i + 32]), " ".join(scalars[i:i + 32]) + "'s", "\u0301".join(scalars[i:i + 32])) for i in range(0, len(scalars), 32)]
    every = [(text,) for texts in every for text in texts]

    bpe = train_bpe()
    yield "BPE", byte_level(bpe), some() + few()
    yield "BPE, every scalar value", byte_level(bpe, added={}), every
    yield "BPE, prefix space", byte_level(bpe, prefix=True), some()
    yield "BPE, no pattern", byte_level(bpe, regex=False, trim=False), some() + few()
    yield "BPE, ByteLevel and template", byte_level(bpe, prefix=True, process=lambda t: processors.Sequence(
        [processors.ByteLevel(trim_offsets=True, add_prefix_space=True), template(t)])), some()
    yield "BPE, ByteLevel alone, NFC", byte_level(bpe, [N.NFC()], process=lambda t: processors.ByteLevel(trim_offsets=True, add_prefix_space=False)), some()
    yield "BPE, merges out of order", byte_level(odd_merges(), added={}), some() + [("".join(writer.draw.choices("ab c", [9, 9, 1, 2], k=n)),) for n in range(3000)]
    yield "BPE, merges out of order, long", byte_level(odd_merges(), added={}), few() + [("".join(writer.draw.choices("ab", k=3000)),) for n in range(100)]

    for rule in ("nmt_nfkc", "nmt_nfkc_cf", "nfkc", "identity"):
        pieces, unknown, charsmap = train_sentencepiece(rule)
        map_ = [N.Precompiled(charsmap)] if charsmap else []
        albert = [N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), *map_, N.Replace(Regex(" {2,}"), " ")]
        yield f"Unigram, {rule}, as ALBERT", unigram(pieces, unknown, albert, [P.WhitespaceSplit(), P.Metaspace()]), some() + few()
        yield f"Unigram, {rule}, as XLM-R", unigram(pieces, unknown, [*map_, N.Strip(left=False), N.Replace(Regex(" {2,}"), "▁")], [P.Metaspace()]), some() + few()
        yield f"Unigram, {rule}, as CamemBERT", unigram(pieces, unknown, map_, [P.WhitespaceSplit(), P.Metaspace()]), some()
        if map_: yield f"{rule}, every scalar value, by bytes", byte_level(bytes_only(), map_, regex=False, trim=False, added={}), every
    yield "Unigram, first, no split", unigram(pieces, unknown, [], [P.Metaspace(prepend_scheme="first", split=False)]), some() + few()
    yield "Unigram, first behind spaces", unigram(pieces, unknown, [N.NFKC()], [P.WhitespaceSplit(), P.Metaspace(prepend_scheme="first")]), some()
    yield "Unigram, never", unigram(pieces, unknown, [N.Lowercase()], [P.Metaspace(prepend_scheme="never")]), some()
    yield "Unigram, no pre-tokenizer", unigram(pieces, unknown, [N.Prepend("▁"), N.Replace(" ", "▁")], []), some() + few()

    # What normalizers do, byte by byte.
    shown = lambda steps: byte_level(bytes_only(), steps, regex=False, trim=False)
    clusters = {"e\u0301": "é", "a": "YZ", "b": "", "\u0301": "", "\r": " ", "한": "h", "\u1161": "", "©": "(c)", "\u200d": "", "क": "ka", "\u0903": "", "o": "oo"}
    charsmap = probe_unicode().charsmap({key.encode(): text for key, text in clusters.items()})
    for name, steps in {"NFC": [N.NFC()], "NFD": [N.NFD()], "NFKC": [N.NFKC()], "NFKD": [N.NFKD()], "map of clusters": [N.Precompiled(charsmap)],
                        "NFD and map": [N.NFD(), N.Precompiled(charsmap)], "accents": [N.NFKD(), N.StripAccents(), N.Lowercase()],
                        "accents alone, NFKC": [N.StripAccents(), N.NFKC(), N.NFC()], "strip": [N.Strip(), N.Prepend("é_")],
                        "replace": [N.Replace("aa", "b"), N.Replace("ab", ""), N.Replace(Regex("a+"), "A")],
                        "BERT in a row": [N.Prepend("ß"), N.BertNormalizer(), N.NFC()], "BERT's accents": [N.BertNormalizer(strip_accents=True, lowercase=False), N.Strip()]}.items():
        yield f"{name}, by bytes", shown(steps), some()
    yield "NFKC, every scalar value, by bytes", shown([N.NFKC()]), every
    yield "NFKD and accents, every scalar value, by bytes", shown([N.NFKD(), N.StripAccents()]), every

    yield "WordPiece, NFD, words and signs", word_piece([N.NFD(), N.Lowercase(), N.StripAccents()], [P.Whitespace()]), some()
    yield "WordPiece, spaces and BERT's words", word_piece([N.NFKC()], [P.WhitespaceSplit(), P.BertPreTokenizer()]), some()

    yield from real_vocabularies(writer, some, few)


def probe_unicode():
    sys.path.insert(0, os.path.join(HERE, "..", "..", "runtime", "text"))
    import probe_unicode as module
    return module


def real_vocabularies(writer, some, few):
    from tokenizers import Tokenizer, models, normalizers as N, pre_tokenizers as P, processors
    directory = os.path.join(base.SHARED, "tokenizers")
    if not os.path.exists(directory):
        print(f"SKIPPED: the vocabularies of ../shared: no {directory}")
        return
    with open(os.path.join(directory, "albert", "vocab.json"), encoding="utf8") as file: pieces = [tuple(x) for x in json.load(file)]
    charsmap = train_sentencepiece("nmt_nfkc")[2]
    t = Tokenizer(models.Unigram(pieces, 1, byte_fallback=False))
    t.normalizer = N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Precompiled(charsmap)])
    t.pre_tokenizer = P.Sequence([P.WhitespaceSplit(), P.Metaspace()])
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    t.add_special_tokens(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    yield "ALBERT's vocabulary", t, some() + few()
    yield "RoBERTa", Tokenizer.from_file(os.path.join(directory, "roberta-base", "tokenizer.json")), some() + few()


def within_limit(tokenizer):
    """The one limit that text/unigram.h states: in a pre-token that is longer than the window and stays undecided throughout (one
    letter or two, repeated), the reference's choice depends on how the text ends, and ours is taken before. In such texts, a few of
    the long ones, another segmentation of the same characters is let through, of no higher score."""
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    window = 1024  # Unigram::kWindow
    score = lambda ids: sum(vocabulary[i][1] for i in ids if i < len(vocabulary))
    spelled = lambda ids: "".join(vocabulary[i][0] for i in ids if i < len(vocabulary))
    return lambda texts, ids, reference: (max(map(len, texts)) > window and spelled(ids) == spelled(reference)
                                          and score(ids) < score(reference) + 1e-6)


def main():
    with open(os.path.join(HERE, "requirements.txt")) as file: pinned = dict(line.split("==") for line in file.read().split())
    for name, version in pinned.items():
        try: found = __import__(name).__version__
        except ImportError: found = "absent"
        if found != version: return base.skip(f"{name}=={version} is needed and PyPI's {name} is {found} for {sys.executable}")
    if not os.path.exists(base.COMMAND): return base.skip(f"no command at {base.COMMAND}")
    wrong = 0
    wanted = sys.argv[1:]
    for name, tokenizer, inputs in checks(Writer(1)):
        if wanted and not any(w in name for w in wanted): continue
        with tempfile.TemporaryDirectory() as directory:
            options = {"alike": within_limit(tokenizer)} if type(tokenizer.model).__name__ == "Unigram" else {}
            wrong += base.count_differences(name, base.convert(directory, tokenizer), tokenizer, inputs, **options)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
