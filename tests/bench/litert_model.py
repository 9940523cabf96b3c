"""DistilBERT as LiteRT runs it fastest: graphs written by hand with LiteRT's own schema, one for each length of text.

Weights are int8 per output channel, activations quantized inside the graph (dynamic range), the last layer computes the
row that the classifier reads and no other. Weights are random: time does not depend on them.
"""
import os
import tempfile
from dataclasses import dataclass

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl
from ai_edge_litert.interpreter import Interpreter


@dataclass
class Shape:
    """A DistilBERT with a classifier; the defaults are DistilBERT-base's."""
    dim: int = 768
    ffn: int = 3072
    layers: int = 6
    heads: int = 12
    vocabulary: int = 30522
    labels: int = 150


class Builder:
    """A graph that grows by an operator at a time; a value is the number of its tensor."""

    def __init__(self, seed=1):
        self.random = np.random.default_rng(seed)
        self.graph = tfl.SubGraphT()
        self.graph.tensors, self.graph.operators, self.graph.name = [], [], b'main'
        self.buffers = [tfl.BufferT()]
        self.codes = []

    def value(self, shape, kind=tfl.TensorType.FLOAT32, data=None, scales=None):
        tensor = tfl.TensorT()
        tensor.name = f'v{len(self.graph.tensors)}'.encode()
        tensor.shape, tensor.type, tensor.buffer = list(map(int, shape)), kind, 0
        if data is not None:
            buffer = tfl.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        if scales is not None:
            tensor.quantization = tfl.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.zeros(len(scales), np.int64)
            tensor.quantization.quantizedDimension = 0
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def floats(self, shape):
        return self.value(shape, data=self.random.normal(0, 0.04, shape).astype(np.float32))

    def integers(self, *numbers):
        return self.value([len(numbers)], tfl.TensorType.INT32, np.array(numbers, np.int32))

    def int8_rows(self, rows, columns):
        weights = self.random.integers(-127, 128, (rows, columns)).astype(np.int8)
        return self.value([rows, columns], tfl.TensorType.INT8, weights, np.full(rows, 0.04 / 60, np.float32))

    def add(self, name, inputs, shape, **options):
        """An operator by its name in the schema, with the options of its table of options."""
        code = getattr(tfl.BuiltinOperator, name)
        if code not in self.codes:
            self.codes.append(code)
        op = tfl.OperatorT()
        op.opcodeIndex = self.codes.index(code)
        op.inputs, op.outputs = inputs, [self.value(shape)]
        table = options.pop('table', None)
        if table:
            op.builtinOptionsType = getattr(tfl.BuiltinOptions, table)
            op.builtinOptions = getattr(tfl, table + 'T')()
            for key, setting in options.items():
                setattr(op.builtinOptions, key, setting)
        self.graph.operators.append(op)
        return op.outputs[0]

    def linear(self, x, inputs, shape, relu=False):
        weight, bias = self.int8_rows(shape[-1], inputs), self.floats([shape[-1]])
        return self.add('FULLY_CONNECTED', [x, weight, bias], shape, table='FullyConnectedOptions', keepNumDims=True,
                        asymmetricQuantizeInputs=True, fusedActivationFunction=1 if relu else 0)

    def plus(self, a, b, shape):
        return self.add('ADD', [a, b], shape, table='AddOptions')

    def times(self, a, b, shape):
        return self.add('MUL', [a, b], shape, table='MulOptions')

    def layer_norm(self, x, shape):
        column = shape[:-1] + [1]
        last = self.integers(len(shape) - 1)
        mean = self.add('MEAN', [x, last], column, table='ReducerOptions', keepDims=True)
        squares = self.add('SQUARED_DIFFERENCE', [x, mean], shape, table='SquaredDifferenceOptions')
        variance = self.add('MEAN', [squares, last], column, table='ReducerOptions', keepDims=True)
        epsilon = self.value([1], data=np.array([1e-12], np.float32))
        inverse = self.add('RSQRT', [self.plus(variance, epsilon, column)], column)
        centred = self.add('SUB', [x, mean], shape, table='SubOptions')
        scaled = self.times(self.times(centred, inverse, shape), self.floats(shape[-1:]), shape)
        return self.plus(scaled, self.floats(shape[-1:]), shape)

    def reshape(self, x, shape):
        return self.add('RESHAPE', [x, self.integers(*shape)], shape, table='ReshapeOptions', newShape=shape)

    def split_heads(self, x, rows, shape):
        size = shape.dim // shape.heads
        apart = self.reshape(x, [1, rows, shape.heads, size])
        return self.add('TRANSPOSE', [apart, self.integers(0, 2, 1, 3)], [1, shape.heads, rows, size], table='TransposeOptions')

    def first_row(self, x, columns):
        return self.add('SLICE', [x, self.integers(0, 0, 0), self.integers(1, 1, columns)], [1, 1, columns], table='SliceOptions')

    def layer(self, x, tokens, rows, shape):
        d = shape.dim
        every, read = [1, tokens, d], [1, rows, d]
        own = x if rows == tokens else self.first_row(x, d)
        q = self.split_heads(self.linear(own, d, read), rows, shape)
        k = self.split_heads(self.linear(x, d, every), tokens, shape)
        v = self.split_heads(self.linear(x, d, every), tokens, shape)
        scores_shape = [1, shape.heads, rows, tokens]
        scores = self.add('BATCH_MATMUL', [q, k], scores_shape, table='BatchMatMulOptions', adjY=True)
        weights = self.add('SOFTMAX', [scores], scores_shape, table='SoftmaxOptions', beta=1.0)
        mixed = self.add('BATCH_MATMUL', [weights, v], [1, shape.heads, rows, d // shape.heads], table='BatchMatMulOptions')
        together = self.add('TRANSPOSE', [mixed, self.integers(0, 2, 1, 3)], [1, rows, shape.heads, d // shape.heads],
                            table='TransposeOptions')
        attended = self.linear(self.reshape(together, read), d, read)
        x = self.layer_norm(self.plus(attended, own, read), read)
        wide = self.linear(x, d, [1, rows, shape.ffn])
        wide = self.add('GELU', [wide], [1, rows, shape.ffn], table='GeluOptions', approximate=False)
        return self.layer_norm(self.plus(self.linear(wide, shape.ffn, read), x, read), read)

    def finish(self, inputs, outputs):
        self.graph.inputs, self.graph.outputs = inputs, outputs
        model = tfl.ModelT()
        model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [self.graph], self.buffers, []
        for code in self.codes:
            entry = tfl.OperatorCodeT()
            entry.deprecatedBuiltinCode, entry.builtinCode, entry.version = min(code, 127), code, 1
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b'TFL3')
        return bytes(builder.Output())


def build(shape, tokens):
    """The .tflite file for texts of exactly so many tokens: int32 ids in, logits out."""
    b = Builder()
    ids = b.value([tokens], tfl.TensorType.INT32)
    every = [1, tokens, shape.dim]
    x = b.add('EMBEDDING_LOOKUP', [ids, b.int8_rows(shape.vocabulary, shape.dim)], [tokens, shape.dim])
    x = b.layer_norm(b.plus(b.reshape(x, every), b.floats(every), every), every)
    for i in range(shape.layers):
        x = b.layer(x, tokens, 1 if i == shape.layers - 1 else tokens, shape)
    x = b.reshape(b.first_row(x, shape.dim), [1, shape.dim])
    x = b.linear(x, shape.dim, [1, shape.dim], relu=True)
    return b.finish([ids], [b.linear(x, shape.dim, [1, shape.labels])])


def interpreter(content, threads):
    """LiteRT with its XNNPACK delegate, which it takes by itself, ready to run."""
    with tempfile.NamedTemporaryFile(suffix='.tflite', delete=False) as file:
        file.write(content)
    try:
        model = Interpreter(model_path=file.name, num_threads=threads)
        model.allocate_tensors()
    finally:
        os.unlink(file.name)
    return model
