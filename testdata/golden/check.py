"""Regenerates the golden files in a temporary folder and compares them with
the committed ones; prints each difference and exits with 1 if there is any.

usage: python3 check.py

Another build of PyTorch, of BLAS or of the C library may round the last bits
another way, so numbers need not be equal: they may differ by 1e-9 of their
size, or by 1e-12 where a sum cancels and leaves nothing but rounding. In what
was computed in float32, such a last bit is 6e-8: there the bounds are 1e-5, 1e-6.
The version of PyTorch is not compared.
"""

import json
import math
import pathlib
import sys
import tempfile

import common
import all as golden

TOLERANCES = {"float64": (1e-9, 1e-12), "float32": (1e-5, 1e-6)}


def number(v):
    """Whether v is a number; true and false are not."""
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def keyed(items):
    """A list as a dictionary, by name where its items have one, else by index."""
    named = items and all(isinstance(v, dict) and "name" in v for v in items)
    return {v["name"] if named else i: v for i, v in enumerate(items)}


def differences(where, committed, made, dtype="float64"):
    """Yields a line for each place where two JSON values differ. What was
    computed in float32 says so in its field dtype."""
    if isinstance(committed, list) and isinstance(made, list):
        committed, made = keyed(committed), keyed(made)
    if isinstance(committed, dict) and isinstance(made, dict):
        dtype = "float32" if made.get("dtype") == "float32" else dtype
        for key in committed | made:
            at = f"{where}: {key}"
            if key not in made:
                yield f"{at}: committed, but no longer made"
            elif key not in committed:
                yield f"{at}: made, but not committed"
            else:
                yield from differences(at, committed[key], made[key], dtype)
    elif number(committed) and number(made):
        relative, absolute = TOLERANCES[dtype]
        if not math.isclose(committed, made, rel_tol=relative, abs_tol=absolute):
            yield (f"{where}: committed {committed!r}, made {made!r}, "
                   f"tolerance {relative} relative or {absolute} absolute")
    elif committed != made:
        yield f"{where}: committed {committed!r}, made {made!r}"


def read(folder):
    """The golden files of a folder by name, without the version that made them."""
    files = {p.name: json.loads(p.read_text()) for p in pathlib.Path(folder).glob("*.json")}
    for content in files.values():
        content.pop("torch", None)
    return files


def main():
    with tempfile.TemporaryDirectory() as folder:
        golden.main(folder)
        lines = list(differences("golden", read(common.HERE), read(folder)))
    if lines:
        sys.exit("\n".join(lines))


if __name__ == "__main__":
    main()
