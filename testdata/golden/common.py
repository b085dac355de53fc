"""What the golden scripts share: seeded numbers, one forward and backward pass
as a JSON object, and the file format described in README.md.
"""

import json
import os
import pathlib
import sys
import zlib

# Scalar kernels on one thread: the same bits whatever vectors the CPU has.
os.environ["ATEN_CPU_CAPABILITY"] = "default"
sys.dont_write_bytecode = True

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

HERE = pathlib.Path(__file__).parent


def rng(name):
    """A generator seeded by name, so that adding a case changes no other one.
    RandomState's streams are frozen by NumPy; default_rng's are not."""
    return np.random.RandomState(zlib.crc32(name.encode()))


def normal(r, *shape, scale=1.0):
    """Normal numbers rounded to 16ths: short in JSON, exact in float32, and what
    a linear map makes of them is the same whatever the order of its sums."""
    return dyadic(r.standard_normal(shape) * scale)


def dyadic(x):
    """x rounded to 16ths."""
    return torch.tensor(np.round(x * 16) / 16)


def integers(r, high, *shape):
    """Integers in [0, high)."""
    return torch.tensor(r.randint(0, high, shape, dtype=np.int64))


def tensor(t):
    """JSON of a tensor, flat and row-major; what JSON cannot say is a string."""
    def number(v):
        return v if isinstance(v, int) or np.isfinite(v) else str(v)

    out = {"shape": list(t.shape), "data": [number(v) for v in t.detach().flatten().tolist()]}
    if not t.is_floating_point():
        out["dtype"] = str(t.dtype).removeprefix("torch.")
    return out


def tensors(named):
    """JSON of a dictionary of tensors."""
    return {k: tensor(t) for k, t in named.items()}


def fill(module, r):
    """Gives every parameter, and every running statistic, a value of its own."""
    for p in module.parameters():
        p.data = normal(r, *p.shape)
    for name, b in module.named_buffers():
        if name.endswith("running_mean"):
            b.copy_(normal(r, *b.shape))
        elif name.endswith("running_var"):
            b.copy_(dyadic(r.uniform(0.5, 2, b.shape)))
        elif name.endswith("num_batches_tracked"):
            b.fill_(3)
    return module


def case(name, node, args, f, inputs, mode="train"):
    """Runs f, a module or a function of the inputs, forward and backward."""
    inputs = [t.clone().requires_grad_(t.is_floating_point()) for t in inputs]
    module = f if isinstance(f, nn.Module) else nn.Module()
    module.train(mode == "train")
    params = dict(module.named_parameters())
    out = {
        "name": name,
        "node": node,
        "args": {k: tensor(v) if torch.is_tensor(v) else v for k, v in args.items()},
        "mode": mode,
        "inputs": [tensor(t) for t in inputs],
        "params": tensors(params),
        "state": tensors(dict(module.named_buffers())),
    }
    y = f(*inputs)
    dy = normal(rng(name + " dy"), *y.shape)
    dy[dy == 0] = 1  # or a wrong gradient there would go unseen
    free = [t for t in inputs if t.requires_grad]
    grads = iter(torch.autograd.grad(y, free + list(params.values()), dy))
    out["output"] = tensor(y)
    out["dy"] = tensor(dy)
    out["dinputs"] = [tensor(next(grads)) if t.requires_grad else None for t in inputs]
    out["dparams"] = {k: tensor(next(grads)) for k in params}
    out["state_after"] = tensors(dict(module.named_buffers()))
    return out


def layer(name, node, cls, args, *shapes, mode="train"):
    """The case of module cls(**args), everything about it random."""
    r = rng(name)
    module = fill(cls(**args), r)
    return case(name, node, args, module, [normal(r, *s) for s in shapes], mode)


def write(outdir, file, cases):
    """Writes one case a line, so that a changed case is a changed line."""
    cases = list(cases)
    names = [c["name"] for c in cases]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"{file}: names used twice: {sorted(twice)}")
    lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
    head = json.dumps(torch.__version__)
    pathlib.Path(outdir, file).write_text(f'{{"torch":{head},"cases":[\n{lines}\n]}}\n')


def outdir():
    """The folder named on the command line; by default the one of the scripts."""
    return sys.argv[1] if len(sys.argv) > 1 else HERE
