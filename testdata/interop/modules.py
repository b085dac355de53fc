"""The ready models for PyTorch: modules under the names that their published
weights have, of any width, so that a test can have small ones.

Each takes the rate of its dropout as p, by default none, to be compared with.
"""

import torch
from torch import nn
from torch.nn import functional as F


class VGG(nn.Module):
    """Convolutions in five blocks, and dense layers. blocks has the number of
    convolutions of each; positions is the size to which maps are averaged."""

    def __init__(self, blocks, channels, hidden, classes, batch_norm=False, positions=7, p=0.0, inputs=3):
        super().__init__()
        layers, i = [], inputs
        for convolutions, o in zip(blocks, channels):
            for _ in range(convolutions):
                layers += [nn.Conv2d(i, o, 3, padding=1)] + [nn.BatchNorm2d(o)] * batch_norm + [nn.ReLU()]
                i = o
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(positions)
        layers, i = [], i * positions**2
        for o in hidden:
            layers += [nn.Linear(i, o), nn.ReLU(), nn.Dropout(p)]
            i = o
        self.classifier = nn.Sequential(*layers, nn.Linear(i, classes))

    def forward(self, x):
        return self.classifier(self.pool(self.features(x)).flatten(1))


class Basic(nn.Module):
    """Two 3x3 convolutions and what leads round them."""

    expansion = 1

    def __init__(self, i, o, stride, downsample, p):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.downsample, self.drop = downsample, nn.Dropout(p)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(self.drop(y)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """A 3x3 convolution, with the stride, between two of 1x1."""

    expansion = 4

    def __init__(self, i, o, stride, downsample, p):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv3, self.bn3 = nn.Conv2d(o, 4 * o, 1, bias=False), nn.BatchNorm2d(4 * o)
        self.downsample, self.drop = downsample, nn.Dropout(p)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(self.drop(y)))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Padding(nn.Module):
    """Every second pixel, and maps of zeros on both sides."""

    def __init__(self, more, stride):
        super().__init__()
        self.more, self.stride = more, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, self.more // 2, self.more - self.more // 2))


def projection(i, o, stride):
    return nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))


def padding(i, o, stride):
    return Padding(o - i, stride)


class ResNet(nn.Module):
    """Layers of residual blocks: blocks has the number of each layer. With large, the
    first convolution is of 7x7, and a pooling follows."""

    def __init__(self, block, blocks, channels, classes, large=True, shortcut=projection, p=0.0, inputs=3):
        super().__init__()
        i = channels[0]
        first = nn.Conv2d(inputs, i, 7, 2, 3, bias=False) if large else nn.Conv2d(inputs, i, 3, 1, 1, bias=False)
        self.conv1, self.bn1 = first, nn.BatchNorm2d(i)
        self.pool = nn.MaxPool2d(3, 2, 1) if large else nn.Identity()
        self.layers = []
        for n, (count, o) in enumerate(zip(blocks, channels), 1):
            layer = []
            for k in range(count):
                stride = 2 if n > 1 and k == 0 else 1
                to = o * block.expansion
                downsample = None
                if stride != 1 or i != to:
                    downsample = shortcut(i, to, stride)
                layer.append(block(i, o, stride, downsample, p))
                i = to
            self.layers.append(f"layer{n}")
            self.add_module(self.layers[-1], nn.Sequential(*layer))
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        for name in self.layers:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


class WideBlock(nn.Module):
    """Two 3x3 convolutions, each after a norm and a ReLU; a projection reads what
    the first one reads."""

    def __init__(self, i, o, stride, p):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(i), nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(o), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.drop = nn.Dropout(p)
        self.shortcut = nn.Conv2d(i, o, 1, stride, bias=False) if i != o else None

    def forward(self, x):
        y = F.relu(self.bn1(x))
        branch = self.conv2(self.drop(F.relu(self.bn2(self.conv1(y)))))
        return branch + (x if self.shortcut is None else self.shortcut(y))


class WideResNet(nn.Module):
    """WRN-depth-k."""

    def __init__(self, depth, k, classes, p=0.0, inputs=3):
        super().__init__()
        self.conv, i = nn.Conv2d(inputs, 16, 3, 1, 1, bias=False), 16
        self.blocks = []
        for group, o in enumerate((16 * k, 32 * k, 64 * k)):
            for n in range((depth - 4) // 6):
                self.blocks.append(f"block{len(self.blocks) + 1}")
                self.add_module(self.blocks[-1], WideBlock(i, o, 2 if group > 0 and n == 0 else 1, p))
                i = o
        self.bn, self.fc = nn.BatchNorm2d(i), nn.Linear(i, classes)

    def forward(self, x):
        x = self.conv(x)
        for name in self.blocks:
            x = getattr(self, name)(x)
        return self.fc(F.relu(self.bn(x)).mean((2, 3)))


def named(**layers):
    """A sequence of layers with names."""
    s = nn.Sequential()
    for name, layer in layers.items():
        s.add_module(name, layer)
    return s


class NetworkInNetwork(nn.Module):
    def __init__(self, classes, p=0.0, inputs=3):
        super().__init__()
        self.conv1, self.cccp1, self.cccp2 = nn.Conv2d(inputs, 192, 5, 1, 2), nn.Conv2d(192, 160, 1), nn.Conv2d(160, 96, 1)
        self.conv2, self.cccp3, self.cccp4 = nn.Conv2d(96, 192, 5, 1, 2), nn.Conv2d(192, 192, 1), nn.Conv2d(192, 192, 1)
        self.conv3, self.cccp5, self.cccp6 = nn.Conv2d(192, 192, 3, 1, 1), nn.Conv2d(192, 192, 1), nn.Conv2d(192, classes, 1)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        x = F.relu(self.cccp2(F.relu(self.cccp1(F.relu(self.conv1(x))))))
        x = self.drop(F.max_pool2d(x, 3, 2, ceil_mode=True))
        x = F.relu(self.cccp4(F.relu(self.cccp3(F.relu(self.conv2(x))))))
        x = self.drop(F.avg_pool2d(x, 3, 2, ceil_mode=True))
        x = F.relu(self.cccp6(F.relu(self.cccp5(F.relu(self.conv3(x))))))
        return x.mean((2, 3))


class SeriesCNN(nn.Module):
    def __init__(self, channels, classes, inputs):
        super().__init__()
        self.blocks, i = [], inputs
        for n, o in enumerate(channels, 1):
            self.blocks.append(f"block{n}")
            self.add_module(self.blocks[-1], named(
                conv=nn.Conv1d(i, o, 3, padding=1, bias=False), bn=nn.BatchNorm1d(o), relu=nn.ReLU(), pool=nn.MaxPool1d(2)))
            i = o
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        for name in self.blocks:
            x = getattr(self, name)(x)
        return self.fc(x.mean(2))


class PlainCNN(nn.Module):
    """Convolutions of k by k, each with a pooling after it, and dense layers. flat is
    the size that the last of them sees."""

    def __init__(self, channels, hidden, classes, k, pool, flat, inputs=3):
        super().__init__()
        self.convs, self.fcs, self.pool, i = [], [], pool, inputs
        for n, o in enumerate(channels, 1):
            self.convs.append(f"conv{n}")
            self.add_module(self.convs[-1], nn.Conv2d(i, o, k, padding=k // 2))
            i = o
        i *= flat
        for n, o in enumerate((*hidden, classes), 1):
            self.fcs.append(f"fc{n}")
            self.add_module(self.fcs[-1], nn.Linear(i, o))
            i = o

    def forward(self, x):
        for name in self.convs:
            x = F.max_pool2d(F.relu(getattr(self, name)(x)), self.pool, 2)
        x = x.flatten(1)
        for name in self.fcs[:-1]:
            x = F.relu(getattr(self, name)(x))
        return getattr(self, self.fcs[-1])(x)


class LeNet5Original(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.c1, self.s2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 6, 1, groups=6)
        self.c3, self.s4 = nn.Conv2d(6, 16, 5), nn.Conv2d(16, 16, 1, groups=16)
        self.c5, self.f6, self.output = nn.Conv2d(16, 120, 5), nn.Linear(120, 84), nn.Linear(84, classes)

    def forward(self, x):
        x = torch.tanh(self.s2(F.avg_pool2d(torch.tanh(self.c1(x)), 2)))
        x = torch.tanh(self.s4(F.avg_pool2d(torch.tanh(self.c3(x)), 2)))
        x = torch.tanh(self.c5(x)).flatten(1)
        return self.output(torch.tanh(self.f6(x)))


def conv_block(i, o):
    return named(
        conv1=nn.Conv2d(i, o, 3, padding=1, bias=False), bn1=nn.BatchNorm2d(o), relu1=nn.ReLU(),
        conv2=nn.Conv2d(o, o, 3, padding=1, bias=False), bn2=nn.BatchNorm2d(o), relu2=nn.ReLU())


class UNet(nn.Module):
    """Images to images, by way of smaller ones."""

    def __init__(self, out, channels, inputs):
        super().__init__()
        self.sizes, i = len(channels) - 1, inputs
        for n, o in enumerate(channels[:-1], 1):
            self.add_module(f"down{n}", conv_block(i, o))
            i = o
        self.bottom = conv_block(i, channels[-1])
        for n in range(self.sizes, 0, -1):
            i, o = channels[n], channels[n - 1]
            self.add_module(f"up{n}", nn.ConvTranspose2d(i, o, 2, 2))
            self.add_module(f"merge{n}", conv_block(2 * o, o))
        self.out = nn.Conv2d(channels[0], out, 1)

    def forward(self, x):
        copies = []
        for n in range(1, self.sizes + 1):
            x = getattr(self, f"down{n}")(x)
            copies.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for n in range(self.sizes, 0, -1):
            x = torch.cat([copies[n - 1], getattr(self, f"up{n}")(x)], 1)
            x = getattr(self, f"merge{n}")(x)
        return self.out(x)


class LSTMClassifier(nn.Module):
    """LSTMs of given widths; the class is read from the last state. Samples end where
    all that follows is 0, if padded."""

    def __init__(self, widths, classes, inputs, bidirectional=False, padded=False):
        super().__init__()
        self.lstms, self.padded, i = [], padded, inputs
        for n, o in enumerate(widths, 1):
            self.lstms.append(f"lstm{n}")
            self.add_module(self.lstms[-1], nn.LSTM(i, o, batch_first=True, bidirectional=bidirectional))
            i = o * (2 if bidirectional else 1)
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        steps = torch.arange(1, x.shape[1] + 1)
        lengths = ((x != 0).any(2) * steps).amax(1) if self.padded else torch.full(x.shape[:1], x.shape[1])
        x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        for name in self.lstms:
            x, (h, _) = getattr(self, name)(x)
        return self.fc(torch.cat(list(h), 1))


class AWDLSTM(nn.Module):
    """The language model, which reads words out by the table that reads them in."""

    def __init__(self, words, embedding, hidden):
        super().__init__()
        self.encoder = nn.Embedding(words, embedding)
        widths = (embedding, *hidden, embedding)
        self.rnns = nn.ModuleList(nn.LSTM(i, o, batch_first=True) for i, o in zip(widths, widths[1:]))
        self.decoder = nn.ParameterDict({"bias": nn.Parameter(torch.zeros(words))})

    def forward(self, x):
        x = self.encoder(x.long())
        for rnn in self.rnns:
            x, _ = rnn(x)
        return F.linear(x, self.encoder.weight, self.decoder["bias"]).transpose(1, 2)


class Words(tuple):
    """Of a sample that is words: their number, and that of those in the vocabulary."""


def batch(sample, n):
    """n random inputs of that shape."""
    if isinstance(sample, Words):
        steps, vocabulary = sample
        return torch.randint(vocabulary, (n, steps)).float()
    return torch.randn(n, *sample)


# Functions that make small ones for 10 classes, under the names that the tests in Go
# have for them, and the shapes of a sample.
IMAGE = (1, 32, 32)
SMALL = {
    "vgg11": (lambda: VGG((1, 1, 2, 2, 2), (2, 3, 3, 3, 3), (5, 4), 10, inputs=1), IMAGE),
    "vgg13_bn": (lambda: VGG((2, 2, 2, 2, 2), (2, 2, 3, 3, 4), (6, 5), 10, True, 1, inputs=1), IMAGE),
    "vgg16": (lambda: VGG((2, 2, 3, 3, 3), (2, 2, 3, 3, 4), (), 10, positions=1, inputs=1), IMAGE),
    "vgg19_bn": (lambda: VGG((2, 2, 4, 4, 4), (2, 2, 2, 3, 3), (5, 5), 10, True, 1, inputs=1), IMAGE),
    "resnet18": (lambda: ResNet(Basic, (2, 2, 2, 2), (2, 3, 4, 4), 10, inputs=1), IMAGE),
    "resnet34": (lambda: ResNet(Basic, (3, 4, 6, 3), (2, 2, 3, 3), 10, inputs=1), IMAGE),
    "resnet50": (lambda: ResNet(Bottleneck, (3, 4, 6, 3), (1, 1, 2, 2), 10, inputs=1), IMAGE),
    "cifar_resnet20": (lambda: ResNet(Basic, (3, 3, 3), (2, 3, 6), 10, False, padding), (3, 9, 10)),
    "cifar_resnet14_projected": (lambda: ResNet(Basic, (2, 2, 2), (3, 4, 4), 10, False), (3, 9, 10)),
    "wrn16_1": (lambda: WideResNet(16, 1, 10, inputs=1), IMAGE),
    "wrn10_2": (lambda: WideResNet(10, 2, 10), (3, 8, 8)),
    "network_in_network": (lambda: NetworkInNetwork(10, inputs=1), (1, 13, 16)),
    "series_cnn": (lambda: SeriesCNN((3, 4, 4), 10, 2), (2, 21)),
    "plain_cnn": (lambda: PlainCNN((2, 3, 4), (6,), 10, 3, 2, 4, 1), (1, 16, 17)),
    "dropout_cnn": (lambda: PlainCNN((3, 2, 4), (6, 5), 10, 5, 3, 2), (3, 16, 23)),
    "lstm_classifier": (lambda: LSTMClassifier((5, 4), 10, 3), (6, 3)),
    "lstm_classifier_padded": (lambda: LSTMClassifier((4, 3), 10, 2, True, True), (5, 2)),
    "awd_lstm": (lambda: AWDLSTM(11, 4, (6, 5)), Words((7, 11))),
    "unet": (lambda: UNet(10, (2, 3, 4), 1), (1, 4, 8)),
    "lenet5_original": (lambda: LeNet5Original(10), IMAGE),
}
