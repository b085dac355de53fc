"""Writes sampling.json: class weights and folds as scikit-learn makes them.

usage: python3 sampling.py [OUTDIR]

What is drawn depends on the generator, so of folds and splits a case has what does
not: how many samples of each class are in each part.
"""

import common
import numpy as np
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


def main(outdir):
    cases = [weights(name) for name in LABELS]
    cases += [folds(name, k, s) for name, k in [("equal", 3), ("equal", 5), ("rare", 3), ("last first", 2), ("binary", 10)]
              for s in [True, False]]
    cases += [split("equal", 12), split("rare", 24), split("last first", 9), split("binary", 100)]
    common.write(outdir, "sampling.json", cases)


if __name__ == "__main__":
    main(common.outdir())
