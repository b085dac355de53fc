"""Philox4x32-10, and -7 for normal noise, in NumPy, and what the nodes that draw make of it: an
implementation of its own, from the paper (Salmon, Moraes, Dror, Shaw, Parallel
Random Numbers: As Easy as 1, 2, 3, SC 2011) and from what our documentation says
of streams and masks.

usage: python3 philox.py    # checks it against the known answers of the paper's authors
"""

import numpy as np

HALF_WORDS = 8  # of 16 bits in a block


def block(counter, key, rounds=10):
    """Rounds over counters, four arrays of words, with a key of two words."""
    c0, c1, c2, c3 = (np.asarray(c, dtype=np.uint64) for c in counter)
    k0, k1 = (int(k) for k in key)
    low = np.uint64(0xFFFFFFFF)
    for _ in range(rounds):
        a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = ((b >> np.uint64(32)) ^ c1 ^ np.uint64(k0), b & low,
                          (a >> np.uint64(32)) ^ c3 ^ np.uint64(k1), a & low)
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def key_of(seed, path):
    """The key of the stream that a path names under a seed: the FNV-1a hash of the
    path, mixed with the seed by the finaliser of SplitMix64."""
    def mix(z):
        z = (z + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31

    h = 0xCBF29CE484222325
    for b in path.encode():
        h = (h ^ b) * 0x100000001B3 % 2**64
    h = mix(mix(seed) ^ h)
    return h & 0xFFFFFFFF, h >> 32


class Stream:
    """One step of the stream of a path. Each method reads it from the start."""

    def __init__(self, seed, path, step):
        self.key, self.step = key_of(seed, path), step

    def words(self, n, rounds=10):
        """The first n words of 32 bits, four a block."""
        i = np.arange((n + 3) // 4, dtype=np.uint64)
        step = [np.full_like(i, self.step & 0xFFFFFFFF), np.full_like(i, self.step >> 32)]
        words = block([i & np.uint64(0xFFFFFFFF), i >> np.uint64(32), *step], self.key, rounds)
        return np.stack(words, axis=1).reshape(-1)[:n]

    def halves(self, n, rounds=10):
        """The first n half-words of 16 bits, the low one of a word first."""
        words = self.words((n + 1) // 2, rounds)
        return np.stack([words & np.uint64(0xFFFF), words >> np.uint64(16)], axis=1).reshape(-1)[:n].astype(np.int64)

    def keeps(self, p, *shape):
        """What a mask keeps, as 0 and 1: element e where half-word e is at least
        the probability to drop, in 65536ths."""
        return (self.halves(int(np.prod(shape))) >= threshold(p)).astype(np.float64).reshape(shape)

    def factors(self, p, *shape):
        """The factors of a dropout: 0, or 1 over the probability to keep."""
        t = threshold(p)
        return self.keeps(p, *shape) * (65536 / (65536 - t) if t < 65536 else 0)


def threshold(p):
    """p in 65536ths, halves rounded up."""
    return int(np.floor(p * 65536 + 0.5))


def check():
    """Raises an error unless the known answers of Random123, the library of the
    paper's authors (kat_vectors, philox4x32 with 10 and 7 rounds), come out."""
    ones = 0xFFFFFFFF
    for counter, key, want10, want7 in [
        ([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8", "5f6fb709 0d893f64 4f121f81 4f730a48"),
        ([ones] * 4, [ones] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd", "5207ddc2 45165e59 4d8ee751 8c52f662"),
        ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0],
         "d16cfe09 94fdcceb 5001e420 24126ea1", "4dfccaba 190a87f0 c47362ba b6b5242a"),
    ]:
        for rounds, want in [(10, want10), (7, want7)]:
            got = " ".join(f"{int(w):08x}" for w in block(counter, key, rounds))
            if got != want:
                raise ValueError(f"philox4x32-{rounds} of {counter} under {key} is {got}, want {want}")


if __name__ == "__main__":
    check()
