"""Cases of dropout in which nothing is random: p of 0 and 1, and evaluation."""

from common import layer
from torch import nn


def cases():
    for prefix, node, cls, shape in [
        ("dropout", "Dropout", nn.Dropout, (3, 4)),
        ("dropout2d", "Dropout2D", nn.Dropout2d, (2, 3, 2, 2)),
    ]:
        for p, mode in [(0.0, "train"), (1.0, "train"), (0.0, "eval"), (0.5, "eval"), (1.0, "eval")]:
            yield layer(f"{prefix}/p_{p}_{mode}", node, cls, {"p": p}, shape, mode=mode)
