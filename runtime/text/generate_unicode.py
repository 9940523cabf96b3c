#!/usr/bin/env python3
"""Writes unicode_tables.inc: what the reference tokenizers do with every Unicode scalar value.

    python3 runtime/text/generate_unicode.py            rewrite the file beside this script
    python3 runtime/text/generate_unicode.py --stdout   print it (tests/text/unicode_tables_test.py compares)

probe_unicode.py finds out; this packs.
"""
import os
import struct
import sys

from probe_unicode import HANGUL_FIRST, HANGUL_LAST, REFERENCE_VERSION, probe

BLOCK_SHIFT = 8  # the same in unicode.h


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
    flags, ranks, graphemes, lowered, canonical, compatible, pairs = probe()
    long_lower = {c: "".join(map(chr, s)) for c, s in lowered.items() if len(s) > 1}
    canonical = {c: s for c, s in canonical.items() if not HANGUL_FIRST <= c <= HANGUL_LAST}

    records, values = {}, []
    for c in range(0x110000):
        delta = lowered[c][0] - c if c in lowered and c not in long_lower else 0
        record = (flags.get(c, 0), ranks.get(c, 0), graphemes.get(c, 0), delta)
        values.append(records.setdefault(record, len(records)))
    if len(records) > 256: raise SystemExit("more than 256 records")
    index, data = two_stage(values, BLOCK_SHIFT)
    if max(index) > 255: raise SystemExit("more than 256 blocks")

    pool, place = pool_utf16([*canonical.values(), *compatible.values(), *long_lower.values()])
    if len(pool) > 65536: raise SystemExit("the pool's places do not fit in 16 bits")
    composed = sorted((a, b, c) for (a, b), c in pairs.items())
    total = (len(index) + len(data) + 8 * len(records) + 6 * (len(canonical) + len(compatible) + len(long_lower)) +
             2 * len(pool) + 12 * len(composed))

    def sequences(name, table):
        entries = [(c, *place[s]) for c, s in sorted(table.items())]
        if max(length for _, _, length in entries) >= 32: raise SystemExit("a sequence of 32 units")
        return [array("uint32_t", f"k{name}Keys", [c << 5 | length for c, _, length in entries], "0x{:x}"),
                array("uint16_t", f"k{name}Places", [at for _, at, _ in entries])]

    return "\n".join([
        f"// Made by generate_unicode.py from tokenizers {REFERENCE_VERSION}; do not edit. {total} bytes when compiled.",
        "",
        "// {flags, rank of the combining class, grapheme cluster class, distance to the lower-case code point}",
        f"constexpr Record kRecords[{len(records)}] = {{",
        *["    {" + f"0x{f:x}, {r}, Grapheme{{{g}}}, {d}" + "}," for f, r, g, d in records],
        "};",
        "",
        "// Record of a code point: kRecordOf[kBlockOf[c >> kBlockShift] << kBlockShift | low bits].",
        array("uint8_t", "kBlockOf", index),
        array("uint8_t", "kRecordOf", data),
        "// Code point << 5 | length in kUnits, ascending; and the place there. Full canonical decompositions.",
        *sequences("Canonical", canonical),
        "// Full compatibility decompositions, where they differ from the canonical ones.",
        *sequences("Compatible", compatible),
        "// Lower case of more than one code point.",
        *sequences("Lower", long_lower),
        "// UTF-16.",
        array("uint16_t", "kUnits", pool, "0x{:x}"),
        "// First, second and composed code point, ascending by the first two.",
        array("Composition", "kCompositions", ["{%d, %d, %d}" % entry for entry in composed]),
    ])


if __name__ == "__main__":
    text = generate()
    if "--stdout" in sys.argv[1:]: sys.stdout.write(text)
    else: open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "unicode_tables.inc"), "w").write(text)
