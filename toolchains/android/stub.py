#!/usr/bin/env python3
"""stub.py LIBRARY TRIPLE: assembly text of a library that has the names of an Android library, and nothing behind them.

The original cannot be linked with: today's lld refuses tables that linkers wrote in 2015. Every name is a function but those of
data.

On 32-bit ARM the old library also exports functions of the compiler's, for programs made with the compilers of then. An NDK's
stubs hide those, and so do these: who needs them has to bring them."""
import re
import struct
import sys

COMPILERS = re.compile(r'__aeabi_(?!mem|atexit)|__gnu_(Unwind|unwind|u?ldivmod)|_+Unwind_|__\w+[sd][fi]\d?$|__(float|fix)')


def exported(data):
    """(name, is data) of each symbol that the library defines for others."""
    wide = data[4] == 2
    shoff, = struct.unpack_from('<Q' if wide else '<I', data, 0x28 if wide else 0x20)
    size, count = struct.unpack_from('<HH', data, 0x3A if wide else 0x2E)
    sections = [struct.unpack_from('<IIQQQQIIQQ' if wide else '<IIIIIIIIII', data, shoff + i * size) for i in range(count)]
    table = next(s for s in sections if s[1] == 11)  # SHT_DYNSYM
    strings = sections[table[6]]
    for at in range(table[4], table[4] + table[5], table[9]):
        if wide:
            name, info, _, section, _, _ = struct.unpack_from('<IBBHQQ', data, at)
        else:
            name, _, _, info, _, section = struct.unpack_from('<IIIBBH', data, at)
        if section != 0 and info >> 4 in (1, 2) and info & 15 in (0, 1, 2, 10):
            start = strings[4] + name
            yield data[start:data.index(b'\0', start)].decode(), info & 15 == 1


def main(library, triple):
    with open(library, 'rb') as file:
        symbols = sorted(set(exported(file.read())))
    kind = '%' if triple.startswith('arm') else '@'
    print('.text\n.section .note.GNU-stack,"",%sprogbits\n.text' % kind)
    for name, is_data in symbols:
        # Names of C++, of versions, and those that the linker and the start file make.
        if name.startswith(('_Z', 'LIBC')) or name in ('__bss_start', '_edata', '_end', '__bss_end__', '_bss_end__', '__end__', '__dso_handle'):
            continue
        if triple.startswith('arm') and COMPILERS.match(name):
            continue
        print('.globl {0}\n.type {0}, {1}{2}\n{0}: .long 0\n.size {0}, 4'.format(name, kind, 'object' if is_data else 'function'))


main(*sys.argv[1:])
