"""Cases of dropout with the masks it draws: of elements, of maps, and of whatever a
noise shape shares a draw over.
"""

import torch
from drawn import drawn


def cases():
    for p in [0.2, 0.5, 0.9]:
        yield drawn(f"dropout/p_{p}", "Dropout", {"p": p}, multiply(p, (5, 13)), (5, 13))
    yield drawn("dropout/p_0.5_eval", "Dropout", {"p": 0.5}, lambda s, x: x, (3, 5), mode="eval")
    for noise in [(4, 1, 3), (1, 5, 3), (4, 5, 1), (1, 1, 1)]:
        yield drawn(f"dropout/noise_{noise}", "Dropout", {"p": 0.4, "noise_shape": list(noise)}, multiply(0.4, noise), (4, 5, 3))
    for node, space in [("SpatialDropout1D", (7,)), ("SpatialDropout2D", (3, 4)), ("SpatialDropout3D", (2, 1, 3))]:
        yield drawn(f"{node}/p_0.3", node, {"p": 0.3}, multiply(0.3, (4, 6) + (1,) * len(space)), (4, 6) + space)


def multiply(p, shape):
    """x times factors that are drawn over a shape, which is broadcast."""
    return lambda stream, x: x * torch.tensor(stream().factors(p, *shape))
