"""Cases of recurrent layers, recurrent.json, and of Embedding.

usage: python3 recurrent.py [OUTDIR]

The output of a case of a recurrent layer is a matrix (N, ...): the flattened output
sequence of each sample, then its final h and, for an LSTM, its final c, with the batch
first in all of them. `lengths` are those of a packed sequence; x is 99 beyond them.
"""

from common import case, fill, integers, normal, outdir, rng, write
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LAYERS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}


class Run(nn.Module):
    """A recurrent layer as a function of x and of the states at the start."""

    def __init__(self, of, lengths):
        super().__init__()
        self.of, self.lengths = of, lengths
        for name, p in of.named_parameters():
            self.register_parameter(name, p)
        del self._modules["of"]  # so that a name is listed once
        self.__dict__["of"] = of

    def forward(self, x, *states):
        start = tuple(s.transpose(0, 1).contiguous() for s in states)
        start = None if not start else start[0] if len(start) == 1 else start
        steps = x.shape[1]
        if self.lengths is not None:
            x = pack_padded_sequence(x, self.lengths, batch_first=True, enforce_sorted=False)
        y, end = self.of(x, start)
        if self.lengths is not None:
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=steps)
        ends = end if isinstance(end, tuple) else (end,)
        n = y.shape[0]
        return torch.cat([y.reshape(n, -1)] + [e.transpose(0, 1).reshape(n, -1) for e in ends], 1)


def recurrent(kind, variant, shape, hidden, start=False, lengths=None, **args):
    name = f"{kind.lower()}/{variant}"
    r = rng(name)
    n, t, features = shape
    of = LAYERS[kind](features, hidden, batch_first=True, **args)
    fill(of, r)
    for p in of.parameters():
        p.data /= 2  # or the units saturate
    x = normal(r, *shape)
    if lengths is not None:
        for i, length in enumerate(lengths):
            x[i, length:] = 99
    inputs = [x]
    if start:
        states = 2 if kind == "LSTM" else 1
        both = args.get("num_layers", 1) * (2 if args.get("bidirectional") else 1)
        inputs += [normal(r, n, both, hidden) for _ in range(states)]
    described = {"hidden_size": hidden, "num_layers": 1, "bidirectional": False, "bias": True,
                 "nonlinearity": "tanh", **args, "lengths": lengths}
    return case(name, kind, described, Run(of, lengths), inputs)


def embedding(variant, words, dim, *shape, padding_idx=None):
    name = f"embedding/{variant}"
    r = rng(name)
    of = nn.Embedding(words, dim, padding_idx=padding_idx)
    fill(of, r)
    if padding_idx is not None:
        of.weight.data[padding_idx] = 0
    x = integers(r, words, *shape)
    args = {"num_embeddings": words, "embedding_dim": dim, "padding_idx": padding_idx}
    return case(name, "Embedding", args, of, [x])


def cases():
    for kind in LAYERS:
        yield recurrent(kind, "default", (3, 4, 5), 6)
        yield recurrent(kind, "no_bias", (2, 3, 4), 5, bias=False)
        yield recurrent(kind, "one_step", (2, 1, 3), 4)
        yield recurrent(kind, "layers2", (2, 4, 3), 5, num_layers=2)
        yield recurrent(kind, "bidirectional", (2, 4, 3), 5, bidirectional=True)
        yield recurrent(kind, "layers2_bidirectional", (2, 3, 3), 4, num_layers=2, bidirectional=True)
        yield recurrent(kind, "initial_state", (2, 3, 4), 5, start=True)
        yield recurrent(kind, "initial_state_layers2_bidirectional", (2, 3, 3), 4, start=True,
                        num_layers=2, bidirectional=True)
        yield recurrent(kind, "lengths", (4, 5, 3), 4, lengths=[3, 5, 1, 4])
        yield recurrent(kind, "lengths_layers2_bidirectional", (3, 4, 3), 4, lengths=[2, 4, 3],
                        num_layers=2, bidirectional=True)
        yield recurrent(kind, "lengths_initial_state_bidirectional", (3, 4, 3), 4, start=True,
                        lengths=[4, 1, 2], bidirectional=True)
        yield recurrent(kind, "wide", (2, 2, 7), 18)
    yield recurrent("RNN", "relu", (3, 4, 5), 6, nonlinearity="relu")
    yield recurrent("RNN", "relu_lengths_bidirectional", (3, 4, 3), 4, lengths=[2, 4, 1],
                    nonlinearity="relu", bidirectional=True)

    yield embedding("default", 7, 4, 3, 5)
    yield embedding("vector", 5, 3, 6)
    yield embedding("padding_idx", 6, 4, 4, 5, padding_idx=2)


def main(outdir):
    write(outdir, "recurrent.json", cases())


if __name__ == "__main__":
    main(outdir())
