"""Writes the files that export/keras_test.go reads:

    keras_files.py DIR

DIR/NAME.npz has the variables of a model under the paths that Keras 3 gives them, in
its layouts, and DIR/NAME_xy.npz an input x and the output y. Keras is not needed: y
is computed here, in float64, by the formulas of its documentation.
"""

import pathlib
import sys

import numpy as np

OUT = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(1)


def normal(*shape):
    return (rng.normal(size=shape) / 2).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dense(w, path, units_in, units):
    k, b = w.setdefault(path + "/kernel", normal(units_in, units)), w.setdefault(path + "/bias", normal(units))
    return lambda x: x @ k.astype(float) + b


def conv2d_same(w, path, channels_in, channels, size):
    k, b = w.setdefault(path + "/kernel", normal(size, size, channels_in, channels)), w.setdefault(path + "/bias", normal(channels))

    def f(x):
        p = size // 2
        x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        rows, columns = x.shape[1] - 2 * p, x.shape[2] - 2 * p
        return b + sum(x[:, i : i + rows, j : j + columns] @ k[i, j].astype(float) for i in range(size) for j in range(size))

    return f


def batch_normalization(w, path, channels):
    names = "gamma", "beta", "moving_mean", "moving_variance"
    g, b, m, v = (w.setdefault(f"{path}/{name}", normal(channels) + (name == "moving_variance") * 2) for name in names)
    return lambda x: g * (x - m) / np.sqrt(v + 1e-3) + b


def max_pooling(x):
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def lstm(w, path, features, units, backwards=False):
    k, r, b = w.setdefault(path + "/kernel", normal(features, 4 * units)), w.setdefault(path + "/recurrent_kernel", normal(units, 4 * units)), w.setdefault(path + "/bias", normal(4 * units))

    def f(x):
        h = c = np.zeros((len(x), units))
        out = []
        for step in np.moveaxis(x, 1, 0)[:: -1 if backwards else 1]:
            i, f, g, o = np.split(step @ k.astype(float) + h @ r.astype(float) + b, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            out.append(h)
        return np.stack(out[:: -1 if backwards else 1], 1), h

    return f


def gru(w, path, features, units):
    k, r, b = w.setdefault(path + "/kernel", normal(features, 3 * units)), w.setdefault(path + "/recurrent_kernel", normal(units, 3 * units)), w.setdefault(path + "/bias", normal(2, 3 * units))

    def f(x):
        h, out = np.zeros((len(x), units)), []
        for step in np.moveaxis(x, 1, 0):
            xz, xr, xh = np.split(step @ k.astype(float) + b[0], 3, axis=1)
            hz, hr, hh = np.split(h @ r.astype(float) + b[1], 3, axis=1)
            z, reset = sigmoid(xz + hz), sigmoid(xr + hr)
            h = z * h + (1 - z) * np.tanh(xh + reset * hh)
            out.append(h)
        return np.stack(out, 1), h

    return f


def simple_rnn(w, path, features, units):
    k, r, b = w.setdefault(path + "/kernel", normal(features, units)), w.setdefault(path + "/recurrent_kernel", normal(units, units)), w.setdefault(path + "/bias", normal(units))

    def f(x):
        h = np.zeros((len(x), units))
        for step in np.moveaxis(x, 1, 0):
            h = np.tanh(step @ k.astype(float) + h @ r.astype(float) + b)
        return h

    return f


def relu(x):
    return np.maximum(x, 0)


def save(name, weights, x, y):
    np.savez(OUT / f"{name}.npz", **weights)
    np.savez(OUT / f"{name}_xy.npz", x=x, y=y.astype(np.float32))


def mlp():
    w = {}
    a, b = dense(w, "sequential/dense", 6, 5), dense(w, "sequential/dense_1", 5, 3)
    w["sequential/dropout/seed_generator_state"] = np.array([1, 2], np.uint32)
    x = normal(4, 6)
    save("mlp", w, x, b(relu(a(x))))


def cnn():
    w = {}
    conv, bn = conv2d_same(w, "conv2d", 2, 3, 3), batch_normalization(w, "batch_normalization", 3)
    a, b = dense(w, "dense", 2 * 3 * 3, 5), dense(w, "dense_1", 5, 3)
    x = normal(2, 4, 6, 2)  # (N, H, W, C)
    y = max_pooling(relu(bn(conv(x))))
    save("cnn", w, x, b(relu(a(y.reshape(len(y), -1)))))


def sequences():
    """Words to an embedding, two LSTMs, one in both directions, a GRU, a SimpleRNN."""
    w = {}
    table = w.setdefault("embedding/embeddings", normal(7, 4))
    first, second = lstm(w, "lstm/lstm_cell", 4, 3), lstm(w, "lstm_1/lstm_cell", 3, 3)
    forward = lstm(w, "bidirectional/forward_lstm_2/lstm_cell", 3, 2)
    backward = lstm(w, "bidirectional/backward_lstm_2/lstm_cell", 3, 2, True)
    gated, plain, out = gru(w, "gru/gru_cell", 4, 3), simple_rnn(w, "simple_rnn/simple_rnn_cell", 3, 1), dense(w, "dense", 1, 2)
    words = rng.integers(0, 7, (2, 5))
    x = second(first(table[words].astype(float))[0])[0]
    x = np.concatenate([forward(x)[0], backward(x)[0]], 2)
    save("sequences", w, words.astype(np.float32), out(plain(gated(x)[0])))


if __name__ == "__main__":
    mlp()
    cnn()
    sequences()
