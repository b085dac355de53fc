"""Cases of DropBlock. The masks are those of torchvision's drop_block2d, with the first
corner of a block where a draw of an element says so: a max pooling spreads it.
"""

import torch
import torch.nn.functional as F
from drawn import drawn


def cases():
    for p, size, shape in [(0.1, 3, (2, 3, 9, 8)), (0.3, 2, (2, 3, 5, 6)), (0.2, 7, (2, 2, 4, 9)), (0.5, 1, (2, 3, 4, 4))]:
        yield drawn(f"drop_block2d/p_{p}_size_{size}", "DropBlock2D", {"p": p, "block_size": size}, drop(p, size), shape)
    yield drawn("drop_block2d/coupled", "DropBlock2D", {"p": 0.3, "block_size": 3, "couple_channels": True},
                drop(0.3, 3, True), (3, 4, 7, 7))
    yield drawn("drop_block1d", "DropBlock1D", {"p": 0.2, "block_size": 4}, drop(0.2, 4), (3, 4, 15))
    yield drawn("drop_block3d", "DropBlock3D", {"p": 0.2, "block_size": 2}, drop(0.2, 2), (2, 2, 4, 5, 3))


def drop(p, size, couple=False):
    def f(stream, x):
        shape = [x.shape[0], 1 if couple else x.shape[1], *x.shape[2:]]
        side = min(size, *shape[2:])
        gamma = p
        for d in shape[2:]:
            gamma *= d / (side * (d - side + 1))
        corners = torch.tensor(1 - stream().keeps(min(1, gamma), *shape))
        corners = corners[(..., *[slice(0, d - side + 1) for d in shape[2:]])]
        spread = {3: F.max_pool1d, 4: F.max_pool2d, 5: F.max_pool3d}[x.dim()]
        kept = 1 - spread(F.pad(corners, [side - 1] * 2 * (x.dim() - 2)), side, stride=1)
        return x * kept * kept.numel() / kept.sum()

    return f
