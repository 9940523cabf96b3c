"""Makes tests/fuzz/seeds anew: small inputs from which the fuzz targets start.

    tests/fuzz/make_seeds.py     after: cmake --preset fuzz && cmake --build --preset fuzz --target make_model_seeds
"""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEEDS = HERE / "seeds"
GOLDEN = ROOT / "tests" / "golden"


def write(target, name, data):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def models():
    (SEEDS / "model").mkdir(parents=True, exist_ok=True)
    subprocess.run([ROOT / "build/fuzz/tests/fuzz/make_model_seeds", SEEDS / "model"], check=True)


def made_models():
    """A seed for the generator, then choices: made_model_fuzz.cc."""
    for seed in range(8):
        write("made_model", f"chance-{seed}", struct.pack("<I", seed))
    write("made_model", "choices", struct.pack("<I", 8) + bytes(range(256)))


TEXTS = {
    "words": "The singer's hello, world... don't abc cba",
    "specials": "a [MASK] b [CLS][SEP] [UNK]x [PAD]",
    "accents": "\u00e9\u0301\u0327 e\u0301\u0308\u0304 \u0130 \ufb01 \u2122 \u1e9b\u0323",
    "scripts": "\u4e2d\u6587 \uac00\u1100\u1161\u11a8 \u0915\u094d\u0937 \u0f73 \U0001f600\u200d\U0001f600",
    "spaces": "  a\t\n b \u00a0\u3000 c\r\n\u0085\u00ad  ",
    "metaspace": "\u2581a\u2581\u2581b ##c \u0120d 's 'll 've 12 3",
    "letters": "abcslelebacsel" * 5,
    "marks": "a" + "\u0301" * 60,
    "ill-formed": b"a\xff\xfe\x80b\xe4\xb8 \xf0\x9f\x98 \xed\xa0\x80 \xc0\x80\x00c",
}


def texts():
    """Tokenizer, most tokens, flags (1: a pair behind 1E, 2: repeated), how often: text_fuzz.cc."""
    for number, (name, text) in enumerate(TEXTS.items()):
        text = text if isinstance(text, bytes) else text.encode()
        write("text", name, bytes([number, 64, 0, 0]) + text)
        write("text", name + "-pair", bytes([number + 60, 20, 1, 0]) + text + b"\x1e" + text[::2])
        write("text", name + "-repeated", bytes([number + 120, 40, 3, 30]) + text + b" \x1eb")


def main():
    models()
    made_models()
    texts()


if __name__ == "__main__":
    main()
