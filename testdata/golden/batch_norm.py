"""Writes batch_norm.json: batch norm over virtual batches, with frozen statistics in
a network that trains, and with statistics estimated anew.

usage: python3 batch_norm.py [OUTDIR]
"""

import common
import torch
from common import case, fill, normal, rng, tensor, tensors
from normalisation import BATCH_NORMS, options
from torch import nn
from torch.nn import functional as F


def ghosts(norm, n):
    """norm, which calls itself on n samples after the other where it trains."""
    class Ghosts(type(norm)):
        def forward(self, x):
            if not (self.training or self.running_mean is None):
                return super().forward(x)
            return torch.cat([super(Ghosts, self).forward(part) for part in x.split(n)])

    norm.__class__ = Ghosts
    return norm


def ghost_batch_norm(variant, shape, n, mode="train", **opts):
    name = f"ghost_batch_norm/{variant}"
    args = options(shape, **opts)
    module = ghosts(fill(BATCH_NORMS[len(shape)](**args), rng(name)), n)
    return case(name, "GhostBatchNorm", {**args, "ghost": n}, module, [normal(rng(name + " x"), *shape)], mode)


class Frozen(nn.Module):
    """Layers, of which the norms always evaluate."""

    def __init__(self, conv):
        super().__init__()
        self.fc1 = nn.Conv2d(2, 4, 3, padding=1) if conv else nn.Linear(5, 4)
        self.bn = nn.BatchNorm2d(4) if conv else nn.BatchNorm1d(4)
        self.fc2 = nn.Conv2d(4, 3, 3) if conv else nn.Linear(4, 3)

    def forward(self, x):
        self.bn.eval()
        return self.fc2(F.relu(self.bn(self.fc1(x))))


def frozen(variant, shape):
    name = f"frozen_batch_norm/{variant}"
    r = rng(name)
    return case(name, "FrozenBatchNorm", {}, fill(Frozen(len(shape) == 4), r), [normal(r, *shape)])


class Calibrated(nn.Module):
    """Two norms, each of which sees what the batch makes of the layers before."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.bn1 = nn.BatchNorm2d(3)
        self.conv2 = nn.Conv2d(3, 2, 3, stride=2)
        self.bn2 = nn.BatchNorm2d(2)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.bn2(self.conv2(x))


def calibration(sizes):
    name = "calibration/" + "_".join(map(str, sizes))
    r = rng(name)
    net = fill(Calibrated(), r)
    batches = [normal(r, n, 1, 6, 7, scale=2) + i for i, n in enumerate(sizes)]
    out = {
        "name": name, "node": "Calibration", "inputs": [tensor(x) for x in batches],
        "params": tensors(dict(net.named_parameters())), "state": tensors(dict(net.named_buffers())),
    }
    after = {}
    for bn in ["bn1", "bn2"]:
        seen = []
        hook = net.get_submodule(bn).register_forward_pre_hook(lambda _, x, seen=seen: seen.append(x[0].detach()))
        for x in batches:
            net(x)
        hook.remove()
        values = torch.cat(seen).transpose(0, 1).flatten(1)
        after[f"{bn}.running_mean"] = values.mean(1)
        after[f"{bn}.running_var"] = values.var(1, unbiased=True)
        after[f"{bn}.num_batches_tracked"] = torch.tensor(len(sizes))
    out["state_after"] = tensors(after)
    return out


def cases():
    for mode in ["train", "eval"]:
        yield ghost_batch_norm(f"2d_{mode}", (6, 3), 2, mode)
        yield ghost_batch_norm(f"4d_{mode}", (4, 3, 2, 3), 2, mode)
        yield ghost_batch_norm(f"untracked_{mode}", (4, 3, 2, 2), 2, mode, track_running_stats=False)
    yield ghost_batch_norm("3d", (4, 3, 4), 3)
    yield ghost_batch_norm("5d", (3, 2, 2, 2, 3), 1)
    yield ghost_batch_norm("short_last", (8, 3), 3)
    yield ghost_batch_norm("one_image_last", (5, 3, 2, 2), 2)
    yield ghost_batch_norm("not_affine", (6, 3), 3, affine=False)
    yield ghost_batch_norm("momentum_0.3_eps", (6, 3), 3, momentum=0.3, eps=0.5)
    yield ghost_batch_norm("momentum_none_after_3", (7, 3, 2), 3, momentum=None)
    yield ghost_batch_norm("larger_than_the_batch", (4, 3), 5)
    yield frozen("linear", (6, 5))
    yield frozen("conv", (2, 2, 5, 6))
    yield calibration([4, 4, 3])
    yield calibration([2, 5, 1])
    yield calibration([6])


def main(outdir):
    common.write(outdir, "batch_norm.json", cases())


if __name__ == "__main__":
    main(common.outdir())
