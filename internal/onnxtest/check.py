"""Checks ONNX files: python3 check.py FILE...

Prints a line for each file that ONNX's checker refuses, or whose shapes its inference
does not find: a name, a tab, and what is wrong."""

import sys

import onnx
from onnx import checker, shape_inference


def shape(info):
    t = info.type.tensor_type
    return t.elem_type, [d.dim_param or d.dim_value for d in t.shape.dim]


def problem(path):
    model = onnx.load(path)
    try:
        checker.check_model(model, full_check=True)
        stated = {v.name: shape(v) for v in [*model.graph.value_info, *model.graph.output]}
        bare = onnx.ModelProto()
        bare.CopyFrom(model)
        del bare.graph.value_info[:]
        inferred = shape_inference.infer_shapes(bare, strict_mode=True)
    except Exception as e:
        return str(e)
    for v in inferred.graph.value_info:
        if v.name not in stated or not v.type.tensor_type.HasField("shape"):
            continue
        (t, dims), (want, sizes) = shape(v), stated[v.name]
        same = len(dims) == len(sizes) and all(not isinstance(a, int) or a == 0 or isinstance(b, int) and a == b for a, b in zip(dims, sizes))
        if t != want or not same:
            return f"{v.name} is stated as {want} {sizes} and inferred as {t} {dims}"
    return None


for path in sys.argv[1:]:
    wrong = problem(path)
    if wrong:
        print(path, wrong.replace("\n", " "), sep="\t")
