"""The Kotlin and Java library and the sample application, compiled and run on this machine (platforms/android/build.sh).

Skipped where there is no JDK or no Maven, or where Maven's repository cannot be reached; the sample is tried by POCKETBERT_ALL=1
(tests/run.sh --all) alone, as Android's framework is large."""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "platforms/android/build.sh"


def skip(why):
    print(f"SKIPPED: platforms/android is not tested: {why}")
    sys.exit(77)


def run(what):
    subprocess.run([BUILD, what], check=True)


if __name__ == "__main__":
    for tool in ("java", "javac", "mvn"):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed (toolchains/setup.sh tests-all brings it)")
    if subprocess.run([BUILD, "fetch"]).returncode != 0:
        skip("Maven cannot fetch what tools/pom.xml names")
    run("test")
    if os.environ.get("POCKETBERT_ALL"):
        run("sample")
