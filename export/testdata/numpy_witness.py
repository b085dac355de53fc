"""The other side of numpy_test.go: reads what Go wrote, writes what Go reads.

    numpy_witness.py check DIR    reads DIR/go.npz and DIR/go.safetensors
    numpy_witness.py write DIR    writes DIR/*.npz, *.npy and *.safetensors

Both sides build the same arrays from the same formula: element i is i, less 3
if the type has a sign, and a quarter of that if it has fractions.
"""
import json
import struct
import sys

import numpy as np

TYPES = dict(BOOL="?", U8="<u1", I8="<i1", I16="<i2", U16="<u2", F16="<f2", I32="<i4",
             U32="<u4", F32="<f4", F64="<f8", I64="<i8", U64="<u8")


def array(dtype, shape=(2, 3, 4)):
    dtype = np.dtype(dtype)
    i = np.arange(int(np.prod(shape))).reshape(shape)
    if dtype.kind == "b":
        return i % 3 == 0
    if dtype.kind in "if":
        i = i - 3
    return (i / 4 if dtype.kind == "f" else i).astype(dtype)


def read_safetensors(path):
    data = open(path, "rb").read()
    n, = struct.unpack("<Q", data[:8])
    assert n % 8 == 0, n
    header = json.loads(data[8:8 + n])
    meta = header.pop("__metadata__")
    arrays = {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        assert begin % np.dtype(TYPES[t["dtype"]]).itemsize == 0, (name, begin)
        arrays[name] = np.frombuffer(data[8 + n + begin:8 + n + end], TYPES[t["dtype"]]).reshape(t["shape"])
    return arrays, meta


def write_safetensors(path, arrays, meta):
    header, data = {"__metadata__": meta}, b""
    for name, (dtype, a) in arrays.items():
        header[name] = dict(dtype=dtype, shape=a.shape, data_offsets=[len(data), len(data) + a.nbytes])
        data += a.tobytes()
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


def check(folder):
    tensors, meta = read_safetensors(folder + "/go.safetensors")
    assert meta == {"from": "Gö"}, meta
    with np.load(folder + "/go.npz") as npz:
        arrays = dict(npz)
    want = {name: array(t) for name, t in TYPES.items() if name != "F16"}
    want.update(scalar=array("<f4", ()), transposed=array("<f4", (2, 3)).T, größe=array("<f4", (1,)))
    for source, got in dict(safetensors=tensors, npz=arrays).items():
        assert got.keys() == want.keys(), (source, got.keys())
        for name, w in want.items():
            g = got[name]
            assert g.dtype == w.dtype and g.shape == w.shape and (g == w).all(), (source, name, g, w)


def write(folder):
    arrays = {name: array(t) for name, t in TYPES.items()}
    big = {name + ">": array(t).astype(np.dtype(t).newbyteorder(">")) for name, t in TYPES.items()}
    fortran = {name + "F": np.asfortranarray(array(t)) for name, t in TYPES.items()}
    scalar = dict(scalar=array("<f4", ()), größe=array("<f4", (1,)))
    np.savez(folder + "/stored.npz", **arrays, **big, **fortran, **scalar)
    np.savez_compressed(folder + "/deflated.npz", **arrays, **big, **fortran, **scalar)
    for version in (1, 2, 3):
        with open("%s/v%d.npy" % (folder, version), "wb") as f:
            np.lib.format.write_array(f, array("<f4"), version=(version, 0))

    tensors = {name: (name, a) for name, a in arrays.items()}
    f32 = array("<f4")
    tensors["BF16"] = "BF16", (f32.view("<u4") >> 16).astype("<u2")  # exact: few bits are set
    halves = np.arange(1 << 16, dtype="<u2").view("<f2")
    with np.errstate(invalid="ignore"):
        tensors["halves"], tensors["widened"] = ("F16", halves), ("F32", halves.astype("<f4"))
    write_safetensors(folder + "/python.safetensors", tensors, {"from": "Python"})


if __name__ == "__main__":
    dict(check=check, write=write)[sys.argv[1]](sys.argv[2])
