"""Runs every golden script.

usage: python3 all.py [OUTDIR]
"""

import accumulate
import architectures
import attention
import average
import batch_norm
import common
import groups
import networks
import nodes
import onnx_gradients
import optim
import recurrent
import regularize
import sampling
import schedule


def main(outdir):
    for script in [nodes, batch_norm, attention, networks, architectures, optim, schedule, regularize, recurrent, sampling, groups, accumulate, average, onnx_gradients]:
        script.main(outdir)


if __name__ == "__main__":
    main(common.outdir())
