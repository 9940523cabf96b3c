"""Asks the reference tokenizers what they do with every Unicode scalar value; generate_unicode.py makes tables of it.

The reference's tables come from several Unicode versions (normalization from one crate, categories from another, lower
case from its compiler's standard library), so nothing is taken from a Unicode database: each property is found by
asking the library itself what it does to each scalar value. The one exact version that is asked:
"""
import struct

REFERENCE_VERSION = "0.23.3"  # PyPI `tokenizers`; also in tests/text/requirements.txt

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3

# Flags and grapheme cluster classes of a record; unicode.h names the same.
(REMOVED, SPACE, PUNCTUATION, CJK, MARK, WORD, LOWER_SEQUENCE, LETTER, NUMBER, ANY_MARK, CANONICAL,
 COMPATIBLE) = (1 << i for i in range(12))
(OTHER, CONTROL, EXTEND, EXTEND_CONJUNCT, LINKER, JOINER, SPACING, PREPEND, HANGUL_L, HANGUL_V, HANGUL_T, HANGUL_LV,
 HANGUL_LVT, PICTOGRAPH, CONSONANT) = range(15)


def probe_bert(canonical):
    """What BERT's way shows, and ranks of combining classes: (flags, ranks, lower case), dicts by scalar value."""
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

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

    flags, lowered = {}, {}
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

    # A mark is a code point that accent stripping takes away; it acts after decomposition, so it is asked of code
    # points that do not decompose.
    for c in SCALARS:
        if c not in canonical and strip(chr(c)) == "": flags[c] |= MARK

    ranks = combining_ranks(nfd, [c for c in SCALARS if c not in canonical])
    for c, full in canonical.items(): check_decomposition(c, full, flags, ranks, strip)
    return flags, ranks, lowered


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
    if len(classes) > 63: raise SystemExit("more than 63 combining classes: the run mask in bert_normalizer.cc is too small")
    return ranked


def check_decomposition(c, full, flags, ranks, strip):
    """That what accent stripping keeps of a decomposition is what bert_normalizer.cc takes for granted. A code point of
    which nothing is kept is a mark itself, and has a rank if it joins the run of combining characters before it."""
    keep = [ord(e) for e in full if not flags[ord(e)] & MARK]
    if strip(chr(c)) != "".join(map(chr, keep)): raise SystemExit(f"U+{c:04X}: stripping is not mark by mark")
    order = [ranks.get(ord(e), 0) for e in full]
    if order[0] > 0:
        if keep or 0 in order: raise SystemExit(f"U+{c:04X}: an unforeseen kind of decomposition")
        ranks[c] = order[0]
    if not keep:  # such marks, and a starter that vanishes as a whole (Telugu's U+0C48)
        flags[c] |= MARK
        return
    tail = [bool(ranks.get(e)) for e in keep]
    if sorted(tail) != tail or sorted(map(bool, order)) != list(map(bool, order)):
        raise SystemExit(f"U+{c:04X}: combining characters before a starter")


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
    """Full decompositions, texts by scalar value, and the pairs that compose."""
    nfd, nfkd, nfc = (getattr(normalizers, form)().normalize_str for form in ("NFD", "NFKD", "NFC"))
    canonical, compatible, pairs = {}, {}, {}
    for c in SCALARS:
        s = chr(c)
        d, k = nfd(s), nfkd(s)
        if HANGUL_FIRST <= c <= HANGUL_LAST:
            # unicode.cc knows these by the standard's formula.
            index = c - HANGUL_FIRST
            formula = [0x1100 + index // 588, 0x1161 + index % 588 // 28] + [0x11A7 + index % 28] * (index % 28 > 0)
            if k != d or nfc(d) != s or [ord(x) for x in d] != formula:
                raise SystemExit(f"U+{c:04X}: not the standard's Hangul")
        if d != s: canonical[c] = d
        if k != d: compatible[c] = k
        if d != s and nfc(s) == s and not HANGUL_FIRST <= c <= HANGUL_LAST:
            first = nfc(d[:-1])
            if len(first) != 1 or nfc(first + d[-1]) != s: raise SystemExit(f"U+{c:04X}: composes of more than two")
            pairs[ord(first), ord(d[-1])] = c
    return canonical, compatible, pairs


def probe():
    """(flags, ranks, grapheme classes, lower case, canonical and compatible decompositions, compositions)."""
    import tokenizers
    from tokenizers import normalizers, pre_tokenizers
    if tokenizers.__version__ != REFERENCE_VERSION:
        raise SystemExit(f"generate_unicode: tokenizers is {tokenizers.__version__}, wanted {REFERENCE_VERSION}")
    canonical, compatible, pairs = probe_forms(normalizers)
    flags, ranks, lowered = probe_bert(canonical)
    kinds = probe_classes(pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str)
    strip = normalizers.StripAccents().normalize_str
    for c in SCALARS:
        flags[c] |= kinds[c]
        if strip(chr(c)) == "": flags[c] |= ANY_MARK
        if c in canonical: flags[c] |= CANONICAL
        if c in compatible: flags[c] |= COMPATIBLE
        if len(lowered.get(c, [])) > 1: flags[c] |= LOWER_SEQUENCE
    return flags, ranks, probe_graphemes(normalizers.Precompiled), lowered, canonical, compatible, pairs
