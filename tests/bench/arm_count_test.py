#!/usr/bin/env python3
"""tests/bench/arm counts and compares as it says; the emulator is not needed for this."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'arm'))
import emulation  # noqa: E402
import report  # noqa: E402

PARTS_OF_FUNCTIONS = [
    ('products', 'xnn_qd8_f32_qc8w_gemm_minmax_ukernel_4x16c4__asm_aarch64_neondot_ld128'),
    ('products', 'void pbert::(anonymous namespace)::DotTiles<4ul, true>(pbert::(anonymous namespace)::Panel const&, float*)'),
    ('products', 'pbert::(anonymous namespace)::XnnProduct::Run(unsigned long, pbert::LinearInput const&, float*)'),
    ('products', 'pthreadpool_parallelize_2d_tile_2d'),
    ('products', 'pbert::(anonymous namespace)::MultiplyAtOnce(pbert::(anonymous namespace)::ProductTileOperands const&, unsigned long, void*)'),
    ('attention', 'void pbert::(anonymous namespace)::Attention<pbert::(anonymous namespace)::V>(float const*, unsigned long)'),
    ('attention', 'void pbert::(anonymous namespace)::LaneTiles<pbert::(anonymous namespace)::V, 2ul, 4ul>(float const*)'),
    ('attention', 'float pbert::(anonymous namespace)::ExpOfRow<pbert::(anonymous namespace)::V>(float*, unsigned long)'),
    # Its arguments name a part that it is not of.
    ('activation', 'void pbert::(anonymous namespace)::Activate<pbert::(anonymous namespace)::V>(pbert::ActivationKind, float*, pbert::RowQuantizer)'),
    ('norm, quantize', 'void pbert::(anonymous namespace)::LayerNorm<pbert::(anonymous namespace)::V>(float const*, pbert::Attention)'),
    ('norm, quantize', 'void pbert::(anonymous namespace)::QuantizeScaled<pbert::(anonymous namespace)::V>(float const*, unsigned long)'),
    ('embedding, rest', 'void pbert::(anonymous namespace)::AddInt8Row<pbert::(anonymous namespace)::V>(signed char const*, float)'),
    ('embedding, rest', 'pbert::WordPiece::Split(pbert::Word const&, pbert::Token*, unsigned long*) const'),
    # What is neither ours nor XNNPACK's.
    ('other', '__memcpy_generic'),
    ('other', '?'),
]


def result(**changed):
    parts = dict.fromkeys(report.PART_NAMES, 0.0)
    parts['products'] = 1.0
    row = {'core': 'cortex-a76', 'found_in': 'Raspberry Pi 5', 'tokens': 8, 'instructions': 1000000, 'cycles': 400000, 'parts': parts}
    return {'kind': report.KIND, 'commit': 'abc', 'rows': [{**row, **changed}]}


def changes(**changed):
    return report.compare(result(**changed), result())


def check_parts():
    for part, function in PARTS_OF_FUNCTIONS:
        assert report.part_of(function) == part, f'{function} is of {report.part_of(function)}, not of {part}'
    found = report.shares({'xnn_a_gemm': 60, 'pbert::Attention<V>(int)': 30, 'memcpy': 10})
    assert tuple(found) == report.PART_NAMES, found
    assert (found['products'], found['attention'], found['other'], found['activation']) == (0.6, 0.3, 0.1, 0), found


def check_comparison():
    assert [change for *_, change in changes()] == [0, 0]
    for instructions, worse, better in ((1029000, False, False), (1031000, True, False), (971000, False, False), (969000, False, True)):
        _, figure, before, now, change = changes(instructions=instructions)[0]
        assert (figure, before, now) == ('instructions', 1000000, instructions)
        assert (report.is_worse(change), report.is_better(change)) == (worse, better), (instructions, change)
    worse = report.comparison(changes(cycles=420000), colour=False)
    assert worse == ['cortex-a76, 8 tokens: cycles 0.40 M -> 0.42 M: +5.0 % WORSE',
                     '2 figures: 1 more than 3% worse than the baseline, 0 better, 1 as they were'], worse
    assert '\033[31m+5.0 % WORSE\033[0m' in report.comparison(changes(cycles=420000), colour=True)[0]
    assert '\033[32m-5.0 % better\033[0m' in report.comparison(changes(cycles=380000), colour=True)[0]
    assert not changes(tokens=32) and not changes(core='cortex-a53'), 'compared with another row'


def cells(line):
    assert line.startswith('| ') and line.endswith(' |'), line
    return line[2:-2].split(' | ')


def check_table():
    ratios = report.with_ratios(result(litert_instructions=1500000, litert_cycles=200000)['rows'][0])
    assert (ratios['instructions_ratio'], ratios['cycles_ratio']) == (1.5, 0.5), ratios
    head, line, row = report.markdown({'rows': [ratios]}).splitlines()
    assert line.count('|') == head.count('|') == row.count('|')
    assert cells(head)[-len(report.PART_NAMES):] == list(report.PART_NAMES)
    assert cells(row)[:9] == ['cortex-a76', 'Raspberry Pi 5', '8', '1.0 M', '1.5 M', '1.50', '0.4 M', '0.2 M', '0.50'], row
    assert cells(row)[9] == '100.0%'
    alone = report.markdown(result()).splitlines()[2]
    assert cells(alone)[3:9] == ['1.0 M', '', '', '0.4 M', '', ''], alone
    section = report.readme_section(result())
    assert 'estimates' in section and 'not times' in section and 'count.py' in section


def check_difference():
    """One answer is a run of three less a run of one, halved; what only the start did is gone."""
    start, loop, late = (0x10, ('d503201f',)), (0x20, ('d503201f', 'd65f03c0')), (0x30, ('d65f03c0',))
    runs = {1: {start: 7, loop: 100}, 3: {start: 7, loop: 300, late: 4}}
    answer = emulation.one_answer(runs.get, 1, 3)
    assert answer == {loop: 100, late: 2}, answer
    assert emulation.instructions(answer) == 202


def check_baseline():
    baseline = report.read(report.BASELINE)
    rows = [(row['core'], row['tokens']) for row in baseline['rows']]
    assert rows == [(core, tokens) for core in emulation.CORES for tokens in (8, 32, 128)], rows
    for row in baseline['rows']:
        assert tuple(row['parts']) == report.PART_NAMES and abs(sum(row['parts'].values()) - 1) < 1e-3, row
        assert report.with_ratios(row) == row, f'the ratios are not of their figures: {row}'
        assert row['parts']['products'] > 0.4 and row['parts']['other'] < 0.05, f'the parts do not know the functions any more: {row}'


def main():
    checks = [check_parts, check_comparison, check_table, check_difference, check_baseline]
    for check in checks:
        check()
    print(f'[pocketbert] {len(checks)} passed, 0 failed, 0 skipped')


if __name__ == '__main__':
    main()
