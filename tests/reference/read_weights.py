"""The weights of a checkpoint, for the simulation: readers of its own, so that a mistake of the converter's is not repeated."""
import collections, json, os, pickle, struct, zipfile

import numpy as np

f32 = np.float32


def read_weights(directory):
    """All tensors of a checkpoint, by name, as fp32."""
    path = os.path.join(directory, "model.safetensors")
    return read_safetensors(path) if os.path.exists(path) else read_pytorch(os.path.join(directory, "pytorch_model.bin"))


def read_safetensors(path):
    """An 8-byte length, a JSON header, the data."""
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


def read_pytorch(path):
    """A zip archive: data.pkl says what the tensors are, data/KEY holds each storage's numbers. Only fp32: no fixture has others."""
    archive = zipfile.ZipFile(path)
    (pickled,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]

    def rebuild(storage, offset, shape, strides, *_):
        return np.lib.stride_tricks.as_strided(storage[offset:], shape, [4 * stride for stride in strides])

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            """Nothing but these three may be named, so reading a file runs nothing of it."""
            return {"OrderedDict": collections.OrderedDict, "FloatStorage": "FloatStorage", "_rebuild_tensor_v2": rebuild}[name]

        def persistent_load(self, key):
            return np.frombuffer(archive.read(pickled.replace("data.pkl", "data/" + key[2])), "<f4")

    with archive.open(pickled) as file:
        return Unpickler(file).load()
