"""Writes optim.json: 20 steps of each optimiser with each of its options.

usage: python3 optim.py [OUTDIR]

The parameters follow a gradient that both sides compute from the case alone,
by the same operations in the same order: curvature·(p - centre) + noise[step].
It is a random quadratic, seeded as everything here by the name of its stream,
plus random numbers for each step.
"""

import common
import torch

STEPS = 20
SHAPES = [(2, 2), (3,)]
CLASSES = {
    "SGD": torch.optim.SGD,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "RMSProp": torch.optim.RMSprop,
    "Adagrad": torch.optim.Adagrad,
}

# Name of the case, optimiser, rate, PyTorch's arguments, what else happens.
RUNS = [
    ("sgd", "SGD", 0.1, {}, {}),
    ("sgd weight decay", "SGD", 0.1, {"weight_decay": 0.125}, {}),
    ("sgd momentum", "SGD", 0.1, {"momentum": 0.9}, {}),
    ("sgd dampening", "SGD", 0.1, {"momentum": 0.9, "dampening": 0.5}, {}),
    ("sgd nesterov", "SGD", 0.1, {"momentum": 0.9, "nesterov": True}, {}),
    ("sgd nesterov weight decay", "SGD", 0.1, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.125}, {}),
    ("sgd clip norm", "SGD", 0.1, {"momentum": 0.9, "weight_decay": 0.125}, {"clip_norm": 2.0}),
    ("sgd clip value", "SGD", 0.1, {"weight_decay": 0.125}, {"clip_value": 0.5}),
    ("sgd missing gradients", "SGD", 0.1, {"momentum": 0.9, "dampening": 0.5}, {"missing": [[0, 1], [3, 0], [7, 1]]}),
    ("sgd changing rate", "SGD", 0.1, {"momentum": 0.9}, {"halve_at": 10}),
    ("adam", "Adam", 0.05, {}, {}),
    ("adam betas eps", "Adam", 0.05, {"betas": [0.8, 0.95], "eps": 0.001}, {}),
    ("adam weight decay", "Adam", 0.05, {"weight_decay": 0.125}, {}),
    ("adam amsgrad", "Adam", 0.05, {"betas": [0.9, 0.9], "amsgrad": True}, {}),
    ("adam clip norm", "Adam", 0.05, {"weight_decay": 0.125}, {"clip_norm": 2.0}),
    ("adam missing gradients", "Adam", 0.05, {}, {"missing": [[0, 1], [3, 0], [7, 1]]}),
    ("adam changing rate", "Adam", 0.05, {}, {"halve_at": 10}),
    ("adamw", "AdamW", 0.05, {}, {}),
    ("adamw weight decay", "AdamW", 0.05, {"weight_decay": 0.5}, {}),
    ("adamw amsgrad", "AdamW", 0.05, {"betas": [0.9, 0.9], "amsgrad": True}, {}),
    ("rmsprop", "RMSProp", 0.02, {}, {}),
    ("rmsprop alpha eps", "RMSProp", 0.02, {"alpha": 0.9, "eps": 0.001}, {}),
    ("rmsprop weight decay", "RMSProp", 0.02, {"weight_decay": 0.125}, {}),
    ("rmsprop momentum", "RMSProp", 0.02, {"momentum": 0.5}, {}),
    ("rmsprop centered", "RMSProp", 0.02, {"centered": True}, {}),
    ("rmsprop centered momentum", "RMSProp", 0.02, {"centered": True, "momentum": 0.5, "weight_decay": 0.125}, {}),
    ("adagrad", "Adagrad", 0.1, {}, {}),
    ("adagrad lr decay", "Adagrad", 0.1, {"lr_decay": 0.125}, {}),
    ("adagrad accumulator eps", "Adagrad", 0.1, {"initial_accumulator_value": 0.5, "eps": 0.001}, {}),
    ("adagrad weight decay", "Adagrad", 0.1, {"weight_decay": 0.125}, {}),
    ("adagrad missing gradients", "Adagrad", 0.1, {"lr_decay": 0.125}, {"missing": [[0, 1], [3, 0], [7, 1]]}),
]


def problem():
    """The start of each parameter, and its gradient; alike in every case."""
    r = common.rng("optim")
    return {
        "start": [common.normal(r, *s) for s in SHAPES],
        "curvature": [common.dyadic(r.uniform(0.25, 2, s)) for s in SHAPES],
        "centre": [common.normal(r, *s) for s in SHAPES],
        "noise": [[common.normal(r, *s, scale=0.5) for s in SHAPES] for _ in range(STEPS)],
    }


def run(name, optimizer, lr, args, more, dtype):
    p = problem()
    params = [t.to(dtype, copy=True).requires_grad_() for t in p["start"]]
    opt = CLASSES[optimizer](params, lr=lr, **args)
    trajectory, norms = [], []
    for step in range(STEPS):
        if step == more.get("halve_at"):
            opt.param_groups[0]["lr"] = lr / 2
        for i, w in enumerate(params):
            if [step, i] in more.get("missing", []):
                w.grad = None
                continue
            noise = p["noise"][step][i].to(dtype)
            w.grad = p["curvature"][i].to(dtype) * (w.detach() - p["centre"][i].to(dtype)) + noise
        if "clip_norm" in more:
            norms.append(torch.nn.utils.clip_grad_norm_(params, more["clip_norm"]).item())
        if "clip_value" in more:
            torch.nn.utils.clip_grad_value_(params, more["clip_value"])
        opt.step()
        trajectory.append([w.detach().flatten().tolist() for w in params])
    out = {
        "name": name,
        "optimizer": optimizer,
        "dtype": str(dtype).removeprefix("torch."),
        "lr": lr,
        "args": args,
        **more,
        "start": [common.tensor(t) for t in p["start"]],
        **{k: [t.flatten().tolist() for t in p[k]] for k in ("curvature", "centre")},
        "noise": [[t.flatten().tolist() for t in step] for step in p["noise"]],
        "trajectory": trajectory,
        "state": [state(opt.state[w]) for w in params],
    }
    if norms:
        out["norms"] = norms
    return out


def state(s):
    """The last moments. The number of updates is an int, a tensor or not kept."""
    return {k: v.flatten().tolist() for k, v in s.items() if k != "step" and v is not None}


def cases():
    for dtype in (torch.float64, torch.float32):
        for r in RUNS:
            case = run(*r, dtype)
            case["name"] += " " + case["dtype"]
            yield case


def main(outdir):
    common.write(outdir, "optim.json", cases())


if __name__ == "__main__":
    main(common.outdir())
