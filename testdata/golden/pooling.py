"""Cases of pooling: MaxPool1D, MaxPool2D, AvgPool1D, AvgPool2D,
AdaptiveAvgPool2D, GlobalAvgPool.

A stride of null is PyTorch's default, the kernel size.
"""

import numpy as np
import torch
from common import case, layer, normal, rng
from linear import each
from torch import nn

MAX = {1: nn.MaxPool1d, 2: nn.MaxPool2d}
AVG = {1: nn.AvgPool1d, 2: nn.AvgPool2d}


def distinct(r, shape, shift=0):
    """Numbers of both signs without ties, plus shift."""
    n = int(np.prod(shape))
    return torch.from_numpy((r.permutation(n).reshape(shape) - n // 2) / 64.0 + shift)


def max_pool(variant, shape, kernel, stride=None, padding=0, dilation=1, ceil_mode=False, x=None):
    dims = len(shape) - 2
    name = f"max_pool{dims}d/{variant}"
    args = {
        "kernel_size": each(kernel, dims),
        "stride": stride and each(stride, dims),
        "padding": each(padding, dims),
        "dilation": each(dilation, dims),
        "ceil_mode": ceil_mode,
    }
    x = distinct(rng(name), shape) if x is None else x
    return case(name, f"MaxPool{dims}D", args, MAX[dims](**args), [x])


def avg_pool(variant, shape, kernel, stride=None, padding=0, ceil_mode=False,
             count_include_pad=True):
    dims = len(shape) - 2
    args = {
        "kernel_size": each(kernel, dims),
        "stride": stride and each(stride, dims),
        "padding": each(padding, dims),
        "ceil_mode": ceil_mode,
        "count_include_pad": count_include_pad,
    }
    return layer(f"avg_pool{dims}d/{variant}", f"AvgPool{dims}D", AVG[dims], args, shape)


def adaptive(variant, shape, output_size):
    return layer(f"adaptive_avg_pool2d/{variant}", "AdaptiveAvgPool2D", nn.AdaptiveAvgPool2d,
                 {"output_size": list(output_size)}, shape)


def global_avg(variant, *shape):
    name = f"global_avg_pool/{variant}"
    return case(name, "GlobalAvgPool", {}, lambda x: x.flatten(2).mean(2), [normal(rng(name), *shape)])


def cases():
    yield max_pool("default", (2, 3, 8), 2)
    yield max_pool("leftover", (2, 3, 8), 3)
    yield max_pool("overlap", (2, 3, 7), 3, stride=1)
    yield max_pool("stride_beyond_kernel", (2, 2, 9), 2, stride=3)
    yield max_pool("pad1", (2, 3, 6), 3, stride=2, padding=1)
    yield max_pool("dilation2", (2, 2, 8), 3, stride=1, dilation=2)
    yield max_pool("ceil", (2, 3, 8), 3, ceil_mode=True)
    yield max_pool("ceil_drops_window_in_padding", (2, 2, 4), 2, stride=3, padding=1, ceil_mode=True)
    yield max_pool("pad1_dilation2_ceil", (2, 2, 8), 3, stride=2, padding=1, dilation=2,
                   ceil_mode=True)

    yield max_pool("default", (2, 3, 4, 6), 2)
    yield max_pool("leftover", (2, 2, 5, 7), 2)
    yield max_pool("global", (2, 3, 3, 4), (3, 4))
    yield max_pool("kernel_1x3", (2, 2, 3, 7), (1, 3))
    yield max_pool("kernel3_stride2", (2, 2, 7, 6), 3, stride=2)
    yield max_pool("overlap", (2, 2, 5, 5), 3, stride=1)
    yield max_pool("stride_3x1", (2, 2, 7, 4), 2, stride=(3, 1))
    yield max_pool("pad1", (2, 2, 5, 6), 3, stride=2, padding=1)
    yield max_pool("pad_0x1", (2, 2, 4, 5), (2, 3), padding=(0, 1))
    yield max_pool("pad1_all_negative", (1, 2, 4, 4), 3, stride=2, padding=1,
                   x=distinct(rng("negative"), (1, 2, 4, 4), shift=-5))
    yield max_pool("dilation2", (2, 2, 6, 7), 2, stride=1, dilation=2)
    yield max_pool("dilation_1x2", (2, 2, 5, 7), (2, 3), stride=1, dilation=(1, 2))
    yield max_pool("ceil", (2, 2, 5, 7), 2, ceil_mode=True)
    yield max_pool("ceil_drops_window_in_padding", (2, 2, 4, 7), 2, stride=3, padding=1,
                   ceil_mode=True)
    yield max_pool("stride2_pad1_dilation2_ceil", (1, 2, 8, 7), 3, stride=2, padding=1, dilation=2,
                   ceil_mode=True)
    yield max_pool("ties_take_the_first", (1, 2, 4, 4), 2, x=torch.ones(1, 2, 4, 4))
    yield max_pool("ties_overlap", (1, 1, 5, 5), 3, stride=1, x=torch.zeros(1, 1, 5, 5))

    yield avg_pool("default", (2, 3, 8), 2)
    yield avg_pool("leftover_overlap", (2, 3, 8), 3, stride=2)
    yield avg_pool("pad1_counted", (2, 3, 6), 3, stride=2, padding=1)
    yield avg_pool("pad1_not_counted", (2, 3, 6), 3, stride=2, padding=1, count_include_pad=False)
    yield avg_pool("ceil", (2, 2, 8), 3, ceil_mode=True)
    yield avg_pool("pad1_ceil_counted", (2, 2, 8), 3, stride=3, padding=1, ceil_mode=True)
    yield avg_pool("pad1_ceil_not_counted", (2, 2, 8), 3, stride=3, padding=1, ceil_mode=True,
                   count_include_pad=False)
    yield avg_pool("ceil_drops_window_in_padding", (2, 2, 4), 2, stride=3, padding=1,
                   ceil_mode=True)

    yield avg_pool("default", (2, 3, 4, 6), 2)
    yield avg_pool("leftover", (2, 2, 5, 7), 2)
    yield avg_pool("kernel_2x3_stride_1x2", (2, 2, 4, 7), (2, 3), stride=(1, 2))
    yield avg_pool("pad1_counted", (2, 2, 5, 6), 3, stride=2, padding=1)
    yield avg_pool("pad1_not_counted", (2, 2, 5, 6), 3, stride=2, padding=1,
                   count_include_pad=False)
    yield avg_pool("pad_0x1_not_counted", (2, 2, 4, 5), (2, 3), padding=(0, 1),
                   count_include_pad=False)
    yield avg_pool("ceil", (2, 2, 5, 7), 2, ceil_mode=True)
    yield avg_pool("pad1_ceil_counted", (2, 2, 6, 8), 3, stride=2, padding=1, ceil_mode=True)
    yield avg_pool("pad1_ceil_not_counted", (2, 2, 6, 8), 3, stride=2, padding=1, ceil_mode=True,
                   count_include_pad=False)
    yield avg_pool("ceil_drops_window_in_padding", (2, 2, 4, 7), 2, stride=3, padding=1,
                   ceil_mode=True)

    yield adaptive("1x1", (2, 3, 4, 5), (1, 1))
    yield adaptive("4x6_to_2x3", (2, 2, 4, 6), (2, 3))
    yield adaptive("5x7_to_2x3_uneven", (2, 2, 5, 7), (2, 3))
    yield adaptive("5x5_to_3x3_uneven", (2, 2, 5, 5), (3, 3))
    yield adaptive("3x3_to_5x5_grows", (2, 2, 3, 3), (5, 5))
    yield adaptive("same_size", (1, 2, 3, 4), (3, 4))
    yield adaptive("7x2_to_3x4_both", (1, 2, 7, 2), (3, 4))

    yield global_avg("3d", 2, 3, 5)
    yield global_avg("4d", 2, 3, 4, 5)
    yield global_avg("5d", 2, 2, 2, 3, 4)
