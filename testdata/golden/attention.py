"""Writes attention.json: products of batches, attention, positions and the layer of a
transformer's encoder.

usage: python3 attention.py [OUTDIR]

PyTorch 1.13 has no scaled_dot_product_attention, so that is written out here as its
documentation has it; the modules are PyTorch's own.
"""

import math

import torch
from torch import nn

import common
from common import case, fill, normal, rng

INF = float("inf")


def product(variant, a, b):
    name = f"matmul/{variant}"
    r = rng(name)
    return case(name, "MatMul", {}, torch.matmul, [normal(r, *a), normal(r, *b)])


def attention(variant, q, k, v, causal=False, lengths=None, mask=None, scale=None):
    """mask is the shape of one of random numbers, some of which hide a key."""
    name = f"scaled_dot_product_attention/{variant}"
    r = rng(name)
    inputs = [normal(r, *q), normal(r, *k), normal(r, *v)]
    if mask is not None:
        inputs.append(hidden(normal(r, *mask)))

    def f(q, k, v, mask=None):
        scores = q @ k.transpose(-2, -1) * (scale or 1 / math.sqrt(q.shape[-1]))
        if causal:
            scores = scores.masked_fill(torch.ones(scores.shape[-2:]).tril() == 0, -INF)
        if lengths is not None:
            scores = scores.masked_fill(padding(lengths, scores), -INF)
        return torch.softmax(scores if mask is None else scores + mask, -1) @ v

    args = {"causal": causal, "lengths": lengths, "scale": scale}
    return case(name, "ScaledDotProductAttention", args, f, inputs)


def hidden(mask):
    """mask with what stands for -inf, which no weight of ours starts with, for some keys
    but the first."""
    mask[..., 1:][mask[..., 1:] > 0.5] = -1e9
    return mask


def padding(lengths, scores):
    keys = torch.arange(scores.shape[-1]) >= torch.tensor(lengths)[:, None]
    return keys.reshape(len(lengths), *[1] * (scores.dim() - 2), -1)


class Attention(nn.Module):
    """nn.MultiheadAttention of one input or three."""

    def __init__(self, heads, e, ek, ev, bias, causal, lengths, mask):
        super().__init__()
        self.of = nn.MultiheadAttention(e, heads, bias=bias, kdim=ek, vdim=ev, batch_first=True)
        self.mask, self.lengths, self.causal = mask, lengths, causal

    def forward(self, *x):
        q, k, v = x if len(x) == 3 else x * 3
        mask = self.mask
        if self.causal:
            mask = torch.full((q.shape[1], k.shape[1]), -INF).triu(1)
        if mask is not None and mask.dim() == 4:  # what PyTorch calls (N * heads, L, S)
            mask = mask.flatten(0, 1)
        keys = None
        if self.lengths is not None:
            keys = torch.arange(k.shape[1]) >= torch.tensor(self.lengths)[:, None]
        return self.of(q, k, v, key_padding_mask=keys, attn_mask=mask, need_weights=False)[0]


def multihead(variant, heads, *shapes, bias=True, causal=False, lengths=None, mask=None):
    name = f"multihead_attention/{variant}"
    r = rng(name)
    e, ek, ev = [s[-1] for s in (shapes if len(shapes) == 3 else shapes * 3)]
    mask = None if mask is None else hidden(normal(r, *mask))
    module = fill(Attention(heads, e, ek, ev, bias, causal, lengths, mask), r)
    args = {"heads": heads, "bias": bias, "causal": causal, "lengths": lengths, "mask": mask}
    return renamed(case(name, "MultiheadAttention", args, module, [normal(r, *s) for s in shapes]))


def renamed(c):
    """c with the parameters of the module inside."""
    for field in ["params", "dparams"]:
        c[field] = {k.removeprefix("of."): v for k, v in c[field].items()}
    return c


class Layer(nn.Module):
    def __init__(self, e, heads, ff, activation, norm_first, causal, lengths):
        super().__init__()
        self.of = nn.TransformerEncoderLayer(e, heads, ff, 0.0, activation, batch_first=True, norm_first=norm_first)
        self.causal, self.lengths = causal, lengths

    def forward(self, x):
        mask = torch.full((x.shape[1], x.shape[1]), -INF).triu(1) if self.causal else None
        keys = None
        if self.lengths is not None:
            keys = torch.arange(x.shape[1]) >= torch.tensor(self.lengths)[:, None]
        return self.of(x, src_mask=mask, src_key_padding_mask=keys)


def encoder(variant, heads, ff, shape, activation="relu", norm_first=False, causal=False, lengths=None):
    name = f"transformer_encoder_layer/{variant}"
    r = rng(name)
    module = fill(Layer(shape[-1], heads, ff, activation, norm_first, causal, lengths), r)
    args = {"heads": heads, "ff": ff, "activation": activation, "norm_first": norm_first,
            "causal": causal, "lengths": lengths}
    return renamed(case(name, "TransformerEncoderLayer", args, module, [normal(r, *shape)]))


def sinusoidal(variant, *shape):
    """The table as PyTorch's tutorial on transformers makes it."""
    name = f"sinusoidal_positions/{variant}"
    _, steps, e = shape
    position = torch.arange(steps)[:, None]
    slope = torch.exp(torch.arange(0, e, 2) * (-math.log(10000.0) / e))
    table = torch.zeros(steps, e)
    table[:, 0::2] = torch.sin(position * slope)
    table[:, 1::2] = torch.cos(position * slope)[:, : e // 2]
    return case(name, "SinusoidalPositions", {}, lambda x: x + table, [normal(rng(name), *shape)])


class Learned(nn.Module):
    def __init__(self, most, e):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(most, e))

    def forward(self, x):
        return x + self.weight[: x.shape[1]]


def learned(variant, most, *shape):
    name = f"learned_positions/{variant}"
    r = rng(name)
    module = fill(Learned(most, shape[-1]), r)
    return case(name, "LearnedPositions", {"most": most}, module, [normal(r, *shape)])


def cases():
    yield product("matrices", (3, 4), (4, 2))
    yield product("batch", (2, 3, 4), (2, 4, 5))
    yield product("heads", (2, 3, 2, 4), (2, 3, 4, 3))
    yield product("one_matrix", (2, 2, 3, 4), (4, 2))

    yield attention("heads", (2, 3, 4, 2), (2, 3, 5, 2), (2, 3, 5, 3))
    yield attention("no_heads", (2, 4, 3), (2, 4, 3), (2, 4, 3))
    yield attention("scale", (1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4), scale=0.75)
    yield attention("causal", (2, 2, 4, 3), (2, 2, 4, 3), (2, 2, 4, 3), causal=True)
    yield attention("causal_more_keys", (2, 3, 2), (2, 5, 2), (2, 5, 2), causal=True)
    yield attention("causal_more_queries", (2, 5, 2), (2, 3, 2), (2, 3, 2), causal=True)
    yield attention("lengths", (3, 2, 3, 2), (3, 2, 4, 2), (3, 2, 4, 2), lengths=[4, 1, 3])
    yield attention("mask", (2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 2), mask=(2, 2, 3, 4))
    yield attention("mask_of_pairs", (2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 2), mask=(3, 4))
    yield attention("mask_of_heads", (2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 2), mask=(2, 3, 4))
    yield attention("mask_of_keys", (2, 2, 3, 2), (2, 2, 4, 2), (2, 2, 4, 2), mask=(2, 1, 1, 4))
    yield attention("mask_no_heads", (2, 3, 2), (2, 4, 2), (2, 4, 2), mask=(2, 1, 4))
    yield attention("all", (2, 2, 4, 2), (2, 2, 4, 2), (2, 2, 4, 2),
                    causal=True, lengths=[4, 2], mask=(2, 1, 1, 4), scale=0.5)

    yield multihead("self", 2, (2, 3, 4))
    yield multihead("one_head", 1, (2, 3, 4))
    yield multihead("self_causal", 2, (2, 4, 6), causal=True)
    yield multihead("self_lengths", 3, (3, 4, 6), lengths=[4, 1, 2])
    yield multihead("no_bias", 2, (2, 3, 4), bias=False)
    yield multihead("cross", 2, (2, 3, 4), (2, 5, 4), (2, 5, 4))
    yield multihead("cross_sizes", 2, (2, 3, 4), (2, 5, 3), (2, 5, 6), lengths=[5, 3])
    yield multihead("cross_mask", 2, (2, 3, 4), (2, 5, 4), (2, 5, 4), mask=(3, 5))
    yield multihead("self_mask_of_heads", 2, (2, 3, 4), mask=(2, 2, 3, 3))

    yield encoder("default", 2, 5, (2, 3, 4))
    yield encoder("norm_first", 2, 5, (2, 3, 4), norm_first=True)
    yield encoder("gelu_causal", 1, 6, (2, 4, 4), activation="gelu", causal=True)
    yield encoder("lengths", 2, 3, (3, 4, 4), lengths=[2, 4, 1])

    yield sinusoidal("even", 2, 7, 6)
    yield sinusoidal("odd", 2, 3, 5)
    yield sinusoidal("long", 1, 300, 2)
    yield learned("all", 3, 2, 3, 4)
    yield learned("part", 5, 2, 3, 4)


def main(outdir):
    common.write(outdir, "attention.json", cases())


if __name__ == "__main__":
    main(common.outdir())
