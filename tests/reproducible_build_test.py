#!/usr/bin/env python3
"""Two builds of the same sources in two folders are the same bytes: command and library. Takes minutes, so tests/run.sh --all alone runs it.

What would break it: a path, a date or an order of files in what is compiled.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ['CMakeLists.txt', 'CMakePresets.json', 'converter', 'platforms', 'quant', 'runtime', 'toolchains']
MADE = ['pocketbert', 'libpocketbert.a']


def build(folder):
    for name in FOLDERS:
        source, target = os.path.join(ROOT, name), os.path.join(folder, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, ignore=shutil.ignore_patterns('build', '__pycache__'))
        else:
            os.makedirs(folder, exist_ok=True)
            shutil.copy(source, target)
    out = os.path.join(folder, 'build')
    # Not out of ccache, which would give one object for both.
    environment = {**os.environ, 'CCACHE_DISABLE': '1'}
    for command in (['cmake', '-S', folder, '-B', out, '-G', 'Ninja', '-DPOCKETBERT_BUILD_TESTS=OFF'], ['cmake', '--build', out]):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            sys.exit(f'FAILED: {" ".join(command)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}')
    hashes = {}
    for name in MADE:
        with open(os.path.join(out, name), 'rb') as file:
            hashes[name] = hashlib.sha256(file.read()).hexdigest()
    return hashes


def main():
    if not os.environ.get('POCKETBERT_ALL'):
        print('SKIPPED: two builds take minutes: POCKETBERT_ALL=1, as tests/run.sh --all sets it')
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix='pocketbert-') as one, tempfile.TemporaryDirectory(prefix='pocketbert-longer-name-') as other:
        first, second = build(os.path.join(one, 'a')), build(os.path.join(other, 'deeper', 'b'))
    different = [name for name in MADE if first[name] != second[name]]
    for name in different:
        print(f'FAILED: {name}: {first[name]} and {second[name]}')
    print(f'[pocketbert] {len(MADE)} files built twice, {len(different)} differ')
    sys.exit(1 if different else 0)


main()
