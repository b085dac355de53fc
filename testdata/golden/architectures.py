"""Writes architectures.json: small ones of the ready models, trained
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
MOST = 5000  # parameters, for a file of moderate size


def weights(net, r):
    """Weights of the size that keeps values of size 1; norms and biases of their own."""
    for m in net.modules():
        if isinstance(m, (nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            fan_in = m.weight[0].numel()
            m.weight.data = common.dyadic(r.standard_normal(m.weight.shape) * (2 / fan_in) ** 0.5)
            if m.bias is not None:
                m.bias.data = normal(r, *m.bias.shape) / 8
        if isinstance(m, nn.LSTM):
            for w in m.parameters():
                w.data = normal(r, *w.shape) / 4
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.weight.data = common.dyadic(r.uniform(0.5, 1.5, m.weight.shape))
            m.bias.data = normal(r, *m.bias.shape) / 8
    return net


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def run(name, net, sample):
    r = rng(name)
    net = weights(net, r)
    x = normal(r, 3, *sample)
    target = integers(r, 10, 3, *net.eval()(x).shape[2:])
    net.train()
    if name.endswith("padded"):
        x[0, 2:] = 0
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
    nets = [(name, make(), sample) for name, (make, sample) in modules.SMALL.items()]
    nets = [n for n in nets if parameters(n[1]) < MOST and not isinstance(n[2], modules.Words)]
    common.write(outdir, "architectures.json", [run(*n) for n in nets])


if __name__ == "__main__":
    main(common.outdir())
