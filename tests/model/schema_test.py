#!/usr/bin/env python3
"""The committed model_generated.h is what generate.sh makes of model.fbs, and the schema keeps its rules.

Exit status 77 (skipped) without flatc 2.0.8, whose output the committed header is.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "runtime" / "schema"


def check_no_wide_scalars(text):
    """A file may start at any 4-byte address, so nothing in it may need 8."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    wide = re.findall(r":\s*\[?\s*(long|ulong|double|u?int64|float64)\b", text)
    assert not wide, f"model.fbs: 8-byte scalars: {wide}"


def main():
    check_no_wide_scalars((SCHEMA / "model.fbs").read_text())
    try:
        version = subprocess.run(["flatc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except FileNotFoundError:
        version = "no flatc"
    if version != "flatc version 2.0.8":
        print(f"SKIPPED: schema_test: needs flatc 2.0.8 (Debian 12: flatbuffers-compiler), found: {version}")
        return 77
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["sh", str(SCHEMA / "generate.sh"), directory], check=True)
        made = (pathlib.Path(directory) / "model_generated.h").read_text()
    if made != (SCHEMA / "model_generated.h").read_text():
        print("runtime/schema/model_generated.h is not what model.fbs makes: run runtime/schema/generate.sh")
        return 1
    print("schema_test: model_generated.h is current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
