"""Writes sampling.json: class weights and folds as scikit-learn makes them, and the
samples that loaders draw.

usage: python3 sampling.py [OUTDIR]

What is drawn depends on the generator, so of folds and splits a case has what does
not: how many samples of each class are in each part. What a loader draws is drawn here
again, by philox.py and from what our documentation says; shares[i][k] of these cases is
the probability of sample i to be among the first k + 1 drawn without replacement.
"""

import itertools

import common
import numpy as np
import philox
from sklearn import model_selection
from sklearn.utils import class_weight

# Classes of samples, by the name of the case.
LABELS = {
    "equal": [0, 1, 2] * 6,
    "rare": [1] * 17 + [0] * 3 + [2] * 11,
    "last first": [3, 3, 0, 1, 2, 3, 1, 1, 0, 3, 2, 2, 3],
    "binary": [0] * 97 + [1] * 14,
}


def shuffled(name):
    return common.rng(name).permutation(LABELS[name])


def counts(labels, part):
    return np.bincount(labels[part], minlength=labels.max() + 1).tolist()


def weights(name):
    labels = shuffled(name)
    w = class_weight.compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    return {"name": f"weights {name}", "function": "ClassWeights", "labels": labels.tolist(), "weights": w.tolist()}


def folds(name, k, stratified):
    labels = shuffled(name)
    kind = model_selection.StratifiedKFold if stratified else model_selection.KFold
    cut = kind(k, shuffle=True, random_state=1).split(labels, labels)
    case = {"name": f"{k} folds {name}", "function": "KFold", "labels": labels.tolist(), "k": k, "stratified": stratified}
    if stratified:
        case["name"] += " stratified"
        case["counts"] = [counts(labels, val) for _, val in cut]
    else:
        case["sizes"] = [len(val) for _, val in cut]
    return case


def split(name, n):
    """Of cases in which no two remainders are equal: scikit-learn draws among those."""
    labels = shuffled(name)
    cut = model_selection.StratifiedShuffleSplit(1, train_size=n, test_size=len(labels) - n, random_state=1)
    train, val = next(cut.split(labels, labels))
    return {"name": f"split {name} {n}", "function": "Split", "labels": labels.tolist(), "n": n,
            "counts": [counts(labels, train), counts(labels, val)]}


class Rand:
    """Go's math/rand/v2 over a stream."""

    def __init__(self, seed, path, step):
        words = philox.Stream(seed, path, step).words(4096)
        self.numbers = iter([int(lo) | int(hi) << 32 for lo, hi in zip(words[::2], words[1::2])])

    def float(self):
        return (next(self.numbers) & (1 << 53) - 1) / 2**53

    def below(self, n):
        """Lemire's method, on the upper 32 bits; the lower ones of a power of two."""
        if n & n - 1 == 0:
            return next(self.numbers) & n - 1
        while True:
            product = (next(self.numbers) >> 32) * n
            if product % 2**32 >= 2**32 % n:
                return product >> 32

    def shuffle(self, values):
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]
        return values


def weighted(name, weights, seed, draws=None):
    w, orders = np.array(weights), []
    for epoch in range(3):
        r = Rand(seed, "sampling", epoch)
        u = [r.float() * w.sum() for _ in range(draws or len(w))]
        orders.append(np.searchsorted(np.cumsum(w), u, side="right").tolist())
    return {"name": name, "function": "WeightedSampling", "weights": weights, "seed": seed, "n": draws or 0, "orders": orders}


def without_replacement(name, weights, seed, draws=None):
    w, orders = np.array(weights), []
    n = draws or int((w > 0).sum())
    for epoch in range(3):
        r = Rand(seed, "sampling", epoch)
        with np.errstate(divide="ignore"):
            times = [-np.log1p(-r.float()) / v for v in w]
        orders.append(np.argsort(times)[:n].tolist())
    shares = np.zeros((len(w), n))
    for drawn in itertools.permutations(np.flatnonzero(w), n):
        p, left = 1.0, w.sum()
        for i in drawn:
            p, left = p * w[i] / left, left - w[i]
        for k, i in enumerate(drawn):
            shares[i, k:] += p
    return {"name": name, "function": "WithoutReplacement", "weights": weights, "seed": seed, "n": draws or 0,
            "orders": orders, "shares": shares.tolist()}


def mixed(name, sizes, weights, batch, draws, seed):
    """Shares of which each batch has a whole number of each part, so that these do not
    depend on which part fills which place; the samples of a batch are sorted."""
    each = [round(w / sum(weights) * draws) for w in weights]
    per_batch = [round(w / sum(weights) * batch) for w in weights]
    starts, orders = np.cumsum([0] + sizes), []
    for epoch in range(4):
        parts = []
        for p, size in enumerate(sizes):
            rounds = [Rand(seed, f"mixed/{p}", k).shuffle(list(range(size))) for k in range(epoch * each[p] // size, (epoch + 1) * each[p] // size + 1)]
            flat = [int(starts[p]) + i for r in rounds for i in r]
            first = epoch * each[p] % size
            parts.append(flat[first:first + each[p]])
        batches = [sorted(i for part, m in zip(parts, per_batch) for i in part[b * m:(b + 1) * m]) for b in range(draws // batch)]
        orders.append([i for b in batches for i in b])
    return {"name": name, "function": "MixedBatches", "sizes": sizes, "weights": weights, "k": batch, "n": draws, "seed": seed, "orders": orders}


def main(outdir):
    cases = [weights(name) for name in LABELS]
    cases += [folds(name, k, s) for name, k in [("equal", 3), ("equal", 5), ("rare", 3), ("last first", 2), ("binary", 10)]
              for s in [True, False]]
    cases += [split("equal", 12), split("rare", 24), split("last first", 9), split("binary", 100)]
    cases += [
        weighted("weighted", [0.5, 0, 2, 1, 0.25, 4, 0], 3),
        weighted("weighted 20", [1, 3, 2], 2**63, 20),
        without_replacement("weighted once", [0.5, 0, 2, 1, 0.25, 4], 3),
        without_replacement("weighted once 3", [1, 8, 1, 2, 4, 0], 9, 3),
        mixed("mixed", [9, 5], [3, 1], 4, 12, 7),
        mixed("mixed of three", [2, 11, 5], [1, 1, 2], 8, 32, 8),
        mixed("mixed without one", [4, 3], [0, 1], 3, 6, 9),
    ]
    common.write(outdir, "sampling.json", cases)


if __name__ == "__main__":
    main(common.outdir())
