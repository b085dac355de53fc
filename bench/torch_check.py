"""Loads weights of a network of cmd/bench and runs it, for the test there.

usage: python3 bench/torch_check.py NETWORK WEIGHTS.safetensors IN.npz OUT.npz

IN holds "x" and "target", OUT gets "y", the "loss" against the target, and
"again", which is y after one update by the gradients of the loss. All in
evaluation mode, without dropout.
"""

import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional as F

sys.dont_write_bytecode = True
sys.path.insert(1, str(pathlib.Path(__file__).parent.parent / "testdata" / "interop"))
import classic  # noqa: E402
import torch_models  # noqa: E402


def main(name, weights, inputs, outputs):
    net = torch_models.NETWORKS[name][0](torch_models.Layers())
    arrays, _ = classic.read_safetensors(weights)
    net.load_state_dict({k: torch.tensor(a) for k, a in arrays.items()})
    net.eval()
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    arrays = np.load(inputs)
    x, target = torch.tensor(arrays["x"]), torch.tensor(arrays["target"])
    y = net(x)
    loss = F.cross_entropy(y, target)
    loss.backward()
    optimiser.step()
    np.savez(outputs, y=y.detach(), loss=loss.detach(), again=net(x).detach())


if __name__ == "__main__":
    main(*sys.argv[1:])
