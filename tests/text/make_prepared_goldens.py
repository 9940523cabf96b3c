#!/usr/bin/env python3
"""Makes the goldens of tests/converter/prepared_golden_test.cc anew, from the reference libraries (requirements.txt):

    make_prepared_goldens.py

in tests/golden/tokenizers:

NAME.tokenizer.json   small tokenizers trained on the other goldens' texts: "bpe" (byte-level BPE as RoBERTa's), "unigram" (as ALBERT's, by
                      sentencepiece, with a small character map instead of its own of 200 KB), "bytes" (a byte-level BPE without merges)
NAME.tsv              texts as they split them; a line as in make_goldens.py
steps.tsv             a normalizer of tokenizer.json, a text, and its tokens by "bytes" behind that normalizer, which show every byte
"""
import json
import os

import differential_test as test
from make_goldens import GOLDEN, escape

TEXTS = 150


def line(tokenizer, text, *before):
    e = tokenizer.encode(*text)
    tokens = " ".join(f"{i}:{b}-{n}:{t}" for i, (b, n), t in zip(e.ids, e.offsets, e.type_ids))
    return "\t".join([*before, escape(text[0]), tokens, *map(escape, text[1:])]) + "\n"


def write(name, lines):
    with open(os.path.join(GOLDEN, name), "w", encoding="utf8", newline="\n") as file: file.writelines(lines)


def save(name, tokenizer, texts):
    write(f"{name}.tokenizer.json", [json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n"])
    write(f"{name}.tsv", [line(tokenizer, text) for text in texts])


def main():
    from tokenizers import Regex, normalizers as N, pre_tokenizers as P
    writer = test.Writer(7)
    texts = [writer.input() for _ in range(TEXTS)]
    long = [(writer.draw.choice("ab") * 1500 + "".join(writer.draw.choices("abc ", k=1500)),)]
    save("bpe", test.byte_level(test.train_bpe(700)), texts + long)
    clusters = {"e\u0301": "é", "ﬁ": "fi", "㍿": "株式会社", "\u200b": "", "\r": " ", "\u3000": " ", "\ufeff": "", "Ⅳ": "IV", "©": "(c)", "\u0903": "", "한": "\u1112\u1161\u11ab"}
    charsmap = test.probe_unicode().charsmap({key.encode(): text for key, text in clusters.items()})
    pieces, unknown, _ = test.train_sentencepiece("identity", 1000, coverage=0.98)
    albert = [N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Precompiled(charsmap), N.Replace(Regex(" {2,}"), " ")]
    save("unigram", test.unigram(pieces, unknown, albert, [P.WhitespaceSplit(), P.Metaspace()]), texts + long)
    base = test.byte_level(test.bytes_only(), regex=False, trim=False)
    save("bytes", base, texts[:20])
    steps = {"NFC": N.NFC(), "NFD": N.NFD(), "NFKC": N.NFKC(), "NFKD": N.NFKD(), "accents": N.Sequence([N.NFKD(), N.StripAccents(), N.Lowercase()]),
             "map": N.Precompiled(charsmap), "strip": N.Sequence([N.Strip(left=False), N.Prepend("é_")]), "left": N.Strip(right=False),
             "replace": N.Sequence([N.Replace("aa", "b"), N.Replace("ab", ""), N.Replace(Regex("a+"), "A"), N.Replace(Regex("\\.{2,}"), "…")]),
             "BERT": N.BertNormalizer(), "cased": N.Sequence([N.BertNormalizer(lowercase=False), N.NFC()])}
    lines = []
    for normalizer in steps.values():
        base.normalizer = normalizer
        description = json.dumps(json.loads(base.to_str())["normalizer"], separators=(",", ":"))
        lines += [line(base, (text,), escape(description)) for text in ["", " ", "\u0301", " \n x \u3000", *["".join(c) for c in zip(writer.clusters, writer.clusters[1:])],
                                                                        *(writer.text() for _ in range(10))]]
    write("steps.tsv", lines)


if __name__ == "__main__":
    main()
