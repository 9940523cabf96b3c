#!/usr/bin/env python3
"""Measures, and writes the performance sections of README.md and their chart.

    tests/bench/readme_figures.py            measure (some minutes; nothing else should run), then write
    tests/bench/readme_figures.py --from-json   write again from tests/bench/figures.json, where measurements are kept
Of each processor, backend and instruction set the last run is kept, the newest first; commit before you measure.
Flags behind `--` go to against_litert.sh. A section stands between two comments in README.md. That of the ARM cores is written from
tests/bench/arm/baseline.json, which tests/bench/arm/count.py --write-baseline makes.
"""
import argparse
import json
import os
import subprocess
import sys
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'arm'))
import report as arm_report  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
FIGURES = os.path.join(HERE, 'figures.json')
CHART = os.path.join(HERE, 'figures.svg')
README = os.path.join(ROOT, 'README.md')
BEGIN = '<!-- performance: written by tests/bench/readme_figures.py, do not edit -->'
END = '<!-- end of performance -->'
ARM_BEGIN = '<!-- ARM cores: written by tests/bench/arm/count.py --write-baseline, do not edit -->'
ARM_END = '<!-- end of ARM cores -->'

OURS, THEIRS, INK, FAINT = '#1a7f5a', '#b0b7bf', '#24292f', '#8c959f'


def megabytes(count):
    return f'{count / 1e6:.1f} MB'


def describe(figures):
    threads = 'one thread' if figures['threads'] == 1 else f'{figures["threads"]} threads'
    return (f'{figures["processor"]} ({figures["isa"].split()[0]}; {figures["peak_gmacs"]:.0f} GMAC/s of int8 and '
            f'{figures["peak_gbytes"]:.0f} GB/s measured), {threads}, commit {figures["commit"]}')


def same_machine(run, other):
    return all(run[key] == other[key] for key in ('processor', 'backend', 'isa', 'threads'))


def older_runs(runs):
    """The lines of the table of all runs but the first."""
    if len(runs) < 2:
        return []
    lengths = [str(r['tokens']) for r in runs[0]['lengths']]
    lines = ['', 'Measured before, or elsewhere: milliseconds, and how many times LiteRT\'s speed.', '',
             '| processor, backend, commit | ' + ' | '.join(lengths) + ' |', '|---' * (len(lengths) + 1) + '|']
    for run in runs[1:]:
        cells = [f'{r["ours_ms"]:.2f} ({r["ratio"]:.2f})' for r in run['lengths']]
        lines.append(f'| {run["processor"]} ({run["isa"].split()[0]}), {run["backend"]}, {run["commit"]} | ' + ' | '.join(cells) + ' |')
    return lines


def section(runs):
    """The Markdown between the two comments."""
    figures = runs[0]
    rows = figures['lengths']

    def line(name, cells):
        return f'| {name} | ' + ' | '.join(cells) + ' |'

    ours, litert = figures['ours'], figures['litert']
    return '\n'.join([
        '**Speed**: minimum milliseconds, text in to label out, DistilBERT-base\'s shape with random weights, beside LiteRT 2.3 with its',
        f'XNNPACK delegate (last layer on one row) in alternation in one run. {describe(figures)}.',
        '',
        '![Latency by length, memory and size](tests/bench/figures.svg)',
        '',
        line('tokens', [str(r['tokens']) for r in rows]),
        '|---' * (len(rows) + 1) + '|',
        line(f'pocketbert ({figures["backend"]})', [f'{r["ours_ms"]:.2f}' for r in rows]),
        line('LiteRT + XNNPACK delegate', [f'{r["litert_ms"]:.2f}' for r in rows]),
        line('ratio, above 1 we are faster', [f'{r["ratio"]:.2f}' for r in rows]),
        line('share of what this core can do at most', [f'{r["roofline_share"]:.0%}' for r in rows]),
        '',
        f'File {megabytes(ours["file_bytes"])} (LiteRT, one length: {megabytes(litert["file_bytes"])}); peak resident memory of the whole process '
        f'{megabytes(ours["peak_rss_bytes"])}',
        f'(LiteRT\'s process grows by {megabytes(litert["model_rss_bytes"])}); loaded in {ours["load_ms"]:.1f} ms. '
        '`tests/bench/readme_figures.py` measures all of this again;',
        '`pocketbert bench FILE` measures your model on your machine, `pocketbert doctor` says what the machine can do.',
        *older_runs(runs),
    ])


def bar(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def text(x, y, content, anchor='middle', colour=INK, size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(content)}</text>'


def pair_of_bars(left, width, top, bottom, values, label, unit_format, highest):
    """Two bars side by side, ours and theirs, with their values above and a label below."""
    parts = []
    for i, (value, colour) in enumerate(zip(values, (OURS, THEIRS))):
        height = (bottom - top) * value / highest
        x = left + i * width / 2
        parts += [bar(x, bottom - height, width / 2 - 2, height, colour),
                  text(x + width / 4 - 1, bottom - height - 4, unit_format(value), size=9)]
    return parts + [text(left + width / 2, bottom + 15, label, colour=FAINT)]


def chart(figures):
    """The chart as SVG: times by length, then memory and file."""
    top, bottom, width, height = 64, 250, 760, 282
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
             f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
             text(20, 22, 'Milliseconds by tokens', 'start', size=13), text(530, 22, 'Megabytes', 'start', size=13),
             bar(20, 33, 10, 10, OURS), text(34, 42, 'pocketbert', 'start'),
             bar(110, 33, 10, 10, THEIRS), text(124, 42, 'LiteRT + XNNPACK delegate', 'start')]
    rows = figures['lengths']
    highest = max(max(r['ours_ms'], r['litert_ms']) for r in rows)
    step = 490 / len(rows)
    for i, row in enumerate(rows):
        parts += pair_of_bars(20 + i * step, step * 0.8, top, bottom, (row['ours_ms'], row['litert_ms']), str(row['tokens']),
                              lambda v: f'{v:.1f}', highest)
    sizes = [('memory', 'peak_rss_bytes', 'model_rss_bytes'), ('file', 'file_bytes', 'file_bytes')]
    pairs = [(name, (figures['ours'][ours] / 1e6, figures['litert'][theirs] / 1e6)) for name, ours, theirs in sizes]
    highest = max(max(values) for _, values in pairs)
    for i, (name, values) in enumerate(pairs):
        parts += pair_of_bars(530 + i * 110, 90, top, bottom, values, name, lambda v: f'{v:.0f}', highest)
    parts.append(text(20, height - 4, figures['processor'], 'start', FAINT, 9))
    return '\n'.join(parts + ['</svg>', ''])


def between(readme, begin_mark, end_mark, content):
    begin, end = readme.find(begin_mark), readme.find(end_mark)
    if begin < 0 or end < begin:
        sys.exit(f'readme_figures: README.md has no section between "{begin_mark}" and "{end_mark}"')
    return readme[:begin] + begin_mark + '\n' + content + '\n' + readme[end:]


def replaced(readme, runs, arm_figures):
    """README.md with both of its sections written anew."""
    readme = between(readme, BEGIN, END, section(runs))
    return between(readme, ARM_BEGIN, ARM_END, arm_report.readme_section(arm_figures))


def write(path, content):
    with open(path + '.new', 'w', encoding='utf8') as file:
        file.write(content)
    os.replace(path + '.new', path)


def read_runs():
    with open(FIGURES, encoding='utf8') as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--from-json', action='store_true')
    parser.add_argument('--processor', help='the name to state, where the machine hides its own')
    parser.add_argument('flags', nargs='*', help='for against_litert.sh')
    options = parser.parse_args()
    if not options.from_json:
        measured = FIGURES + '.new'
        status = subprocess.run([os.path.join(HERE, 'against_litert.sh'), '--json', measured, *options.flags], check=False).returncode
        if status != 0:
            sys.exit(status)
        with open(measured, encoding='utf8') as file:
            new = json.load(file)
        os.remove(measured)
        if options.processor:
            new['processor'] = options.processor
        runs = [new] + [run for run in read_runs() if not same_machine(run, new)]
        write(FIGURES, json.dumps(runs, indent=1) + '\n')
    runs = read_runs()
    with open(README, encoding='utf8') as file:
        readme = file.read()
    write(README, replaced(readme, runs, arm_report.read(arm_report.BASELINE)))
    write(CHART, chart(runs[0]))


if __name__ == '__main__':
    main()
