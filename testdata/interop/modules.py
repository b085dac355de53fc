"""The ready models for PyTorch: modules under the names that their published
weights have, of any width, so that a test can have small ones.

Each takes the rate of its dropout as p, by default none, to be compared with.
"""

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


class ResNet(nn.Module):
    """Layers of residual blocks: blocks has the number of each layer."""

    def __init__(self, block, blocks, channels, classes, p=0.0, inputs=3):
        super().__init__()
        i = channels[0]
        self.conv1, self.bn1 = nn.Conv2d(inputs, i, 7, 2, 3, bias=False), nn.BatchNorm2d(i)
        self.layers = []
        for n, (count, o) in enumerate(zip(blocks, channels), 1):
            layer = []
            for k in range(count):
                stride = 2 if n > 1 and k == 0 else 1
                to = o * block.expansion
                downsample = None
                if stride != 1 or i != to:
                    downsample = nn.Sequential(nn.Conv2d(i, to, 1, stride, bias=False), nn.BatchNorm2d(to))
                layer.append(block(i, o, stride, downsample, p))
                i = to
            self.layers.append(f"layer{n}")
            self.add_module(self.layers[-1], nn.Sequential(*layer))
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for name in self.layers:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


# Small ones, for images of 1 by 32 by 32 and 10 classes, under the names that the
# tests in Go have for them.
SMALL = {
    "vgg11": lambda: VGG((1, 1, 2, 2, 2), (2, 3, 3, 3, 3), (5, 4), 10, positions=7, inputs=1),
    "vgg13_bn": lambda: VGG((2, 2, 2, 2, 2), (2, 2, 3, 3, 4), (6, 5), 10, True, positions=1, inputs=1),
    "vgg16": lambda: VGG((2, 2, 3, 3, 3), (2, 2, 3, 3, 4), (), 10, positions=1, inputs=1),
    "vgg19_bn": lambda: VGG((2, 2, 4, 4, 4), (2, 2, 2, 3, 3), (5, 5), 10, True, positions=1, inputs=1),
    "resnet18": lambda: ResNet(Basic, (2, 2, 2, 2), (2, 3, 4, 4), 10, inputs=1),
    "resnet34": lambda: ResNet(Basic, (3, 4, 6, 3), (2, 2, 3, 3), 10, inputs=1),
    "resnet50": lambda: ResNet(Bottleneck, (3, 4, 6, 3), (1, 1, 2, 2), 10, inputs=1),
}
