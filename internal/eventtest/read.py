"""Prints the events of files as JSON: read.py FOLDER FILE...

FOLDER has api.proto, TensorFlow's schema, and event.proto. Nothing of the program under
test is used: messages are read by Google's protobuf, checksums computed here, bit by bit.
"""

import json
import struct
import subprocess
import sys
import tempfile

folder, files = sys.argv[1], sys.argv[2:]
generated = tempfile.mkdtemp()
subprocess.run(["protoc", "-I", folder, "--python_out", generated, "api.proto", "event.proto"], check=True)
sys.path.insert(0, generated)
import api_pb2  # noqa: E402
import event_pb2  # noqa: E402


def crc32c(data):
    c = 0xFFFFFFFF
    for byte in data:
        c ^= byte
        for _ in range(8):
            c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
    return c ^ 0xFFFFFFFF


def check(data, want, what):
    c = crc32c(data)
    masked = ((c >> 15 | c << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF
    if masked != want:
        sys.exit(f"{what} has checksum {want:08x}, want {masked:08x}")


def records(data):
    """Yields whole records; what is cut off is no error."""
    at = 0
    while at + 12 <= len(data):
        (n, crc) = struct.unpack_from("<QI", data, at)
        check(data[at : at + 8], crc, "a length")
        if at + 12 + n + 4 > len(data):
            return
        body = data[at + 12 : at + 12 + n]
        check(body, *struct.unpack_from("<I", data, at + 12 + n), "a record")
        yield body
        at += 12 + n + 4


def unknown(m):
    """A field that the schema does not know is a mistake of the writer."""
    if len(m.UnknownFields()):
        sys.exit(f"{m.DESCRIPTOR.name} has unknown fields")
    for field, v in m.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in v if field.label == field.LABEL_REPEATED else [v]:
                unknown(one)


def value(v):
    kind = v.WhichOneof("value")
    out = {"tag": v.tag, "kind": kind, "plugin": v.metadata.plugin_data.plugin_name}
    if kind == "simple_value":
        out["scalar"] = repr(v.simple_value)
    elif kind == "histo":
        h = v.histo
        out["histogram"] = [[h.min], [h.max], [h.num], [h.sum], [h.sum_squares], list(h.bucket_limit), list(h.bucket)]
    elif kind == "image":
        out["image"] = [v.image.width, v.image.height, v.image.colorspace]
        out["png"] = v.image.encoded_image_string.hex()
    elif kind == "tensor":
        assert v.tensor.dtype == api_pb2.DT_STRING
        assert [d.size for d in v.tensor.tensor_shape.dim] == [1]
        out["text"] = v.tensor.string_val[0].decode()
    return out


def node(n):
    shape = n.attr["_output_shapes"].list.shape[0]
    return {
        "name": n.name,
        "op": n.op,
        "inputs": list(n.input),
        "shape": [d.size for d in shape.dim],
        "layer": n.attr["layer"].s.decode(),
    }


def event(e):
    what = e.WhichOneof("what")
    out = {"time": e.wall_time, "step": e.step, "what": what}
    if what == "file_version":
        out["version"] = e.file_version
    elif what == "session_log":
        out["status"] = e.session_log.status
    elif what == "summary":
        out["values"] = [value(v) for v in e.summary.value]
    elif what == "graph_def":
        graph = api_pb2.GraphDef.FromString(e.graph_def)
        unknown(graph)
        out["nodes"] = [node(n) for n in graph.node]
    return out


out = []
for path in files:
    with open(path, "rb") as f:
        for body in records(f.read()):
            e = event_pb2.Event.FromString(body)
            unknown(e)
            out.append(event(e))
json.dump(out, sys.stdout)
