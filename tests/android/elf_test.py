#!/usr/bin/env python3
"""Fails when a library for Android would not load on every phone that it is for, shows what it should hide, or has grown.

    tests/android/elf_test.py [LIBRARY…]

Without arguments those that the presets android-* built. toolchains/android/setup.sh says how they are built without an NDK; the
libraries of an AAR can be given as arguments."""
import os
import re
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

MINIMUM = 21  # the API level: Android 5.0
PAGE = 16384  # of phones since Android 15; a library whose segments lie closer together does not load there
LARGEST = 800_000  # bytes, stripped

# ELF's numbers: class, machine.
ABIS = {'arm64-v8a': (2, 183), 'armeabi-v7a': (1, 40), 'x86_64': (2, 62)}

EXPORTS = re.compile(r'Java_io_github_pocketbert_\w+|JNI_OnLoad')
LIBRARIES = {'libc.so', 'libm.so', 'libdl.so', 'liblog.so'}

# Since which API level bionic has what we use, as its libc.map.txt and libm.map.txt say (introduced=…). 0 is always, which for 64-bit
# processors means 21, as there was no Android for them before. With the headers for 21 nothing that we call is younger than that, so
# 21 is the minimum; it is also the oldest that today's NDK compiles for. What would raise it:
#   __gnu_strerror_r   23: is what C++'s strerror_r becomes when the headers are told of 23 or more. runtime/base/port.cc takes either.
#   stdin, stderr, …   23: are variables since then; the headers for less name them differently. The runtime never prints.
#   aligned_alloc      28: XNNPACK and we use memalign.
#   thread_local       29: before that it is emulated, which takes memory while asking. The runtime has none.
# A name that is not here has to be looked up before it is used.
SINCE = {
    0: '''__errno __stack_chk_fail __stack_chk_guard __system_property_get abort calloc close dlclose dlerror dlopen dlsym erff exp expf
        free fstat fsync getenv getpid madvise logf malloc memalign memchr memcmp memcpy memmove memset mmap munmap nearbyintf open prctl
        pthread_cond_broadcast pthread_cond_destroy pthread_cond_wait pthread_create pthread_join pthread_mutex_destroy
        pthread_mutex_lock pthread_mutex_unlock pthread_once pthread_self pwrite qsort read realloc rename sched_yield snprintf strerror strerror_r
        strlen strncmp strncpy strnlen sysconf tanhf unlink vsnprintf __cxa_atexit __cxa_finalize
        __aeabi_memclr __aeabi_memclr4 __aeabi_memclr8 __aeabi_memcpy __aeabi_memcpy4 __aeabi_memcpy8 __aeabi_memmove
        __aeabi_memmove4 __aeabi_memmove8 __aeabi_memset __aeabi_memset4 __aeabi_memset8''',
    12: 'sched_getaffinity sched_setaffinity',
    18: 'getauxval',
    21: 'mmap64',
    23: '__gnu_strerror_r stderr stdin stdout',
    28: 'aligned_alloc',
}
LEVEL = {name: level for level, names in SINCE.items() for name in names.split()}

# Numbers of <elf.h>.
PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_TLS, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 4, 7, 0x6474E551, 0x6474E552
DT_NEEDED, DT_HASH, DT_TEXTREL, DT_FLAGS = 1, 4, 22, 30
DF_TEXTREL, DF_BIND_NOW = 4, 8
SHT_SYMTAB, SHT_DYNSYM = 2, 11
NT_GNU_BUILD_ID = 3
# Relocations in fewer bytes: DT_RELR and its two neighbours, Android's own of that, Android's packed ones.
YOUNGER_RELOCATIONS = {35: 30, 36: 30, 37: 30, 0x6FFFE000: 28, 0x6FFFE001: 28, 0x6FFFE003: 28, 0x6000000F: 23, 0x60000011: 23}


class Elf:
    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = data = file.read()
        if data[:4] != b'\x7fELF':
            raise ValueError('not an ELF file')
        self.bits_class = data[4]
        self.wide = wide = data[4] == 2
        self.machine, = struct.unpack_from('<H', data, 18)
        phoff, shoff = struct.unpack_from('<QQ' if wide else '<II', data, 0x20 if wide else 0x1C)
        self.phsize, phnum, self.shsize, shnum = struct.unpack_from('<HHHH', data, 0x36 if wide else 0x2A)
        self.segments = []  # (type, flags, offset, address, bytes in the file, alignment)
        for at in range(phoff, phoff + phnum * self.phsize, self.phsize):
            if wide:
                kind, flags, offset, address, _, size, _, align = struct.unpack_from('<IIQQQQQQ', data, at)
            else:
                kind, offset, address, _, size, _, flags, align = struct.unpack_from('<8I', data, at)
            self.segments.append((kind, flags, offset, address, size, align))
        # (name, type, flags, address, offset, bytes, link, info, alignment, bytes of an entry)
        self.sections = [struct.unpack_from('<IIQQQQIIQQ' if wide else '<10I', data, shoff + i * self.shsize) for i in range(shnum)]

    def text(self, at):
        return self.data[at:self.data.index(b'\0', at)].decode()

    def symbols(self, kind):
        """(name, is defined here) of the symbols of a table that others see."""
        for table in (s for s in self.sections if s[1] == kind):
            strings = self.sections[table[6]][4]
            for at in range(table[4] + table[9], table[4] + table[5], table[9]):
                if self.wide:
                    name, info, _, section = struct.unpack_from('<IBBH', self.data, at)
                else:
                    name, _, _, info, _, section = struct.unpack_from('<IIIBBH', self.data, at)
                yield self.text(strings + name), section != 0

    def dynamic(self):
        """[(tag, value)]"""
        entries = []
        for kind, _, offset, _, size, _ in self.segments:
            if kind == PT_DYNAMIC:
                for tag, value in struct.iter_unpack('<QQ' if self.wide else '<II', self.data[offset:offset + size]):
                    if tag == 0:
                        break
                    entries.append((tag, value))
        return entries

    def dynamic_strings(self):
        table = next(s for s in self.sections if s[1] == SHT_DYNSYM)
        return self.sections[table[6]][4]

    def has_build_id(self):
        for kind, _, offset, _, size, _ in self.segments:
            end = offset + size
            while kind == PT_NOTE and offset < end:
                name_size, description_size, note = struct.unpack_from('<III', self.data, offset)
                if note == NT_GNU_BUILD_ID and self.data[offset + 12:offset + 16] == b'GNU\0':
                    return True
                offset += 12 + (name_size + 3 & ~3) + (description_size + 3 & ~3)
        return False

    def stripped_size(self):
        """What is mapped, and a header for each section of that (and for the two that a stripped file keeps besides)."""
        mapped = max(offset + size for kind, _, offset, _, size, _ in self.segments if kind == PT_LOAD)
        return mapped + self.shsize * (2 + sum(1 for s in self.sections if s[2] & 2))


def complaints(elf, abi):
    if (elf.bits_class, elf.machine) != ABIS[abi]:
        yield f'ELF class {elf.bits_class}, machine {elf.machine}: not {abi}'
        return
    for kind, flags, offset, address, _, align in elf.segments:
        if kind == PT_LOAD and (align < PAGE or (address - offset) % PAGE != 0):
            yield f'a segment at {address:#x} is aligned to {align} bytes: pages may have {PAGE}'
        if kind == PT_LOAD and flags & 3 == 3:
            yield f'a segment at {address:#x} is writable and executable'
        if kind == PT_TLS:
            yield 'it has thread-local variables of ELF, which Android knows since API level 29'
    if [flags & 1 for kind, flags, *_ in elf.segments if kind == PT_GNU_STACK] != [0]:
        yield 'the stack is executable, or it is not said that it is not'
    if not any(kind == PT_GNU_RELRO for kind, *_ in elf.segments):
        yield 'no RELRO: tables of addresses stay writable'
    if not elf.has_build_id():
        yield 'no build ID: a report of a crash cannot be matched with its symbols'

    dynamic = elf.dynamic()
    tags = dict(dynamic)
    for tag, value in dynamic:
        if tag == DT_NEEDED and elf.text(elf.dynamic_strings() + value) not in LIBRARIES:
            yield f'it needs {elf.text(elf.dynamic_strings() + value)}'
        if YOUNGER_RELOCATIONS.get(tag, 0) > MINIMUM:
            yield f'relocations of a kind that Android knows since API level {YOUNGER_RELOCATIONS[tag]} (tag {tag:#x})'
    if DT_TEXTREL in tags or tags.get(DT_FLAGS, 0) & DF_TEXTREL:
        yield 'text relocations: Android refuses them since API level 23'
    if not tags.get(DT_FLAGS, 0) & DF_BIND_NOW:
        yield 'functions are bound when they are first called (-Wl,-z,now)'
    if MINIMUM < 23 and DT_HASH not in tags:
        yield 'no DT_HASH: before API level 23 Android finds no name in DT_GNU_HASH (-Wl,--hash-style=both)'

    found = list(elf.symbols(SHT_DYNSYM))
    exports = [name for name, defined in found if defined]
    for name in exports:
        if not EXPORTS.fullmatch(name):
            yield f'it exports {name}'
    if 'JNI_OnLoad' not in exports or len(exports) < 2:
        yield f'it exports {len(exports)} names: Java finds no functions'
    for name, defined in found:
        if not defined and name not in LEVEL:
            yield f'it calls {name}: look up in bionic\'s libc.map.txt since when Android has it, and say so in SINCE'
        elif not defined and LEVEL[name] > MINIMUM:
            yield f'it calls {name}, which Android has since API level {LEVEL[name]}'
    if any(name.startswith('__emutls') for name, _ in found + list(elf.symbols(SHT_SYMTAB))):
        yield 'it has thread_local variables, which are emulated before API level 29'
    if elf.stripped_size() > LARGEST:
        yield f'{elf.stripped_size()} bytes stripped: more than {LARGEST}'


def main():
    libraries = []
    for path in sys.argv[1:]:
        elf = Elf(path)
        libraries.append((path, next((abi for abi, numbers in ABIS.items() if numbers == (elf.bits_class, elf.machine)), 'arm64-v8a')))
    if not libraries:
        built = [(os.path.join(ROOT, 'build', f'android-{abi}', 'libpocketbert_jni.so'), abi) for abi in ABIS]
        for path, abi in built:
            if not os.path.exists(path):
                print(f'SKIPPED: {abi}: no {os.path.relpath(path, ROOT)}: toolchains/android/setup.sh && cmake --preset android-{abi} && '
                      f'cmake --build --preset android-{abi}')
        libraries = [(path, abi) for path, abi in built if os.path.exists(path)]
    failed = False
    for path, abi in libraries:
        elf = Elf(path)
        found = sorted(set(complaints(elf, abi)))
        for complaint in found:
            print(f'{path}: {complaint}', file=sys.stderr)
        failed = failed or bool(found)
        print(f'{abi}: {elf.stripped_size()} bytes stripped, for API level {MINIMUM} and later' + (': FAILED' if found else ''))
    return 1 if failed else 0 if libraries else 77


if __name__ == '__main__':
    sys.exit(main())
