"""The AAR has the documented layout and what Android's tools need; the shrunk sample keeps what the JNI library looks up by name.

https://developer.android.com/studio/projects/android-library#aar-contents. Run by POCKETBERT_ALL=1 (tests/run.sh --all) alone; skipped
where toolchains/android/setup.sh was not run, or a tool is missing."""
import os
import pathlib
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build/android"
VERSION = re.search(r"^project\(pocketbert VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
LAYOUT = {"AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt", "META-INF/com/android/build/gradle/aar-metadata.properties",
          *(f"jni/{abi}/libpocketbert_jni.so" for abi in ABIS)}


def skip(why):
    print(f"SKIPPED: no package for Android is made: {why}")
    sys.exit(77)


def check_aar():
    with zipfile.ZipFile(OUT / f"pocketbert-{VERSION}.aar") as aar:
        names = {name for name in aar.namelist() if not name.endswith("/")}
        assert names == LAYOUT, names ^ LAYOUT
        assert 'android:minSdkVersion="21"' in aar.read("AndroidManifest.xml").decode()
        assert aar.read("proguard.txt") == (ROOT / "platforms/android/pocketbert/consumer-rules.pro").read_bytes()
        libraries = [aar.extract(f"jni/{abi}/libpocketbert_jni.so", OUT / "unpacked") for abi in ABIS]
        with zipfile.ZipFile(aar.extract("classes.jar", OUT / "unpacked")) as classes:
            for name in classes.namelist():
                assert name.startswith(("io/github/pocketbert/", "META-INF/")), name
    # One version, wherever it is written down.
    gradle = (ROOT / "platforms/android/pocketbert/build.gradle.kts").read_text()
    assert f'version = "{VERSION}"' in gradle and "minSdk = 21" in gradle
    pom = (OUT / f"pocketbert-{VERSION}.pom").read_text()
    assert f"<version>{VERSION}</version>" in pom and "<packaging>aar</packaging>" in pom
    subprocess.run([sys.executable, ROOT / "tests/android/elf_test.py", *libraries], check=True)


def native_functions():
    """Those of Natives.kt, and those that the JNI library exports under their names."""
    source = (ROOT / "platforms/android/pocketbert/src/main/kotlin/io/github/pocketbert/Natives.kt").read_text()
    declared = set(re.findall(r"external fun (\w+)", source))
    symbols = subprocess.run(["nm", "-D", "--defined-only", ROOT / "build/release/libpocketbert_jni.so"], capture_output=True, text=True, check=True)
    exported = set(re.findall(r"Java_io_github_pocketbert_Natives_(\w+)", symbols.stdout))
    assert declared == exported, declared ^ exported
    return declared


def check_apk():
    # R8 renames and drops what nobody is seen to use; consumer-rules.pro names what the JNI library uses unseen.
    mapping = (OUT / "sample/mapping.txt").read_text()
    for name in ("Natives", "PocketbertException"):
        assert f"io.github.pocketbert.{name} -> io.github.pocketbert.{name}:" in mapping, name
    dex = zipfile.ZipFile(OUT / "sample.apk").read("classes.dex")
    for name in native_functions():
        assert name.encode() in dex, name
    with zipfile.ZipFile(OUT / "sample.apk") as apk:
        for entry in apk.infolist():
            if entry.filename.endswith((".pbert", ".so")):
                assert entry.compress_type == zipfile.ZIP_STORED, entry.filename


if __name__ == "__main__":
    native_functions()
    if not os.environ.get("POCKETBERT_ALL"):
        skip("POCKETBERT_ALL=1 does")
    if not all((ROOT / f"build/android-{abi}/libpocketbert_jni.so").exists() for abi in ABIS):
        skip("toolchains/android/setup.sh and the presets android-* were not run")
    for what in ("aar", "apk"):
        if subprocess.run([ROOT / "platforms/android/build.sh", what]).returncode != 0:
            sys.exit(f"platforms/android/build.sh {what} failed")
    check_aar()
    check_apk()
