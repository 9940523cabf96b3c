#!/usr/bin/env python3
"""README.md, its chart and its table of ARM cores say what was measured, and nothing else."""
import json
import os
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import readme_figures as figures_writer  # noqa: E402


def read(path):
    with open(path, encoding='utf8') as file:
        return file.read()


def main():
    runs = json.loads(read(figures_writer.FIGURES))
    readme = read(figures_writer.README)
    assert readme.count(figures_writer.BEGIN) == readme.count(figures_writer.END) == 1, 'README.md lacks its performance section'
    again = 'write it again: tests/bench/readme_figures.py --from-json'
    assert readme.count(figures_writer.ARM_BEGIN) == readme.count(figures_writer.ARM_END) == 1, 'README.md lacks its table of ARM cores'
    arm = figures_writer.arm_report.read(figures_writer.arm_report.BASELINE)
    assert figures_writer.replaced(readme, runs, arm) == readme, f'README.md differs from figures.json or arm/baseline.json; {again}'
    assert figures_writer.chart(runs[0]) == read(figures_writer.CHART), f'figures.svg differs from figures.json; {again}'
    xml.etree.ElementTree.fromstring(read(figures_writer.CHART))
    assert not any(figures_writer.same_machine(a, b) for i, a in enumerate(runs) for b in runs[:i]), 'a machine stands there twice'
    assert 'dirty' not in runs[0]['commit'], 'the newest figures are those of no commit'
    for row in [row for run in runs for row in run['lengths']]:
        assert abs(row['litert_ms'] / row['ours_ms'] - row['ratio']) < 1e-3, row
        assert 0 < row['roofline_share'] <= 1, row
    print('[pocketbert] 1 passed, 0 failed, 0 skipped')


if __name__ == '__main__':
    main()
