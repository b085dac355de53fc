"""Writes onnx_gradients.json: the operators of ONNX that are elementary functions, operations
of two tensors, reductions and choices of elements, as PyTorch computes them and their
gradients, in the form of nodes.json. node is the operator.

usage: python3 onnx_gradients.py [OUTDIR]
"""

import torch
from torch.nn import functional as F

import common
from common import case, normal, rng

# Numbers at which the functions are asked, corners included.
AROUND = [-3.5, -3.0, -1.25, -0.5, 0.0, 0.375, 1.0, 2.5, 3.0, 4.25]
POSITIVE = [0.0625, 0.25, 0.5, 1.0, 1.75, 8.0]
INSIDE = [-0.9375, -0.5, -0.0625, 0.0, 0.25, 0.875]  # of -1 to 1

FUNCTIONS = {
    "Abs": (torch.abs, AROUND),
    "Neg": (torch.neg, AROUND),
    "Exp": (torch.exp, AROUND),
    "Log": (torch.log, POSITIVE),
    "Sqrt": (torch.sqrt, POSITIVE),
    "Reciprocal": (torch.reciprocal, [-3.5, -1.0, -0.25, 0.5, 2.0, 8.0]),
    "Erf": (torch.erf, AROUND),
    "Sin": (torch.sin, AROUND),
    "Cos": (torch.cos, AROUND),
    "Tan": (torch.tan, AROUND),
    "Asin": (torch.asin, INSIDE),
    "Acos": (torch.acos, INSIDE),
    "Atan": (torch.atan, AROUND),
    "Sinh": (torch.sinh, AROUND),
    "Cosh": (torch.cosh, AROUND),
    "Asinh": (torch.asinh, AROUND),
    "Acosh": (torch.acosh, [1.0625, 1.5, 2.0, 8.0]),
    "Atanh": (torch.atanh, INSIDE),
    "Softsign": (F.softsign, AROUND),
    "HardSwish": (F.hardswish, AROUND),
}

# Of each: the function and the operands. Equal ones share the gradient of a maximum.
A, B = [-2.0, 0.75, 1.5, 3.0, -0.375, 1.0], [1.25, -0.625, 1.5, -1.0, 0.25, 2.0]
OPERATIONS = {
    "Add": (torch.add, A, B),
    "Sub": (torch.sub, A, B),
    "Mul": (torch.mul, A, B),
    "Div": (torch.div, A, B),
    "Pow": (torch.pow, [0.5, 0.75, 1.5, 3.0, 0.0, 0.0], [1.25, -0.625, 0.0, 2.0, 0.0, 1.5]),
    "Max": (torch.maximum, A, B),
    "Min": (torch.minimum, A, B),
    "PRelu": (lambda x, a: torch.where(x > 0, x, a * x), [-2.0, 0.0, 1.5, -0.375, 0.0, 1.0], B),
}

REDUCTIONS = {
    "ReduceSum": torch.sum,
    "ReduceMean": torch.mean,
    "ReduceMax": torch.amax,
    "ReduceMin": torch.amin,
    "ReduceL1": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 1, dim, keepdim),
    "ReduceL2": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 2, dim, keepdim),
    "ReduceSumSquare": lambda x, dim, keepdim: (x * x).sum(dim, keepdim),
    "ReduceLogSumExp": torch.logsumexp,
    "ReduceLogSum": lambda x, dim, keepdim: x.sum(dim, keepdim).log(),
}


def function(name):
    f, at = FUNCTIONS[name]
    return case(f"function/{name}", name, {}, f, [torch.tensor(at)])


def operation(name, row):
    """row has the second operand a row, which is broadcast."""
    f, a, b = OPERATIONS[name]
    b = torch.tensor(b[:3]) if row else torch.tensor(b).reshape(2, 3)
    return case(f"operation/{name}{' of a row' if row else ''}", name, {}, f, [torch.tensor(a).reshape(2, 3), b])


def reduction(name, dims, keepdim, x=None, f=None):
    title = f"reduction/{name} over {dims}{', kept' if keepdim else ''}{'' if x is None else ', with zeros'}"
    if x is None:
        x = distinct(title)
    f = f or REDUCTIONS[name]
    return case(title, name, {"axes": dims, "keepdims": int(keepdim)}, lambda x: f(x, dims, keepdim), [x])


def distinct(name):
    """Positive numbers that all differ, (2, 3, 4)."""
    return torch.tensor(rng(name).permutation(24).reshape(2, 3, 4) / 8 + 0.125)


def prod(x, dims, keepdim):
    for d in sorted(dims, reverse=True):
        x = x.prod(d, keepdim)
    return x


def zeros():
    """A line of zeros, one of a zero among others, and one of two."""
    return torch.tensor([[0.0, 0.0, 0.0], [1.5, 0.0, -2.0], [0.0, 0.5, 0.0], [3.0, 4.0, 0.0]])


def choices():
    r = rng("choices")
    x = distinct("choices")
    index = torch.tensor([2, 0, 2])
    yield case("choice/Gather", "Gather", {"axis": 1, "indices": index.tolist()}, lambda x: x.index_select(1, index), [x])
    for k, largest in [(2, True), (3, False)]:
        yield case(f"choice/TopK {k} {'largest' if largest else 'smallest'}", "TopK", {"axis": 2, "k": k, "largest": int(largest)},
                   lambda x: torch.topk(x, k, 2, largest).values, [x])
    condition = torch.tensor([[1.0, 0, 0], [0, 1, 1]])
    yield case("choice/Where", "Where", {"condition": condition}, lambda a, b: torch.where(condition != 0, a, b),
               [normal(r, 2, 3), normal(r, 3)])
    for low, high in [(-0.5, 2.5), (-3.0, None), (None, 1.0)]:
        yield case(f"choice/Clip from {low} to {high}", "Clip", {"min": low, "max": high}, lambda x: torch.clamp(x, low, high), [torch.tensor(AROUND)])
    yield case("activation/Celu", "Celu", {"alpha": 1.75}, lambda x: F.celu(x, 1.75), [torch.tensor(AROUND)])
    # PyTorch has alpha of 1/6; other slopes by what its documentation says.
    yield case("activation/HardSigmoid", "HardSigmoid", {"alpha": 0.25, "beta": 0.625},
               lambda x: F.hardtanh(0.25 * x + 0.625, 0, 1), [torch.tensor([-4.0, -2.5, -1.0, 0.5, 1.5, 3.0])])
    yield case("activation/ThresholdedRelu", "ThresholdedRelu", {"alpha": 1.0}, lambda x: F.threshold(x, 1.0, 0.0), [torch.tensor(AROUND)])


def cases():
    for name in FUNCTIONS:
        yield function(name)
    for name in OPERATIONS:
        for row in [False, True]:
            if not (row and name == "Pow"):
                yield operation(name, row)
    for dims, keepdim in [([1], False), ([0, 2], True)]:
        for name in REDUCTIONS:
            yield reduction(name, dims, keepdim)
        yield reduction("ReduceProd", dims, keepdim, f=prod)
    for name in ["ReduceL1", "ReduceL2", "ReduceSumSquare"]:
        yield reduction(name, [1], False, x=zeros())
    yield reduction("ReduceProd", [1], False, x=zeros(), f=prod)
    yield from choices()


def main(outdir):
    common.write(outdir, "onnx_gradients.json", cases())


if __name__ == "__main__":
    main(common.outdir())
