"""Cases of losses: CrossEntropy, NLL, BCEWithLogits, MSE, L1, Huber, with every
reduction.

The inputs are the prediction and the target. A floating-point target has its
gradient too.
"""

import numpy as np
import torch
from common import case, integers, normal, rng
from torch.nn import functional as F

REDUCTIONS = ["none", "mean", "sum"]
CLASSES = 4
SHAPES = {"2d": (5, CLASSES), "4d": (2, CLASSES, 2, 2)}
WEIGHT = torch.tensor([0.5, 2.0, 1.25, 0.0])


def loss(name, node, f, args, x, target):
    return case(name, node, args, lambda x, t: f(x, t, **args), [x, target])


def class_target(r, shape):
    """A target for each class in turn, shuffled: none is missing."""
    t = np.arange(np.prod(shape) // CLASSES) % CLASSES
    return torch.from_numpy(r.permutation(t).reshape(shape[:1] + shape[2:]))


def soft_target(r, shape):
    """Probabilities over axis 1, exact sums of sixteenths."""
    cuts = np.sort(r.randint(0, 17, (shape[0], CLASSES - 1) + shape[2:]), axis=1)
    return torch.from_numpy(np.diff(cuts, axis=1, prepend=0, append=16) / 16.0)


def cross_entropies():
    def ce(variant, reduction, x, target, weight=None, label_smoothing=0.0, ignore_index=-100):
        args = {
            "weight": weight,
            "ignore_index": ignore_index,
            "reduction": reduction,
            "label_smoothing": label_smoothing,
        }
        return loss(f"cross_entropy/{variant}_{reduction}", "CrossEntropy", F.cross_entropy, args,
                    x, target)

    for reduction in REDUCTIONS:
        for dims, shape in SHAPES.items():
            for weight in [None, WEIGHT]:
                for smoothing in [0.0, 0.1]:
                    for ignored in [-100, 1]:
                        variant = (dims + "_weight" * (weight is not None)
                                   + "_smoothing" * (smoothing > 0) + "_ignore" * (ignored == 1))
                        r = rng(f"cross_entropy/{variant}")
                        x, t = normal(r, *shape, scale=2), class_target(r, shape)
                        yield ce(variant, reduction, x, t, weight, smoothing, ignored)
            r = rng(f"cross_entropy/{dims}_soft")
            x, t = normal(r, *shape, scale=2), soft_target(r, shape)
            yield ce(f"{dims}_soft_target", reduction, x, t)
            yield ce(f"{dims}_soft_target_weight_smoothing", reduction, x, t, WEIGHT, 0.1)

        r = rng("cross_entropy/edges")
        x, t = normal(r, 3, CLASSES), class_target(r, (3, CLASSES))
        none = torch.full_like(t, 2)
        some = t.clone()
        some[1] = -100
        yield ce("default_ignore_index", reduction, x, some)
        yield ce("all_ignored", reduction, x, none, ignore_index=2)
        yield ce("all_ignored_weight", reduction, x, none, WEIGHT, ignore_index=2)
        yield ce("all_ignored_smoothing", reduction, x, none, label_smoothing=0.1, ignore_index=2)
        yield ce("smoothing_one", reduction, x, t, label_smoothing=1.0)
        large = torch.tensor([[-50.0, 0.0, 50.0, 1.0], [1000.0, 999.0, -1000.0, 0.0],
                              [50.0, 50.0, 50.0, 50.0]])
        yield ce("large", reduction, large, torch.tensor([0, 1, 2]))


def nlls():
    def nll(variant, reduction, x, target, weight=None, ignore_index=-100):
        args = {"weight": weight, "ignore_index": ignore_index, "reduction": reduction}
        return loss(f"nll/{variant}_{reduction}", "NLL", F.nll_loss, args, x, target)

    for reduction in REDUCTIONS:
        for dims, shape in SHAPES.items():
            r = rng(f"nll/{dims}")
            x, t = -normal(r, *shape).abs(), class_target(r, shape)
            yield nll(dims, reduction, x, t)
            yield nll(f"{dims}_weight", reduction, x, t, WEIGHT)
            yield nll(f"{dims}_ignore", reduction, x, t, ignore_index=1)
            yield nll(f"{dims}_weight_ignore", reduction, x, t, WEIGHT, ignore_index=1)
            yield nll(f"{dims}_all_ignored", reduction, x, torch.ones_like(t), ignore_index=1)


def binary_cross_entropies():
    def bce(variant, reduction, x, target, weight=None, pos_weight=None):
        args = {"weight": weight, "reduction": reduction, "pos_weight": pos_weight}
        return loss(f"bce_with_logits/{variant}_{reduction}", "BCEWithLogits",
                    F.binary_cross_entropy_with_logits, args, x, target)

    for reduction in REDUCTIONS:
        r = rng("bce_with_logits")
        x, hard = normal(r, 3, 4, scale=2), integers(r, 2, 3, 4).double()
        soft = integers(r, 17, 3, 4) / 16.0
        pos_weight = torch.tensor([0.5, 1.0, 3.0, 0.0])
        yield bce("hard", reduction, x, hard)
        yield bce("soft", reduction, x, soft)
        yield bce("weight", reduction, x, soft, weight=WEIGHT)
        yield bce("weight_full", reduction, x, soft, weight=normal(r, 3, 4).abs())
        yield bce("pos_weight", reduction, x, soft, pos_weight=pos_weight)
        yield bce("weight_pos_weight", reduction, x, soft, weight=WEIGHT, pos_weight=pos_weight)
        large = torch.tensor([-1000.0, -50.0, 0.0, 50.0, 1000.0])
        for target in [0.0, 1.0]:
            yield bce(f"large_target_{target:.0f}", reduction, large, torch.full((5,), target))


def regressions():
    for reduction in REDUCTIONS:
        for prefix, node, f, args in [
            ("mse", "MSE", F.mse_loss, {}),
            ("l1", "L1", F.l1_loss, {}),
            ("huber_delta_1", "Huber", F.huber_loss, {"delta": 1.0}),
            ("huber_delta_0.5", "Huber", F.huber_loss, {"delta": 0.5}),
            ("huber_delta_3", "Huber", F.huber_loss, {"delta": 3.0}),
        ]:
            args = {**args, "reduction": reduction}
            r = rng(prefix)
            x, t = normal(r, 2, 3, 2), normal(r, 2, 3, 2)
            yield loss(f"{prefix}/3d_{reduction}", node, f, args, x, t)
            # Differences of 0 and ±delta, where |d| and Huber's pieces meet.
            x = torch.tensor([0.0, 2.0, 1.5, 1.0, 4.0, -1.0, -50.0])
            t = torch.tensor([0.0, 2.0, 1.0, 2.0, 1.0, -1.5, 50.0])
            yield loss(f"{prefix}/meeting_points_{reduction}", node, f, args, x, t)


def cases():
    yield from cross_entropies()
    yield from nlls()
    yield from binary_cross_entropies()
    yield from regressions()
