"""What the counted instructions are told as: shares of the answer's parts, a table, and a comparison with a baseline."""
import json
import os
import re

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'baseline.json')
KIND = 'counts and estimates'
TOLERANCE = 0.03
FIGURES = ('instructions', 'cycles')

# A function belongs to the first part whose pattern is found in its name; what belongs to none (the C library's) is OTHER.
PARTS = (
    ('products', r'^xnn_|fully_connected|pthreadpool|\b(Xnn|Native|RowMajor|Reference)Product\b|Int8Product|BoundLinear|\bMultiply|'
                 r'\b(MlalTiles|MlalRows|DotTiles|DotRows|BlockTile|PanelTiles|PairRows|DotInt8Rows)\b'),
    ('attention', r'\bAttention\b|\bAttend\b|\bLaneTiles\b|\bLaneProduct\b|\bProductTile\b|\bExpOfRow\b|\bSoftmax<'),
    ('activation', r'\bActivate\b'),
    ('norm, quantize', r'\bLayerNorm\b|\bAddNorm\b|\bQuantize'),
    ('embedding, rest', r'\bpbert::|\bpbert_'),
)
OTHER = 'other'
PART_NAMES = tuple(name for name, _ in PARTS) + (OTHER,)


def own_name(function):
    """A demangled name without its arguments, whose types would be taken for what the function does."""
    return function.replace('(anonymous namespace)::', '').split('(')[0]


def part_of(function):
    name = own_name(function)
    return next((part for part, pattern in PARTS if re.search(pattern, name)), OTHER)


def shares(cycles_by_function):
    """{part: share of the cycles}, every part named."""
    total = sum(cycles_by_function.values())
    found = dict.fromkeys(PART_NAMES, 0.0)
    for function, cycles in cycles_by_function.items():
        found[part_of(function)] += cycles / total
    return {part: round(share, 4) for part, share in found.items()}


def with_ratios(row):
    """The row with what LiteRT needs over what we need."""
    ratios = {f'{figure}_ratio': round(row['litert_' + figure] / row[figure], 3) for figure in FIGURES if 'litert_' + figure in row}
    return {**row, **ratios}


def markdown(result):
    """A row for each core and length; LiteRT's columns are empty where it was not counted."""
    heads = ['core', 'found in', 'tokens', 'instructions', 'LiteRT', 'ratio', 'cycles', 'LiteRT', 'ratio', *PART_NAMES]
    lines = ['| ' + ' | '.join(heads) + ' |', '|---|---|' + '--:|' * (len(heads) - 2)]

    def millions(row, figure):
        return f'{row[figure] / 1e6:.1f} M' if figure in row else ''

    for row in result['rows']:
        cells = [row['core'], row['found_in'], str(row['tokens'])]
        for figure in FIGURES:
            ratio = row.get(figure + '_ratio')
            cells += [millions(row, figure), millions(row, 'litert_' + figure), '' if ratio is None else f'{ratio:.2f}']
        cells += [f'{row["parts"][part]:.1%}' for part in PART_NAMES]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines)


def readme_section(result):
    """The Markdown between the two comments in README.md."""
    return '\n'.join([
        '**ARM cores**: one warm answer of one thread, text in to label out, the same shape, beside LiteRT 2.3 (ids in to logits out). '
        'These are counts of',
        'emulated instructions and llvm-mca\'s estimates of cycles (no cache misses, no mispredicted branches), **not times**: they say what '
        'changed and where,',
        'not how long an answer takes. A ratio above 1: we need less. The parts are shares of our cycles. '
        f'Commit {result["commit"]}.',
        '',
        markdown(result),
        '',
        'Once: `tests/bench/arm/setup.sh`; then `tests/bench/arm/count.py` counts again and fails where a figure is more than '
        f'{TOLERANCE:.0%} worse than here,',
        'and `tests/bench/arm/count.py --write-baseline` puts its figures here.',
    ])


def compare(result, baseline):
    """[(row's name, figure, before, now, relative change)] of all figures that both have.

    Parts are not compared: work that moves from one into another is neither worse nor better."""
    before = {(row['core'], row['tokens']): row for row in baseline['rows']}
    changes = []
    for row in result['rows']:
        old = before.get((row['core'], row['tokens']))
        if old:
            changes += [(f'{row["core"]}, {row["tokens"]} tokens', figure, old[figure], row[figure], row[figure] / old[figure] - 1) for figure in FIGURES]
    return changes


def is_worse(change):
    return change > TOLERANCE


def is_better(change):
    return change < -TOLERANCE


def comparison(changes, colour):
    """Lines that tell the changes beyond the tolerance: the worse in red, the better in green, and in words for what has no colours."""
    lines = []
    for name, figure, before, now, change in changes:
        if is_worse(change) or is_better(change):
            said = f'{change:+.1%}'.replace('%', ' %') + (' WORSE' if is_worse(change) else ' better')
            if colour:
                said = f'\033[{31 if is_worse(change) else 32}m{said}\033[0m'
            lines.append(f'{name}: {figure} {before / 1e6:.2f} M -> {now / 1e6:.2f} M: {said}')
    worse = sum(is_worse(change) for *_, change in changes)
    better = sum(is_better(change) for *_, change in changes)
    lines.append(f'{len(changes)} figures: {worse} more than {TOLERANCE:.0%} worse than the baseline, {better} better, '
                 f'{len(changes) - worse - better} as they were')
    return lines


def read(path):
    with open(path, encoding='utf8') as file:
        result = json.load(file)
    if result.get('kind') != KIND:
        raise ValueError(f'{path} does not hold "{KIND}"')
    return result


def write(path, result):
    with open(path + '.new', 'w', encoding='utf8') as file:
        json.dump(result, file, indent=1)
        file.write('\n')
    os.replace(path + '.new', path)
