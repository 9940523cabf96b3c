#!/usr/bin/env python3
"""Fails when runtime/ could print, abort, throw, or use what does so when memory is short.

Twice: in the sources, with comments and string literals taken out, and, where there is a build, in what its objects ask
the linker for. The build is the one that ctest runs (the folder of POCKETBERT_COMMAND), else build/release.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Comments, raw strings, strings, characters (but not the ' in 1'000), in this order of preference.
QUIET = re.compile(r'//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|(?<![0-9A-Fa-f])\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)

FORBIDDEN = [
    (r'\b(?:v?f?w?printf|v?dprintf|w?puts|fputw?s|f?putw?c|putchar|fwrite|perror|psignal|syslog|__android_log_\w+)\b', 'prints'),
    (r'\b(?:stdout|stderr|cout|cerr|clog)\b', 'prints'),
    (r'\b(?:abort|exit|_Exit|_exit|quick_exit|terminate|raise|__builtin_trap)\s*\(', 'ends the process'),
    (r'\b(?:throw|try|catch)\b', 'uses exceptions'),
    (r'\b(?:dynamic_cast|typeid)\b', 'uses type information'),
    (r'\bstd\s*::\s*(?:(?:w|u8|u16|u32)?string|vector|deque|list|map|multimap|set|multiset|unordered_\w+|queue|stack|any|function|'
     r'mutex|\w+_mutex|lock_guard|unique_lock|scoped_lock|condition_variable\w*|call_once|thread|jthread|async|promise|future|'
     r'make_unique|make_shared|shared_ptr|weak_ptr|format|to_string|stable_sort|inplace_merge|regex|filesystem)\b(?!\s*_view)',
     'may throw or abort'),
    (r'(?<!<)\bnew\b(?!\s*\()', 'throws when there is no memory: new (std::nothrow)'),
]
HEADERS = re.compile(r'#\s*include\s*<(iostream|ostream|istream|fstream|sstream|iomanip|string|vector|map|set|list|deque|queue|stack|'
                     r'unordered_\w+|functional|mutex|shared_mutex|condition_variable|future|exception|stdexcept|typeinfo|any|regex|'
                     r'filesystem|format)>')

# Undefined symbols. The C++ ones are matched as mangled: std::__throw_*, operator new that throws, std::cout, typeinfo.
SYMBOLS = re.compile(r'(?:abort|exit|_exit|_Exit|quick_exit|raise|__assert_fail|__assert|__assert_rtn|'
                     r'(?:__)?v?f?printf(?:_chk)?|puts|fputs|putchar|putc|fputc|fwrite|write|perror|syslog|stdout|stderr|'
                     r'__android_log_\w+|__cxa_(?:throw|rethrow|begin_catch|bad_\w+|allocate_exception)|_ZSt\d+__throw_\w+|'
                     r'_ZSt\d+terminatev|_Zn[wa][mj](?:St11align_val_t)?|_ZSt\d+(?:cout|cerr|clog)|_ZNSo\w+|'
                     r'_ZTVN10__cxxabiv1\w+|_ZTI\w+|__dynamic_cast)')


def scan(text):
    """[(line, complaint)] for one source."""
    blank = QUIET.sub(lambda match: re.sub(r'[^\n]', ' ', match.group(0)), text)
    found = []
    for pattern, why in FORBIDDEN:
        for match in re.finditer(pattern, blank):
            found.append((blank.count('\n', 0, match.start()) + 1, f'{match.group(0).strip()} {why}'))
    for match in HEADERS.finditer(blank):
        found.append((blank.count('\n', 0, match.start()) + 1, f'<{match.group(1)}> has nothing for the runtime'))
    return sorted(found)


def self_check():
    """The test must be able to fail."""
    bad = ['printf("x");', 'std::cout << 1;', 'fprintf(stderr, "x")', 'abort();', 'throw 1;', 'try {', 'std::vector<int> a;',
           'std::string s;', 'auto p = new Thing;', 'return new int[4];', 'std::make_unique<int>(1)', '#include <iostream>',
           'std::mutex m;', 'std::thread t(f);', 'x = "//"; puts("a");', "c = '\"'; puts(\"a\");", '/* a */ exit(1);',
           'n = 1\'000; abort();', 'std::stable_sort(a, b);']
    good = ['// printf', '/* abort() \n throw */', 'auto s = "throw";', 'snprintf(b, 3, "x"); vsnprintf(b, 3, f, a);',
            'std::string_view v;', 'new (std::nothrow) Thing', 'new (place) Thing', 'std::this_thread::yield();', 'int exit_code = 0;',
            'R"(throw)"', 'newer = renew;', 'static_assert(true); assert(x);', '[[gnu::format(printf, 2, 3)]]'.replace('printf', 'x')]
    for text in bad:
        assert scan(text), f'not noticed: {text}'
    for text in good:
        assert not scan(text), f'wrongly refused: {text}: {scan(text)}'
    for symbol in ['abort', 'printf', '__printf_chk', '_ZSt20__throw_length_errorPKc', '__cxa_throw', '_Znwm', '_Znam', '_ZSt4cout']:
        assert SYMBOLS.fullmatch(symbol), symbol
    for symbol in ['snprintf', 'vsnprintf', '_ZnwmRKSt9nothrow_t', '_ZdlPv', 'memcpy', '__cxa_pure_virtual', '__cxa_guard_acquire']:
        assert not SYMBOLS.fullmatch(symbol), symbol


def check_sources():
    complaints, count = [], 0
    for path in sorted(glob.glob(os.path.join(ROOT, 'runtime/**/*'), recursive=True)):
        # pocketbert.hpp is compiled into the user's program, and still keeps to the rules.
        if not re.search(r'\.(c|cc|h|hpp|inc)$', path) or path.endswith('_generated.h'):
            continue
        count += 1
        with open(path, encoding='utf-8') as file:
            # gnu::format names printf's format language, and prints nothing.
            text = file.read().replace('gnu::format(printf,', 'gnu::format(      ,')
        complaints += [f'{os.path.relpath(path, ROOT)}:{line}: {why}' for line, why in scan(text)]
    return complaints, count


def build_folder():
    command = os.environ.get('POCKETBERT_COMMAND')
    return os.environ.get('POCKETBERT_BUILD') or (os.path.dirname(command) if command else os.path.join(ROOT, 'build/release'))


def check_objects():
    """(complaints, archives read, why not)."""
    build = build_folder()
    archives = [os.path.join(build, 'lib', f'libpbert_{folder}.a') for folder in ('base', 'model', 'text', 'kernels', 'engine', 'entities', 'tasks')]
    archives = [archive for archive in archives if os.path.exists(archive)]
    if not archives:
        return [], 0, f'no libraries in {build}/lib'
    if shutil.which('nm') is None:
        return [], 0, 'no nm'
    complaints = []
    for archive in archives:
        output = subprocess.run(['nm', '-A', '-u', archive], capture_output=True, text=True, check=True).stdout
        if '__asan_' in output or '__tsan_' in output:
            return [], 0, f'{build} is built with sanitizers, whose checks abort'
        for line in output.splitlines():
            match = re.search(r'([^:/]+\.o):.*\b[Uuw] (\S+)$', line)
            if match and SYMBOLS.fullmatch(match.group(2).split('@')[0]):
                complaints.append(f'{os.path.basename(archive)}: {match.group(1)} uses {match.group(2)}')
    return complaints, len(archives), None


def main():
    self_check()
    complaints, sources = check_sources()
    more, archives, why_not = check_objects()
    for complaint in complaints + more:
        print(complaint)
    if why_not:
        print(f'SKIPPED: objects: {why_not}')
    print(f'{sources} sources, {archives} libraries, {len(complaints + more)} complaints')
    return 1 if complaints or more else 0


if __name__ == '__main__':
    sys.exit(main())
