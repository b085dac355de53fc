"""Cases of dropout with the masks it draws: of elements, of maps, of features, of
samples, of branches, and of whatever a noise shape shares a draw over.
"""

import torch
from drawn import drawn
from philox import threshold


def cases():
    for p in [0.2, 0.5, 0.9]:
        yield drawn(f"dropout/p_{p}", "Dropout", {"p": p}, multiply(p, (5, 13)), (5, 13))
    yield drawn("dropout/p_0.5_eval", "Dropout", {"p": 0.5}, lambda s, x: x, (3, 5), mode="eval")
    for noise in [(4, 1, 3), (1, 5, 3), (4, 5, 1), (1, 1, 1)]:
        yield drawn(f"dropout/noise_{noise}", "Dropout", {"p": 0.4, "noise_shape": list(noise)}, multiply(0.4, noise), (4, 5, 3))
    for node, space in [("SpatialDropout1D", (7,)), ("SpatialDropout2D", (3, 4)), ("SpatialDropout3D", (2, 1, 3))]:
        yield drawn(f"{node}/p_0.3", node, {"p": 0.3}, multiply(0.3, (4, 6) + (1,) * len(space)), (4, 6) + space)
    yield drawn("dropout/classic", "Dropout", {"p": 0.3, "classic": True}, lambda s, x: x * torch.tensor(s().keeps(0.3, 5, 13)), (5, 13))
    yield drawn("dropout/classic_eval", "Dropout", {"p": 0.3, "classic": True}, lambda s, x: x * keep(0.3), (5, 13), mode="eval")
    yield drawn("channel_dropout/images", "ChannelDropout", {"p": 0.3}, multiply(0.3, (1, 7, 1, 1)), (3, 7, 2, 4))
    yield drawn("channel_dropout/features", "ChannelDropout", {"p": 0.3}, multiply(0.3, (1, 17)), (3, 17))
    yield drawn("locked_dropout", "LockedDropout", {"p": 0.3}, multiply(0.3, (3, 1, 6)), (3, 4, 6))
    for classic in [False, True]:
        for row in [False, True]:
            name = "stochastic_depth/" + ("row" if row else "batch") + ("_classic" if classic else "")
            args = {"p": 0.4, "row": row, "classic": classic}
            yield drawn(name, "StochasticDepth", args, depth(**args), (8, 3, 2))
            yield drawn(name + "_eval", "StochasticDepth", args, lambda s, x: x * (keep(0.4) if classic else 1), (8, 3, 2), mode="eval")


def depth(p, row, classic):
    """Factors of samples, or one of the batch."""
    def f(stream, x):
        shape = (x.shape[0] if row else 1, 1, 1)
        return x * torch.tensor((stream().keeps if classic else stream().factors)(p, *shape))
    return f


def keep(p):
    """The probability to keep: that to drop is rounded to 65536ths."""
    return 1 - threshold(p) / 65536


def multiply(p, shape):
    """x times factors that are drawn over a shape, which is broadcast."""
    return lambda stream, x: x * torch.tensor(stream().factors(p, *shape))
