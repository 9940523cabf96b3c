"""The arithmetic of the simulation: quantization, products, and what stays floating point. simulate_int8.py describes the scheme."""
import math

import numpy as np

f32 = np.float32


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


class Jitter:
    """What a sum in another order does to the rows that are quantized next: noise of a given size relative to each row's largest value."""

    def __init__(self, size, seed):
        self.size, self.random = size, np.random.default_rng(seed)

    def __call__(self, rows):
        return rows + self.size * np.abs(rows).max(axis=1, keepdims=True) * self.random.standard_normal(rows.shape)


class Matrix:
    """Rows with one scale each where they are int8: the weight of a product, or a table of which rows are looked up."""

    def __init__(self, rows, int8):
        self.int8 = int8
        self.steps, self.scales = quantize_weights(rows) if int8 else (rows.astype(np.float64), np.ones(len(rows)))

    def __getitem__(self, index):
        return self.steps[index] * self.scales[index][..., None]

    def times(self, x, jitter=None):
        """[n, inputs] -> [n, outputs]."""
        if not self.int8:
            return x @ self.steps.T
        steps, scales = quantize_activations(x if jitter is None else jitter(x))
        return (steps @ self.steps.T) * scales[:, None] * self.scales[None, :]


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
