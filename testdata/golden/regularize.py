"""Writes regularize.json: nodes that draw, with the masks they draw. These are
drawn here anew by philox.py, as seed, path and step say, and PyTorch's autograd
then gives the output and the gradients.

usage: python3 regularize.py [OUTDIR]
"""

import itertools

import blocks
import common
import masks
import noise
import philox
import pools
import regions
import weights

PARTS = [masks, noise, blocks, regions, pools, weights]


def main(outdir):
    philox.check()
    cases = itertools.chain.from_iterable(p.cases() for p in PARTS)
    common.write(outdir, "regularize.json", cases)


if __name__ == "__main__":
    main(common.outdir())
