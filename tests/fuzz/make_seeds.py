"""Makes tests/fuzz/seeds anew: small inputs from which the fuzz targets start.

    tests/fuzz/make_seeds.py     after: cmake --preset fuzz && cmake --build --preset fuzz --target make_model_seeds
"""

import io
import json
import pathlib
import struct
import subprocess
import zipfile

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


def safetensors():
    """1, the header, NUL and the data; or 0 and the whole file: safetensors_fuzz.cc."""

    def header(**tensors):
        return json.dumps(
            {name: {"dtype": t, "shape": shape, "data_offsets": [begin, end]} for name, (t, shape, begin, end) in tensors.items()}
        ).encode()

    two = header(a=("F32", [2, 3], 0, 24), b=("F16", [4], 24, 32))
    write("safetensors", "two", b"\1" + two + b"\0" + bytes(range(32)))
    write("safetensors", "two-whole", b"\0" + struct.pack("<Q", len(two)) + two + bytes(range(32)))
    types = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1}
    at, tensors = 0, {}
    for name, size in types.items():
        tensors[name] = (name, [3], at, at + 3 * size)
        at += 3 * size
    write("safetensors", "types", b"\1" + header(**tensors) + b"\0" + bytes(at))
    write("safetensors", "empty", b"\1" + header(a=("F32", [0, 5], 0, 0), b=("F32", [], 0, 4)) + b"\0" + bytes(4))
    write("safetensors", "metadata", b'\1{"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}\0' + bytes(4))
    write("safetensors", "huge", b'\1{"w": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}\0')


def text_of(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def tensor(storage, key, elements, offset, shape, strides):
    """The opcodes that torch.save writes, as tests/converter/pickle_fixture.h has them."""
    number = lambda value: b"J" + struct.pack("<i", value)
    numbers = lambda values: b"(" + b"".join(map(number, values)) + b"t"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n((" + text_of("storage") + b"ctorch\n" + storage.encode() + b"\n" + text_of(key)
        + text_of("cpu") + number(elements) + b"tQ" + number(offset) + numbers(shape) + numbers(strides)
        + b"\x89ccollections\nOrderedDict\n)RtR"
    )


def state_dict(tensors):
    pairs = b"".join(text_of(name) + pickled for name, pickled in tensors.items())
    return b"\x80\2ccollections\nOrderedDict\n)R(" + pairs + b"u}" + text_of("_metadata") + b"}sb."


PICKLES = {
    "plain": state_dict({"w": tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])}),
    "views": state_dict({
        "a": tensor("HalfStorage", "0", 12, 2, [2, 3], [3, 1]),
        "b": tensor("HalfStorage", "0", 12, 0, [], []),
        "n": tensor("LongStorage", "1", 1, 0, [1], [1]),
    }),
    "empty": state_dict({"e": tensor("BFloat16Storage", "0", 0, 0, [0, 3], [3, 1])}),
    "nested": b"\x80\2}" + text_of("state_dict") + b"}" + text_of("w") + tensor("DoubleStorage", "0", 2, 0, [2], [1]) + b"ss.",
    "memo": b"\x80\2}q\0(" + text_of("a") + b"q\1K\1h\1h\0" + text_of("l") + b"](K\1M\2\1G?\xf0\0\0\0\0\0\0\x88Neu.",
    "protocol-4": b"\x80\4\x95\x0b\0\0\0\0\0\0\0}\x94\x8c\1a\x94K\1s.",
    "called": b"\x80\2cposix\nsystem\nX\4\0\0\0true\x85R.",
}


def pickles():
    for name, pickle in PICKLES.items():
        write("pickle", name, pickle)


def archive(files, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name), data, compress_type=compression)
    return buffer.getvalue()


def zips():
    write("zip", "plain", archive({"archive/data.pkl": PICKLES["plain"], "archive/data/0": bytes(24), "archive/version": "3\n"}))
    write("zip", "views", archive({"m/data.pkl": PICKLES["views"], "m/byteorder": "little", "m/data/0": bytes(24), "m/data/1": bytes(8)}))
    write("zip", "compressed", archive({"m/data.pkl": PICKLES["plain"], "m/data/0": bytes(24)}, zipfile.ZIP_DEFLATED))
    write("zip", "missing", archive({"m/data.pkl": PICKLES["plain"]}))
    write("zip", "empty", archive({}))


def data_sets():
    """The kind of file, what is done with its rows, the file: dataset_fuzz.cc."""
    kinds = ["csv", "tsv", "jsonl", "json", "squad", "conll", "folder"]
    squad = {"version": "2.0", "data": [{"title": "t", "paragraphs": [{"context": "Anna lives in Berlin.", "qas": [
        {"id": "1", "question": "Where?", "is_impossible": False, "answers": [{"text": "Berlin", "answer_start": 14}]},
        {"id": "2", "question": "Why?", "is_impossible": True, "answers": []}]}]}]}
    texts = {
        "csv": 'text,label\n"hello, ""you""",a\r\nbye,1\n"two\nlines",oos\n',
        "tsv": 'sentence\ttext_pair\tlabel\nhe said "no\tx\t0.5\nb\ty\t2\n',
        "jsonl": '{"text": "hello", "label": "a"}\n{"text": "x", "text_pair": "y", "label": 0}\n',
        "json": '{"test": [["hello", "a"], ["bye", "b"]], "train": [["x", "oos"]]}',
        "squad": json.dumps(squad),
        "conll": "-DOCSTART- -X- O O\n\nAnna NNP B-NP B-PER\nlives VBZ B-VP O\n\nBerlin NNP B-NP B-LOC\n",
        "folder": "hello there\nbye\n\0a\nb\n",
    }
    for number, kind in enumerate(kinds):
        if kind in texts:
            write("dataset", kind, bytes([number, 0]) + texts[kind].encode())
    write("dataset", "tagged-folder", bytes([kinds.index("folder"), 1]) + b"Anna lives\n\0B-PER O\n")
    write("dataset", "scored", bytes([1, 1]) + texts["tsv"].encode())
    write("dataset", "numbers", bytes([1, 2]) + texts["tsv"].encode())
    write("dataset", "label-sets", bytes([0, 3]) + b"text,label\nx,a|b\ny,a;0\nz,\n")


# The letters of json_fuzz.cc.
LETTERS = {"config.json": "c", "tokenizer.json": "t", "tokenizer_config.json": "k", "special_tokens_map.json": "s",
           "added_tokens.json": "a", "vocab.txt": "v", "vocab.json": "j", "merges.txt": "m", "modules.json": "M",
           "1_Pooling/config.json": "P", "sentence_bert_config.json": "B", "config_sentence_transformers.json": "S",
           "model.safetensors.index.json": "x", "pytorch_model.bin.index.json": "X", "adapter_config.json": "A"}


def checkpoint(files):
    parts = []
    for name, content in files.items():
        if isinstance(content, pathlib.Path):
            content = content.read_bytes()
        elif not isinstance(content, (str, bytes)):
            content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        parts.append(LETTERS[name].encode() + (content if isinstance(content, bytes) else content.encode()))
    return b"\xff".join(parts)


# Sizes are 4, as json_fuzz.cc's weights are.
SIZES = ("dim", "hidden_dim", "hidden_size", "embedding_size", "intermediate_size", "vocab_size", "type_vocab_size",
         "max_position_embeddings")
COUNTS = ("n_heads", "n_layers", "num_attention_heads", "num_hidden_layers", "num_hidden_groups", "inner_group_num")


def small_config(path):
    config = json.loads(path.read_text())
    for key in config:
        if key in SIZES:
            config[key] = 4
        if key in COUNTS:
            config[key] = 1
    config["id2label"] = {str(i): label for i, label in enumerate(["O", "B-a", "I-a", "entailment"])}
    config["label2id"] = {label: int(i) for i, label in config["id2label"].items()}
    return config


def small_tokenizer(path, keep):
    """With the first pieces of the vocabulary and the merges of these."""
    tokenizer = json.loads(path.read_text())
    model = tokenizer["model"]
    if isinstance(model["vocab"], list):
        model["vocab"] = model["vocab"][:keep]
    else:
        model["vocab"] = {piece: number for piece, number in model["vocab"].items() if number < keep}
        if "merges" in model:
            split = lambda merge: merge.split(" ") if isinstance(merge, str) else merge
            known = model["vocab"]
            model["merges"] = [m for m in model["merges"] if all(p in known for p in (*split(m), "".join(split(m))))]
    return tokenizer


def checkpoints():
    for folder in sorted((GOLDEN / "architectures").iterdir()):
        family, task = folder.name.rsplit("-", 2)[0], "-".join(folder.name.rsplit("-", 2)[1:])
        write("json", f"config-{family}-{task}", checkpoint({"config.json": small_config(folder / "config.json")}))
        if task == "fill-mask":
            write("json", f"tokenizer-{family}", checkpoint({
                "tokenizer.json": small_tokenizer(folder / "tokenizer.json", 280 if family == "roberta" else 64),
                "tokenizer_config.json": folder / "tokenizer_config.json"}))
    folder = GOLDEN / "checkpoints" / "distilbert-sequence-classification"
    write("json", "config-distilbert", checkpoint({"config.json": small_config(folder / "config.json")}))
    write("json", "tokenizer-distilbert", checkpoint({
        "tokenizer.json": small_tokenizer(folder / "tokenizer.json", 64), "tokenizer_config.json": folder / "tokenizer_config.json"}))
    write("json", "bytes", checkpoint({"tokenizer.json": GOLDEN / "tokenizers" / "bytes.tokenizer.json"}))
    pieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##s\nw\n##o\n"
    write("json", "vocab", checkpoint({
        "vocab.txt": pieces, "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": False},
        "special_tokens_map.json": {"mask_token": {"content": "[MASK]", "lstrip": True}}, "added_tokens.json": {"<x>": 9}}))
    model = small_tokenizer(GOLDEN / "architectures" / "roberta-fill-mask" / "tokenizer.json", 280)["model"]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    write("json", "bpe-files", checkpoint({
        "vocab.json": model["vocab"], "merges.txt": "\n".join(["#version: 0.2", *merges, ""]),
        "tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}}))
    write("json", "sentences", checkpoint({
        "modules.json": [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                         {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}],
        "1_Pooling/config.json": {"word_embedding_dimension": 4, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": 128, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": {"query": "query: "}, "default_prompt_name": "query"}}))
    write("json", "index", checkpoint({
        "config.json": {"model_type": "bert"},
        "model.safetensors.index.json": {"metadata": {"total_size": 4}, "weight_map": {"a": "model-00001-of-00002.safetensors"}}}))
    write("json", "index-bin", checkpoint({
        "config.json": {"model_type": "bert"}, "pytorch_model.bin.index.json": {"weight_map": {"a": "../pytorch_model.bin"}}}))
    write("json", "adapter", checkpoint({"adapter_config.json": {"base_model_name_or_path": "org/name"}}))


def sentences():
    """The kind of file, and the file: sentences_fuzz.cc."""
    write("sentences", "rasa", b"\0" + b"""version: "3.1"
nlu:
- intent: greet # hi
  examples: &e |
    - hi
    - to [LA]{"entity": "city", "value": "Los Angeles", "role": "to", "group": "1"}
- intent: faq/ask
  metadata: {a: [b, ~]}
  examples:
  - text: |
      [x](e:v)
  - 'who, [y][{"entity": "e"}]'
- synonym: Y
  examples: "- y"
- intent: again
  examples: *e
- regex: zip
stories: !!seq []
""")
    write("sentences", "rasa-flow", b"\0" + b"{? nlu : [{intent: a, examples: '- b'}, {intent: c, examples: [d, {text: e}]}]}")
    snips = {"intents": {"a": {"utterances": [{"data": [{"text": "to "}, {"text": "Rome", "entity": "city", "slot_name": "to"}]}]},
                         "b": {"utterances": [{"data": [{"text": "hi"}]}]}},
             "entities": {"city": {"data": [{"value": "Roma", "synonyms": ["rome"]}], "use_synonyms": True}}}
    write("sentences", "snips", b"\1" + json.dumps(snips).encode())
    both = {name: [{"data": [{"text": "x"}, {"text": "y", "entity": "e"}]}] for name in "ab"}
    write("sentences", "benchmark", b"\1" + json.dumps(both).encode())
    write("sentences", "tags", b"\2" + b"to new york\nhi\nho\0O B-city I-city\nO\nI-x\n")
    write("sentences", "texts", b"\3" + b"hi\n\n# ho\0bye\r\n")


def programs():
    """Bytes that c_interface_fuzz.cc takes for calls."""
    for number in range(8):
        write("c_interface", f"steps-{number}", bytes((number * 37 + i * (2 * number + 1)) % 256 for i in range(160)))


def entities():
    """Kinds to leave out (two bytes, the second's lowest bit: the day is first), now, how often: entities_fuzz.cc."""
    for path in sorted((ROOT / "tests" / "entities").glob("*.tsv")):
        texts = [line.split("\t")[0] for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        for part in range(4):
            write("entities", f"{path.stem}-{part}", bytes([0, part % 2, part, 0]) + " ".join(texts[part::4]).encode())


def main():
    models()
    made_models()
    texts()
    safetensors()
    pickles()
    zips()
    data_sets()
    checkpoints()
    sentences()
    programs()
    entities()


if __name__ == "__main__":
    main()
