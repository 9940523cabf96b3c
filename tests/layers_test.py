#!/usr/bin/env python3
"""Fails when an include points up the layers of the house, when a folder stands where none should, or when a comment names a file
that does not exist.

The rules are those of the design: platforms -> tasks -> {text, engine} -> {kernels, model} -> base, and
converter -> quant -> {base, the schema}, where the converter may also use the runtime to check what it wrote. Inside the converter:
intents -> evaluate -> convert -> {check, pbert} -> network -> checkpoint -> support, with tokenizer beside network.
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

RUNTIME = {  # folder of runtime/: the folders whose headers it may include, besides its own
    'base': (),
    'schema': (),
    'pocketbert': (),
    'kernels': ('base',),
    'entities': ('base',),
    'model': ('base', 'schema'),
    'text': ('base', 'schema', 'model', 'kernels'),
    'engine': ('base', 'schema', 'model', 'kernels'),
    'tasks': ('base', 'schema', 'model', 'kernels', 'text', 'engine', 'entities', 'pocketbert'),
    'c_api': ('base', 'schema', 'model', 'kernels', 'text', 'engine', 'entities', 'tasks', 'pocketbert'),
}
ALL_RUNTIME = tuple(RUNTIME)
OTHERS = {
    'quant': ('base', 'schema'),
    'converter': ('quant',) + ALL_RUNTIME,
    'platforms': ('converter', 'quant') + ALL_RUNTIME,
}
LAYERS = {**RUNTIME, **OTHERS}

CONVERTER = {  # folder of converter/ ('': its own files): the folders whose headers it may include, besides its own
    'support': (),
    'checkpoint': ('support',),
    'tokenizer': ('support', 'checkpoint'),
    'network': ('support', 'checkpoint'),
    'pbert': ('support', 'checkpoint', 'tokenizer', 'network'),
    'check': ('support',),
    '': ('support', 'checkpoint', 'tokenizer', 'network', 'pbert', 'check'),
    'evaluate': ('support', 'checkpoint', 'tokenizer', 'network', 'pbert', 'check', ''),
    'intents': ('support', 'checkpoint', 'tokenizer', 'network', 'pbert', 'check', 'evaluate', ''),
}

TOP_FOLDERS = {'runtime', 'quant', 'converter', 'platforms', 'tests', 'toolchains'}
SUB_FOLDERS = {
    'converter': set(CONVERTER) - {''},
    'runtime': {'include', 'schema', 'base', 'model', 'text', 'kernels', 'engine', 'entities', 'tasks', 'c_api'},
    'platforms': {'cli', 'demo', 'android', 'ios', 'linux', 'web', 'python'},
}

# A header's name, as a pattern; who may include it, as a pattern over paths; where the rule holds.
RESERVED = [
    (r'xnnpack\.h|engine/xnn\w*\.h', r'runtime/engine/xnn\w*\.(h|cc)', r'(runtime|quant|converter|platforms)/'),
    (r'cpuinfo\.h', r'runtime/base/cpu\.cc', r'(runtime|quant|converter|platforms)/'),
    (r'pthreadpool\.h', r'', r'(runtime|quant|converter|platforms)/'),
    (r'(sys|linux|asm|mach|netinet|arpa|android|windows)/.*|(unistd|fcntl|pthread|sched|dlfcn|poll|signal|dirent|termios|'
     r'malloc|syslog|windows|io|ucontext|spawn)\.h', r'runtime/base/port\w*\.(h|cc)', r'(runtime|quant)/'),
    (r'(\w+intrin|arm_neon|arm_acle|arm_sve|wasm_simd128)\.h', r'runtime/(kernels/|engine/native)\S*', r'(runtime|quant|converter|platforms)/'),
]

# JSON has one reader, converter/support/json.cc, which bounds depth and memory: a parser of anybody else's has no such bounds.
JSON_READER = 'converter/support/json.cc'
JSON_PARSER = re.compile(r'\b(?:[Jj]son|ordered_json|OrderedJson|Tree|basic_json<\w*>)::(?:parse|accept|sax_parse|from_\w+)\b|\bnlohmann::detail::parser\b')

# A comment, from its marks to the line's end, and a name in it that looks like a file of ours.
COMMENT = re.compile(r'(?:(?<!:)//|/\*|^[ \t]*\*[ \t])(.*)')
NAMED = re.compile(r'(?<![\w./*<-])(?:[A-Za-z_][\w-]*/)*[A-Za-z_][\w-]*\.(?:cc|h|py|sh|fbs|md|cmake|inc)\b(?![\w*/])')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*(?:include|import)(?:_next)?[ \t]*(.*?)[ \t]*$', re.MULTILINE)
SOURCE = re.compile(r'\.(c|cc|cpp|h|hpp|inc|m|mm)$')


def layer_of(path):
    """'engine' for runtime/engine/network.cc, 'quant' for quant/a.h; None where there are no rules."""
    parts = path.split('/')
    if parts[0] == 'runtime' and len(parts) > 2:
        return 'pocketbert' if parts[1] == 'include' else parts[1]
    return parts[0] if parts[0] in OTHERS else None


def converter_folder(path):
    """'network' for converter/network/bert.cc, '' for converter/convert.h."""
    return path.split('/')[1] if path.count('/') > 1 else ''


def check_include(path, header, quoted):
    """What is wrong with one include, or None."""
    for name, allowed, where in RESERVED:
        if re.fullmatch(name, header) and re.match(where, path) and not (allowed and re.fullmatch(allowed, path)):
            return f'includes {header}, which only {allowed or "nobody"} may'
    layer = layer_of(path)
    if layer is None or layer not in LAYERS:
        return None
    first = header.split('/')[0] if '/' in header else None
    if header.startswith('.') or '/../' in header:
        return f'includes {header}: say the folder, not the way to it'
    if first in ('runtime', 'tests'):
        return f'includes {header}: ' + ('runtime/ is on the include path' if first == 'runtime' else 'tests are nobody\'s library')
    if first in LAYERS and first != layer and first not in LAYERS[layer]:
        return f'includes {header}: {layer} must not know {first}'
    if first == layer == 'converter':
        folder, other = converter_folder(path), converter_folder(header)
        if other != folder and other not in CONVERTER.get(folder, ()):
            return f'includes {header}: converter/{folder} must not know converter/{other}'
    if quoted and first is None and layer in RUNTIME:
        return f'includes {header}: say its folder'
    return None


def check_sources(sources):
    """Complaints about {path: text}."""
    complaints = []
    for path, text in sorted(sources.items()):
        if layer_of(path) and path != JSON_READER:
            for match in JSON_PARSER.finditer(text):
                complaints.append(f'{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(0)}: JSON is read by '
                                  'converter/support/json.h alone, which bounds depth and memory')
        for match in INCLUDE.finditer(text):
            operand = re.match(r'([<"])([^>"]+)[>"]', match.group(1))
            if operand:
                wrong = check_include(path, operand.group(2), operand.group(1) == '"')
            else:
                wrong = f'includes {match.group(1)}: a name that cannot be read here' if layer_of(path) in RUNTIME else None
            if wrong:
                complaints.append(f'{path}:{text.count(chr(10), 0, match.start()) + 1}: {wrong}')
    return complaints


def check_folders(paths):
    complaints = set()
    for path in paths:
        parts = path.split('/')[:-1]
        if parts and not parts[0].startswith('.') and parts[0] not in TOP_FOLDERS:
            complaints.add(f'{parts[0]}/: not a folder of the design')
        if len(parts) > 1 and parts[0] in SUB_FOLDERS and parts[1] not in SUB_FOLDERS[parts[0]]:
            complaints.add(f'{parts[0]}/{parts[1]}/: not a folder of the design')
    return sorted(complaints)


def name_complaints(sources, paths):
    """Comments of {path: text} that name a file which none of `paths` ends with, and which no source includes."""
    known = {'/'.join(path.split('/')[i:]) for path in paths for i in range(path.count('/') + 1)}
    for text in sources.values():
        known.update(match.group(1) for match in re.finditer(r'#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', text))
        known.update(name.rsplit('/', 1)[-1] for name in re.findall(r'#[ \t]*include[ \t]*<([^>]+)>', text))
    complaints = []
    for path, text in sorted(sources.items()):
        for number, line in enumerate(text.split('\n'), 1):
            comment = COMMENT.search(line)
            for match in NAMED.finditer(comment.group(1)) if comment else ():
                if match.group(0) not in known:
                    complaints.append(f'{path}:{number}: the comment names {match.group(0)}, which does not exist')
    return complaints


def self_check():
    """The test must be able to fail."""
    bad = [
        ('runtime/base/a.h', '#include "model/model.h"'),
        ('runtime/kernels/a.cc', '#include "model/model.h"'),
        ('runtime/model/a.cc', '#include "text/tokenizer.h"'),
        ('runtime/text/a.cc', '#include "engine/network.h"'),
        ('runtime/engine/a.cc', '  #  include  "tasks/task.h"'),
        ('runtime/engine/a.cc', '#include "pocketbert/pocketbert.h"'),
        ('runtime/tasks/a.cc', '#include "converter/convert.h"'),
        ('runtime/tasks/a.cc', '#include <quant/quantize.h>'),
        ('runtime/tasks/a.cc', '#include "../engine/network.h"'),
        ('runtime/tasks/a.cc', '#include "task.h"'),
        ('runtime/tasks/a.cc', '#include HEADER'),
        ('runtime/tasks/a.cc', '#include "runtime/base/status.h"'),
        ('runtime/tasks/a.cc', '#include "tests/support/skip.h"'),
        ('runtime/include/pocketbert/pocketbert.h', '#include "base/status.h"'),
        ('runtime/engine/network.cc', '#include <xnnpack.h>'),
        ('runtime/engine/network.cc', '#include "engine/xnn_runtime.h"'),
        ('runtime/engine/xnn_backend.cc', '#include <pthreadpool.h>'),
        ('converter/a.cc', '#include <xnnpack.h>'),
        ('runtime/model/model.cc', '#include <sys/mman.h>'),
        ('runtime/base/threads.cc', '#include <pthread.h>'),
        ('runtime/kernels/a.cc', '#include <cpuinfo.h>'),
        ('runtime/engine/encode.cc', '#include <immintrin.h>'),
        ('quant/a.cc', '#include "converter/convert.h"'),
        ('quant/a.cc', '#include "engine/network.h"'),
        ('converter/a.cc', '#include "platforms/cli/json.h"'),
        ('converter/support/a.cc', '#include "converter/checkpoint/config.h"'),
        ('converter/network/a.cc', '#include "converter/tokenizer/vocabulary.h"'),
        ('converter/pbert/a.cc', '#include "converter/convert.h"'),
        ('converter/convert.cc', '#include "converter/evaluate/metrics.h"'),
        ('converter/a.cc', 'const Json json = Json::parse(text);'),
        ('platforms/cli/a.cc', 'const auto json = nlohmann::json::parse(text, nullptr, false);'),
        ('converter/evaluate/a.cc', 'nlohmann::json::sax_parse(text, &handler);'),
    ]
    good = [
        ('runtime/tasks/a.cc', '#include "engine/network.h"\n#include <algorithm>\n#include "pocketbert/pocketbert.h"'),
        ('runtime/engine/xnn_backend.cc', '#include <xnnpack.h>\n#include "engine/xnn_runtime.h"'),
        ('runtime/base/port.cc', '#include <sys/mman.h>'),
        ('runtime/base/cpu.cc', '#include <cpuinfo.h>'),
        ('runtime/kernels/kernels_avx2.cc', '#include <immintrin.h>'),
        ('runtime/engine/native_avx512.cc', '#include <immintrin.h>'),
        ('converter/a.cc', '#include "model/model.h"\n#include "quant/quantize.h"\n#include <string>'),
        ('converter/network/a.cc', '#include "converter/network/plan.h"\n#include "converter/support/error.h"\n#include "model/model.h"'),
        ('converter/evaluate/a.cc', '#include "converter/convert.h"\n#include "converter/check/raw_outputs.h"'),
        ('platforms/cli/a.cc', '#include "converter/convert.h"\n#include "json.h"\n#include <unistd.h>'),
        ('converter/support/json.cc', 'if (Tree::sax_parse(text, &builder)) return true;'),
        ('tests/engine/a_test.cc', 'const auto json = nlohmann::json::parse(text);'),
        ('tests/engine/a_test.cc', '#include <xnnpack.h>\n#include "converter/convert.h"'),
        ('runtime/base/a.h', '// #include "model/model.h" would be wrong'),
    ]
    for path, text in bad:
        assert check_sources({path: text}), f'not noticed: {path}: {text}'
    for path, text in good:
        assert not check_sources({path: text}), f'wrongly refused: {check_sources({path: text})}'
    there = ['runtime/base/utf8.h', 'README.md']
    for comment in ('// see base/utf9.h', 'int a;  // gone.cc builds it', ' * docs/MORE.md says why', '/* other/README.md */'):
        assert name_complaints({'runtime/a.cc': comment}, there), f'not noticed: {comment}'
    for comment in ('// see base/utf8.h and utf8.h.', '// README.md', '"gone.cc"', '// https://example.org/gone.h', '// gone*.cc, <gone.h>',
                    '#include <cpuinfo.h>  // cpuinfo.h'):
        assert not name_complaints({'runtime/a.cc': comment}, there), f'wrongly refused: {comment}'
    assert check_folders(['docs/a.md']) and check_folders(['runtime/util/a.h']) and check_folders(['platforms/qnx/a'])
    assert not check_folders(['README.md', '.ci/run', 'tests/any/a.cc', 'runtime/CMakeLists.txt', 'platforms/cli/a.cc'])


def project_files():
    """What git knows or would add; without git, all but build directories."""
    listing = ['git', '-C', ROOT, 'ls-files', '-co', '--exclude-standard']
    git = subprocess.run(listing, capture_output=True, text=True) if shutil.which('git') else None
    if git and git.returncode == 0:
        paths = git.stdout.splitlines()
    else:
        paths = [os.path.relpath(os.path.join(folder, name), ROOT) for folder, _, names in os.walk(ROOT) for name in names]
    return [p for p in paths if not p.startswith(('build/', '.git/')) and os.path.isfile(os.path.join(ROOT, p))]


def main():
    self_check()
    paths = project_files()
    sources = {}
    for path in paths:
        if SOURCE.search(path):
            with open(os.path.join(ROOT, path), encoding='utf-8') as file:
                sources[path] = file.read()
    complaints = check_folders(paths) + check_sources(sources) + name_complaints(sources, paths)
    for complaint in complaints:
        print(complaint)
    print(f'{len(sources)} sources, {len(complaints)} complaints')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
