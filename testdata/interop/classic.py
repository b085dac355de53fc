"""PyTorch's side of the weight exchange: the classic networks, with a reader
and a writer of safetensors that share no code with ours.

usage: python3 classic.py load WEIGHTS.safetensors INPUTS.npz OUT.npz [--net NAME]
       python3 classic.py save OUT.safetensors INPUTS.npz OUT.npz --net NAME [--seed N]
       python3 classic.py small DIR [--seed N]

load builds the network NAME, or else the one the file's metadata call "net",
loads the weights (a missing or an unknown name is an error), runs array "x" of
INPUTS.npz in evaluation mode and writes array "y" of OUT.npz.

save trains the network for a few steps on noise, so that no running statistic
keeps its first value, then writes its weights, a random "x" and its "y".

The networks take (N, 1, 28, 28) and return (N, 10): lenet5, classic_cnn, mlp.

small does as save for all the networks of modules.py, in files NAME.safetensors,
NAME_x.npz, NAME_y.npz.
"""

import argparse
import json
import pathlib
import struct
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.dont_write_bytecode = True
import modules  # noqa: E402


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.dropout(F.relu(self.fc1(x.flatten(1))), 0.5, self.training)
        x = F.dropout(F.relu(self.fc2(x)), 0.5, self.training)
        return self.fc3(x)


class Block(nn.Module):
    def __init__(self, in_channels, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return F.max_pool2d(F.dropout2d(x, 0.1, self.training), 2)


class ClassicCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = Block(1, 32)
        self.block2 = Block(32, 64)
        self.fc1 = nn.Linear(64 * 7 * 7, 128, bias=False)
        self.fc_bn = nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = self.block2(self.block1(x)).flatten(1)
        x = F.relu(self.fc_bn(self.fc1(x)))
        return self.fc2(F.dropout(x, 0.5, self.training))


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.dropout(F.relu(self.fc1(x.flatten(1))), 0.5, self.training)
        x = F.dropout(F.relu(self.fc2(x)), 0.5, self.training)
        return self.fc3(x)


NETWORKS = {"lenet5": LeNet5, "classic_cnn": ClassicCNN, "mlp": MLP}
DTYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def read_safetensors(path):
    """The arrays of a file by name, and its metadata."""
    raw = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    data = raw[8 + size :]
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]])
        arrays[name] = flat.reshape(entry["shape"])
    return arrays, metadata


def write_safetensors(path, arrays, metadata):
    """Writes arrays in the order given, the header padded to 8 bytes."""
    dtypes = {np.dtype(v): k for k, v in DTYPES.items()}
    header, data = {"__metadata__": metadata}, b""
    for name, a in arrays.items():
        begin, data = len(data), data + a.tobytes()
        header[name] = {"dtype": dtypes[a.dtype], "shape": a.shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def evaluate(net, x):
    with torch.no_grad():
        return net.eval()(x).numpy()


def load(args):
    arrays, metadata = read_safetensors(args.weights)
    name = args.net or metadata.get("net")
    if name not in NETWORKS:
        sys.exit(f"network is {name!r}, want one of {', '.join(NETWORKS)}: give --net or metadata")
    weights = {k: torch.tensor(a) for k, a in arrays.items()}
    dtype = next(t.dtype for t in weights.values() if t.is_floating_point())
    net = NETWORKS[name]().to(dtype)
    net.load_state_dict(weights, strict=True)
    x = torch.tensor(np.load(args.inputs)["x"], dtype=dtype)
    np.savez(args.out, y=evaluate(net, x))


def save(args):
    train_and_save(NETWORKS[args.net], args.net, (1, 28, 28), args.seed, args.weights, args.inputs, args.out)


def small(args):
    for name, (net, sample) in modules.SMALL.items():
        path = f"{args.dir}/{name}"
        train_and_save(net, name, sample, args.seed, path + ".safetensors", path + "_x.npz", path + "_y.npz")


def train_and_save(make, name, sample, seed, weights, inputs, out):
    torch.manual_seed(seed)
    net = make()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        y = net(modules.batch(sample, 16))
        F.cross_entropy(y, torch.randint(10, (16, *y.shape[2:]))).backward()
        optimizer.step()
    x = modules.batch(sample, 4)
    arrays = {k: t.numpy() for k, t in net.state_dict().items()}
    write_safetensors(weights, arrays, {"format": "pt", "net": name})
    np.savez(inputs, x=x.numpy())
    np.savez(out, y=evaluate(net, x))


def main():
    parser = argparse.ArgumentParser(description="run or write the weights of a classic network")
    commands = parser.add_subparsers(required=True)
    for command in [load, save]:
        p = commands.add_parser(command.__name__)
        p.set_defaults(command=command)
        p.add_argument("weights", help="safetensors file")
        p.add_argument("inputs", help="NPZ with array x")
        p.add_argument("out", help="NPZ with array y")
        p.add_argument("--net", choices=NETWORKS, required=command is save)
        if command is save:
            p.add_argument("--seed", type=int, default=0)
    p = commands.add_parser("small")
    p.set_defaults(command=small)
    p.add_argument("dir", help="folder for the files")
    p.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.command(args)


if __name__ == "__main__":
    main()
