"""Cases of max-pooling dropout and of stochastic pooling, in training and evaluation.
Windows are taken apart by unfold.
"""

import torch
import torch.nn.functional as F
from drawn import drawn

WINDOWS = [(2, 2, 0), (3, 2, 1), (3, 1, 0)]


def cases():
    for k, stride, padding in WINDOWS:
        for mode in ["train", "eval"]:
            args = {"kernel_size": k, "stride": stride, "padding": padding}
            name = f"{k}_{stride}_{padding}_{mode}"
            yield drawn(f"max_pool_dropout2d/{name}", "MaxPoolDropout2D", {"p": 0.3, **args},
                        relu(largest(0.3, k, stride, padding) if mode == "train" else ranked(19661 / 65536, k, stride, padding)),
                        (2, 3, 6, 7), mode=mode)
            yield drawn(f"stochastic_pool2d/{name}", "StochasticPool2D", args,
                        relu((sampled if mode == "train" else own)(k, stride, padding)), (2, 3, 6, 7), mode=mode)


def relu(f):
    """What is pooled must not be negative."""
    return lambda stream, x: f(stream, F.relu(x))


def largest(p, k, stride, padding):
    return lambda stream, x: F.max_pool2d(x * torch.tensor(stream().keeps(p, *x.shape)), k, stride, padding)


def windows(x, k, stride, padding):
    """The elements of each window, (N, C, H', W', k·k), and which of them are there."""
    there = F.pad(torch.ones_like(x), [padding] * 4).unfold(2, k, stride).unfold(3, k, stride).flatten(4) == 1
    return F.pad(x, [padding] * 4).unfold(2, k, stride).unfold(3, k, stride).flatten(4), there


def ranked(p, k, stride, padding):
    def f(stream, x):
        v, there = windows(x, k, stride, padding)
        v = torch.where(there, v, torch.full_like(v, -1)).sort(dim=-1, descending=True, stable=True)[0]
        weights = (1 - p) * p ** torch.arange(k * k, dtype=x.dtype)
        return (torch.where(v >= 0, v, torch.zeros_like(v)) * weights).sum(-1)

    return f


def sampled(k, stride, padding):
    def f(stream, x):
        v, _ = windows(x, k, stride, padding)
        total = v.sum(-1, keepdim=True)
        u = torch.tensor(stream().words(total.numel()).astype("float64")).reshape(total.shape) / 2**32
        chosen = (v.cumsum(-1) > u * total).to(torch.int64).argmax(-1, keepdim=True)  # the first, with zeros 0
        return v.gather(-1, chosen).squeeze(-1) * (total.squeeze(-1) > 0)

    return f


def own(k, stride, padding):
    def f(stream, x):
        v, _ = windows(x, k, stride, padding)
        total = v.sum(-1)
        return (v * v).sum(-1) / (total + (total == 0))  # 0 for a window of zeros

    return f
