"""The first published tensor network (torch-eager) in PyTorch and in ONNX Runtime: one JSON object a line, times in milliseconds.

The network is built from its description (../../../shared/reference/tn/README.md) and the published graph: product as skip connection, a layer normalisation in every unit, GELU, cross attention of 8 heads of 32 columns.
"torch" runs all 2756 operations as the published program does, with the adjacency cached; "torch-live" the 1275 that reach the output; "onnxruntime" the exported network, which holds the same 1275.

    python tn_peer.py --threads 2 --only forward/d64
    python tn_peer.py --verify
"""

import argparse
import io
import json
import os

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="", help="comma-separated beginnings of names, such as forward/d64")
parser.add_argument("--programs", default="onnxruntime,torch,torch-live")
parser.add_argument("--seconds", type=float, default=2, help="time for each figure")
parser.add_argument("--graph", default="", help="the published graph (default: the one beside the repository)")
parser.add_argument("--verify", action="store_true", help="compare the output with the recorded one, and end")
args = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(args.threads)

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import published
from timing import best_seconds

torch.set_num_threads(args.threads)
torch.manual_seed(0)


def compile_steps(role, edges, live):
    """Steps (unit, source value, old value or None) and the values of the motor neurons; value 0 is the input, step i defines value i+1."""
    groups = {"S->O": ("S", "IM"), "I->O": ("I", "SM"), "M->O": ("M", "S"), "S->S": ("S", "S"), "I->I": ("I", "I"), "M->M": ("M", "M")}
    value = {v: 0 for v, r in enumerate(role) if r == "S"}
    steps = []
    for sources, targets in groups.values():
        for u, v in sorted(set(edges)):
            if role[u] == sources and role[v] in targets and u in value:
                steps.append((v, value[u], value.get(v) or None))
                value[v] = len(steps)
    motors = list(dict.fromkeys(v for e in edges for v in e if role[v] == "M" and v in value))
    needed = {value[v] for v in motors}
    for i in reversed(range(len(steps))):
        if i + 1 in needed:
            needed |= {s for s in steps[i][1:] if s}
    if live:
        number = {0: 0}
        kept = []
        for i, (v, source, old) in enumerate(steps):
            if i + 1 in needed:
                kept.append((v, number[source], old and number[old]))
                number[i + 1] = len(kept)
        return kept, [number[value[v]] for v in motors]
    return steps, [value[v] for v in motors]


class TensorNetwork(nn.Module):
    def __init__(self, d, heads=8, head_dim=32, live=True):
        super().__init__()
        role, edges = published.read_graph(args.graph or published.SHIPPED)
        self.steps, self.motors = compile_steps(role, edges, live)
        self.units = nn.ModuleDict({str(v): published.Unit(d) for v in sorted({s[0] for s in self.steps})})
        self.heads = heads
        e = heads * head_dim
        self.q, self.k, self.v, self.out = nn.Linear(d, e), nn.Linear(d, e), nn.Linear(d, e), nn.Linear(e, d)
        self.norm_out = nn.LayerNorm(d)

    def forward(self, x):
        values = [x]
        for v, source, old in self.steps:
            unit = self.units[str(v)]
            if old is None:
                values.append(F.gelu(unit.norm(unit.linear(values[source]))))
            else:
                values.append(unit.norm(values[source] * values[old]))
        keys = torch.stack([values[i] for i in self.motors], 1)
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q(x[:, None])), split(self.k(keys)), split(self.v(keys))
        weights = torch.softmax(q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5, -1)
        return self.norm_out(self.out((weights @ v).transpose(1, 2).flatten(2)))[:, 0]


def verify():
    """Compares the output for the recorded setting in float64: width 8, 3 heads of 4."""
    want = published.recorded("eager_mult_ln_cross/output")
    for live in (False, True):
        net = TensorNetwork(8, 3, 4, live).double()
        with torch.no_grad():
            for name, p in net.named_parameters():
                if name.startswith("units."):
                    _, v, kind, what = name.split(".")
                    stored = f"unit.{v}.{what}" if kind == "linear" else f"unit.{v}.norm.{what}"
                else:
                    stored = name if name.startswith("norm") else "mha." + name
                if "norm" in stored:
                    p.copy_(published.fill(stored, p.shape, 0.25, float(stored.endswith("weight"))))
                else:
                    p.copy_(published.fill(stored, p.shape, (12 if name.startswith("out.") else 8) ** -0.5))
            y = net(published.fill("input", (3, 8), 1.0)).numpy()
        print(f"{len(net.steps)} steps, largest difference {np.abs(y - want).max():.1e}")


def best_milliseconds(f):
    return 1e3 * best_seconds(f, args.seconds, warm=2)


def report(name, program, make):
    """Prints the time of the function that make returns, if it is asked for."""
    if program in args.programs.split(",") and any(name.startswith(p) for p in args.only.split(",")):
        print(json.dumps({"name": name, "kernels": program, "threads": args.threads, "value": best_milliseconds(make()), "unit": "ms"}), flush=True)


def onnx_forward(net, x):
    import onnxruntime as ort

    file = io.BytesIO()
    torch.onnx.export(net.eval(), (x,), file, input_names=["x"], output_names=["y"], dynamo=False)
    options = ort.SessionOptions()
    options.intra_op_num_threads = args.threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    feed = {"x": x.numpy()}
    with torch.no_grad():
        difference = np.abs(session.run(["y"], feed)[0] - net(x).numpy()).max()
    if not difference < 1e-2:
        raise SystemExit(f"onnxruntime and torch differ by {difference}")
    return lambda: session.run(["y"], feed)


def torch_forward(net, x):
    def run():
        with torch.no_grad():
            net(x)

    return run


def torch_step(net, x):
    x = x.clone().requires_grad_()

    def run():
        net.zero_grad()
        x.grad = None
        net(x).sum().backward()

    return run


def main():
    if args.verify:
        return verify()
    for d in (64, 256):
        nets = {"torch": TensorNetwork(d, live=False), "torch-live": TensorNetwork(d)}
        for batch in (1, 128):
            x = torch.randn(batch, d)
            report(f"forward/d{d}/batch{batch}", "onnxruntime", lambda: onnx_forward(nets["torch-live"], x))
            for program, net in nets.items():
                report(f"forward/d{d}/batch{batch}", program, lambda: torch_forward(net, x))
                report(f"step/d{d}/batch{batch}", program, lambda: torch_step(net, x))


main()
