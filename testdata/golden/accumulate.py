"""Writes accumulate.json: small networks trained for five steps whose gradients are added
up over pieces of the batch, in the form of groups.json.

usage: python3 accumulate.py [OUTDIR]

Piece i of k holds the samples from i*n//k to (i+1)*n//k, and its loss counts by its share
of them. Gradients are clipped after all pieces.
"""

import common
import torch
from common import integers, normal, rng, tensor, tensors
from groups import CLASSES, NETS, STEPS
from networks import weights
from torch.nn import functional as F

# Of each: name, network, most samples of a piece, optimiser and its arguments, the norm
# that gradients are clipped to.
RUNS = [
    ("sgd in pieces of two", "convnet", 2, "SGD", {"lr": 0.05, "momentum": 0.9}, None),
    ("sgd in uneven pieces, clipped", "convnet", 4, "SGD", {"lr": 0.05, "weight_decay": 0.0625}, 0.5),
    ("adam in uneven pieces", "mlp", 3, "Adam", {"lr": 0.01}, None),
    ("adamw one by one", "mlp", 1, "AdamW", {"lr": 0.01}, None),
    ("adam in one piece", "mlp", 8, "Adam", {"lr": 0.01}, None),
]


def run(name, net, most, optimizer, args, clip):
    r = rng("accumulate " + name)
    cls, shape, classes = NETS[net]
    net = weights(cls(), r)
    n = shape[0]
    x, target = normal(r, *shape), integers(r, classes, n)
    before = tensors(net.state_dict())
    opt = CLASSES[optimizer](net.parameters(), **args)
    k = -(-n // most)
    losses = []
    for _ in range(STEPS):
        opt.zero_grad()
        total = 0
        for i in range(k):
            lo, hi = i * n // k, (i + 1) * n // k
            loss = F.cross_entropy(net(x[lo:hi]), target[lo:hi]) * ((hi - lo) / n)
            loss.backward()
            total += loss.item()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        opt.step()
        losses.append(total)
    return {
        "name": name,
        "net": cls.__name__,
        "loss": {"name": "CrossEntropy"},
        "piece": most,
        "optimizer": {"name": optimizer, **args},
        "frozen": [],
        "groups": [],
        "gamma": 1,
        "clip_norm": clip or 0,
        "trained": [n for n, _ in net.named_parameters()],
        "inputs": [tensor(x)],
        "target": tensor(target),
        "before": before,
        "losses": losses,
        "after": tensors(net.state_dict()),
        "output_eval_after": tensor(net.eval()(x)),
    }


def main(outdir):
    common.write(outdir, "accumulate.json", [run(*r) for r in RUNS])


if __name__ == "__main__":
    main(common.outdir())
