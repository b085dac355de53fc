"""Writes networks.json: two small networks trained for five steps, with the
loss of each step and every parameter and running statistic before and after.

usage: python3 networks.py [OUTDIR]
"""

import common
import torch
from common import integers, normal, rng, tensor, tensors
from torch import nn
from torch.nn import functional as F

STEPS = 5


class ConvNet(nn.Module):
    """conv-bn-relu-maxpool-conv-relu-flatten-linear on (N, 1, 8, 8)."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.fc = nn.Linear(6 * 2 * 2, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        return self.fc(x.flatten(1))


class MLP(nn.Module):
    """linear-layernorm-gelu-linear on (N, 10)."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 16)
        self.ln1 = nn.LayerNorm(16)
        self.fc2 = nn.Linear(16, 4)

    def forward(self, x):
        return self.fc2(F.gelu(self.ln1(self.fc1(x))))


def weights(module, r):
    """Weights of about ±1/4, for so few inputs; norms stay at PyTorch's 1 and 0."""
    for m in module.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            m.weight.data = normal(r, *m.weight.shape) / 4
            m.bias.data = normal(r, *m.bias.shape) / 8
    return module


def run(name, net, optimizer, options, shape, classes, label_smoothing):
    r = rng(name)
    net = weights(net, r)
    x, target = normal(r, *shape), integers(r, classes, shape[0])
    out = {
        "name": name,
        "loss": {"name": "CrossEntropy", "label_smoothing": label_smoothing},
        "optimizer": {"name": optimizer.__name__, **options},
        "inputs": [tensor(x)],
        "target": tensor(target),
        "before": tensors(net.state_dict()),
    }
    opt = optimizer(net.parameters(), **options)
    losses = []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), target, label_smoothing=label_smoothing)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    out["losses"] = losses
    out["after"] = tensors(net.state_dict())
    out["output_eval_after"] = tensor(net.eval()(x))
    return out


def main(outdir):
    common.write(outdir, "networks.json", [
        run("convnet_sgd", ConvNet(), torch.optim.SGD, {"lr": 0.05, "momentum": 0.9},
            (6, 1, 8, 8), 3, 0.0),
        run("mlp_adam", MLP(), torch.optim.Adam,
            {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8}, (8, 10), 4, 0.1),
    ])


if __name__ == "__main__":
    main(common.outdir())
