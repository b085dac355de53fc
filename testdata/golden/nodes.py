"""Writes nodes.json: each node's output, gradients and running statistics.

usage: python3 nodes.py [OUTDIR]
"""

import itertools

import common
import activations
import dropout
import linear
import losses
import normalisation
import pooling
import shapes

PARTS = [linear, pooling, normalisation, activations, shapes, dropout, losses]


def main(outdir):
    common.write(outdir, "nodes.json", itertools.chain.from_iterable(p.cases() for p in PARTS))


if __name__ == "__main__":
    main(common.outdir())
