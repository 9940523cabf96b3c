#!/usr/bin/env python3
"""Makes tests/golden/tokenizers anew from the reference library (requirements.txt) and ../shared.

    make_goldens.py SHARED_DIR

NAME.vocab.txt, NAME.tsv   the texts of SHARED_DIR/fixtures/tokenizers/NAME.jsonl as the reference splits them with a reduced
                           vocabulary: every piece that they need with the whole one, and every two-hundredth other piece,
                           so that longest matches are not the only ones. A line: text, tokens ("id:begin-end:type", offsets in
                           code points), and the second text of a pair. Bytes below 0x20, 0x7F and the backslash are \\xNN.
odd.*                      The same for odd texts (spaces, marks, CJK, Hangul, controls, very long words, ...) with added tokens of every kind:
                           odd.added.tsv holds their contents and, as 0 or 1, single_word, lstrip, rstrip and normalized.
scalars.txt                CRC-32 of what becomes of each block of 4096 scalar values: see digest() below. scalars_test.cc
                           makes the same sums from our own code.
"""
import json
import os
import random
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "golden", "tokenizers")
SETS = {"bert-base-uncased": True, "bert-base-multilingual-cased": False, "bert-base-chinese": False}  # lower-cased?
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# clean_text, handle_chinese_chars, strip_accents, lowercase
CONFIGURATIONS = [(1, 1, 1, 1), (1, 1, 0, 0), (0, 0, 0, 1)]
FORMS = ["{} ", "a{}b "]
BLOCK = 4096

# content: single_word, lstrip, rstrip, normalized
ADDED = {"[X]": "0000", "[XY]": "0000", "<l>": "0100", "<r>": "0010", "<lr>": "0110", "one": "1000", "One Two": "0001", "caf\u00e9": "1001",
         "l\u4e2d": "0001", "near": "0111", "a\u302e": "0000"}
# Letters, spaces, what cleaning removes, CJK, Hangul, letters with accents, lower case of another length, marks that are
# stripped, marks that stay, and code points whose decomposition ends with such.
ALPHABET = ("aabbcoOnNeE.,-[]X<>lr'  \t\n\u00a0\u3000\u2028\x00\x1f\ufffd\u200d\u4e2d\uf900\u6587\uac01\u1112\u00e9\u00c9\u1ec7\u0130\u03a3\u1e9e"
            "\u0301\u0323\u0345\u0344\u0334\u302e\u302f\u1df6\u1b44\U0001d165\U0001d15e\U0001d160\u0cc0\u0c48\u0f73")
ODD_TEXTS = ["", " ", "   \t\n ", "\u0301", "\u0301\u0323\u0344" * 50, "\u302e\u0323" * 60, "a" + "\u0345\u302e\u0334\u1b44" * 40 + "b", "\x00", "a\x00b",
             "\ufffd", "[MASK]", "[MASK][MASK]", "a[MASK]b", "[ MASK ]", "[mask]", "[CLS] a [SEP] b [SEP][PAD][UNK]", "[X][XY][X", "[XY", "[[X]]",
             "a <l> <r> b <lr> <lr>  <l><r> ", "  <l>  <l>", "<r>  <l>  <lr>  a", "one", "one.", "oneone", "one one,one", "aone onea", "\u00e9one", "_one",
             "ONE TWO", "one two three", "One Two Two", "caf\u00e9", "cafe\u0301 CAFE", "cafes", "L\u4e2d", "l \u4e2d", "  NEAR  near  ", "a\u302e\u0301b",
             "a" * 100, "a" * 101, "b " + "a" * 513 + " b", "\u00e9" * 100, "\u00e9" * 101, "." * 300, "\u4e2d" * 200, "\u0130\u0130", "a\u2028b\u0085c",
             "ab" * 200 + "[X]" + "b" * 30, "\uac01" * 40, "\U0010ffff\U000e0001\ue000a"]


def bert(vocab, lowercase, max_chars=100):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    ids = {piece: i for i, piece in enumerate(vocab)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=max_chars))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                                      lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])])
    tokenizer.add_special_tokens(SPECIALS)
    return tokenizer


def escape(text):
    return b"".join(b"\\x%02x" % b if b < 0x20 or b in b"\\\x7f" else bytes([b]) for b in text.encode()).decode()


def make_set(shared, name, lowercase):
    vocab = json.load(open(f"{shared}/tokenizers/{name}/tokenizer.json", encoding="utf8"))["model"]["vocab"]
    vocab = sorted(vocab, key=vocab.get)
    lines = [json.loads(line) for line in open(f"{shared}/fixtures/tokenizers/{name}.jsonl", encoding="utf8")]
    texts = [[line["text"], *([line["text_pair"]] if "text_pair" in line else [])] for line in lines]
    whole = bert(vocab, lowercase)
    used = {token for text in texts for token in whole.encode(*text).tokens} | set(SPECIALS)
    reduced = [piece for i, piece in enumerate(vocab) if piece in used or i % 200 == 0]
    with open(f"{GOLDEN}/{name}.vocab.txt", "w", encoding="utf8", newline="\n") as file:
        file.writelines(piece + "\n" for piece in reduced)
    write_cases(name, bert(reduced, lowercase), texts)


def write_cases(name, tokenizer, texts):
    with open(f"{GOLDEN}/{name}.tsv", "w", encoding="utf8", newline="\n") as file:
        for text in texts:
            e = tokenizer.encode(*text)
            tokens = " ".join(f"{i}:{b}-{n}:{t}" for i, (b, n), t in zip(e.ids, e.offsets, e.type_ids))
            file.write("\t".join([escape(text[0]), tokens, *map(escape, text[1:])]) + "\n")


def make_odd():
    from tokenizers import AddedToken
    letters = "abcolrtwhen\u4e2d\u6587\u1112\u1161\u11a8\u1100\u03c3\u00df\u302e\u302f\u1df6\u1b44\U0001d165\U0001d157\U0001d158\u0cd5\ue000"
    vocab = [*SPECIALS, *letters, *("##" + x for x in letters), *".,-[]<>'", "ab", "##ab", "abab", "on", "##one", "cafe", "ne", "##ar", "aaa", "##bbb"]
    tokenizer = bert(vocab, True)
    for content, flags in ADDED.items():
        single_word, lstrip, rstrip, normalized = (flag == "1" for flag in flags)
        tokenizer.add_tokens([AddedToken(content, single_word=single_word, lstrip=lstrip, rstrip=rstrip, normalized=normalized)])
    draw = random.Random(1)

    def part():
        kind = draw.random()
        if kind < 0.2: return draw.choice([*ADDED, "ONE TWO", "[MASK]", "NEAR", "  "])
        return "".join(draw.choices(ALPHABET, k=draw.randrange(1, 9)))
    random_texts = ["".join(part() for _ in range(draw.randrange(1, 9))) for _ in range(400)]
    with open(f"{GOLDEN}/odd.vocab.txt", "w", encoding="utf8", newline="\n") as file:
        file.writelines(piece + "\n" for piece in vocab)
    with open(f"{GOLDEN}/odd.added.tsv", "w", encoding="utf8", newline="\n") as file:
        file.writelines(f"{content}\t{flags}\n" for content, flags in ADDED.items())
    write_cases("odd", tokenizer, [[text] for text in ODD_TEXTS + random_texts])


def digest(configuration, form, scalars):
    """CRC-32 of the words of a text in which each scalar value stands in `form`.

    A word counts as its normalized UTF-8, 0x1F, its offsets in code points as "begin,end", 0x1E.
    """
    from tokenizers import PreTokenizedString, normalizers, pre_tokenizers
    clean, cjk, strip, lower = map(bool, configuration)
    normalizer = normalizers.BertNormalizer(clean_text=clean, handle_chinese_chars=cjk, strip_accents=strip, lowercase=lower)
    text = PreTokenizedString("".join(form.format(chr(c)) for c in scalars))
    text.normalize(lambda part: normalizer.normalize(part))
    pre_tokenizers.BertPreTokenizer().pre_tokenize(text)
    words = [f"{w}\x1f{b},{e}\x1e" for w, (b, e), _ in text.get_splits("original", "char") if w]
    return zlib.crc32("".join(words).encode())


def make_scalars():
    with open(f"{GOLDEN}/scalars.txt", "w", newline="\n") as file:
        for first in range(0, 0x110000, BLOCK):
            if 0xD800 <= first < 0xE000 and first + BLOCK <= 0xE000: continue
            scalars = [c for c in range(first, first + BLOCK) if not 0xD800 <= c < 0xE000]
            sums = [digest(c, f, scalars) for c in CONFIGURATIONS for f in FORMS]
            file.write(" ".join([f"{first:06x}", *(f"{s:08x}" for s in sums)]) + "\n")


if __name__ == "__main__":
    os.makedirs(GOLDEN, exist_ok=True)
    for name, lowercase in SETS.items(): make_set(sys.argv[1], name, lowercase)
    make_odd()
    make_scalars()
