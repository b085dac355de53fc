"""The networks of cmd/bench in PyTorch: the same layers under the same names.

NETWORKS maps a name to (function that builds it, shape of a sample, batch).
"""

import torch
from torch import nn
from torch.nn import functional as F


class Masked(torch.autograd.Function):
    """x times a mask k, with one multiplication either way."""

    @staticmethod
    def forward(ctx, x, k):
        ctx.save_for_backward(k)
        return x * k

    @staticmethod
    def backward(ctx, dy):
        (k,) = ctx.saved_tensors
        return dy * k, None


class FastDropout(nn.Module):
    """Dropout that draws 16 bits an element, out of 64-bit numbers.

    PyTorch's own draws on one thread and takes several times as long. Spatial is
    dropout2d: one draw for a channel of a sample.
    """

    def __init__(self, p, spatial=False):
        super().__init__()
        self.p, self.spatial = p, spatial

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        n = x.shape[0] * x.shape[1] if self.spatial else x.numel()
        bits = torch.empty((n + 3) // 4, dtype=torch.int64).random_().view(torch.int16)[:n]
        keep = bits >= round(self.p * 65536) - 32768
        if self.spatial:
            keep = keep.view(x.shape[0], x.shape[1], *[1] * (x.dim() - 2))
        else:
            keep = keep.as_strided(x.shape, x.stride())  # in the order of x in memory
        return Masked.apply(x, keep * (1 / (1 - self.p)))


class Layers:
    """Layers of which there are two kinds.

    Dropout is PyTorch's own or the fast one. 1D layers are such, or 2D ones of
    height 1, which can have their channels last in memory.
    """

    def __init__(self, fast_dropout=False, flat=True):
        self.fast_dropout, self.flat = fast_dropout, flat

    def dropout(self, p):
        return FastDropout(p) if self.fast_dropout else nn.Dropout(p)

    def dropout2d(self, p):
        return FastDropout(p, spatial=True) if self.fast_dropout else nn.Dropout2d(p)

    def conv1d(self, i, o, k, padding):
        return nn.Conv1d(i, o, k, padding=padding) if self.flat else nn.Conv2d(i, o, (1, k), padding=(0, padding))

    def batch_norm1d(self, channels):
        return nn.BatchNorm1d(channels) if self.flat else nn.BatchNorm2d(channels)

    def max_pool1d(self, k):
        return nn.MaxPool1d(k) if self.flat else nn.MaxPool2d((1, k))


def named(*layers):
    """A sequence of layers, those with parameters in pairs with their names."""
    s = nn.Sequential()
    for i, layer in enumerate(layers):
        s.add_module(*(layer if isinstance(layer, tuple) else (f"_{i}", layer)))
    return s


def perceptron(width):
    return lambda make: named(
        make.dropout(0.2), ("fc1", nn.Linear(784, width)), nn.ReLU(True),
        make.dropout(0.5), ("fc2", nn.Linear(width, width)), nn.ReLU(True),
        make.dropout(0.5), ("fc3", nn.Linear(width, 10)))


def lenet(make):
    return named(
        ("conv1", nn.Conv2d(1, 32, 5, padding=2)), nn.ReLU(True), nn.MaxPool2d(2),
        ("conv2", nn.Conv2d(32, 64, 5, padding=2)), nn.ReLU(True), nn.MaxPool2d(2),
        nn.Flatten(), ("fc1", nn.Linear(64 * 49, 1024)), nn.ReLU(True),
        make.dropout(0.5), ("fc2", nn.Linear(1024, 10)))


def cnn(make):
    blocks, i = [], 3
    for n, o in enumerate((32, 64, 128), 1):
        blocks.append((f"block{n}", named(
            ("conv1", nn.Conv2d(i, o, 3, padding=1)), ("bn1", nn.BatchNorm2d(o)), nn.ReLU(True),
            ("conv2", nn.Conv2d(o, o, 3, padding=1)), ("bn2", nn.BatchNorm2d(o)), nn.ReLU(True),
            make.dropout2d(0.1), nn.MaxPool2d(2))))
        i = o
    return named(
        *blocks, nn.Flatten(), ("fc1", nn.Linear(128 * 16, 128)), ("fc_bn", nn.BatchNorm1d(128)), nn.ReLU(True),
        make.dropout(0.5), ("fc2", nn.Linear(128, 10)))


class WideBlock(nn.Module):
    def __init__(self, make, i, o, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(o), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.drop = make.dropout(0.3)
        self.shortcut = None if i == o else nn.Conv2d(i, o, 1, stride, bias=False)

    def forward(self, x):
        first = F.relu(self.bn1(x), True)
        y = self.conv1(first)
        y = self.conv2(self.drop(F.relu(self.bn2(y), True)))
        return y + (x if self.shortcut is None else self.shortcut(first))


def wide_resnet(make):
    blocks, i = [], 16
    for group, o in enumerate((32, 64, 128)):
        for block in range(2):
            stride = 2 if group > 0 and block == 0 else 1
            blocks.append((f"block{2 * group + block + 1}", WideBlock(make, i, o, stride)))
            i = o
    return named(
        ("conv", nn.Conv2d(3, 16, 3, 1, 1, bias=False)), *blocks, ("bn", nn.BatchNorm2d(128)), nn.ReLU(True),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), ("fc", nn.Linear(128, 10)))


def conv1d(make):
    blocks = [
        (f"block{n}", named(
            ("conv", make.conv1d(64 if n > 1 else 8, 64, 3, padding=1)), ("bn", make.batch_norm1d(64)), nn.ReLU(True),
            make.max_pool1d(2)))
        for n in range(1, 7)]
    pool = nn.AdaptiveAvgPool1d(1) if make.flat else nn.AdaptiveAvgPool2d(1)
    return named(*blocks, pool, nn.Flatten(), ("fc", nn.Linear(64, 10)))


class LSTMs(nn.Module):
    def __init__(self, make):
        super().__init__()
        self.lstm1, self.lstm2 = nn.LSTM(64, 256), nn.LSTM(256, 256)
        self.drop1, self.drop2 = make.dropout(0.5), make.dropout(0.5)
        self.fc = nn.Linear(256, 10)

    def forward(self, x):
        x = self.drop1(self.lstm1(x.transpose(0, 1))[0])  # time first, which is faster
        return self.fc(self.drop2(self.lstm2(x)[0][-1]))


NETWORKS = {
    "mlp": (perceptron(1024), (784,), 128),
    "mlp800": (perceptron(800), (784,), 100),
    "lenet_dropout": (lenet, (1, 28, 28), 64),
    "cnn_bn_spatial": (cnn, (3, 32, 32), 64),
    "wrn16_2": (wide_resnet, (3, 32, 32), 32),
    "conv1d6": (conv1d, (8, 1024), 64),
    "lstm_dropout": (LSTMs, (50, 64), 32),
}


def multiply_adds(net, x):
    """Those of convolutions, linear maps and recurrences in a forward pass: all, and the
    first, whose input needs no gradient."""
    counts = []

    def count(layer, _, y):
        counts.append(y.numel() * layer.weight[0].numel())

    def count_recurrent(layer, _, y):
        gates = 4 * y[0].numel()
        counts.extend([gates * layer.input_size, gates * layer.hidden_size])

    hooks = [m.register_forward_hook(count) for m in net.modules() if isinstance(m, (nn.Conv1d, nn.Conv2d, nn.Linear))]
    hooks += [m.register_forward_hook(count_recurrent) for m in net.modules() if isinstance(m, nn.LSTM)]
    net.eval()
    with torch.no_grad():
        net(x)
    for h in hooks:
        h.remove()
    return sum(counts), counts[0]
