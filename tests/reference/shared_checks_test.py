#!/usr/bin/env python3
"""The acceptance checks that lie in ../shared, on this build: raw outputs in fp32 and int8, and the tokenizers."""
import os, subprocess, sys

from checking import CLASSIFIERS, COMMAND, SHARED, Suite, need, shared


def check(suite, script, *arguments):
    with suite.check(script + " " + " ".join(os.path.basename(a) for a in arguments)):
        done = subprocess.run([sys.executable, shared("check/" + script), *arguments], capture_output=True, text=True,
                              env={**os.environ, "POCKETBERT": COMMAND}, timeout=3600)
        print(done.stdout, end="")
        need(done.returncode == 0, f"exit status {done.returncode} {done.stderr.strip()[-300:]}")


def main():
    suite = Suite()
    directories = [shared("fixtures/checkpoints/" + fixture) for fixture in CLASSIFIERS]
    if not shared("check/reference.py") or None in directories:
        suite.skip("check/*.py", f"not in {SHARED} (POCKETBERT_SHARED)")
        suite.finish()
    check(suite, "reference.py")
    check(suite, "reference.py", "--weights", "int8", *directories)
    check(suite, "tokenizers.py")
    check(suite, "pipelines.py")
    suite.finish()


if __name__ == "__main__":
    main()
