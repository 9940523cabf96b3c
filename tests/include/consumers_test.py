#!/usr/bin/env python3
"""Other people's builds: each configures, builds and runs the README's example outside of the tree, as its README section says.

What breaks it: a path that is true only when pocketbert is the top project, a target that needs a language which the project around it
lacks, a name of XNNPACK that is left visible or undefined in libpocketbert.a, an installed file that does not find its neighbours.

Needs a finished build (the folder of POCKETBERT_COMMAND, else build/release). The library is configured anew for each project, from
the same sources with the same flags: ccache makes that seconds, and the test counts that nothing of XNNPACK was compiled again.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, 'cli'))
import cli  # noqa: E402

ROOT = os.path.dirname(TESTS)
BUILD = os.path.dirname(cli.COMMAND)
EXAMPLES = os.path.join(TESTS, 'include')
SENTENCE = 'what is my balance'

PROJECT = '''cmake_minimum_required(VERSION 3.16)
project(app LANGUAGES {languages})
{find}
add_executable(app {source})
target_link_libraries(app PRIVATE pocketbert::pocketbert)
'''


def run(*arguments, **options):
    result = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode != 0:
        raise AssertionError(' '.join(arguments) + '\n' + result.stdout[-6000:])
    return result.stdout.strip()


def nm(*arguments):
    return run('nm', '--format=posix', *arguments).splitlines()


class Consumers(cli.Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.join(cli.folder(), 'consumers')
        os.mkdir(cls.folder)
        cls.model = os.path.join(cls.folder, 'intent.pbert')
        run(cli.COMMAND, 'convert', os.path.join(ROOT, 'platforms/demo/checkpoint'), '-o', cls.model)
        cls.library = os.path.join(BUILD, 'libpocketbert.a')
        cls.prefix = os.path.join(cls.folder, 'prefix')
        run('cmake', '--install', BUILD, '--prefix', cls.prefix)

    def answers(self, program, **options):
        self.assertRegex(run(program, self.model, SENTENCE, **options), r'^balance 0\.\d+$')

    def project(self, name, languages, find, source='example.c', flags=()):
        """Configures and builds a project of one program, which must answer. Returns its path."""
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        shutil.copy(os.path.join(EXAMPLES, source), folder)
        with open(os.path.join(folder, 'CMakeLists.txt'), 'w', encoding='utf-8') as file:
            file.write(PROJECT.format(languages=languages, find=find, source=source))
        build = os.path.join(folder, 'build')
        statistics = os.path.join(folder, 'ccache.log')
        environment = {**os.environ, 'CCACHE_STATSLOG': statistics}
        run('cmake', '-G', 'Ninja', '-S', folder, '-B', build, *flags, env=environment)
        run('cmake', '--build', build, '--target', 'app', env=environment)
        self.missed(statistics)
        program = os.path.join(build, 'app')
        self.answers(program)
        return program

    def missed(self, statistics):
        """Nothing of XNNPACK that this machine has compiled before is compiled again."""
        if not os.path.exists(statistics):
            return
        with open(statistics, encoding='utf-8') as file:
            entries = re.findall(r'^# (.*)\n((?:[^#].*\n)*)', file.read(), re.MULTILINE)
        again = [source for source, counts in entries if 'xnnpack' in source and 'cache_miss' in counts]
        self.assertEqual(again, [])

    def test_add_subdirectory_cpp17(self):
        self.project('subdirectory', 'CXX', f'set(CMAKE_CXX_STANDARD 17)\nadd_subdirectory({ROOT} pocketbert)', 'example.cc')

    def test_fetch_content_from_plain_c(self):
        self.project('fetch', 'C', f'include(FetchContent)\nFetchContent_Declare(pocketbert SOURCE_DIR {ROOT})\n'
                                   'FetchContent_MakeAvailable(pocketbert)')

    def test_shared_in_a_parent_that_wants_shared(self):
        program = self.project('shared', 'C', f'set(BUILD_SHARED_LIBS ON)\nadd_subdirectory({ROOT} pocketbert)')
        self.assertIn('libpocketbert.so.0', run('readelf', '-d', program))
        library = os.path.join(os.path.dirname(program), 'pocketbert', 'libpocketbert.so')
        exported = [line.split()[0] for line in nm('-D', '--defined-only', library)]
        self.assertEqual([name for name in exported if not name.startswith('pbert_')], [])
        self.assertEqual(set(exported), set(self.functions()))

    def functions(self):
        with open(os.path.join(ROOT, 'runtime/include/pocketbert/pocketbert.h'), encoding='utf-8') as file:
            return re.findall(r'^PBERT_API .*?(pbert_\w+)\(', file.read(), re.MULTILINE)

    def test_find_package(self):
        find = 'find_package(pocketbert 0.1 CONFIG REQUIRED)'
        self.project('package_c', 'C', find, flags=[f'-DCMAKE_PREFIX_PATH={self.prefix}'])
        self.project('package_cc', 'CXX', 'set(CMAKE_CXX_STANDARD 17)\n' + find, 'example.cc', [f'-DCMAKE_PREFIX_PATH={self.prefix}'])
        with self.assertRaisesRegex(AssertionError, 'version'):
            self.project('package_old', 'C', 'find_package(pocketbert 0.9 CONFIG REQUIRED)', flags=[f'-DCMAKE_PREFIX_PATH={self.prefix}'])

    def test_pkg_config(self):
        if not shutil.which('pkg-config'):
            self.skipTest('no pkg-config')
        pc, = [folder for folder, _, files in os.walk(self.prefix) if 'pocketbert.pc' in files]
        # As an installed prefix is found: cmake --install --prefix moves it from where it was configured for.
        flags = run('pkg-config', '--define-prefix', '--cflags', '--libs', 'pocketbert', env={**os.environ, 'PKG_CONFIG_PATH': pc}).split()
        program = os.path.join(self.folder, 'pkg_config')
        run('cc', '-std=c99', os.path.join(EXAMPLES, 'example.c'), *flags, '-o', program)
        self.answers(program)

    def test_installed(self):
        installed = {os.path.relpath(os.path.join(folder, name), self.prefix) for folder, _, files in os.walk(self.prefix) for name in files}
        library = os.path.dirname([name for name in installed if name.endswith('libpocketbert.a')][0])
        for name in ('bin/pocketbert', f'{library}/libpocketbert.a', f'{library}/cmake/pocketbert/pocketbertConfig.cmake',
                     f'{library}/cmake/pocketbert/pocketbertConfigVersion.cmake', f'{library}/pkgconfig/pocketbert.pc',
                     'include/pocketbert/pocketbert.h', 'include/pocketbert/pocketbert.hpp', 'share/man/man1/pocketbert.1',
                     'share/bash-completion/completions/pocketbert', 'share/zsh/site-functions/_pocketbert',
                     'share/fish/vendor_completions.d/pocketbert.fish'):
            installed.remove(name)
        self.assertEqual(installed, set())

    def test_only_our_names_are_seen(self):
        symbols = [line.split()[:2] for line in nm(self.library) if len(line.split()) > 1]
        self.assertEqual({name for name, kind in symbols if kind in 'TDBRVW'}, set(self.functions()))
        theirs = [name for name, kind in symbols if kind == 'U' and re.match('xnn_|cpuinfo_|pthreadpool_|pbert|_ZN5pbert', name)]
        self.assertEqual(theirs, [])

    def test_beside_another_xnnpack(self):
        """Linked with either linker, in either order, without any flag, a program has its own xnn_initialize and we have ours."""
        source = os.path.join(self.folder, 'other.c')
        with open(source, 'w', encoding='utf-8') as file:
            file.write('int xnn_initialize(const void* a) { (void)a; return 41; }\n'
                       'int cpuinfo_initialize(void) { return 0; }\n'  # ours would then find no CPU
                       'void* pthreadpool_create(unsigned long n) { (void)n; return 0; }\n'
                       'int xnn_create_fully_connected_nc_f32() { return 5; }\n')
        other = os.path.join(self.folder, 'libother.a')
        user = os.path.join(self.folder, 'user.c')
        with open(os.path.join(EXAMPLES, 'example.c'), encoding='utf-8') as file:
            example = file.read()
        with open(user, 'w', encoding='utf-8') as file:
            file.write('int xnn_initialize(const void*);\nint cpuinfo_initialize(void);\nvoid* pthreadpool_create(unsigned long);\n' +
                       example.replace('return 0;', 'return xnn_initialize(0) != 41 || cpuinfo_initialize() || pthreadpool_create(1);'))
        compilers = [('gcc', [])] + [('clang-19', ['-fuse-ld=lld-19'])] * bool(shutil.which('clang-19') and shutil.which('ld.lld-19'))
        for compiler, flags in compilers:
            run(compiler, '-c', source, '-o', source + '.o', '-w')
            run('ar', 'crs', other, source + '.o')
            for archives in ([self.library, other], [other, self.library]):
                program = os.path.join(self.folder, 'beside')
                run(compiler, *flags, f'-I{ROOT}/runtime/include', user, *archives, '-lstdc++', '-lm', '-o', program)
                self.answers(program)


if __name__ == '__main__':
    cli.main()
