"""Writes the files that export/pytorch_test.go reads, by PyTorch itself:

    pytorch_files.py DIR

Element i of a tensor of shape (2, 3, 4) is i, less 3 if the type has a sign, and
a quarter of that if it has fractions; a bool is true if 3 divides i.

What PyTorch 2 writes and 1.13 does not, its records byteorder and
.data/serialization_id and the tensors of types that 1.13 lacks, is put in here.
"""

import pathlib
import pickle
import sys
import zipfile

import torch
from torch import nn

OUT = pathlib.Path(sys.argv[1])
TYPES = dict(BOOL=torch.bool, U8=torch.uint8, I8=torch.int8, I16=torch.int16, F16=torch.float16, BF16=torch.bfloat16,
             I32=torch.int32, F32=torch.float32, F64=torch.float64, I64=torch.int64)


def tensor(dtype, shape=(2, 3, 4)):
    i = torch.arange(torch.Size(shape).numel()).reshape(shape)
    if dtype == torch.bool:
        return i % 3 == 0
    if dtype != torch.uint8:
        i = i - 3
    return (i / 4 if dtype.is_floating_point else i).to(dtype)


def views():
    """Tensors that are not in the order of their storage, or not all of it."""
    flat = tensor(torch.float32, (24,))
    return {
        "scalar": tensor(torch.float64, ()),
        "one": tensor(torch.float32, (1,)),
        "turned": tensor(torch.float32, (2, 3)).t(),
        "permuted": tensor(torch.float16).permute(2, 0, 1),
        "parameter": nn.Parameter(tensor(torch.float32, (2, 3))),
        "flat": flat,
        "row": flat.reshape(4, 6)[2],
        "column": flat.reshape(4, 6)[:, 5],
        "tied": flat,
    }


def checkpoint():
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(tensor(torch.float32, p.shape))
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(tensor(torch.float32, p.shape))
    return {
        "epoch": 3, "best": 0.25, "big": 1 << 70, "name": "größe", "none": None, "done": True, "ids": [1, -1, 300, -70000],
        "shape": torch.Size([2, 3]), "dtype": torch.float32, "device": torch.device("cpu"),
        "model": net.state_dict(), "optimizer": optimizer.state_dict(),
    }


def rewritten(source, target, more, swap=False):
    """The archive with more entries, and with the bytes of 4-byte elements turned round."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        root = old.namelist()[0].split("/")[0]
        for name in old.namelist():
            data = old.read(name)
            if swap and "/data/" in name:
                data = b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4))
            new.writestr(name, data)
        for name, data in more.items():
            new.writestr(f"{root}/{name}", data)


class Later:
    """A name of a later torch, such as the type torch.uint16."""

    def __init__(self, module, name):
        self.__module__, self.name = module, name
        setattr(sys.modules[module], name, self)

    def __reduce__(self):
        return self.name


class Unsigned:
    """A tensor as PyTorch 2 pickles those of types that have no class of storage."""

    def __init__(self, data, shape):
        self.data, self.shape = data, shape

    def __reduce__(self):
        storage = torch.tensor(list(self.data), dtype=torch.uint8).storage()
        strides, step = [], 1
        for d in reversed(self.shape):
            strides, step = [step, *strides], step * d
        return REBUILD, (storage, 0, tuple(self.shape), tuple(strides), False, torch.nn.modules.module.OrderedDict(), UINT16)


UINT16 = Later("torch", "uint16")


def _rebuild_tensor_v3(*args):
    raise NotImplementedError


_rebuild_tensor_v3.__module__ = "torch._utils"
torch._utils._rebuild_tensor_v3 = REBUILD = _rebuild_tensor_v3


def unsigned(path):
    """A tensor of uint16, whose storage has no type."""
    data = b"".join(i.to_bytes(2, "little") for i in range(24))
    torch.save({"U16": Unsigned(data, (2, 3, 4))}, path)
    with zipfile.ZipFile(path) as z:
        entries = {name: z.read(name) for name in z.namelist()}
    with zipfile.ZipFile(path, "w") as z:
        for name, content in entries.items():
            if name.endswith("/data.pkl"):
                content = content.replace(b"ctorch\nByteStorage\n", b"ctorch.storage\nUntypedStorage\n")
            z.writestr(name, content)


class Evil:
    def __reduce__(self):
        import os

        return os.system, ("true",)


def main():
    everything = {**{name: tensor(t) for name, t in TYPES.items()}, **views()}
    torch.save(everything, OUT / "types.pt")
    torch.save(everything, OUT / "protocol4.pt", pickle_protocol=4)
    torch.save(checkpoint(), OUT / "checkpoint.pt")
    single = {"F32": tensor(torch.float32)}
    torch.save(single, OUT / "single.pt")
    later = {"byteorder": "little", ".data/serialization_id": "1234567890", ".format_version": "1", ".storage_alignment": "64"}
    rewritten(OUT / "types.pt", OUT / "pytorch2.pt", later)
    rewritten(OUT / "single.pt", OUT / "big.pt", {"byteorder": "big"}, swap=True)
    unsigned(OUT / "unsigned.pt")
    torch.save(single, OUT / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(nn.Linear(2, 3), OUT / "module.pt")
    torch.save({"F32": single["F32"], "x": Evil()}, OUT / "evil.pt")
    torch.save({"x": single["F32"].to(torch.complex64)}, OUT / "complex.pt")
    torch.save({"x": torch.ones(1).expand(1000)}, OUT / "expanded.pt")
    torch.save({"x": torch.empty(0, 3)}, OUT / "empty.pt")
    torch.jit.script(nn.Linear(2, 3)).save(str(OUT / "script.pt"))
    (OUT / "plain.pt").write_bytes(pickle.dumps(single, protocol=2))


if __name__ == "__main__":
    main()
