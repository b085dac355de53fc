"""Cases of linear maps: Linear, Conv1D to Conv3D, ConvTranspose2D, Unfold."""

import warnings

from common import case, layer, normal, rng
from torch import nn
from torch.nn import functional as F

# PyTorch warns that 'same' with an even kernel copies its input: no matter here.
warnings.filterwarnings("ignore", "Using padding='same'")

CONVS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}


def each(v, dims):
    """One number an axis, so that a reader sees lists only; 'same' stays."""
    return v if isinstance(v, str) else [v] * dims if isinstance(v, int) else list(v)


def conv(variant, shape, out, kernel, stride=1, padding=0, dilation=1, groups=1, bias=True):
    dims = len(shape) - 2
    args = {
        "in_channels": shape[1],
        "out_channels": out,
        "kernel_size": each(kernel, dims),
        "stride": each(stride, dims),
        "padding": each(padding, dims),
        "dilation": each(dilation, dims),
        "groups": groups,
        "bias": bias,
    }
    return layer(f"conv{dims}d/{variant}", f"Conv{dims}D", CONVS[dims], args, shape)


def conv_transpose(variant, shape, out, kernel, stride=1, padding=0, output_padding=0,
                   dilation=1, groups=1, bias=True):
    args = {
        "in_channels": shape[1],
        "out_channels": out,
        "kernel_size": each(kernel, 2),
        "stride": each(stride, 2),
        "padding": each(padding, 2),
        "output_padding": each(output_padding, 2),
        "dilation": each(dilation, 2),
        "groups": groups,
        "bias": bias,
    }
    return layer(f"conv_transpose2d/{variant}", "ConvTranspose2D", nn.ConvTranspose2d, args, shape)


def unfold(variant, shape, kernel, stride=1, padding=0, dilation=1):
    args = {"kernel_size": each(kernel, 2), "stride": each(stride, 2), "padding": each(padding, 2), "dilation": each(dilation, 2)}
    name = f"unfold/{variant}"
    return case(name, "Unfold", args, lambda x: F.unfold(x, **args), [normal(rng(name), *shape)])


def linear(variant, shape, out, bias=True):
    args = {"in_features": shape[-1], "out_features": out, "bias": bias}
    return layer(f"linear/{variant}", "Linear", nn.Linear, args, shape)


def cases():
    yield linear("default", (3, 5), 4)
    yield linear("no_bias", (3, 5), 4, bias=False)
    yield linear("batch_of_one", (1, 7), 3)
    yield linear("one_to_one", (4, 1), 1)
    yield linear("input_3d", (2, 3, 5), 4)
    yield linear("input_3d_no_bias", (2, 3, 5), 4, bias=False)
    yield linear("wide", (9, 17), 13)

    yield conv("default", (2, 3, 9), 4, 3)
    yield conv("no_bias", (2, 3, 9), 4, 3, bias=False)
    yield conv("pointwise", (2, 3, 6), 4, 1)
    yield conv("whole_input", (2, 3, 5), 4, 5)
    yield conv("stride2", (2, 3, 9), 4, 3, stride=2)
    yield conv("stride3_leftover", (2, 2, 12), 3, 4, stride=3)
    yield conv("pad2", (2, 3, 6), 4, 3, padding=2)
    yield conv("pad_beyond_kernel", (1, 2, 4), 3, 2, padding=3)
    yield conv("dilation3", (2, 3, 11), 4, 3, dilation=3)
    yield conv("same_odd", (2, 3, 7), 4, 3, padding="same")
    yield conv("same_even", (2, 3, 7), 4, 4, padding="same")
    yield conv("same_even_dilation3", (2, 2, 9), 3, 2, padding="same", dilation=3)
    yield conv("groups2", (2, 4, 7), 6, 3, groups=2)
    yield conv("depthwise", (2, 4, 7), 4, 3, groups=4)
    yield conv("depthwise_multiplier2_no_bias", (2, 3, 7), 6, 3, groups=3, bias=False)
    yield conv("stride2_pad2_dilation2_groups2", (2, 4, 9), 4, 3, stride=2, padding=2,
               dilation=2, groups=2)

    yield conv("default", (2, 3, 5, 6), 4, 3)
    yield conv("no_bias", (2, 3, 5, 6), 4, 3, bias=False)
    yield conv("pointwise", (2, 3, 4, 5), 5, 1)
    yield conv("pointwise_stride2", (2, 3, 5, 4), 4, 1, stride=2)
    yield conv("one_channel", (2, 1, 6, 5), 3, 3)
    yield conv("whole_input", (3, 2, 4, 3), 5, (4, 3))
    yield conv("kernel_2x3", (2, 2, 5, 6), 3, (2, 3))
    yield conv("kernel_1x5", (1, 2, 4, 7), 3, (1, 5))
    yield conv("pad1", (2, 3, 5, 6), 4, 3, padding=1)
    yield conv("pad1_odd_sizes", (1, 3, 7, 9), 4, 3, padding=1)
    yield conv("pad1x2", (2, 2, 4, 5), 3, (3, 4), padding=(1, 2))
    yield conv("pad_beyond_kernel", (1, 2, 3, 3), 2, 2, padding=3)
    yield conv("kernel_beyond_input", (1, 2, 2, 2), 3, 5, padding=2)
    yield conv("stride2", (2, 3, 7, 6), 4, 3, stride=2)
    yield conv("stride2x1_pad1", (2, 2, 6, 5), 3, 3, stride=(2, 1), padding=1)
    yield conv("stride_beyond_kernel", (2, 2, 7, 7), 3, 2, stride=3)
    yield conv("dilation2", (2, 2, 6, 7), 3, 3, dilation=2)
    yield conv("dilation2x1", (2, 2, 6, 5), 3, 3, dilation=(2, 1))
    yield conv("same_odd", (2, 2, 5, 4), 3, 3, padding="same")
    yield conv("same_even", (2, 2, 5, 4), 3, 2, padding="same")
    yield conv("same_odd_even_dilation2", (2, 2, 6, 6), 3, (3, 2), padding="same", dilation=2)
    yield conv("groups2", (2, 4, 5, 5), 6, 3, groups=2)
    yield conv("depthwise", (2, 4, 5, 5), 4, 3, padding=1, groups=4)
    yield conv("depthwise_stride2_no_bias", (2, 4, 6, 5), 4, 3, stride=2, padding=1, groups=4,
               bias=False)
    yield conv("depthwise_multiplier2", (2, 3, 5, 4), 6, 3, groups=3)
    yield conv("stride2_pad1_dilation2_groups2", (2, 4, 7, 6), 4, 3, stride=2, padding=1,
               dilation=2, groups=2)
    yield conv("many_channels", (1, 9, 4, 4), 10, 2)

    yield conv("default", (2, 2, 4, 4, 3), 3, 2)
    yield conv("no_bias", (1, 2, 3, 4, 3), 3, 2, bias=False)
    yield conv("pointwise", (2, 3, 2, 3, 2), 4, 1)
    yield conv("kernel_1x2x3", (2, 2, 2, 3, 4), 3, (1, 2, 3))
    yield conv("stride_1x2x3", (1, 2, 3, 5, 6), 2, 2, stride=(1, 2, 3))
    yield conv("pad_0x1x2", (1, 2, 3, 3, 2), 2, 3, padding=(0, 1, 2))
    yield conv("dilation_1x2x1", (1, 2, 3, 5, 3), 2, 2, dilation=(1, 2, 1))
    yield conv("same_odd", (1, 2, 3, 4, 3), 2, 3, padding="same")
    yield conv("same_even", (1, 2, 3, 4, 3), 2, 2, padding="same")
    yield conv("groups2", (1, 4, 3, 4, 3), 4, 2, groups=2)
    yield conv("depthwise", (1, 3, 3, 4, 3), 3, 2, groups=3)

    yield conv_transpose("default", (2, 3, 3, 4), 2, 3)
    yield conv_transpose("no_bias", (2, 3, 3, 4), 2, 3, bias=False)
    yield conv_transpose("pointwise", (2, 3, 3, 4), 2, 1)
    yield conv_transpose("kernel_2x3", (2, 2, 3, 4), 3, (2, 3))
    yield conv_transpose("stride2", (2, 2, 3, 4), 3, 3, stride=2)
    yield conv_transpose("stride2x3", (1, 2, 3, 3), 3, 3, stride=(2, 3))
    yield conv_transpose("stride_beyond_kernel", (1, 2, 3, 3), 3, 2, stride=3)
    yield conv_transpose("pad1", (2, 2, 4, 5), 3, 3, padding=1)
    yield conv_transpose("pad1x2", (2, 2, 4, 3), 2, (3, 4), padding=(1, 2))
    yield conv_transpose("stride2_pad1_output_padding1", (2, 2, 3, 4), 3, 3, stride=2, padding=1,
                         output_padding=1)
    yield conv_transpose("stride2x3_output_padding1x2", (1, 2, 2, 3), 2, 2, stride=(2, 3),
                         output_padding=(1, 2))
    yield conv_transpose("dilation2", (2, 2, 3, 3), 2, 3, dilation=2)
    yield conv_transpose("groups2", (2, 4, 3, 3), 6, 2, groups=2)
    yield conv_transpose("depthwise", (2, 3, 3, 3), 3, 3, groups=3)
    yield conv_transpose("stride2_pad1_output_padding1_dilation2_groups2", (1, 4, 3, 3), 4, 3,
                         stride=2, padding=1, output_padding=1, dilation=2, groups=2)

    yield unfold("default", (2, 3, 4, 5), 2)
    yield unfold("pointwise", (2, 3, 2, 3), 1)
    yield unfold("padding", (1, 2, 4, 3), 3, padding=1)
    yield unfold("all_options", (2, 2, 7, 6), (2, 3), stride=(2, 1), padding=(1, 2), dilation=(2, 1))
    yield unfold("inputs_unseen", (1, 2, 5, 5), 2, stride=3)
