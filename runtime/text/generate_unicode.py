#!/usr/bin/env python3
"""Writes unicode_tables.inc: what the reference tokenizers do with every Unicode scalar value.

    python3 runtime/text/generate_unicode.py            rewrite the file beside this script
    python3 runtime/text/generate_unicode.py --stdout   print it (tests/text/unicode_tables_test.py compares)

The reference's tables come from several Unicode versions (normalization from one crate, categories from another, lower
case from its compiler's standard library), so nothing is taken from a Unicode database: each property is found by
asking the library itself what it does to each scalar value. The one exact version that is asked:
"""
import os
import sys

REFERENCE_VERSION = "0.23.3"  # PyPI `tokenizers`; also in tests/text/requirements.txt

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3

# Flags of a record; unicode.h names the same bits.
REMOVED, SPACE, PUNCTUATION, CJK, MARK, DECOMPOSES, WORD, LOWER_SEQUENCE = (1 << i for i in range(8))


def probe():
    """(flags, rank, decomposition, lower) as dicts or lists indexed by scalar value."""
    import tokenizers
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
    if tokenizers.__version__ != REFERENCE_VERSION:
        raise SystemExit(f"generate_unicode: tokenizers is {tokenizers.__version__}, wanted {REFERENCE_VERSION}")

    def bert(**on):
        settings = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
        return normalizers.BertNormalizer(**{**settings, **on}).normalize_str

    clean, cjk = bert(clean_text=True), bert(handle_chinese_chars=True)
    strip, lower = bert(strip_accents=True), bert(lowercase=True)
    nfd = normalizers.NFD().normalize_str
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str

    def finder(**flags):
        """Offsets of an added token with these flags in a text."""
        tokenizer = Tokenizer(models.WordLevel({"u": 0, "[X]": 1}, unk_token="u"))
        tokenizer.add_tokens([AddedToken("[X]", normalized=False, **flags)])

        def find(text):
            encoding = tokenizer.encode(text)
            return [o for i, o in zip(encoding.ids, encoding.offsets) if i == 1]
        return find

    alone, stripping = finder(single_word=True), finder(rstrip=True)

    flags, decomposition, lowered = {}, {}, {}
    for c in SCALARS:
        s, f = chr(c), 0
        cleaned = clean("a" + s + "b")
        pieces = [p for p, _ in split("a" + s + "b")]
        space = pieces == ["a", "b"]
        if cleaned == "ab":
            f |= REMOVED
        elif (cleaned == "a b") != space:
            raise SystemExit(f"U+{c:04X}: cleaning and splitting disagree on what a space is")
        if space != (stripping("[X]" + s) == [(0, 4)]):
            raise SystemExit(f"U+{c:04X}: added tokens and splitting disagree on what a space is")
        if space: f |= SPACE
        if pieces == ["a", s, "b"]: f |= PUNCTUATION
        if cjk(s) != s: f |= CJK
        if not alone(s + "[X]"): f |= WORD
        if (not alone("[X]" + s)) != bool(f & WORD):
            raise SystemExit(f"U+{c:04X}: \\w differs before and after")
        flags[c] = f
        if lower(s) != s: lowered[c] = [ord(x) for x in lower(s)]
        full = nfd(s)
        if full != s: decomposition[c] = [ord(x) for x in full]

    # A mark is a code point that accent stripping takes away; it acts after decomposition, so it is asked of code
    # points that do not decompose.
    for c in SCALARS:
        if c not in decomposition and strip(chr(c)) == "": flags[c] |= MARK

    ranks = combining_ranks(nfd, [c for c in SCALARS if c not in decomposition])
    return flags, ranks, decomposition, lowered, strip


def combining_ranks(nfd, candidates):
    """Canonical combining classes, as ranks 1, 2, ... in ascending order; a starter has none.

    NFD swaps neighbours x y exactly when class(x) > class(y) > 0. U+0334 has the lowest class and U+0345 the highest,
    so whatever moves neither before the one nor behind the other is a starter; the rest is sorted by asking.
    """
    low, high = "\u0334", "\u0345"
    swaps = lambda x, y: nfd(x + y) == y + x and x != y
    classes = []  # one member of each, ascending
    ranked = {}
    for c in candidates:
        s = chr(c)
        if not (swaps(s, low) or swaps(high, s)): continue
        first, last = 0, len(classes)
        while first < last:
            middle = (first + last) // 2
            if swaps(s, classes[middle][0]): first = middle + 1
            else: last = middle
        # classes[first] is the first one that s does not have to move behind: its own, or a higher one.
        if first < len(classes) and not swaps(classes[first][0], s): classes[first].append(s)
        else: classes.insert(first, [s])
    for rank, members in enumerate(classes, 1):
        for s in members: ranked[ord(s)] = rank
    if len(classes) > 63: raise SystemExit("more than 63 combining classes: the run mask in normalizer.cc is too small")
    return ranked


def reduce_decompositions(flags, ranks, decomposition, strip):
    """Only what accent stripping keeps of each decomposition, checked against what normalizer.cc takes for granted."""
    kept, hangul = {}, set()
    for c, full in decomposition.items():
        keep = [e for e in full if not flags[e] & MARK]
        if strip(chr(c)) != "".join(map(chr, keep)): raise SystemExit(f"U+{c:04X}: stripping is not mark by mark")
        order = [ranks.get(e, 0) for e in full]
        if order[0] > 0:
            # A code point that joins the run of combining characters before it: it vanishes as a whole.
            if keep or 0 in order: raise SystemExit(f"U+{c:04X}: an unforeseen kind of decomposition")
            flags[c] |= MARK
            ranks[c] = order[0]
            continue
        if not keep:
            flags[c] |= MARK  # a starter that vanishes as a whole (Telugu's U+0C48)
            continue
        tail = [bool(ranks.get(e)) for e in keep]
        if sorted(tail) != tail or sorted(map(bool, order)) != list(map(bool, order)):
            raise SystemExit(f"U+{c:04X}: combining characters before a starter")
        if HANGUL_FIRST <= c <= HANGUL_LAST:
            index = c - HANGUL_FIRST
            formula = [0x1100 + index // 588, 0x1161 + index % 588 // 28] + [0x11A7 + index % 28] * (index % 28 > 0)
            if keep != formula: raise SystemExit(f"U+{c:04X}: not the standard's Hangul formula")
            hangul.add(c)
        else:
            kept[c] = keep
        flags[c] |= DECOMPOSES
    if len(hangul) != HANGUL_LAST - HANGUL_FIRST + 1: raise SystemExit("some Hangul syllables do not decompose")
    return kept


def pool_sequences(sequences):
    """One array of code points, the last of each sequence marked by bit 31, and each sequence's place in it."""
    pool, place = [], {}
    for s in sorted(set(map(tuple, sequences)), key=lambda s: (-len(s), s)):
        marked = [*s[:-1], s[-1] | 1 << 31]
        at = next((i for i in range(len(pool)) if pool[i:i + len(s)] == marked), None)
        if at is None:
            at = len(pool)
            pool += marked
        place[s] = at
    return pool, place


def two_stage(values, shift):
    blocks, index = {}, []
    for start in range(0, len(values), 1 << shift):
        index.append(blocks.setdefault(tuple(values[start:start + (1 << shift)]), len(blocks)))
    return index, [v for b in blocks for v in b]


def array(type_name, name, values, form="{}"):
    lines, line = [], "   "
    for v in values:
        word = " " + form.format(v) + ","
        if len(line) + len(word) > 118:
            lines.append(line)
            line = "   "
        line += word
    return f"constexpr {type_name} {name}[{len(values)}] = {{\n" + "\n".join(lines + [line]) + "\n};\n"


def generate():
    flags, ranks, decomposition, lowered, strip = probe()
    kept = reduce_decompositions(flags, ranks, decomposition, strip)
    long_lower = {c: s for c, s in lowered.items() if len(s) > 1}
    for c in long_lower: flags[c] |= LOWER_SEQUENCE
    pool, place = pool_sequences([*kept.values(), *long_lower.values()])
    if len(pool) > 2048: raise SystemExit("the pool's places do not fit in 11 bits")

    records, values = {}, []
    for c in range(0x110000):
        delta = lowered[c][0] - c if c in lowered and c not in long_lower else 0
        record = (flags.get(c, 0), ranks.get(c, 0), delta)
        values.append(records.setdefault(record, len(records)))
    narrow = "uint8_t" if len(records) <= 256 else "uint16_t"
    width = 1 if len(records) <= 256 else 2

    def bytes_at(shift):
        index, data = two_stage(values, shift)
        return len(index) * (1 if max(index) < 256 else 2) + len(data) * width
    shift = min(range(4, 10), key=bytes_at)
    index, data = two_stage(values, shift)
    index_type = "uint8_t" if max(index) < 256 else "uint16_t"
    total = bytes_at(shift) + 8 * len(records) + 4 * (len(kept) + len(long_lower) + len(pool))

    keyed = lambda table: [c << 11 | place[tuple(s)] for c, s in sorted(table.items())]
    return "\n".join([
        f"// Made by generate_unicode.py from tokenizers {REFERENCE_VERSION}; do not edit. {total} bytes when compiled.",
        "",
        f"constexpr int kBlockShift = {shift};",
        "",
        "// {flags, rank of the combining class, distance to the lower-case code point}",
        f"constexpr Record kRecords[{len(records)}] = {{",
        *["    {" + f"{f}, {r}, {d}" + "}," for f, r, d in records],
        "};",
        "",
        "// Record of a code point: kRecordOf[kBlockOf[c >> kBlockShift] << kBlockShift | low bits].",
        array(index_type, "kBlockOf", index),
        array(narrow, "kRecordOf", data),
        "// Code point << 11 | place in kSequences, ascending. What is left of a decomposition without its marks.",
        array("uint32_t", "kDecompositions", keyed(kept), "0x{:x}"),
        "// The same for lower case of more than one code point.",
        array("uint32_t", "kLowerSequences", keyed(long_lower), "0x{:x}"),
        "// Bit 31 marks the last code point of a sequence.",
        array("uint32_t", "kSequences", pool, "0x{:x}"),
    ])


if __name__ == "__main__":
    text = generate()
    if "--stdout" in sys.argv[1:]: sys.stdout.write(text)
    else: open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "unicode_tables.inc"), "w").write(text)
