"""Writes groups.json: small networks trained for five steps with groups of parameters
and frozen ones, in the form of networks.json.

usage: python3 groups.py [OUTDIR]

Each parameter is a group of PyTorch's: what it has is found by fnmatch from patterns,
of which a later one counts for more. Frozen parameters have requires_grad False. Where
an optimiser divides by the size of gradients conv1.bias is one: before a batch norm it
has none, but for rounding.
"""

import fnmatch

import common
import torch
from common import integers, normal, rng, tensor, tensors
from networks import MLP, ConvNet, weights
from torch.nn import functional as F

STEPS = 5
NETS = {"convnet": (ConvNet, (6, 1, 8, 8), 3), "mlp": (MLP, (8, 10), 4)}
CLASSES = {
    "SGD": torch.optim.SGD,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "RMSProp": torch.optim.RMSprop,
    "Adagrad": torch.optim.Adagrad,
}

# Of each: name, network, optimiser and its arguments; frozen patterns; groups; by what
# the rate is multiplied from step to step; the norm that gradients are clipped to.
RUNS = [
    ("sgd groups", "convnet", "SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.0625},
     [], [("conv*", {"lr_factor": 0.25}), ("*.bias", {"weight_decay": 0.0}), ("conv2.*", {"lr_factor": 2.0})], 1, None),
    ("adam groups", "mlp", "Adam", {"lr": 0.01}, [], [("fc1.*", {"lr_factor": 0.5, "weight_decay": 0.125})], 1, None),
    ("adamw groups schedule", "mlp", "AdamW", {"lr": 0.01},
     [], [("*.bias", {"weight_decay": 0.0}), ("ln?.*", {"weight_decay": 0.0, "lr_factor": 4.0}), ("fc2.*", {"lr_factor": 0.0})],
     0.5, None),
    ("rmsprop groups", "mlp", "RMSProp", {"lr": 0.005}, [], [("fc2.*", {"lr_factor": 0.125})], 1, None),
    ("adagrad groups clip", "convnet", "Adagrad", {"lr": 0.05},
     ["conv1.bias"], [("bn1.*", {"lr_factor": 0.5}), ("fc.weight", {"weight_decay": 0.25})], 1, 0.5),
    ("sgd frozen first", "convnet", "SGD", {"lr": 0.05, "momentum": 0.9}, ["conv1.*", "bn1.*"], [], 1, None),
    ("adam frozen middle", "convnet", "Adam", {"lr": 0.01}, ["conv2.*", "conv1.bias"], [], 1, None),
    ("adam frozen last clip", "convnet", "Adam", {"lr": 0.01}, ["fc.*", "conv1.bias"], [], 1, 0.25),
    ("sgd frozen parts", "convnet", "SGD", {"lr": 0.05}, ["conv1.weight", "bn1.bias", "conv2.bias", "fc.weight"], [], 1, None),
    ("adamw frozen and groups", "mlp", "AdamW", {"lr": 0.01},
     ["fc1.weight", "ln1.*"], [("fc1.*", {"lr_factor": 0.5}), ("fc2.weight", {"weight_decay": 0.5})], 0.5, None),
    ("rmsprop frozen first", "mlp", "RMSProp", {"lr": 0.005}, ["fc1.*"], [], 1, None),
]


def matches(name, pattern):
    return fnmatch.fnmatchcase(name, pattern)


def run(name, net, optimizer, args, frozen, groups, gamma, clip):
    r = rng("groups " + name)
    cls, shape, classes = NETS[net]
    net = weights(cls(), r)
    x, target = normal(r, *shape), integers(r, classes, shape[0])
    before = tensors(net.state_dict())

    own, trained = [], []
    for n, p in net.named_parameters():
        if any(matches(n, pattern) for pattern in frozen):
            p.requires_grad_(False)
            continue
        trained.append(n)
        group = {"params": [p]}
        for pattern, sets in groups:
            if matches(n, pattern):
                if "lr_factor" in sets:
                    group["lr"] = args["lr"] * sets["lr_factor"]
                if "weight_decay" in sets:
                    group["weight_decay"] = sets["weight_decay"]
        own.append(group)
    opt = CLASSES[optimizer](own, **args)
    schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: gamma ** step)

    losses = []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), target)
        loss.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], clip)
        opt.step()
        schedule.step()
        losses.append(loss.item())
    return {
        "name": name,
        "net": cls.__name__,
        "loss": {"name": "CrossEntropy"},
        "optimizer": {"name": optimizer, **args},
        "frozen": frozen,
        "groups": [{"pattern": pattern, **sets} for pattern, sets in groups],
        "gamma": gamma,
        "clip_norm": clip or 0,
        "trained": trained,
        "inputs": [tensor(x)],
        "target": tensor(target),
        "before": before,
        "losses": losses,
        "after": tensors(net.state_dict()),
        "output_eval_after": tensor(net.eval()(x)),
    }


def main(outdir):
    common.write(outdir, "groups.json", [run(*r) for r in RUNS])


if __name__ == "__main__":
    main(common.outdir())
