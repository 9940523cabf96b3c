#!/usr/bin/env python3
"""Counts what one warm answer costs on ARM cores, ours and LiteRT's, without ARM hardware: counts and estimates, not times.

    tests/bench/arm/setup.sh                     once
    tests/bench/arm/count.py                     the table in Markdown, and what changed against the baseline
    tests/bench/arm/count.py --write-baseline    makes that the baseline, and README.md's table
BINARY (default build/aarch64-linux/pocketbert) is the static build of that preset; what converts the model is $POCKETBERT, else
build/release/pocketbert. The model has DistilBERT-base's shape and random weights. Instructions are counted under qemu, cycles are
llvm-mca's, for each block as if it ran over and over: no cache misses, no mispredicted branches.
Ends with status 1 when a figure is more than 3 % worse than the baseline's (red on a terminal, WORSE elsewhere).
LiteRT's figures are kept in the lab (litert-counts/), as they do not change.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import emulation  # noqa: E402
import report  # noqa: E402

POCKETBERT = os.environ.get('POCKETBERT') or os.path.join(ROOT, 'build/release/pocketbert')
DEFAULT_TOKENS = '8,32,128'


def text_of(tokens):
    """A line of so many tokens, the two around it included: each word is a piece of the made-up vocabulary."""
    with open(os.path.join(emulation.LAB, 'distilbert/vocab.txt'), encoding='utf8') as file:
        words = [word for word in file.read().split() if re.fullmatch('[a-z]{4}', word)]
    return ' '.join(words[:tokens - 2]) + '\n'


def count_ours(core, binary, model, flags, tokens):
    text = text_of(tokens)

    def run(answers):
        blocks, printed = emulation.count_blocks(core, [binary, 'run', model, '--threads', '1', *flags], text * answers)
        if len(printed.splitlines()) != answers:
            sys.exit(f'count: {answers} answers wanted, printed was:\n{printed[:500]}')
        return blocks

    blocks = emulation.one_answer(run, 1, 2)
    cycles = emulation.estimate(core, blocks)
    name_at, by_function = emulation.functions(binary), {}
    for (address, _), spent in cycles.items():
        name = name_at(address)
        by_function[name] = by_function.get(name, 0) + spent
    return {'instructions': round(emulation.instructions(blocks)), 'cycles': round(sum(cycles.values())), 'parts': report.shares(by_function)}


def count_litert(name, core, tokens):
    kept = os.path.join(emulation.LAB, 'litert-counts', f'{name}-{tokens}.json')
    if not os.path.exists(kept):
        graph = os.path.join(emulation.LAB, f'distilbert-{tokens}.tflite')
        if not os.path.exists(graph):
            sys.exit(f'count: LiteRT has no graph for {tokens} tokens: tests/bench/arm/setup.sh {tokens}, or --no-litert')
        command = [os.path.join(emulation.LAB, 'root/usr/bin/python3.11'), os.path.join(HERE, 'litert_answers.py'),
                   os.path.join(emulation.LAB, 'root/site'), graph, str(tokens)]
        # Python's own work differs a little from run to run, so it is spread over more answers where these are short.
        blocks = emulation.one_answer(lambda answers: emulation.count_blocks(core, [*command, str(answers)])[0], 1, 1 + max(2, 64 // tokens))
        cycles = emulation.estimate(core, blocks)
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(kept + '.new', 'w', encoding='ascii') as file:
            json.dump({'litert_instructions': round(emulation.instructions(blocks)), 'litert_cycles': round(sum(cycles.values()))}, file)
        os.replace(kept + '.new', kept)
    with open(kept, encoding='ascii') as file:
        return json.load(file)


def count(options):
    with tempfile.TemporaryDirectory(prefix='pocketbert-arm-') as folder:
        model = os.path.join(folder, 'model.pbert')
        print('count: converting random weights of DistilBERT-base\'s shape', file=sys.stderr)
        subprocess.run([POCKETBERT, 'convert', os.path.join(emulation.LAB, 'distilbert'), '-o', model, *options.convert_flags.split()],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows, version = [], ''
        for name in options.cores:
            core = emulation.CORES[name]
            version = version or emulation.count_blocks(core, [options.binary, '--version'])[1]
            for tokens in options.tokens:
                print(f'count: {name}, {tokens} tokens', file=sys.stderr)
                row = {'core': name, 'found_in': core.found_in, 'tokens': tokens,
                       **count_ours(core, options.binary, model, options.run_flags.split(), tokens)}
                if options.litert:
                    row.update(count_litert(name, core, tokens))
                rows.append(report.with_ratios(row))
    commit = re.search(r'^commit: (\S+)', version, re.MULTILINE)
    return {'kind': report.KIND, 'commit': commit[1] if commit else 'unknown', 'rows': rows}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('binary', nargs='?', metavar='BINARY', default=os.path.join(ROOT, 'build/aarch64-linux/pocketbert'))
    parser.add_argument('--cores', default=','.join(emulation.CORES))
    parser.add_argument('--tokens', default=DEFAULT_TOKENS)
    parser.add_argument('--json', metavar='FILE', help='write the result there as well')
    parser.add_argument('--baseline', metavar='FILE', default=report.BASELINE)
    parser.add_argument('--write-baseline', action='store_true', help='of all cores and lengths; writes README.md\'s table too')
    parser.add_argument('--no-litert', dest='litert', action='store_false')
    parser.add_argument('--convert-flags', default='', help='for pocketbert convert')
    parser.add_argument('--run-flags', default='', help='for pocketbert run')
    options = parser.parse_args()
    whole = options.cores == ','.join(emulation.CORES) and options.tokens == DEFAULT_TOKENS and options.litert
    if options.write_baseline and not whole:
        parser.error('a baseline has all cores and lengths, and LiteRT\'s figures')
    try:
        options.cores, options.tokens = options.cores.split(','), [int(tokens) for tokens in options.tokens.split(',')]
    except ValueError:
        parser.error(f'--tokens takes numbers, not {options.tokens}')
    unknown = [core for core in options.cores if core not in emulation.CORES]
    if unknown:
        parser.error(f'no such core: {", ".join(unknown)}; there are {", ".join(emulation.CORES)}')
    if not all(3 <= tokens <= 512 for tokens in options.tokens):
        parser.error('--tokens: from 3 to 512')
    return options


def main():
    options = arguments()
    if emulation.missing_tools():
        sys.exit(f'count: {emulation.LAB} lacks {", ".join(emulation.missing_tools())}: tests/bench/arm/setup.sh')
    for path, preset in ((POCKETBERT, 'release'), (options.binary, 'aarch64-linux')):
        if not os.access(path, os.X_OK):
            sys.exit(f'count: not built: {path}: cmake --preset {preset} && cmake --build --preset {preset} --target pocketbert_command')
    if not options.write_baseline and not os.path.exists(options.baseline):
        sys.exit(f'count: no baseline: {options.baseline}: --write-baseline makes one')
    result = count(options)
    print(report.markdown(result))
    if options.json:
        report.write(options.json, result)
    worse = False
    if os.path.exists(options.baseline):
        baseline = report.read(options.baseline)
        changes = report.compare(result, baseline)
        print(f'\nAgainst the baseline, commit {baseline["commit"]} ({report.KIND}):')
        print('\n'.join(report.comparison(changes, sys.stdout.isatty())))
        worse = any(report.is_worse(change) for *_, change in changes)
    if options.write_baseline:
        report.write(options.baseline, result)
        if options.baseline == report.BASELINE:
            subprocess.run([sys.executable, os.path.join(os.path.dirname(HERE), 'readme_figures.py'), '--from-json'], check=True)
        return 0
    return 1 if worse else 0


if __name__ == '__main__':
    sys.exit(main())
