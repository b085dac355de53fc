"""What the golden scripts of nodes that draw share: a case whose masks are drawn by
philox.py.
"""

import common
import philox

SEED, STEP = 1234567890123, 11


def drawn(name, node, args, f, *shapes, params={}, mode="train", path="drop"):
    """The case of f(stream, *inputs, **params), with random inputs of those shapes,
    and parameters of the shapes in params. stream() is the one of the node's path,
    and stream("a") that of the scope a in it. Names of parameters have __ for a dot."""
    def stream(part=""):
        return philox.Stream(SEED, f"{path}.{part}" if part else path, STEP)

    r = common.rng(name)
    inputs = [common.normal(r, *s) for s in shapes]
    module = Net(lambda *x, **p: f(stream, *x, **p), {k: common.normal(r, *s) for k, s in params.items()})
    out = common.case(name, node, args, module, inputs, mode)
    return {**out, "seed": SEED, "path": path, "step": STEP}


class Net(common.nn.Module):
    """A function of inputs and parameters, whose names have __ for a dot."""

    def __init__(self, f, params):
        super().__init__()
        self.f = f
        for name, value in params.items():
            at = self
            *scopes, last = name.split("__")
            for scope in scopes:
                if not hasattr(at, scope):
                    at.add_module(scope, common.nn.Module())
                at = getattr(at, scope)
            at.register_parameter(last, common.nn.Parameter(value))

    def forward(self, *inputs):
        return self.f(*inputs, **{name.replace(".", "__"): p for name, p in self.named_parameters()})
