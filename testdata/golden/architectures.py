"""Writes architectures.json: small models of the ready architectures, trained
for two steps, with the loss of each step and the output at the end.

usage: python3 architectures.py [OUTDIR]
"""

import pathlib
import sys

import common
import torch
from common import integers, normal, rng, tensor, tensors
from torch import nn
from torch.nn import functional as F

sys.path.insert(1, str(pathlib.Path(__file__).parent.parent / "interop"))
import modules  # noqa: E402

STEPS = 2


def weights(net, r):
    """Weights of the size that keeps values of size 1; norms and biases of their own."""
    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            fan_in = m.weight[0].numel()
            m.weight.data = common.dyadic(r.standard_normal(m.weight.shape) * (2 / fan_in) ** 0.5)
            if m.bias is not None:
                m.bias.data = normal(r, *m.bias.shape) / 8
        if isinstance(m, nn.BatchNorm2d):
            m.weight.data = common.dyadic(r.uniform(0.5, 1.5, m.weight.shape))
            m.bias.data = normal(r, *m.bias.shape) / 8
    return net


def run(name, net):
    r = rng(name)
    net = weights(net, r)
    x, target = normal(r, 3, 1, 32, 32), integers(r, 10, 3)
    options = {"lr": 1 / 64, "momentum": 0.5}
    out = {
        "name": name,
        "loss": {"name": "CrossEntropy", "label_smoothing": 0.0},
        "optimizer": {"name": "SGD", **options},
        "inputs": [tensor(x)],
        "target": tensor(target),
        "before": tensors(net.state_dict()),
    }
    opt = torch.optim.SGD(net.parameters(), **options)
    losses = []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), target)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    out["losses"] = losses
    out["output_eval_after"] = tensor(net.eval()(x))
    return out


def main(outdir):
    common.write(outdir, "architectures.json", [run(name, net()) for name, net in modules.SMALL.items()])


if __name__ == "__main__":
    main(common.outdir())
