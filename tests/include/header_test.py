#!/usr/bin/env python3
"""Compiles the public headers and the README's examples as a user would, against the built library, and runs them.

The C header in strict C99 and as C++11, the C++ face in strict C++20 with and without exceptions. The examples' answers
are compared with each other and, with the command there, with its answer. Needs a build with libpocketbert.a in it (the
folder of POCKETBERT_COMMAND, else build/release); the model is the bundled one, converted once.
"""
import os
import re
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(TESTS)
HERE = os.path.join(TESTS, 'include')
COMMAND = os.environ.get('POCKETBERT_COMMAND', os.path.join(ROOT, 'build/release/pocketbert'))
BUILD = os.path.dirname(COMMAND)
CHECKPOINT = os.path.join(ROOT, 'platforms/demo/checkpoint')
SENTENCE = 'what is my balance'


def cache(name, default):
    try:
        with open(os.path.join(BUILD, 'CMakeCache.txt'), encoding='utf-8') as file:
            match = re.search(rf'^{name}:\w+=(.+)$', file.read(), re.MULTILINE)
            return match.group(1) if match else default
    except FileNotFoundError:
        return default


def run(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=3600)
    if result.returncode != 0:
        print('FAILED:', ' '.join(arguments), '\n' + result.stdout + result.stderr)
        sys.exit(1)
    return result.stdout.strip()


def main():
    cc, cxx = cache('CMAKE_C_COMPILER', 'cc'), cache('CMAKE_CXX_COMPILER', 'c++')
    strict = ['-Wall', '-Wextra', '-Werror', '-pedantic', '-Wconversion', f'-I{ROOT}/runtime/include']
    if cache('POCKETBERT_SANITIZE', 'OFF') in ('ON', '1', 'TRUE'):
        strict += ['-fsanitize=address,undefined']
    library = os.path.join(BUILD, 'libpocketbert.a')

    with tempfile.TemporaryDirectory() as folder:
        def compile_c(source):
            out = os.path.join(folder, source + '.o')
            run(cc, '-std=c99', *strict, '-c', os.path.join(HERE, source), '-o', out)
            return out

        def compile_cc(source, *flags):
            out = os.path.join(folder, source + '.o')
            run(cxx, '-std=c++20', *strict, *flags, '-c', os.path.join(HERE, source), '-o', out)
            return out

        def link(name, item):
            out = os.path.join(folder, name)
            run(cxx, *strict, item, library, '-lpthread', '-lm', '-o', out)
            return out

        run(cxx, '-std=c++11', *strict, '-x', 'c++', '-fsyntax-only', os.path.join(ROOT, 'runtime/include/pocketbert/pocketbert.h'))
        compile_cc('example.cc', '-fno-exceptions', '-fno-rtti')
        objects = {name: compile_c(name) for name in ('header_c_test.c', 'example.c')}
        objects['example.cc'] = compile_cc('example.cc')
        if not os.path.exists(library):
            print(f'SKIPPED: linking and running: no {library}')
            return 77
        run(link('header_c_test', objects['header_c_test.c']))
        c, cc_ = link('example_c', objects['example.c']), link('example_cc', objects['example.cc'])

        if not os.path.exists(COMMAND) or not os.path.isdir(CHECKPOINT):
            print(f'SKIPPED: running the examples: needs {COMMAND} and {CHECKPOINT}')
            return 77
        model = os.path.join(folder, 'intent.pbert')
        run(COMMAND, 'convert', CHECKPOINT, '-o', model)
        answers = {run(c, model, SENTENCE), run(cc_, model, SENTENCE)}
        print(*answers)
        if len(answers) != 1 or not answers.pop().startswith('balance '):
            print('FAILED: the examples should both say "balance"')
            return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
