"""Cases of noise that is no mask of factors: AlphaDropout, Gaussian dropout and noise,
and Swapout.
"""

import math

import numpy as np
import torch
from drawn import drawn
from philox import threshold

ALPHA = -1.7580993408473766  # what SELU tends to far below 0


def cases():
    for p in [0.1, 0.5]:
        yield drawn(f"alpha_dropout/p_{p}", "AlphaDropout", {"p": p}, alpha(p, (5, 13)), (5, 13))
    yield drawn("alpha_dropout/eval", "AlphaDropout", {"p": 0.5}, lambda s, x: x, (3, 5), mode="eval")
    yield drawn("alpha_dropout/noise", "AlphaDropout", {"p": 0.3, "noise_shape": [4, 1, 3]}, alpha(0.3, (4, 1, 3)), (4, 5, 3))
    yield drawn("feature_alpha_dropout", "FeatureAlphaDropout", {"p": 0.3}, alpha(0.3, (4, 6, 1, 1)), (4, 6, 3, 4))
    for p in [0.2, 0.5]:
        std = math.sqrt(threshold(p) / (65536 - threshold(p)))
        yield drawn(f"gaussian_dropout/p_{p}", "GaussianDropout", {"p": p},
                    lambda s, x: x * (1 + std * normal(s(), *x.shape)), (5, 13))
    yield drawn("gaussian_noise", "GaussianNoise", {"std": 0.75}, lambda s, x: x + 0.75 * normal(s(), *x.shape), (5, 13))
    yield drawn("gaussian_noise/eval", "GaussianNoise", {"std": 0.75}, lambda s, x: x, (3, 5), mode="eval")
    args = {"skip": 0.3, "branch": 0.6}
    yield drawn("swapout", "Swapout", args, swapout, (5, 13), (5, 13))
    yield drawn("swapout/eval", "Swapout", args, lambda s, x, f: (1 - threshold(0.3) / 65536) * x + (1 - threshold(0.6) / 65536) * f,
                (5, 13), (5, 13), mode="eval")


def alpha(p, shape):
    """Masks over a shape, and the affine map of the paper."""
    def f(stream, x):
        m, drop = torch.tensor(stream().keeps(p, *shape)), threshold(p) / 65536
        a = ((1 - drop) * (1 + drop * ALPHA**2)) ** -0.5
        return a * (m * x + (1 - m) * ALPHA) - a * drop * ALPHA
    return f


def swapout(stream, x, f):
    return torch.tensor(stream("skip").keeps(0.3, *x.shape)) * x + torch.tensor(stream("branch").keeps(0.6, *f.shape)) * f


def normal(stream, *shape):
    """Quantiles of the normal distribution, for half-words of 7 rounds of Philox: the low
    bit of one is the sign, and the others, followed by a one, are the part of 2^17 that
    lies beyond. Ours are quadratics in float32 that come within 0.0004 of them."""
    halves = stream.halves(int(np.prod(shape)), rounds=7)
    z = math.sqrt(2) * torch.erfinv(1 - torch.tensor(halves | 1) / 65536)
    sign = 1 - 2 * (halves & 1)
    return (z * torch.tensor(sign)).reshape(shape)
