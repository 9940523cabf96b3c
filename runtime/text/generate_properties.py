#!/usr/bin/env python3
"""Writes properties_tables.inc: what byte-level BPE, Unigram and the Unicode normal forms must know of every scalar value.

    python3 runtime/text/generate_properties.py            rewrite the file beside this script
    python3 runtime/text/generate_properties.py --stdout   print it

Like generate_unicode.py, whose helpers it uses, it takes nothing from a Unicode database: every property is found by
asking the pinned reference what it does.
"""
import os
import struct
import sys

import generate_unicode as base
from generate_unicode import HANGUL_FIRST, HANGUL_LAST, SCALARS, array

# Bits of a record; properties.h names the same.
LETTER, NUMBER, MARK, CANONICAL, COMPATIBLE = (1 << i for i in range(5))
CLASS_SHIFT = 8
(OTHER, CONTROL, EXTEND, EXTEND_CONJUNCT, LINKER, JOINER, SPACING, PREPEND, HANGUL_L, HANGUL_V, HANGUL_T, HANGUL_LV,
 HANGUL_LVT, PICTOGRAPH, CONSONANT) = range(15)


def charsmap(mapping):
    """A sentencepiece character map (for normalizers.Precompiled): bytes to text, as a darts-clone double array."""
    blob, leaves = bytearray(), {}
    root = {}
    for key, text in mapping.items():
        if text not in leaves:
            leaves[text] = len(blob)
            blob += text.encode() + b"\0"
        node = root
        for byte in key: node = node.setdefault(byte, {})
        node[-1] = leaves[text]
    units, used, first_free, end = {0: 0}, set(), 1, 1
    pending = [(root, 0)]
    while pending:
        node, place = pending.pop()
        labels = sorted(0 if k == -1 else k for k in node)
        # Gaps far behind are given up, so that the search stays short.
        first_free = max(first_free, end - 1024)
        while first_free in units: first_free += 1
        start = first_free
        while True:
            offset = start ^ labels[0]
            # An offset is stored relative to its node in 21 bits, or as a multiple of 256 in 29.
            relative = offset ^ place
            fits = relative < 1 << 21 or relative & 0xFF == 0
            if fits and offset not in used and start not in units and all(offset ^ b not in units for b in labels): break
            start += 1
        used.add(offset)
        units[place] |= (relative << 10 if relative < 1 << 21 else (relative >> 8) << 10 | 1 << 9) | (1 << 8 if -1 in node else 0)
        for key, child in node.items():
            if key == -1: units[offset] = 1 << 31 | child
            else: units[offset ^ key] = key
        end = max([end] + [offset ^ b for b in labels])
        for key, child in node.items():
            if key != -1: pending.append((child, offset ^ key))
    size = (max(units) | 0xFF) + 1
    words = [units.get(i, 0) for i in range(size)]
    return struct.pack(f"<I{size}I", 4 * size, *words) + bytes(blob)


def probe_classes(byte_level):
    """LETTER or NUMBER of the GPT-2 pattern by what a code point joins; it must agree with the spaces of unicode.h."""
    joins = lambda text: len(byte_level(text)) == 1
    found = {}
    for c in SCALARS:
        s = chr(c)
        letter, number, other = joins("a" + s), joins("1" + s), joins("!" + s)
        if letter + number + other > 1: raise SystemExit(f"U+{c:04X}: joins more than one class")
        found[c] = LETTER * letter | NUMBER * number
        space = byte_level("a" + s + "\n!")[0][0] == "a" and joins("\n" + s + "\n")
        if space == (letter or number or other): raise SystemExit(f"U+{c:04X}: neither a space nor anything else")
    return found


def probe_graphemes(precompiled):
    """Grapheme cluster classes, as far as Precompiled shows them: it replaces a cluster of at most 5 bytes as a whole.

    With "a" mapped to "X", "a" and U+0301 become "X" where they are a cluster of their own; where "a" is joined to what
    comes before it, the cluster does not begin with "a", or is too long, and U+0301 survives. The same with others.
    """
    acute, joiner, virama = "\u0301", "\u200d", "\u094d"
    samples = {"a": "a", "L": "\u1100", "V": "\u1161", "T": "\u11a8", "P": "\u00a9", "C": "\u0915"}
    normalize = precompiled(charsmap({s.encode(): "X" for s in samples.values()})).normalize_str
    joined = lambda before, sample: normalize(before + samples[sample] + acute).endswith(acute)
    attaches = lambda s: normalize("a" + s) == "X"
    plane = [c for c in range(0x10000) if not 0xD800 <= c < 0xE000 and c not in (0, 0x301)]
    everything = precompiled(charsmap({chr(c).encode(): "X" for c in plane})).normalize_str
    classes = {}
    for c in SCALARS:
        s = chr(c)
        if c == 0: k = CONTROL
        elif HANGUL_FIRST <= c <= HANGUL_LAST: k = HANGUL_LV if (c - HANGUL_FIRST) % 28 == 0 else HANGUL_LVT
        elif attaches(s):
            if c == ord(joiner): k = JOINER
            elif joined("\u0915" + s, "C"): k = LINKER
            elif joined("\u0915" + virama + s, "C"): k = EXTEND_CONJUNCT
            elif joined("\u00a9" + s + joiner, "P"): k = EXTEND
            else: k = SPACING
        elif joined(s, "a"): k = PREPEND
        elif joined(s, "L"): k = HANGUL_L
        elif joined(s, "V"): k = HANGUL_V
        elif joined(s, "T"): k = HANGUL_T
        elif joined(s + joiner, "P"): k = PICTOGRAPH
        elif joined(s + virama, "C"): k = CONSONANT
        elif 0 < c < 0x10000 and everything(s + acute) != "X": k = CONTROL
        else: k = OTHER
        classes[c] = k
    if everything("\r\n") != "X": raise SystemExit("CR LF is not one cluster")
    return classes


def probe_forms(normalizers):
    """Full decompositions, and the pairs that compose."""
    nfd, nfkd, nfc = (getattr(normalizers, form)().normalize_str for form in ("NFD", "NFKD", "NFC"))
    canonical, compatible, pairs = {}, {}, {}
    for c in SCALARS:
        s = chr(c)
        d, k = nfd(s), nfkd(s)
        if HANGUL_FIRST <= c <= HANGUL_LAST:
            if k != d or nfc(d) != s: raise SystemExit(f"U+{c:04X}: not the standard's Hangul")
            continue
        if d != s: canonical[c] = d
        if k != d: compatible[c] = k
        if d != s and nfc(s) == s:
            first = nfc(d[:-1])
            if len(first) != 1 or nfc(first + d[-1]) != s: raise SystemExit(f"U+{c:04X}: composes of more than two")
            pairs[ord(first), ord(d[-1])] = c
    return canonical, compatible, pairs


def pool_utf16(texts):
    """All texts in one array of UTF-16 units, and where each begins."""
    units = lambda s: list(struct.unpack(f"<{len(s.encode('utf-16-le')) // 2}H", s.encode("utf-16-le")))
    pool, place = [], {}
    for s in sorted(set(texts), key=lambda s: (-len(units(s)), s)):
        u = units(s)
        at = next((i for i in range(len(pool) - len(u) + 1) if pool[i:i + len(u)] == u), None)
        if at is None:
            at = len(pool)
            pool += u
        place[s] = (at, len(u))
    return pool, place


def generate():
    import tokenizers
    from tokenizers import normalizers, pre_tokenizers
    if tokenizers.__version__ != base.REFERENCE_VERSION:
        raise SystemExit(f"generate_properties: tokenizers is {tokenizers.__version__}, wanted {base.REFERENCE_VERSION}")
    kinds = probe_classes(pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str)
    classes = probe_graphemes(normalizers.Precompiled)
    canonical, compatible, pairs = probe_forms(normalizers)
    strip = normalizers.StripAccents().normalize_str

    records, values = {}, []
    for c in range(0x110000):
        record = 0
        if c in kinds:
            record = kinds[c] | (MARK if strip(chr(c)) == "" else 0) | classes[c] << CLASS_SHIFT
            record |= (CANONICAL if c in canonical or HANGUL_FIRST <= c <= HANGUL_LAST else 0) | (COMPATIBLE if c in compatible else 0)
        values.append(records.setdefault(record, len(records)))
    if len(records) > 64: raise SystemExit("more than 64 records")
    runs = [c << 6 | v for c, v in enumerate(values) if c == 0 or v != values[c - 1]]

    pool, place = pool_utf16([*canonical.values(), *compatible.values()])
    if len(pool) > 65536: raise SystemExit("the pool's places do not fit in 16 bits")
    composed = sorted((a, b, c) for (a, b), c in pairs.items())
    bytes_total = 4 * len(runs) + 2 * (128 + len(records)) + 6 * (len(canonical) + len(compatible)) + 2 * len(pool) + 12 * len(composed)

    def decompositions(name, table):
        entries = [(c, *place[s]) for c, s in sorted(table.items())]
        if max(length for _, _, length in entries) >= 32: raise SystemExit("a decomposition of 32 units")
        return [array("uint32_t", f"{name}Keys", [c << 5 | length for c, _, length in entries], "0x{:x}"),
                array("uint16_t", f"{name}Places", [at for _, at, _ in entries])]

    return "\n".join([
        f"// Made by generate_properties.py from tokenizers {base.REFERENCE_VERSION}; do not edit. {bytes_total} bytes when compiled.",
        "",
        "// Grapheme cluster class << 8 | flags.",
        array("uint16_t", "kRecords", list(records), "0x{:x}"),
        "// First code point << 6 | record of each run of code points with the same one, ascending.",
        array("uint32_t", "kRuns", runs, "0x{:x}"),
        "// The records of ASCII, most asked for.",
        array("uint16_t", "kAscii", [list(records)[v] for v in values[:128]], "0x{:x}"),
        "// Code point << 5 | length in kUnits, ascending; and the place there. Full canonical decompositions.",
        *decompositions("kCanonical", canonical),
        "// Full compatibility decompositions, where they differ from the canonical ones.",
        *decompositions("kCompatible", compatible),
        "// UTF-16.",
        array("uint16_t", "kUnits", pool, "0x{:x}"),
        "// First, second and composed code point, ascending by the first two.",
        array("Composition", "kCompositions", ["{%d, %d, %d}" % entry for entry in composed]),
    ])


if __name__ == "__main__":
    text = generate()
    if "--stdout" in sys.argv[1:]: sys.stdout.write(text)
    else: open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "properties_tables.inc"), "w").write(text)
