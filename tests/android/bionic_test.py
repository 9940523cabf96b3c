"""The library for 64-bit ARM as Android loads it: on Android 6's own libc, linker's rules and all, under an emulated processor.

The model lies in an APK as an uncompressed asset, at an odd multiple of 4. Answers are compared with this machine's, whose int8 products
are other code. Skipped where toolchains/android/setup.sh and the preset android-arm64-v8a were not run, or Maven cannot fetch the emulator."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("POCKETBERT_COMMAND", str(ROOT / "build/release/pocketbert"))
LIBRARY = ROOT / "build/android-arm64-v8a/libpocketbert_jni.so"
CLASSES = ROOT / "build/android/bionic"
INTENTS = ["wake me up with an alarm at 6am", "😀 play some jazz", "naïve café", "", "what is the weather in paris " * 20]
NAMES = ["Wolfgang lives in Berlin.", "😀 Ångström and Sarah in London", "漢字", ""]
TOLERANCE = 2e-3  # of int8, whose products round their inputs alike; fp32 differs less


def skip(why):
    print(f"SKIPPED: nothing is run on bionic: {why}")
    sys.exit(77)


def as_asset(model, folder):
    """An APK with the model in it; where in the file the model begins, and its length."""
    apk = folder / (model.stem + ".apk")
    for filler in range(8):
        with zipfile.ZipFile(apk, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("a", b"x" * filler)
            archive.write(model, "assets/model.pbert")
            entry = archive.getinfo("assets/model.pbert")
        with open(apk, "rb") as file:
            file.seek(entry.header_offset + 26)
            lengths = file.read(4)
        offset = entry.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        if offset % 8 == 4:
            return apk, offset, entry.file_size
    raise AssertionError("no filler gives an odd multiple of 4")


def on_bionic(apk, offset, length, task, texts):
    result = subprocess.run(["java", "-cp", f"{CLASSES}:{(CLASSES / 'class_path').read_text()}", "Bionic", str(LIBRARY), str(apk), str(offset),
                             str(length), task, *texts], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def on_this_machine(model, texts, *flags):
    result = subprocess.run([COMMAND, "run", str(model), "--json", "--max-tokens", "64", *flags, "--input", "jsonl"], check=True, capture_output=True,
                            text=True, input="".join(json.dumps({"text": text}) + "\n" for text in texts))
    return [json.loads(line) for line in result.stdout.splitlines()]


def convert(checkpoint, model, *flags):
    subprocess.run([COMMAND, "convert", str(ROOT / checkpoint), "-o", str(model), *flags], check=True, capture_output=True)
    return model


def check_intents(folder):
    model = convert("platforms/demo/checkpoint", folder / "intents.pbert")
    lines = on_bionic(*as_asset(model, folder), "classify", INTENTS)
    assert lines.pop() == "closed"
    worst = 0.0
    for text, line, answer in zip(INTENTS, lines, on_this_machine(model, INTENTS, "--top-k", "3"), strict=True):
        rejected, truncated, tokens, *scores = line.split(" ")
        found = dict(zip(scores[::2], map(float, scores[1::2])))
        assert scores[0] == answer[0]["label"], (text, line, answer)
        for wanted in answer:
            worst = max(worst, abs(found[wanted["label"]] - wanted["score"]))
        assert (truncated == "1") == (len(text) > 500)
    print(f"{len(INTENTS)} sentences classified on bionic; greatest difference from this machine {worst:.1e}")
    assert worst < TOLERANCE


def check_names(folder):
    model = convert("tests/golden/architectures/roberta-token-classification", folder / "names.pbert", "--weights", "fp32")
    lines = on_bionic(*as_asset(model, folder), "tag", NAMES)
    assert lines.pop() == "closed"
    for text, line, answer in zip(NAMES, lines, on_this_machine(model, NAMES, "--aggregation", "simple"), strict=True):
        numbers = line.split(" ")[1:]
        entities = [numbers[i:i + 4] for i in range(0, len(numbers), 4)]
        units = text.encode("utf-16-le")
        found = [(label.split("-", 1)[-1], units[2 * int(begin):2 * int(end)].decode("utf-16-le")) for label, _, begin, end in entities]
        assert found == [(entity["entity_group"], text[entity["start"]:entity["end"]]) for entity in answer], (text, line, answer)
    print(f"{len(NAMES)} sentences tagged on bionic")


def check_errors(folder):
    apk, offset, length = as_asset(folder / "names.pbert", folder)
    assert on_bionic(apk, offset + 1, length - 1, "tag", []) == [f"error: 1 file descriptor: offset {offset + 1}: not a multiple of 4"]
    assert on_bionic(apk, offset + 4, length - 4, "tag", [])[0].startswith("error: 3 "), "not a .pbert file"
    lines = on_bionic(apk, offset, length, "classify", ["a"])
    assert lines[0].startswith("error: 4 classify: this model's task is TokenClassification"), lines


if __name__ == "__main__":
    if not LIBRARY.exists():
        skip(f"{LIBRARY} is not built")
    # One of an earlier commit may read another format.
    subprocess.run(["cmake", "--build", "--preset", "android-arm64-v8a", "--target", "pocketbert_jni"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    if subprocess.run([ROOT / "platforms/android/build.sh", "bionic"]).returncode != 0:
        skip("platforms/android/build.sh bionic failed")
    with tempfile.TemporaryDirectory() as name:
        check_intents(pathlib.Path(name))
        check_names(pathlib.Path(name))
        check_errors(pathlib.Path(name))
