#!/usr/bin/env python3
"""The committed Unicode tables are what the pinned reference gives today: generates them anew and compares."""
import importlib.metadata
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = os.path.join(HERE, "..", "..", "runtime", "text")
GENERATOR = os.path.join(TEXT, "generate_unicode.py")
PROBE = os.path.join(TEXT, "probe_unicode.py")


def main():
    pinned = open(os.path.join(HERE, "requirements.txt")).read().split()[0]
    if f'REFERENCE_VERSION = "{pinned.removeprefix("tokenizers==")}"' not in open(PROBE).read():
        return f"requirements.txt says {pinned}, and probe_unicode.py another version"
    try:
        installed = importlib.metadata.version("tokenizers")
    except importlib.metadata.PackageNotFoundError:
        installed = "absent"
    if pinned != f"tokenizers=={installed}":
        print(f"SKIPPED: {pinned} is needed and PyPI's tokenizers is {installed} for {sys.executable}")
        return 77
    made = subprocess.run([sys.executable, GENERATOR, "--stdout"], stdout=subprocess.PIPE, text=True, check=True).stdout
    committed = open(os.path.join(TEXT, "unicode_tables.inc"), encoding="utf8").read()
    if made != committed:
        differing = [i for i, (a, b) in enumerate(zip(made.split("\n"), committed.split("\n")), 1) if a != b]
        return f"unicode_tables.inc is not what generate_unicode.py makes: first at line {differing[0] if differing else 'the end'}"
    print(f"unicode_tables.inc: {len(made)} characters, as made from {pinned}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
