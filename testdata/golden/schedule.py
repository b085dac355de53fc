"""Writes schedule.json: the rate each schedule gives to each step.

usage: python3 schedule.py [OUTDIR]

A schedule in epochs is stepped once an epoch, as PyTorch's users do.
"""

import warnings

import common
import torch
from torch.optim import lr_scheduler as lrs

# SequentialLR itself calls its parts in a way that PyTorch warns of.
warnings.filterwarnings("ignore", "The epoch parameter in")

BASE = 0.5
STEPS_PER_EPOCH = 4


def linear_warmup(opt, n):
    """Reaches the full rate at step n-1, counted from 0."""
    return lrs.LinearLR(opt, start_factor=1 / n, end_factor=1.0, total_iters=n - 1)


def warmup(n, then):
    return lambda opt: lrs.SequentialLR(opt, [linear_warmup(opt, n), then(opt)], milestones=[n])


class Then:
    """One scheduler for n steps, and then another, from the rate that the first has reached."""

    def __init__(self, opt, n, first, then):
        self.opt, self.left, self.now, self.then = opt, n, first(opt), then

    def step(self):
        self.now.step()
        self.left -= 1
        if self.left == 0:
            self.now = self.then(self.opt)


def swa(n, first, lr, anneal):
    def then(opt):
        for group in opt.param_groups:
            del group["initial_lr"]
        return torch.optim.swa_utils.SWALR(opt, lr, anneal_epochs=anneal)
    return lambda opt: Then(opt, n, first, then)


# Name of the case, schedule, arguments, its unit, its length in units, PyTorch's.
RUNS = [
    ("step", "StepLR", {"every": 3, "gamma": 0.1}, "step", 12, lambda o: lrs.StepLR(o, 3, 0.1)),
    ("step of epochs", "StepLR", {"every": 2, "gamma": 0.5}, "epoch", 6, lambda o: lrs.StepLR(o, 2, 0.5)),
    ("exponential", "Exponential", {"every": 1, "gamma": 0.9}, "step", 20, lambda o: lrs.ExponentialLR(o, 0.9)),
    ("exponential of epochs", "Exponential", {"every": 1, "gamma": 0.5}, "epoch", 6,
     lambda o: lrs.ExponentialLR(o, 0.5)),
    ("cosine", "Cosine", {"total": 20, "min": 0.0}, "step", 21, lambda o: lrs.CosineAnnealingLR(o, 20)),
    ("cosine min", "Cosine", {"total": 20, "min": 0.125}, "step", 21, lambda o: lrs.CosineAnnealingLR(o, 20, 0.125)),
    ("cosine of epochs", "Cosine", {"total": 6, "min": 0.125}, "epoch", 7,
     lambda o: lrs.CosineAnnealingLR(o, 6, 0.125)),
    ("linear", "LinearDecay", {"total": 20}, "step", 24,
     lambda o: lrs.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=20)),
    ("one cycle", "OneCycle", {"total": 20}, "step", 20,
     lambda o: lrs.OneCycleLR(o, BASE, total_steps=20, cycle_momentum=False)),
    ("one cycle uneven", "OneCycle", {"total": 23, "pct_start": 0.25, "div_factor": 10.0, "final_div_factor": 100.0},
     "step", 23, lambda o: lrs.OneCycleLR(o, BASE, total_steps=23, pct_start=0.25, div_factor=10.0,
                                          final_div_factor=100.0, cycle_momentum=False)),
    ("one cycle from its peak", "OneCycle", {"total": 10, "pct_start": 0.0}, "step", 10,
     lambda o: lrs.OneCycleLR(o, BASE, total_steps=10, pct_start=0.0, cycle_momentum=False)),
    ("warmup", "Warmup", {"warmup": 5}, "step", 12, warmup(5, lambda o: lrs.LambdaLR(o, lambda t: 1.0))),
    ("warmup step", "Warmup", {"warmup": 4, "every": 3, "gamma": 0.1}, "step", 16,
     warmup(4, lambda o: lrs.StepLR(o, 3, 0.1))),
    ("warmup cosine", "Warmup", {"warmup": 5, "total": 15, "min": 0.0}, "step", 21,
     warmup(5, lambda o: lrs.CosineAnnealingLR(o, 15))),
    ("swa", "SWALR", {"span": 4, "lr": 0.0625, "anneal": 6}, "step", 16,
     swa(4, lambda o: lrs.LambdaLR(o, lambda t: 1.0), 0.0625, 6)),
    ("swa after steps", "SWALR", {"span": 5, "lr": 0.25, "anneal": 4, "every": 2, "gamma": 0.5}, "step", 14,
     swa(5, lambda o: lrs.StepLR(o, 2, 0.5), 0.25, 4)),
    ("swa at once", "SWALR", {"span": 3, "lr": 0.125, "anneal": 0}, "step", 8,
     swa(3, lambda o: lrs.LambdaLR(o, lambda t: 1.0), 0.125, 0)),
    ("swa of epochs", "SWALR", {"span": 2, "lr": 0.125, "anneal": 3}, "epoch", 7,
     swa(2, lambda o: lrs.LambdaLR(o, lambda t: 1.0), 0.125, 3)),
]

# As above; the length is that of the metrics.
PLATEAUS = [
    ("plateau", {}, 40),
    ("plateau patience", {"factor": 0.5, "patience": 2}, 30),
    ("plateau cooldown", {"factor": 0.5, "patience": 1, "cooldown": 3}, 40),
    ("plateau threshold", {"factor": 0.5, "patience": 2, "threshold": 0.25}, 30),
    ("plateau min", {"factor": 0.5, "patience": 0, "min_lr": 0.0625}, 30),
    ("plateau smallest change", {"factor": 0.001, "patience": 0}, 30),
]


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)


def rates(make, n):
    opt = optimizer()
    scheduler = make(opt)
    out = []
    for _ in range(n):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return out


def timed(name, schedule, args, unit, n, make):
    lr = rates(make, n)
    if unit == "epoch":
        lr = [v for v in lr for _ in range(STEPS_PER_EPOCH)]
    return {"name": name, "schedule": schedule, "args": args, "unit": unit, "base": BASE,
            "steps_per_epoch": STEPS_PER_EPOCH, "lr": lr}


def plateau(name, args, n):
    """A loss that falls, stays and wobbles; lr is the rate after each epoch."""
    r = common.rng(name)
    t = torch.arange(n, dtype=torch.float64)
    metrics = common.dyadic(4 * torch.exp(-t / 4).numpy() + r.uniform(0.5, 1, n)).tolist()
    opt = optimizer()
    scheduler = lrs.ReduceLROnPlateau(opt, **args)
    lr = []
    for m in metrics:
        scheduler.step(m)
        lr.append(opt.param_groups[0]["lr"])
    return {"name": name, "schedule": "ReduceOnPlateau", "args": args, "base": BASE, "metrics": metrics, "lr": lr}


def cases():
    for r in RUNS:
        yield timed(*r)
    for r in PLATEAUS:
        yield plateau(*r)


def main(outdir):
    common.write(outdir, "schedule.json", cases())


if __name__ == "__main__":
    main(common.outdir())
