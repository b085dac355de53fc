"""Cases of layers whose weights are dropped: single ones, filters, words; and other
ones for each sample or position."""

import philox
import torch
import torch.nn.functional as F
from drawn import drawn

LAYERS = {
    "Linear": (lambda x, w, b: F.linear(x, w, b), (4, 5), (6, 5)),
    "Conv1D": (lambda x, w, b: F.conv1d(x, w, b), (2, 3, 7), (6, 3, 3)),
    "Conv2D": (lambda x, w, b: F.conv2d(x, w, b), (2, 3, 5, 4), (6, 3, 2, 2)),
}


def cases():
    for node, p, over in [("DropConnect", 0.5, list), ("DropFilter", 0.4, rows), ("EmbeddingDropout", 0.1, rows)]:
        for layer, (f, x, w) in LAYERS.items():
            yield drawn(f"{node}/{layer}", node, {"p": p, "layer": layer, "out": w[0], "kernel": w[-1]},
                        masked(f, p, over(w)), x, params={"layer__weight": w, "layer__bias": w[:1]}, path="layer.weight")
    yield from linears()
    yield from convolutions()


def rows(shape):
    return [shape[0]] + [1] * (len(shape) - 1)


def masked(f, p, over):
    """f with the weight times factors drawn over a shape, which is broadcast."""
    return lambda stream, x, layer__weight, layer__bias: f(x, layer__weight * torch.tensor(stream().factors(p, *over)), layer__bias)


def linear(p, classic, a):
    """A linear map with the activation a that drops other weights for each row of x:
    unit o of row n has the draws of one multiple of 8 that its weights and its bias
    fit in. In evaluation the mean of ReLU of the normal sum with the same moments."""
    def f(stream, x, fc__weight, fc__bias):
        rows, (out, n) = x.shape[0], fc__weight.shape
        k = stream().factors(p, rows, out, (n + 8) // 8 * 8)
        k = torch.tensor(k != 0 if classic else k).to(x)
        return a((k[:, :, :n] * fc__weight * x[:, None, :]).sum(-1) + k[:, :, n] * fc__bias)
    return f


def expected(p, classic, f=F.linear):
    """The mean of ReLU of what f adds up."""
    q = 1 - philox.threshold(p) / 65536
    mean, variance = (q, (1 - q) * q) if classic else (1, (1 - q) / q)

    def g(_, x, fc__weight, fc__bias):
        m, s = mean * f(x, fc__weight, fc__bias), torch.sqrt(variance * f(x * x, fc__weight**2, fc__bias**2))
        unit = torch.distributions.Normal(0, 1)
        return m * unit.cdf(m / s) + s * torch.exp(unit.log_prob(m / s))
    return g


def linears():
    for classic in [False, True]:
        for p in [0.2, 0.5]:
            args = {"p": p, "classic": classic, "out": 3}
            shapes = {"params": {"fc__weight": (3, 7), "fc__bias": (3,)}, "path": "fc"}
            name = f"DropConnectLinear/p_{p}" + "_classic" * classic
            yield drawn(name, "DropConnectLinear", {**args, "activation": "tanh"}, linear(p, classic, torch.tanh), (4, 7), **shapes)
            yield drawn(name + "_eval", "DropConnectLinear", {**args, "activation": "relu"}, expected(p, classic), (4, 7), mode="eval", **shapes)


def convolution(p, classic, f):
    """f with masks for its weight and its bias, and tanh."""
    def g(stream, x, fc__weight, fc__bias):
        def dropped(w, stream):
            k = stream.factors(p, *w.shape)
            return w * torch.tensor(k != 0 if classic else k).to(w)
        return torch.tanh(f(x, dropped(fc__weight, stream()), dropped(fc__bias, stream("bias"))))
    return g


def positions(p, classic, stride, padding):
    """A linear map of the windows of x, as in linear."""
    def f(stream, x, fc__weight, fc__bias):
        windows = F.unfold(x, fc__weight.shape[2:], stride=stride, padding=padding).transpose(1, 2)
        rows = linear(p, classic, torch.tanh)(stream, windows.flatten(0, 1), fc__weight.flatten(1), fc__bias)
        shape = F.conv2d(x, fc__weight, stride=stride, padding=padding).shape
        return rows.unflatten(0, windows.shape[:2]).transpose(1, 2).reshape(shape)
    return f


def convolutions():
    shapes = {1: ((2, 4, 7), (6, 4, 3), F.conv1d), 2: ((2, 4, 5, 4), (6, 4, 2, 2), F.conv2d), 3: ((1, 2, 3, 4, 3), (4, 2, 2, 2, 2), F.conv3d)}
    for dims, (x, w, conv) in shapes.items():
        for classic in [False, True]:
            p = 0.5 if classic else 0.3
            args = {"p": p, "classic": classic, "out": w[0], "kernel": w[-1], "stride": 2, "padding": 1}
            other = {"params": {"fc__weight": w, "fc__bias": w[:1]}, "path": "fc"}

            def f(x, w, b, conv=conv):
                return conv(x, w, b, stride=2, padding=1)
            nodes = {f"DropConnectConv{dims}D": convolution(p, classic, f)}
            if dims == 2:
                nodes["DropFilterR"] = positions(p, classic, 2, 1)
            for node, drawn_f in nodes.items():
                name = f"{node}/p_{p}" + "_classic" * classic
                yield drawn(name, node, {**args, "activation": "tanh"}, drawn_f, x, **other)
                yield drawn(name + "_eval", node, {**args, "activation": "relu"}, expected(p, classic, f), x, mode="eval", **other)
