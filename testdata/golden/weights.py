"""Cases of layers whose weights are dropped: single ones, filters, words."""

import torch
import torch.nn.functional as F
from drawn import drawn

LAYERS = {
    "Linear": (lambda x, w, b: F.linear(x, w, b), (4, 5), (6, 5)),
    "Conv1D": (lambda x, w, b: F.conv1d(x, w, b), (2, 3, 7), (6, 3, 3)),
    "Conv2D": (lambda x, w, b: F.conv2d(x, w, b), (2, 3, 5, 4), (6, 3, 2, 2)),
}


def cases():
    for node, p, over in [("DropConnect", 0.5, list), ("DropFilter", 0.4, rows), ("EmbeddingDropout", 0.1, rows)]:
        for layer, (f, x, w) in LAYERS.items():
            yield drawn(f"{node}/{layer}", node, {"p": p, "layer": layer, "out": w[0], "kernel": w[-1]},
                        masked(f, p, over(w)), x, params={"layer__weight": w, "layer__bias": w[:1]}, path="layer.weight")


def rows(shape):
    return [shape[0]] + [1] * (len(shape) - 1)


def masked(f, p, over):
    """f with the weight times factors drawn over a shape, which is broadcast."""
    return lambda stream, x, layer__weight, layer__bias: f(x, layer__weight * torch.tensor(stream().factors(p, *over)), layer__bias)
