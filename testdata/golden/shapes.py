"""Cases of nodes that move or combine numbers: Flatten, Reshape, Transpose,
Permute, Concat, ZeroPad, Add, Mul.
"""

import torch
from common import case, normal, rng
from torch.nn import functional as F


def numbers(name, node, args, f, *shapes):
    r = rng(name)
    return case(name, node, args, f, [normal(r, *s) for s in shapes])


def flatten(start, end):
    return numbers(f"flatten/{start}_to_{end}", "Flatten", {"start_dim": start, "end_dim": end},
                   lambda x: x.flatten(start, end), (2, 3, 2, 4))


def reshape(variant, shape, to):
    return numbers(f"reshape/{variant}", "Reshape", {"shape": to}, lambda x: x.reshape(to), shape)


def transpose(shape, dim0, dim1):
    return numbers(f"transpose/{len(shape)}d_{dim0}_{dim1}", "Transpose",
                   {"dim0": dim0, "dim1": dim1}, lambda x: x.transpose(dim0, dim1), shape)


def permute(shape, *dims):
    return numbers("permute/" + "_".join(map(str, dims)), "Permute", {"dims": dims},
                   lambda x: x.permute(dims), shape)


def concat(variant, dim, *shapes):
    return numbers(f"concat/{variant}", "Concat", {"dim": dim},
                   lambda *xs: torch.cat(xs, dim), *shapes)


def zero_pad(variant, shape, dim, before, after):
    pads = [0] * (2 * len(shape))  # the last axis first
    at = 2 * (len(shape) - 1 - dim)
    pads[at:at + 2] = before, after
    return numbers(f"zero_pad/{variant}", "ZeroPad", {"dim": dim, "before": before, "after": after},
                   lambda x: F.pad(x, pads), shape)


def broadcast(prefix, node, f):
    yield numbers(f"{prefix}/same_shape", node, {}, f, (2, 3), (2, 3))
    yield numbers(f"{prefix}/row", node, {}, f, (2, 3), (3,))
    yield numbers(f"{prefix}/column", node, {}, f, (2, 3), (2, 1))
    yield numbers(f"{prefix}/both", node, {}, f, (2, 1), (1, 3))
    yield numbers(f"{prefix}/channel", node, {}, f, (2, 3, 2, 2), (3, 1, 1))
    yield numbers(f"{prefix}/left_is_smaller", node, {}, f, (4,), (2, 3, 4))
    yield numbers(f"{prefix}/batch_of_one", node, {}, f, (1, 3, 2), (4, 3, 2))
    yield numbers(f"{prefix}/scalar", node, {}, f, (2, 3), ())


def cases():
    yield flatten(1, -1)
    yield flatten(0, -1)
    yield flatten(0, 1)
    yield flatten(1, 2)
    yield flatten(-2, -1)
    yield flatten(2, 2)

    yield reshape("2d_to_3d", (4, 6), [2, 2, 6])
    yield reshape("inferred", (2, 3, 4), [2, -1])
    yield reshape("to_vector", (2, 3), [-1])
    yield reshape("to_scalar", (1, 1), [])
    yield reshape("same", (2, 3), [2, 3])

    yield transpose((3, 4), 0, 1)
    yield transpose((2, 3, 4), 1, 2)
    yield transpose((2, 3, 4), 0, -1)
    yield transpose((2, 3, 2, 4), 1, 3)
    yield permute((2, 3, 4), 2, 0, 1)
    yield permute((2, 3, 2, 4), 0, 2, 3, 1)
    yield permute((2, 3, 4), 0, 1, 2)

    yield concat("dim0", 0, (2, 3), (1, 3), (3, 3))
    yield concat("dim1", 1, (2, 3, 2), (2, 1, 2))
    yield concat("dim_minus1", -1, (2, 2, 3), (2, 2, 1), (2, 2, 2))
    yield concat("channels_4d", 1, (2, 2, 2, 3), (2, 3, 2, 3))
    yield concat("one_input", 1, (2, 3))

    yield zero_pad("channels", (2, 2, 2, 3), 1, 1, 2)
    yield zero_pad("rows", (2, 2, 2, 3), 2, 0, 1)
    yield zero_pad("columns", (2, 3), 1, 2, 0)

    yield from broadcast("add", "Add", torch.add)
    yield from broadcast("mul", "Mul", torch.mul)
