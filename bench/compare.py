#!/usr/bin/env python3
"""Times cmd/bench and PyTorch in turn, pair by pair, and prints the ratios.

usage: python3 bench/compare.py [--pairs N] [--models mlp,wrn16_2] [--only train,infer,one,threads] [--install]
       python3 bench/compare.py --device cuda [--tf32] [--models ...] [--only train,infer,one]

PyTorch is tuned as one who wants speed of it would on such a machine: one pool
of threads for ATen and BLAS (OpenBLAS built for OpenMP), OpenBLAS's kernels for
Zen, which are its fastest for these sizes, tcmalloc, channels last, a dropout
that draws in parallel, optimisers over all parameters at once. For predictions
the better of eager mode and an optimised trace counts.

On a CUDA device both sides compute there, and PyTorch is in eager mode, waited for once in
ten steps; ours brings the loss to the host at every one.

A run is a process of its own. Each pair runs ours, then PyTorch; a table shows
the medians over the pairs and the median of the pairs' ratios, above 1 where ours
is faster or smaller. What other processes took of the machine is printed below:
above some percent, run again.

Needs Debian's python3-torch, libopenblas0-openmp and libtcmalloc-minimal4.
--install gets what is missing; the OpenBLAS is unpacked into the user's cache, for
installed it would become that of the whole system. THINNET_PYTHON names another
Python that has PyTorch.
"""

import argparse
import collections
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "thinnet-bench"
MODELS = ["mlp", "mlp800", "lenet_dropout", "cnn_bn_spatial", "wrn16_2", "conv1d6", "lstm_dropout"]
STEPS = 20_000  # more than a run's time allows
CORES = len(os.sched_getaffinity(0))

# A comparison is what both sides are asked for, and the ways PyTorch may answer.
Comparison = collections.namedtuple("Comparison", "title args torch")
COMPARISONS = {
    "train": Comparison("training step", ["--mode", "train"], [[]]),
    "infer": Comparison("prediction", ["--mode", "infer"], [["--jit", "none"], ["--jit", "ofi"]]),
    "one": Comparison("prediction, batch 1", ["--mode", "infer", "--batch", "1"], [["--jit", "none"], ["--jit", "ofi"]]),
}


class Missing(Exception):
    pass


def one(pattern, package):
    """The file that a Debian package has."""
    found = sorted(glob.glob(pattern))
    if not found:
        raise Missing(package)
    return found[0]


def tuned(device):
    """The Python that has PyTorch, and the environment to run it in."""
    python = os.environ.get("THINNET_PYTHON", "/usr/bin/python3")
    if device != "cpu":
        return python, dict(os.environ)
    if subprocess.run([python, "-c", "import torch"], capture_output=True).returncode != 0:
        raise Missing("python3-torch")
    blas = one(f"{CACHE}/usr/lib/*/openblas-openmp/libopenblas.so.0", "libopenblas0-openmp")
    malloc = one("/usr/lib/*/libtcmalloc_minimal.so.4", "libtcmalloc-minimal4")
    env = {"OPENBLAS_CORETYPE": "Zen", **os.environ}
    env.update(LD_LIBRARY_PATH=str(pathlib.Path(blas).parent), LD_PRELOAD=malloc)
    return python, env


def install():
    apt = ["apt-get", "-qq"]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "install", "-y", "--no-install-recommends", "python3-torch", "libtcmalloc-minimal4"],
                   check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*apt, "download", "libopenblas0-openmp"], cwd=folder, check=True)
        subprocess.run(["dpkg", "-x", *glob.glob(f"{folder}/*.deb"), CACHE], check=True)


class Clock:
    """How much of the machine processes other than the timed ones take."""

    def __init__(self):
        self.ours = self.busy = self.total = 0

    def run(self, command, env):
        """Runs a command with top priority and returns the JSON that it prints."""
        before, own = self.read(), os.times()
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, preexec_fn=first_in_line)
        after, own_after = self.read(), os.times()
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed")
        self.busy += after[0] - before[0]
        self.total += after[1] - before[1]
        self.ours += own_after.children_user + own_after.children_system - own.children_user - own.children_system
        return json.loads(done.stdout)

    def others(self):
        """The share of the machine, of 1."""
        hz = os.sysconf("SC_CLK_TCK")
        return max(0, self.busy / hz - self.ours) / (self.total / hz)

    @staticmethod
    def read():
        with open("/proc/stat") as f:
            t = [int(v) for v in f.readline().split()[1:9]]
        idle = t[3] + t[4]
        return sum(t) - idle, sum(t)


def first_in_line():
    """Puts the process into a session of its own, with priority if that is allowed."""
    os.setsid()
    try:
        os.nice(-20)
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass


class Bench:
    def __init__(self, args, binary):
        self.args, self.binary, self.clock = args, binary, Clock()
        self.python, self.env = tuned(args.device)

    def ours(self, model, args, threads):
        flags = ["-" + a.removeprefix("--") if a.startswith("--") else a for a in args]
        return self.clock.run([
            self.binary, "-json", "-model", model, "-threads", str(threads), "-steps", str(STEPS),
            "-limit", f"{self.args.limit}s", "-device", self.args.device, *(["-tf32"] if self.args.tf32 else []), *flags], os.environ)

    def torch(self, model, args, threads):
        return self.clock.run([
            self.python, HERE / "torch_time.py", "--model", model, "--threads", str(threads),
            "--steps", str(STEPS), "--limit", str(self.args.limit), "--device", self.args.device,
            *(["--tf32"] if self.args.tf32 else []), *(["--plain"] if self.args.device != "cpu" else []), *args],
            {**self.env, "OMP_NUM_THREADS": str(threads)})

    def pair(self, model, comparison, threads=CORES):
        ours = self.ours(model, comparison.args, threads)
        ways = comparison.torch if self.args.device == "cpu" else [[]]
        theirs = [self.torch(model, comparison.args + more, threads) for more in ways]
        best = min(theirs, key=lambda r: r["ms_per_step_median"])
        for key in "model", "batch", "params":
            if ours[key] != best[key]:
                sys.exit(f"{model}: {key} is {ours[key]} here and {best[key]} in PyTorch")
        return ours, best

    def compare(self, names):
        """Rows of the tables, for the comparisons of these names."""
        rows = collections.defaultdict(list)
        for model in self.args.models:
            for name in names:
                pairs = [self.pair(model, COMPARISONS[name]) for _ in range(self.args.pairs)]
                rows[COMPARISONS[name].title + ", ms"].append((model, *ratios(pairs, "ms_per_step_median")))
                if name == "train":
                    rows["peak memory of training, MB"].append((model, *ratios(pairs, "peak_rss_mb")))
                    rows["allocations of a training step"].append((model, max(p[0]["allocs_per_step"] for p in pairs)))
        return rows

    def scaling(self):
        """What going from one thread to two brings in training: here, in PyTorch."""
        for model in self.args.models:
            gains = [[], []]
            for _ in range(self.args.pairs):
                slow, fast = self.pair(model, COMPARISONS["train"], 1), self.pair(model, COMPARISONS["train"], 2)
                for gain, s, f in zip(gains, slow, fast):
                    gain.append(s["ms_per_step_median"] / f["ms_per_step_median"])
            yield model, *map(statistics.median, gains)


def ratios(pairs, key):
    ours, theirs = [p[0][key] for p in pairs], [p[1][key] for p in pairs]
    return statistics.median(ours), statistics.median(theirs), statistics.median(t / o for o, t in zip(ours, theirs))


def table(title, heads, rows):
    print(f"\n{title}\n\n| model | {' | '.join(heads)} |\n| --- |{' ---: |' * len(heads)}")
    for model, *values in rows:
        print(f"| {model} | {' | '.join(f'{v:.2f}' for v in values)} |", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description="time cmd/bench and PyTorch in turn")
    names = lambda text: text.split(",")  # noqa: E731
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs of each comparison")
    parser.add_argument("--models", type=names, default=MODELS, help="separated by commas")
    parser.add_argument("--only", type=names, default=[*COMPARISONS, "threads"], help="of train, infer, one and threads")
    parser.add_argument("--limit", type=float, default=3, help="seconds that a run times")
    parser.add_argument("--install", action="store_true", help="get what is missing from Debian")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda, cuda:N")
    parser.add_argument("--tf32", action="store_true", help="let products on a device round their factors, on both sides")
    args = parser.parse_args()
    if args.device != "cpu":
        args.only = [n for n in args.only if n != "threads"]
    for what, known in (args.models, MODELS), (args.only, [*COMPARISONS, "threads"]):
        if not set(what) <= set(known):
            parser.error(f"got {','.join(what)}, want some of {','.join(known)}")
    return args


def main():
    args = arguments()
    try:
        tuned(args.device)
    except Missing as package:
        if not args.install:
            sys.exit(f"Debian's package {package} is missing: run again with --install")
        install()
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "bench"
        subprocess.run(["go", "build", "-o", binary, "./cmd/bench"], cwd=HERE.parent, check=True)
        bench = Bench(args, binary)
        for title, rows in bench.compare([n for n in args.only if n in COMPARISONS]).items():
            table(title, ["here", "PyTorch", "PyTorch / here"] if len(rows[0]) == 4 else ["here"], rows)
        if "threads" in args.only:
            table("speed of 2 threads over 1 in training", ["here", "PyTorch"], bench.scaling())
        print(f"\n{CORES} cores, device {args.device}; other processes took {100 * bench.clock.others():.1f} % of the machine meanwhile")


if __name__ == "__main__":
    main()
