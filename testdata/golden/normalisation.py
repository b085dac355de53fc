"""Cases of normalisation: BatchNorm, LayerNorm, GroupNorm.

One training step after another is two cases, the second starting from the
first one's state_after.
"""

from common import case, fill, layer, normal, rng
from torch import nn

BATCH_NORMS = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}


def options(shape, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
    return {
        "num_features": shape[1],
        "eps": eps,
        "momentum": momentum,
        "affine": affine,
        "track_running_stats": track_running_stats,
    }


def batch_norm(variant, shape, mode="train", **opts):
    return layer(f"batch_norm/{variant}", "BatchNorm", BATCH_NORMS[len(shape)],
                 options(shape, **opts), *[shape], mode=mode)


def batch_norm_twice(variant, shape, **opts):
    """Two training steps from the statistics PyTorch starts with, then one evaluation."""
    args = options(shape, **opts)
    module = fill(BATCH_NORMS[len(shape)](**args), rng(variant))
    module.reset_running_stats()
    for step, mode in [("step1", "train"), ("step2", "train"), ("step3_eval", "eval")]:
        name = f"batch_norm/{variant}_{step}"
        yield case(name, "BatchNorm", args, module, [normal(rng(name), *shape)], mode)


def constant_channel():
    """A channel without variance, where eps alone keeps the quotient finite."""
    name, shape = "batch_norm/constant_channel", (2, 2, 2, 3)
    r = rng(name)
    x = normal(r, *shape)
    x[:, 1] = 0.75
    args = options(shape)
    return case(name, "BatchNorm", args, fill(nn.BatchNorm2d(**args), r), [x])


def layer_norm(variant, shape, axes, eps=1e-5, elementwise_affine=True):
    args = {
        "normalized_shape": list(shape[-axes:]),
        "eps": eps,
        "elementwise_affine": elementwise_affine,
    }
    return layer(f"layer_norm/{variant}", "LayerNorm", nn.LayerNorm, args, shape)


def group_norm(variant, shape, groups, eps=1e-5, affine=True):
    args = {"num_groups": groups, "num_channels": shape[1], "eps": eps, "affine": affine}
    return layer(f"group_norm/{variant}", "GroupNorm", nn.GroupNorm, args, shape)


def cases():
    for mode in ["train", "eval"]:
        yield batch_norm(f"2d_{mode}", (5, 3), mode)
        yield batch_norm(f"3d_{mode}", (3, 4, 5), mode)
        yield batch_norm(f"4d_{mode}", (2, 3, 3, 4), mode)
        yield batch_norm(f"5d_{mode}", (2, 3, 2, 3, 2), mode)
        yield batch_norm(f"not_affine_{mode}", (3, 3, 2, 2), mode, affine=False)
        yield batch_norm(f"2d_not_affine_{mode}", (5, 3), mode, affine=False)
        yield batch_norm(f"untracked_{mode}", (3, 3, 2, 2), mode, track_running_stats=False)
        yield batch_norm(f"untracked_not_affine_{mode}", (5, 3), mode, affine=False,
                         track_running_stats=False)
        yield batch_norm(f"eps_0.001_{mode}", (3, 3, 2, 2), mode, eps=1e-3)
        yield batch_norm(f"eps_0.5_{mode}", (5, 3), mode, eps=0.5)
        yield batch_norm(f"momentum_none_after_3_{mode}", (3, 3, 2, 2), mode, momentum=None)
    yield batch_norm("momentum_0.3", (3, 3, 2, 2), momentum=0.3)
    yield batch_norm("momentum_0", (4, 3), momentum=0.0)
    yield batch_norm("momentum_1", (4, 3), momentum=1.0)
    yield batch_norm("one_image", (1, 3, 2, 2))
    yield batch_norm("batch_of_two", (2, 3))
    yield batch_norm("one_channel", (3, 1, 2, 2))
    yield constant_channel()
    yield from batch_norm_twice("default_2d", (4, 3))
    yield from batch_norm_twice("default_4d", (2, 3, 2, 3))
    yield from batch_norm_twice("momentum_none_2d", (4, 3), momentum=None)
    yield from batch_norm_twice("momentum_none_4d", (2, 3, 2, 3), momentum=None)
    yield from batch_norm_twice("momentum_0.3_not_affine_3d", (2, 3, 4), momentum=0.3, affine=False)

    yield layer_norm("last_axis_2d", (4, 6), 1)
    yield layer_norm("last_axis_3d", (2, 3, 6), 1)
    yield layer_norm("last_two_axes", (3, 4, 5), 2)
    yield layer_norm("last_three_axes", (2, 3, 2, 4), 3)
    yield layer_norm("last_axis_not_affine", (4, 6), 1, elementwise_affine=False)
    yield layer_norm("last_two_axes_not_affine", (3, 4, 5), 2, elementwise_affine=False)
    yield layer_norm("eps_0.1", (4, 6), 1, eps=0.1)

    for shape in [(2, 4, 5), (2, 4, 3, 2)]:
        for groups in [1, 2, 4]:
            yield group_norm(f"{len(shape)}d_groups{groups}", shape, groups)
            yield group_norm(f"{len(shape)}d_groups{groups}_not_affine", shape, groups, affine=False)
    yield group_norm("2d_groups2", (3, 6), 2)
    yield group_norm("5d_groups3", (1, 6, 2, 2, 3), 3)
    yield group_norm("eps_0.1", (2, 4, 3), 2, eps=0.1)
