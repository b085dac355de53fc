"""Cases of activations, each on moderate numbers, on numbers around its bends,
zero included, and on numbers that overflow a careless exp.
"""

import torch
from common import case, layer, normal, rng
from torch import nn

BENDS = [-3.5, -2.0, -1.0, -0.5, -1 / 64, 0.0, 1 / 64, 0.5, 1.0, 2.0, 3.5]
LARGE = [-1000.0, -50.0, -30.0, -20.0, -19.875, 0.0, 19.875, 20.0, 30.0, 50.0, 1000.0]

ACTIVATIONS = [
    ("relu", "ReLU", nn.ReLU, {}),
    ("leaky_relu", "LeakyReLU", nn.LeakyReLU, {"negative_slope": 0.01}),
    ("leaky_relu_slope_0.2", "LeakyReLU", nn.LeakyReLU, {"negative_slope": 0.2}),
    ("leaky_relu_slope_0", "LeakyReLU", nn.LeakyReLU, {"negative_slope": 0.0}),
    ("elu", "ELU", nn.ELU, {"alpha": 1.0}),
    ("elu_alpha_0.5", "ELU", nn.ELU, {"alpha": 0.5}),
    ("elu_alpha_2", "ELU", nn.ELU, {"alpha": 2.0}),
    ("selu", "SELU", nn.SELU, {}),
    ("gelu_erf", "GELU", nn.GELU, {"approximate": "none"}),
    ("gelu_tanh", "GELU", nn.GELU, {"approximate": "tanh"}),
    ("silu", "SiLU", nn.SiLU, {}),
    ("sigmoid", "Sigmoid", nn.Sigmoid, {}),
    ("tanh", "Tanh", nn.Tanh, {}),
    ("softplus", "Softplus", nn.Softplus, {"beta": 1.0, "threshold": 20.0}),
    ("softplus_beta_2", "Softplus", nn.Softplus, {"beta": 2.0, "threshold": 20.0}),
    ("softplus_beta_0.5_threshold_1", "Softplus", nn.Softplus, {"beta": 0.5, "threshold": 1.0}),
]


def softmaxes(node, cls, prefix):
    yield layer(f"{prefix}/2d_dim0", node, cls, {"dim": 0}, (3, 5))
    yield layer(f"{prefix}/2d_dim1", node, cls, {"dim": 1}, (3, 5))
    yield layer(f"{prefix}/3d_dim_minus1", node, cls, {"dim": -1}, (2, 3, 4))
    yield layer(f"{prefix}/3d_dim_minus2", node, cls, {"dim": -2}, (2, 3, 4))
    yield layer(f"{prefix}/4d_dim1", node, cls, {"dim": 1}, (2, 3, 2, 2))
    yield layer(f"{prefix}/one_class", node, cls, {"dim": 1}, (3, 1))
    rows = [[-50.0, 0.0, 50.0], [1000.0, 999.0, -1000.0], [0.0, 0.0, 0.0], [-1000.0, -1000.0, -1001.0]]
    yield case(f"{prefix}/large", node, {"dim": 1}, cls(dim=1), [torch.tensor(rows)])


def cases():
    for name, node, cls, args in ACTIVATIONS:
        x = normal(rng(name), 2, 3, 4, scale=2)
        yield case(f"{name}/normal", node, args, cls(**args), [x])
        yield case(f"{name}/bends", node, args, cls(**args), [torch.tensor(BENDS)])
        yield case(f"{name}/large", node, args, cls(**args), [torch.tensor(LARGE)])
    yield from softmaxes("Softmax", nn.Softmax, "softmax")
    yield from softmaxes("LogSoftmax", nn.LogSoftmax, "log_softmax")
