"""Times PyTorch on one of the networks of cmd/bench and prints a line of JSON.

usage: python3 bench/torch_time.py --model cnn_bn_spatial --mode train [--batch N] [--threads T] ...

Much of its speed is chosen outside: the BLAS, that one's kernels, the allocator.
compare.py sets them.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time

import torch
from torch.nn import functional as F

sys.dont_write_bytecode = True
import torch_models  # noqa: E402


def peak_rss():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def arguments():
    parser = argparse.ArgumentParser(description="time PyTorch on a network of cmd/bench")
    parser.add_argument("--model", choices=torch_models.NETWORKS, required=True)
    parser.add_argument("--mode", choices=["train", "infer"], default="train")
    parser.add_argument("--batch", type=int, default=0, help="0 is the network's own")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--limit", type=float, default=40, help="stop timing after so many seconds")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--optim", choices=["sgd", "adam"], default="sgd")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda, cuda:N")
    parser.add_argument("--tf32", action="store_true", help="let products and convolutions on a device round their factors")
    parser.add_argument("--plain", action="store_true", help="channels first, PyTorch's own dropout, one parameter at a time")
    parser.add_argument("--jit", choices=["none", "ofi"], default="none", help="ofi: trace, freeze, optimize_for_inference")
    return parser.parse_args()


def build(args):
    make, shape, batch = torch_models.NETWORKS[args.model]
    net = make(torch_models.Layers(fast_dropout=not args.plain, flat=args.plain))
    if not args.plain and args.model.startswith("conv1d"):
        shape = shape[0], 1, shape[1]
    x = torch.randn(args.batch or batch, *shape)
    net, x = net.to(args.device), x.to(args.device)
    if not args.plain and x.dim() == 4:
        net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    return net, x


def training_step(args, net, x):
    target = torch.randint(10, (len(x),), device=x.device)
    net.train()
    foreach = not args.plain or args.device != "cpu"
    if args.optim == "sgd":
        optimiser = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, foreach=foreach)
    else:
        optimiser = torch.optim.Adam(net.parameters(), 1e-3, foreach=foreach)

    def step():
        optimiser.zero_grad(set_to_none=True)
        F.cross_entropy(net(x), target).backward()
        optimiser.step()

    return step


def prediction(args, net, x):
    net.eval()
    if args.jit == "ofi":
        net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))
    return lambda: net(x)


def grad_mode(args):
    """The cheapest context that the steps may run in."""
    if args.mode == "train":
        return torch.enable_grad()
    return torch.inference_mode() if args.jit == "none" else torch.no_grad()


def repeat(f, args):
    """Ascending times of f in seconds. A device is waited for once in ten steps, so that the
    host may run ahead as it would in training."""
    if args.device != "cpu":
        one, each = f, 10

        def f():
            for _ in range(each):
                one()
            torch.cuda.synchronize()
    else:
        each = 1
    for _ in range(args.warmup):
        f()
    times, start = [], time.perf_counter()
    while len(times) < args.steps and (time.perf_counter() - start < args.limit or len(times) < 3):
        began = time.perf_counter()
        f()
        times.append((time.perf_counter() - began) / each)
    return sorted(times)


def main():
    imported = peak_rss()
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    torch.manual_seed(0)
    net, x = build(args)
    total, first = torch_models.multiply_adds(net, x)
    report = {"model": args.model, "batch": len(x), "params": sum(p.numel() for p in net.parameters()), "mode": args.mode}
    with grad_mode(args):
        if args.mode == "train":
            report["optim"] = args.optim
            gflop, step = 2e-9 * (3 * total - first), training_step(args, net, x)
        else:
            gflop, step = 2e-9 * total, prediction(args, net, x)
        times = repeat(step, args)
    median = statistics.median(times)
    report.update(
        gflop_per_step=gflop,
        ms_per_step_median=1e3 * median,
        ms_min=1e3 * times[0],
        ms_p90=1e3 * times[(len(times) - 1) * 9 // 10],
        steps=len(times),
        samples_per_s=len(x) / median,
        gflops=gflop / median,
        peak_rss_mb=peak_rss(),
        import_rss_mb=imported,
        threads=args.threads,
        torch=torch.__version__,
        device=args.device if args.device == "cpu" else torch.cuda.get_device_name(args.device),
    )
    print(json.dumps(report))


if __name__ == "__main__":
    main()
