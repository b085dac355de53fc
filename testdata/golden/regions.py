"""Cases of Cutout, WeightedChannelDropout, FocusedDropout and MaxDrop, whose factors are few and
constants of the gradient. They are computed here sample by sample.
"""

import numpy as np
import torch
from drawn import drawn


def cases():
    for p, size in [(1, 3), (0.5, 4)]:
        yield drawn(f"cutout/p_{p}_size_{size}", "Cutout", {"p": p, "size": size}, cutout(p, size), (5, 2, 6, 7))
    for p, ratio in [(0, 0.8), (0.3, 0.5)]:
        yield drawn(f"weighted_channel_dropout/p_{p}_ratio_{ratio}", "WeightedChannelDropout", {"p": p, "ratio": ratio},
                    weighted(p, ratio), (4, 10, 3, 3))
    for lo, hi in [(0.3, 0.6), (0.1, 0.1)]:
        yield drawn(f"focused_dropout/{lo}_{hi}", "FocusedDropout", {"lo": lo, "hi": hi}, focused(lo, hi), (3, 4, 5, 4))
    for across in [False, True]:
        yield drawn(f"max_drop/across_{across}".lower(), "MaxDrop", {"p": 0.6, "across": across}, max_drop(0.6, across), (3, 4, 5, 4))


def max_drop(p, across):
    def f(stream, x):
        n, c = x.shape[:2]
        flat = x.flatten(2)
        axis = 1 if across else 2
        drops = torch.tensor(1 - stream().keeps(p, n, flat.shape[2] if across else c)).unsqueeze(axis)
        largest = torch.zeros_like(flat).scatter(axis, flat.detach().argmax(axis, keepdim=True), 1)
        return (flat * (1 - largest * drops)).reshape(x.shape)

    return f


def cutout(p, size):
    def f(stream, x):
        n, _, h, w = x.shape
        k = torch.ones(n, 1, h, w, dtype=x.dtype)
        words = stream().words(4 * n).astype(np.float64).reshape(n, 4) / 2**32
        for i, (row, column, chance, _) in enumerate(words):
            top, left = int(row * h) - size // 2, int(column * w) - size // 2
            if chance < p:
                k[i, :, max(0, top):top + size, max(0, left):left + size] = 0
        return x * k

    return f


def weighted(p, ratio):
    def f(stream, x):
        n, c = x.shape[:2]
        k = torch.zeros(n, c, dtype=x.dtype)
        words = (stream().words(4 * n * c).astype(np.float64).reshape(n, c, 4) + 0.5) / 2**32
        for i, score in enumerate(x.detach().flatten(2).mean(2).clamp(min=0)):
            order = sorted(range(c), key=lambda j: (-np.log(words[i, j, 0]) / score[j] if score[j] > 0 else np.inf, j))
            selected = order[:max(1, round(ratio * c))]
            for j in selected:
                if words[i, j, 1] >= p:
                    k[i, j] = score.sum() / score[selected].sum()
        return x * k.reshape(n, c, *[1] * (x.dim() - 2))

    return f


def focused(lo, hi):
    def f(stream, x):
        mu = lo + (hi - lo) * float(stream().words(2)[1]) / 2**32
        rows = []
        for sample in x.detach():
            reference = sample[sample.flatten(1).mean(1).argmax()]
            rows.append((reference > mu * reference.max()).to(x.dtype))
        return x * torch.stack(rows).unsqueeze(1)

    return f
