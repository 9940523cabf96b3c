#!/usr/bin/env python3
"""What a model of the BERT family answers when its products are done in 8 bits: the scheme of DESIGN.md written a second time, in NumPy.

    simulate_int8.py CHECKPOINT_DIR [--weights int8|fp32] [-o FILE]     answers the cases of the checkpoint's golden.json
    simulate_int8.py --all SHARED_DIR                                   makes tests/golden/simulation anew (needs ../shared)

The scheme:
  * a weight matrix [outputs, inputs] is symmetric int8 with one scale for each output, and so are the embedding tables with one
    for each token, position or token type: the largest magnitude of a row becomes 127, and values are rounded to nearest, ties to even;
  * each row (token) that enters a product is int8 with a scale and a zero point of its own, chosen so that its range, widened to
    include 0, takes all 256 values; the product itself is exact in integers;
  * heads are quantized like layers. The vocabulary's output layer is the table of token embeddings: its steps and scales are the table's;
  * 1/sqrt(head size) is multiplied into the query's weight and bias before they are quantized;
  * all else (biases, layer norms, softmax, attention, GELU, the residual stream) is floating point. The runtime uses fp32 and this
    float64, because sums in fp32 depend on their order, and one value that is rounded to another step moves logits by hundredths:
    each implementation in fp32 is nearer to this than to another one.

Nothing here is shared with the converter or the runtime, not even the checkpoint readers: what both get wrong in the same way, this
does not. Input is token ids (golden.json's), so tokenizers do not come into it.
"""
import argparse, json, math, os, sys

import numpy as np

from checking import ALL_FIXTURES, SIMULATION, golden_of, kept
from int8_numbers import Matrix, gelu, gelu_tanh, layer_norm, relu, softmax
from read_weights import read_weights

f32 = np.float32


# ---------------------------------------------------------------- families and heads

# Where each family keeps what a layer is made of. "{}" is the layer's number.
BERT = dict(layer="encoder.layer.{}.", q="attention.self.query", k="attention.self.key", v="attention.self.value",
            out="attention.output.dense", attention_norm="attention.output.LayerNorm",
            wide="intermediate.dense", narrow="output.dense", ffn_norm="output.LayerNorm")
FAMILIES = {
    "distilbert": dict(layer="transformer.layer.{}.", q="attention.q_lin", k="attention.k_lin", v="attention.v_lin",
                       out="attention.out_lin", attention_norm="sa_layer_norm",
                       wide="ffn.lin1", narrow="ffn.lin2", ffn_norm="output_layer_norm"),
    "bert": BERT,
    "roberta": BERT,
    "albert": dict(layer="encoder.albert_layer_groups.0.albert_layers.0.", q="attention.query", k="attention.key", v="attention.value",
                   out="attention.dense", attention_norm="attention.LayerNorm",
                   wide="ffn", narrow="ffn_output", ffn_norm="full_layer_layer_norm"),
}

# The linear layers of each family's heads, with the activation ("same": the encoder's) and the layer norm behind each.
CLASSIFIERS = {
    "distilbert": [("pre_classifier", relu, None), ("classifier", None, None)],
    "bert": [("bert.pooler.dense", np.tanh, None), ("classifier", None, None)],
    "roberta": [("classifier.dense", np.tanh, None), ("classifier.out_proj", None, None)],
    "albert": [("albert.pooler", np.tanh, None), ("classifier", None, None)],
}
TRANSFORMS = {
    "distilbert": [("vocab_transform", "same", "vocab_layer_norm")],
    "bert": [("cls.predictions.transform.dense", "same", "cls.predictions.transform.LayerNorm")],
    "roberta": [("lm_head.dense", gelu, "lm_head.layer_norm")],
    "albert": [("predictions.dense", "same", "predictions.LayerNorm")],
}
VOCABULARY_BIASES = {"distilbert": "vocab_projector.bias", "bert": "cls.predictions.bias", "roberta": "lm_head.bias",
                     "albert": "predictions.bias"}


def head_of(kind, family):
    return {"sequence-classification": CLASSIFIERS[family],
            "next-sentence-prediction": [("bert.pooler.dense", np.tanh, None), ("cls.seq_relationship", None, None)],
            "token-classification": [("classifier", None, None)],
            "question-answering": [("qa_outputs", None, None)],
            "mlm": TRANSFORMS[family],
            "feature-extraction": []}[kind]


# ---------------------------------------------------------------- the network


class Network:
    """`jitter` disturbs what is quantized (int8_numbers.Jitter): how far answers move then is how far rounding decides them."""

    def __init__(self, directory, kind, int8, jitter=None):
        with open(os.path.join(directory, "config.json"), encoding="utf8") as file:
            config = json.load(file)
        get = lambda *keys: next(config[key] for key in keys if key in config)
        self.tensors = read_weights(directory)
        self.kind, self.int8, self.jitter = kind, int8, jitter
        self.heads, self.epsilon = get("n_heads", "num_attention_heads"), config.get("layer_norm_eps", 1e-12)
        self.activation = {"gelu": gelu, "gelu_new": gelu_tanh, "relu": relu}[get("activation", "hidden_act")]
        family = config["model_type"]
        parts = FAMILIES[family]
        prefix = family + "." if family + ".embeddings.LayerNorm.weight" in self.tensors else ""  # none where the encoder is all there is
        table = lambda name: Matrix(self.tensors[f"{prefix}embeddings.{name}_embeddings.weight"], int8)
        self.tokens, self.positions = table("word"), table("position")
        self.first_position = config["pad_token_id"] + 1 if family == "roberta" else 0
        self.types = None if family == "distilbert" else table("token_type")
        self.embedding_norm = self.norm(prefix + "embeddings.LayerNorm")
        self.projection = self.linear(prefix + "encoder.embedding_hidden_mapping_in") if family == "albert" else None
        query_scale = f32(1 / math.sqrt(get("dim", "hidden_size") / self.heads))
        self.layers = []
        for i in range(get("n_layers", "num_hidden_layers")):
            name = lambda part: prefix + parts["layer"].format(i) + parts[part]
            layer = {part: self.linear(name(part)) for part in ("k", "v", "out", "wide", "narrow")}
            layer |= {"q": self.linear(name("q"), query_scale)}
            self.layers.append(layer | {part: self.norm(name(part)) for part in ("attention_norm", "ffn_norm")})
        self.head = [(self.linear(name), self.activation if activation == "same" else activation, norm and self.norm(norm))
                     for name, activation, norm in head_of(kind, family)]
        self.vocabulary_bias = self.tensors[VOCABULARY_BIASES[family]].astype(np.float64) if kind == "mlm" else None

    def linear(self, name, scale=f32(1)):
        weight, bias = Matrix(self.tensors[name + ".weight"] * scale, self.int8), (self.tensors[name + ".bias"] * scale).astype(np.float64)
        return lambda x: weight.times(x, self.jitter) + bias

    def norm(self, name):
        gamma, beta = self.tensors[name + ".weight"], self.tensors[name + ".bias"]
        return lambda x: layer_norm(x, gamma, beta, self.epsilon)

    def attention(self, layer, x):
        split = lambda y: y.reshape(len(x), self.heads, -1).swapaxes(0, 1)  # [heads, tokens, head size]
        q, k, v = split(layer["q"](x)), split(layer["k"](x)), split(layer["v"](x))
        mixed = softmax(q @ k.swapaxes(1, 2)) @ v
        return layer["out"](mixed.swapaxes(0, 1).reshape(len(x), -1))

    def hidden_states(self, ids, types):
        x = self.tokens[ids] + self.positions[self.first_position : self.first_position + len(ids)]
        if self.types is not None:
            x = x + self.types[types or [0] * len(ids)]
        x = self.embedding_norm(x)
        if self.projection:
            x = self.projection(x)
        for layer in self.layers:
            x = layer["attention_norm"](x + self.attention(layer, x))
            x = layer["ffn_norm"](x + layer["narrow"](self.activation(layer["wide"](x))))
        return x

    def outputs(self, case):
        """One list for a case, in the order of checking.reference_outputs."""
        x = self.hidden_states(case["input_ids"], case.get("token_type_ids"))
        if self.kind in ("sequence-classification", "next-sentence-prediction"):
            x = x[:1]
        elif self.kind == "mlm":
            x = x[case["mask_positions"]]
        for linear, activation, norm in self.head:
            x = linear(x)
            x = activation(x) if activation else x
            x = norm(x) if norm else x
        if self.kind == "mlm":
            x = self.tokens.times(x, self.jitter) + self.vocabulary_bias
        elif self.kind == "question-answering":
            x = x.T  # all starts, then all ends
        elif self.kind == "feature-extraction":
            x = np.stack([x[0], x.mean(axis=0)])
        return x.reshape(-1)


# ---------------------------------------------------------------- the command


def simulate(directory, int8=True, jitter=None):
    """The outputs of each case of golden.json, by its ids (equal ids give equal outputs, so a case stands once)."""
    kind, cases, _ = golden_of(directory)
    network = Network(directory, kind, int8, jitter)
    return {ids: network.outputs(case) for ids, case in {tuple(case["input_ids"]): case for case in cases}.items()}


def write(directory, answers, path):
    """One case a line, so that a change of one case is a change of one line. Of many outputs only some are kept, or it were megabytes."""
    kind, _, _ = golden_of(directory)
    lines = [json.dumps({"ids": ids, "outputs": [round(float(y), 6) for y in kept(kind, outputs)]}, separators=(",", ":"))
             for ids, outputs in answers.items()]
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
            directory = os.path.join(arguments.all, "fixtures", "checkpoints", name)
            write(directory, simulate(directory), os.path.join(SIMULATION, name + ".json"))
    elif arguments.checkpoint:
        write(arguments.checkpoint, simulate(arguments.checkpoint, arguments.weights == "int8"), arguments.o)
    else:
        parser.error("which checkpoint?")


if __name__ == "__main__":
    main()
