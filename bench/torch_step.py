"""Times one training step of PyTorch on the networks of bench_test.go.

usage: python3 bench/torch_step.py NET [STEPS]

Prints the median of STEPS steps (default 20, after 3 to warm up) in
milliseconds: forward, cross entropy, backward, and Adam, at batch 64, with as
many threads as PyTorch chooses.
"""

import pathlib
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "testdata" / "interop"))
import classic  # noqa: E402


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 10))


NETS = {"mlp": mlp, "lenet5": classic.LeNet5, "classic_cnn": classic.ClassicCNN}


def main(name, steps=20):
    torch.manual_seed(0)
    net = NETS[name]()
    net.train()
    optimiser = torch.optim.Adam(net.parameters(), 1e-3)
    x, target = torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,))
    times = []
    for _ in range(steps + 3):
        began = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), target).backward()
        optimiser.step()
        times.append(time.perf_counter() - began)
    print(f"{statistics.median(times[3:]) * 1e3:.3f}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
