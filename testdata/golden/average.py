"""Writes average.json: the small networks trained with an average of their parameters.

usage: python3 average.py [OUTDIR]

An epoch is one step on all samples. The average is torch.optim.swa_utils.AveragedModel.
Its statistics are those of update_bn for SWA; for an EMA they are copied from the network,
which AveragedModel does itself from PyTorch 2 on.
"""

import common
import torch
from common import integers, normal, rng, tensor, tensors
from groups import CLASSES, NETS
from networks import weights
from torch.nn import functional as F
from torch.optim import swa_utils

EPOCHS = 8

# Of each: name, network, optimiser and its arguments, decay of an EMA or first epoch of SWA.
RUNS = [
    ("ema", "convnet", "SGD", {"lr": 0.05, "momentum": 0.9}, {"decay": 0.75}),
    ("ema of adam", "mlp", "Adam", {"lr": 0.01}, {"decay": 0.96875}),
    ("ema that forgets", "mlp", "Adam", {"lr": 0.01}, {"decay": 0.0}),
    ("swa", "convnet", "SGD", {"lr": 0.05, "momentum": 0.9}, {"first": 4}),
    ("swa of all", "mlp", "Adam", {"lr": 0.01}, {"first": 1}),
    ("swa of the last", "convnet", "SGD", {"lr": 0.05}, {"first": 8}),
]


def run(name, net, optimizer, args, how):
    r = rng("average " + name)
    cls, shape, classes = NETS[net]
    net = weights(cls(), r)
    x, target = normal(r, *shape), integers(r, classes, shape[0])
    before = tensors(net.state_dict())
    opt = CLASSES[optimizer](net.parameters(), **args)
    decay = how.get("decay")
    mean = swa_utils.AveragedModel(net, avg_fn=None if decay is None else lambda m, p, n: decay * m + (1 - decay) * p)
    losses = []
    for epoch in range(1, EPOCHS + 1):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), target)
        loss.backward()
        opt.step()
        losses.append(loss.item())
        if epoch >= how.get("first", 1):
            mean.update_parameters(net)
    if "first" in how:
        swa_utils.update_bn([x], mean)
    else:
        for own, its in zip(mean.module.buffers(), net.buffers()):
            own.copy_(its)
    return {
        "name": name,
        "net": cls.__name__,
        "loss": {"name": "CrossEntropy"},
        "optimizer": {"name": optimizer, **args},
        **how,
        "inputs": [tensor(x)],
        "target": tensor(target),
        "before": before,
        "losses": losses,
        "after": tensors(mean.module.state_dict()),
        "output_eval_after": tensor(mean.module.eval()(x)),
    }


def main(outdir):
    common.write(outdir, "average.json", [run(*r) for r in RUNS])


if __name__ == "__main__":
    main(common.outdir())
