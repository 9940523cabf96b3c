#!/usr/bin/env python3
"""g++ and clang make programs that answer the same: the logits that agreement_process_test of both builds writes are compared.

What breaks it: code whose meaning a compiler may choose (contraction, order of evaluation, uninitialized memory), or a compiler's mistake
(g++ 12 once left out a loop on AArch64).
"""
import json
import os
import subprocess
import sys
import tempfile

BUILDS = os.path.dirname(os.path.dirname(os.path.abspath(os.environ.get("POCKETBERT_COMMAND") or "build/release/pocketbert")))
LIMITS = {"fp32": 1e-4, "int8": 5e-2}


def logits(build, folder):
    program = os.path.join(BUILDS, build, "tests/agreement_process_test")
    if not os.path.exists(program):
        print(f"SKIPPED: compilers agree: not built: {program}")
        sys.exit(1 if os.environ.get("POCKETBERT_CI") else 77)
    file = os.path.join(folder, build + ".json")
    subprocess.run([program], check=True, env={**os.environ, "POCKETBERT_LOGITS": file}, stdout=subprocess.DEVNULL)
    with open(file, encoding="utf-8") as opened:
        return json.load(opened)


def top(row):
    return row.index(max(row))


def main():
    with tempfile.TemporaryDirectory() as folder:
        gnu, clang = logits("release", folder), logits("dev", folder)
    rows = bad = 0
    worst = dict.fromkeys(LIMITS, 0.0)
    for name, weights in gnu.items():
        for weight, backends in weights.items():
            for backend, texts in backends.items():
                others = clang[name][weight][backend]
                for text, other in zip(texts, others, strict=True):
                    apart = max(abs(a - b) for a, b in zip(text, other, strict=True))
                    worst[weight] = max(worst[weight], apart)
                    rows += 1
                    if apart > LIMITS[weight] or top(text) != top(other):
                        bad += 1
                        print(f"FAILED: {name} {weight} {backend}: {apart:.2e} apart")
    print(f"worst: {worst}")
    print(f"[pocketbert] {rows - bad} passed, {bad} failed, 0 skipped")
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
