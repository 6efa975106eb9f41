"""Measures NumPy, SciPy and PyTorch on the CPU: one JSON object a line, with the names that `elegans bench --json` uses."""

import argparse
import json
import os
import sys

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--only", default="")
args = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(args.threads)  # read when the libraries are loaded

import numpy as np
import scipy.sparse
import torch
import torch.nn as nn
import torch.nn.functional as F

from timing import best_seconds

torch.set_num_threads(args.threads)
torch.manual_seed(0)
rng = np.random.default_rng(0)


def report(name, library, f, amount=None, unit="ms"):
    """Prints amount/time, or the time in milliseconds if there is no amount."""
    if args.only and not any(name.startswith(p) for p in args.only.split(",")):
        return
    s = best_seconds(f, 0.4)
    value = s * 1e3 if amount is None else amount / s
    print(json.dumps({"name": name, "kernels": library, "threads": args.threads, "value": value, "unit": unit}), flush=True)


def gemm():
    for dtype, label in ((np.float32, "f32"), (np.float64, "f64")):
        for m, n, k in ((784, 784, 784), (1024, 1024, 1024), (128, 784, 784), (128, 64, 64)):
            a, b, c = (rng.standard_normal(s).astype(dtype) for s in ((m, k), (k, n), (m, n)))
            ta, tb, tc = map(torch.from_numpy, (a, b, c))
            for form in ("nn", "nt", "tn"):
                x = np.ascontiguousarray(a.T).T if form[0] == "t" else a
                y = np.ascontiguousarray(b.T).T if form[1] == "t" else b
                name, amount = f"gemm/{label}/{m}x{n}x{k}/{form}", 2e-9 * m * n * k
                report(name, "numpy", lambda: np.matmul(x, y, out=c), amount, "GFLOP/s")
                tx = ta.t().contiguous().t() if form[0] == "t" else ta
                ty = tb.t().contiguous().t() if form[1] == "t" else tb
                report(name, "torch", lambda: torch.matmul(tx, ty, out=tc), amount, "GFLOP/s")


def elementwise():
    n = 1 << 20
    x = torch.randn(n)
    y = torch.empty(n)
    for name, f in {
        "exp": lambda: torch.exp(x, out=y),
        "tanh": lambda: torch.tanh(x, out=y),
        "sigmoid": lambda: torch.sigmoid(x, out=y),
        "gelu": lambda: F.gelu(x),
        "gelu_tanh": lambda: F.gelu(x, approximate="tanh"),
    }.items():
        report(f"unary/f32/{name}/1M", "torch", f, n * 1e-6, "M/s")
    a, b, c = (torch.randn(1 << 15) for _ in range(3))
    report("binary/f32/add/32K", "torch", lambda: torch.add(a, b, out=c), (1 << 15) * 1e-6, "M/s")
    report("binary/f32/mul/32K", "torch", lambda: torch.mul(a, b, out=c), (1 << 15) * 1e-6, "M/s")
    rows = torch.randn(1024, 1024)
    w, bias = torch.randn(1024), torch.randn(1024)
    report("rows/f32/softmax/1024x1024", "torch", lambda: torch.softmax(rows, -1), n * 1e-6, "M/s")
    report("rows/f32/layernorm/1024x1024", "torch", lambda: F.layer_norm(rows, (1024,), w, bias), n * 1e-6, "M/s")


def sparse():
    if args.threads == 1:
        a = scipy.sparse.random(279, 279, density=2993 / 279**2, format="csr", dtype=np.float32, random_state=0)
        x = rng.standard_normal(279).astype(np.float32)
        report("csr/f32/279x2993/vector", "scipy", lambda: a @ x, 2e-9 * a.nnz, "GFLOP/s")


def convolution():
    x, w = torch.randn(128, 64, 28, 28), torch.randn(64, 64, 3, 3)
    amount = 2e-9 * 128 * 28 * 28 * 64 * 64 * 9
    with torch.no_grad():
        report("conv/f32/128x64x28x28/3x3x64/forward", "torch", lambda: F.conv2d(x, w, padding=1), amount, "GFLOP/s")


def training_steps():
    labels = torch.randint(0, 10, (128,))

    def step(model, x):
        optimizer = torch.optim.Adam(model.parameters())

        def run():
            optimizer.zero_grad()
            F.cross_entropy(model(x), labels).backward()
            optimizer.step()

        return run

    mlp = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    report("step/f32/mlp-784-512-256-10/128", "torch", step(mlp, torch.randn(128, 784)))
    lenet = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    report("step/f32/lenet5-28x28/128", "torch", step(lenet, torch.randn(128, 1, 28, 28)))


for part in (gemm, elementwise, sparse, convolution, training_steps):
    part()
sys.stdout.flush()
