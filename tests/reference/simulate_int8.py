#!/usr/bin/env python3
"""What a classifier of the BERT family answers when its products are done in 8 bits: the scheme of DESIGN.md written a second time, in NumPy.

    simulate_int8.py CHECKPOINT_DIR [--weights int8|fp32] [-o FILE]     answers the cases of the checkpoint's golden.json
    simulate_int8.py --all SHARED_DIR                                   makes tests/golden/simulation anew (needs ../shared)

The scheme:
  * a weight matrix [outputs, inputs] is symmetric int8 with one scale for each output, and so are the embedding tables with one
    for each token, position or token type: the largest magnitude of a row becomes 127, and values are rounded to nearest, ties to even;
  * each row (token) that enters a product is int8 with a scale and a zero point of its own, chosen so that its range, widened to
    include 0, takes all 256 values; the product itself is exact in integers;
  * 1/sqrt(head size) is multiplied into the query's weight and bias before they are quantized;
  * all else (biases, layer norms, softmax, attention, GELU, the residual stream) is floating point. The runtime uses fp32 and this
    float64, because sums in fp32 depend on their order, and one value that is rounded to another step moves logits by hundredths:
    each implementation in fp32 is nearer to this than to another one.

Nothing here is shared with the converter or the runtime, not even the checkpoint reader: what both get wrong in the same way, this
does not. Input is token ids (golden.json's), so tokenizers do not come into it.
"""
import argparse, json, math, os, struct, sys

import numpy as np

from checking import ALL_FIXTURES

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "golden", "simulation")
f32 = np.float32


# ---------------------------------------------------------------- the checkpoint


def read_safetensors(path):
    """All tensors of a file, as fp32: an 8-byte length, a JSON header, the data."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        raw = data[begin:end]
        if entry["dtype"] == "F32":
            values = np.frombuffer(raw, "<f4")
        elif entry["dtype"] == "F16":
            values = np.frombuffer(raw, "<f2").astype(f32)
        elif entry["dtype"] == "BF16":  # the upper half of an fp32
            values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(f32)
        else:
            raise SystemExit(f"{path}: {name}: {entry['dtype']}")
        tensors[name] = values.reshape(entry["shape"])
    return tensors


# ---------------------------------------------------------------- numbers


def quantize_weights(rows):
    """[n, m] fp32 -> integers in [-127, 127] (kept in float64, which holds products exactly) and scales [n]."""
    largest = np.abs(rows).max(axis=1)
    scales = np.where(largest > 0, largest / f32(127), f32(1)).astype(f32)
    return np.clip(np.rint(rows / scales[:, None]), -127, 127).astype(np.float64), scales.astype(np.float64)


def quantize_activations(rows):
    """[n, m] -> integers minus their zero points (float64), and scales [n]. Steps are decided in fp32, like the runtime's."""
    rows = rows.astype(f32)
    low = np.minimum(rows.min(axis=1), f32(0))
    span = np.maximum(rows.max(axis=1), f32(0)) - low
    flat = span < f32(1e-36)
    scales = np.where(flat, f32(1), span / f32(255)).astype(f32)
    inverse = np.where(flat, f32(0), f32(255) / np.where(flat, f32(1), span)).astype(f32)
    zero = np.clip(np.rint(f32(-128) - low * inverse), -128, 127)
    steps = np.clip(np.rint(rows * inverse[:, None]) + zero[:, None], -128, 127)
    return (steps - zero[:, None]).astype(np.float64), scales.astype(np.float64)


def layer_norm(x, gamma, beta, epsilon):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = np.mean(centred * centred, axis=-1, keepdims=True)
    return centred / np.sqrt(variance + epsilon) * gamma + beta


_erf = np.frompyfunc(math.erf, 1, 1)


def gelu(x):
    return x * (1 + _erf(x / math.sqrt(2)).astype(np.float64)) / 2


def gelu_tanh(x):
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def relu(x):
    return np.maximum(x, 0)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- the network


class Linear:
    def __init__(self, weight, bias, int8):
        self.bias, self.int8 = bias.astype(np.float64), int8
        self.weight, self.scales = quantize_weights(weight) if int8 else (weight.astype(np.float64), None)

    def __call__(self, x):
        if not self.int8:
            return x @ self.weight.T + self.bias
        steps, scales = quantize_activations(x)
        return (steps @ self.weight.T) * scales[:, None] * self.scales[None, :] + self.bias


# Where each family keeps what a layer is made of, and how its classifier ends. "{}" is the layer's number.
BERT = dict(layer="encoder.layer.{}.", q="attention.self.query", k="attention.self.key", v="attention.self.value", out="attention.output.dense",
            attention_norm="attention.output.LayerNorm", wide="intermediate.dense", narrow="output.dense", ffn_norm="output.LayerNorm")
FAMILIES = {
    "distilbert": dict(layer="transformer.layer.{}.", q="attention.q_lin", k="attention.k_lin", v="attention.v_lin", out="attention.out_lin",
                       attention_norm="sa_layer_norm", wide="ffn.lin1", narrow="ffn.lin2", ffn_norm="output_layer_norm",
                       head=[("pre_classifier", relu), ("classifier", None)]),
    "bert": dict(BERT, head=[("bert.pooler.dense", np.tanh), ("classifier", None)]),
    "roberta": dict(BERT, head=[("classifier.dense", np.tanh), ("classifier.out_proj", None)]),
    "albert": dict(layer="encoder.albert_layer_groups.0.albert_layers.0.", q="attention.query", k="attention.key", v="attention.value",
                   out="attention.dense", attention_norm="attention.LayerNorm", wide="ffn", narrow="ffn_output", ffn_norm="full_layer_layer_norm",
                   head=[("albert.pooler", np.tanh), ("classifier", None)]),
}


class Classifier:
    def __init__(self, directory, int8):
        with open(os.path.join(directory, "config.json"), encoding="utf8") as file:
            config = json.load(file)
        get = lambda *keys: next(config[key] for key in keys if key in config)
        self.tensors = read_safetensors(os.path.join(directory, "model.safetensors"))
        self.int8, self.heads, self.epsilon = int8, get("n_heads", "num_attention_heads"), config.get("layer_norm_eps", 1e-12)
        self.activation = {"gelu": gelu, "gelu_new": gelu_tanh, "relu": relu}[get("activation", "hidden_act")]
        kind = config["model_type"]
        family, prefix = FAMILIES[kind], kind + "."
        table = lambda name: self.table(f"{prefix}embeddings.{name}_embeddings.weight")
        self.tokens, self.positions = table("word"), table("position")
        self.first_position = config["pad_token_id"] + 1 if kind == "roberta" else 0
        self.types = None if kind == "distilbert" else table("token_type")
        self.embedding_norm = self.norm(prefix + "embeddings.LayerNorm")
        self.projection = self.linear(prefix + "encoder.embedding_hidden_mapping_in") if kind == "albert" else None
        query_scale = f32(1 / math.sqrt(get("dim", "hidden_size") / self.heads))
        self.layers = []
        for i in range(get("n_layers", "num_hidden_layers")):
            name = lambda part: prefix + family["layer"].format(i) + family[part]
            layer = {part: self.linear(name(part), query_scale if part == "q" else f32(1)) for part in ("q", "k", "v", "out", "wide", "narrow")}
            self.layers.append(layer | {part: self.norm(name(part)) for part in ("attention_norm", "ffn_norm")})
        self.head = [(self.linear(name), activation) for name, activation in family["head"]]

    def table(self, name):
        if not self.int8:
            return self.tensors[name].astype(np.float64)
        steps, scales = quantize_weights(self.tensors[name])
        return steps * scales[:, None]

    def linear(self, name, scale=f32(1)):
        return Linear(self.tensors[name + ".weight"] * scale, self.tensors[name + ".bias"] * scale, self.int8)

    def norm(self, name):
        return self.tensors[name + ".weight"], self.tensors[name + ".bias"], self.epsilon

    def attention(self, layer, x):
        split = lambda y: y.reshape(len(x), self.heads, -1).swapaxes(0, 1)  # [heads, tokens, head size]
        q, k, v = split(layer["q"](x)), split(layer["k"](x)), split(layer["v"](x))
        mixed = softmax(q @ k.swapaxes(1, 2)) @ v
        return layer["out"](mixed.swapaxes(0, 1).reshape(len(x), -1))

    def logits(self, ids, types):
        x = self.tokens[ids] + self.positions[self.first_position : self.first_position + len(ids)]
        if self.types is not None:
            x = x + self.types[types or [0] * len(ids)]
        x = layer_norm(x, *self.embedding_norm)
        if self.projection:
            x = self.projection(x)
        for layer in self.layers:
            x = layer_norm(x + self.attention(layer, x), *layer["attention_norm"])
            x = layer_norm(x + layer["narrow"](self.activation(layer["wide"](x))), *layer["ffn_norm"])
        x = x[:1]
        for linear, activation in self.head:
            x = activation(linear(x)) if activation else linear(x)
        return x[0]


# ---------------------------------------------------------------- the command


def simulate(directory, int8=True):
    """The logits of each case of golden.json, by its ids (equal ids give equal logits, so a case stands once)."""
    with open(os.path.join(directory, "golden.json"), encoding="utf8") as file:
        cases = json.load(file)["cases"]
    network = Classifier(directory, int8)
    return {tuple(case["input_ids"]): network.logits(case["input_ids"], case.get("token_type_ids")) for case in cases}


def write(answers, path):
    """One case a line, so that a change of one case is a change of one line."""
    lines = [json.dumps({"ids": ids, "logits": [round(float(y), 6) for y in logits]}, separators=(",", ":"))
             for ids, logits in answers.items()]
    text = '{"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    if path is None:
        sys.stdout.write(text)
    else:
        with open(path, "w", encoding="utf8") as file:
            file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--weights", choices=["int8", "fp32"], default="int8")
    parser.add_argument("-o", metavar="FILE")
    parser.add_argument("--all", metavar="SHARED_DIR")
    arguments = parser.parse_args()
    if arguments.all:
        for name in ALL_FIXTURES:
            write(simulate(os.path.join(arguments.all, "fixtures", "checkpoints", name)), os.path.join(GOLDEN, name + ".json"))
    elif arguments.checkpoint:
        write(simulate(arguments.checkpoint, arguments.weights == "int8"), arguments.o)
    else:
        parser.error("which checkpoint?")


if __name__ == "__main__":
    main()
