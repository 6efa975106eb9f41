"""Transformers in PyTorch: one JSON object a line, with the names that `elegans bench --only former --json` uses. All figures are forward and backward, in float32.

Attention is scaled_dot_product_attention; the mixture of experts is the loop that one writes, index_select for each expert and index_add back, with the gates and the loss of Shazeer et al. (2017);
the vision transformer and the MLP-mixer are of the usual form, with a training step of AdamW. "elegans" is a vision transformer in whose blocks one published tensor network (torch-functional, with the options of the
published ElegansFormer) takes the place of the feed-forward networks; of its operations only those are done that reach the output. --verify compares that network with the recorded one.
"""

import argparse
import json
import os

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--only", default="", help="comma-separated beginnings of names")
parser.add_argument("--verify", action="store_true", help="compare the tensor network with the recorded one, and end")
parser.add_argument("--seconds", type=float, default=0.8, help="time for each figure")
args = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(args.threads)

import torch
import torch.nn as nn
import torch.nn.functional as F

import published
from published import SHIPPED
from timing import best_seconds

torch.set_num_threads(args.threads)
torch.manual_seed(0)


def wanted(name):
    return any(name.startswith(p) for p in args.only.split(","))


def report(name, value, unit):
    print(json.dumps({"name": name, "kernels": "torch", "threads": args.threads, "value": value, "unit": unit}), flush=True)


def best_milliseconds(f):
    return 1e3 * best_seconds(f, args.seconds, warm=2)


def peak_mib():
    """The peak of the resident memory of this process."""
    with open("/proc/self/status") as status:
        (line,) = [s for s in status if s.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def attention(batch, heads=8, length=1024, d=64):
    shape = f"attention/{batch}x{heads}x{length}x{d}"
    q, k, v, dy = (torch.randn(batch, heads, length, d) for _ in range(4))
    for t in (q, k, v):
        t.requires_grad_()

    def step():
        q.grad = k.grad = v.grad = None
        F.scaled_dot_product_attention(q, k, v).backward(dy)

    if wanted("former/memory/" + shape):
        before = peak_mib()
        step()
        step()
        report("former/memory/" + shape, peak_mib() - before, "MiB")
    if wanted("former/f32/" + shape):
        report("former/f32/" + shape, best_milliseconds(step), "ms")


class Mixture(nn.Module):
    def __init__(self, width, hidden, experts, chosen):
        super().__init__()
        self.chosen = chosen
        self.gate = nn.Parameter(0.05 * torch.randn(width, experts))
        self.noise = nn.Parameter(torch.zeros(width, experts))
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)) for _ in range(experts))

    def forward(self, x):
        clean = x @ self.gate
        spread = F.softplus(x @ self.noise) + 0.01
        logits = clean + torch.randn_like(clean) * spread
        top, index = logits.topk(self.chosen + 1, 1)
        weights = torch.softmax(top[:, :-1], 1)
        gates = torch.zeros_like(logits).scatter(1, index[:, :-1], weights)
        bar = torch.where(logits > top[:, -1:], top[:, -1:], top[:, -2:-1])
        load = torch.special.ndtr((clean - bar) / spread).sum(0)
        y = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            rows = gates[:, e].nonzero().squeeze(1)
            y = y.index_add(0, rows, expert(x.index_select(0, rows)) * gates[rows, e, None])
        variation = lambda v: v.var() / (v.mean() ** 2 + 1e-10)
        return y, 0.01 * (variation(gates.sum(0)) + variation(load))


def mixture(experts=8, chosen=2, rows=4096, width=192, hidden=768):
    name = f"former/f32/moe/{experts}x{chosen}/{rows}x{width}x{hidden}"
    if not wanted(name):
        return
    model = Mixture(width, hidden, experts, chosen)
    x, dy = torch.randn(rows, width, requires_grad=True), torch.randn(rows, width)

    def step():
        model.zero_grad()
        x.grad = None
        y, loss = model(x)
        ((y * dy).sum() + loss).backward()

    report(name, best_milliseconds(step), "ms")


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


def feed_forward(dim, hidden):
    return nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))


class TokenMLP(nn.Module):
    def __init__(self, tokens, hidden):
        super().__init__()
        self.net = feed_forward(tokens, hidden)

    def forward(self, x):
        return self.net(x.transpose(1, 2)).transpose(1, 2)


class Former(nn.Module):
    """A vision transformer, or an MLP-mixer, for images of 32 x 32 pixels in patches of 4 x 4."""

    def __init__(self, mixer, dim=192, depth=6, heads=3, classes=10, tokens=64):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 4, 4)
        self.mixer = mixer
        if not mixer:
            self.cls = nn.Parameter(torch.zeros(1, 1, dim))
            self.positions = nn.Parameter(0.02 * torch.randn(1, tokens + 1, dim))
        part = lambda: TokenMLP(tokens, dim // 2) if mixer else Attention(dim, heads)
        self.blocks = nn.ModuleList(nn.ModuleList([nn.LayerNorm(dim), part(), nn.LayerNorm(dim), feed_forward(dim, 4 * dim)]) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, classes)

    def forward(self, images):
        x = self.patch(images).flatten(2).transpose(1, 2)
        if not self.mixer:
            x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.positions
        for norm1, tokens, norm2, channels in self.blocks:
            x = x + tokens(norm1(x))
            x = x + channels(norm2(x))
        x = self.norm(x)
        return self.head(x.mean(1) if self.mixer else x[:, 0])


class TensorNetwork(nn.Module):
    """The functional network with order S->O,I->O,M->M, sums, a normalisation in every unit, hardtanh, reapplied units, a learned query, and the input added to the result."""

    def __init__(self, d, heads, head_dim):
        super().__init__()
        role, edges = published.read_graph(SHIPPED)
        pairs = lambda source: [(u, v) for u, v in sorted(set(edges)) if role[u] == source and role[v] == "M"]
        self.steps, reached = [], set()
        for u, v in pairs("S") + pairs("M"):
            if role[u] == "S" or u in reached:
                self.steps.append((None if role[u] == "S" else str(u), str(v), v not in reached))
                reached.add(v)
        self.motors = [str(v) for v in sorted(reached)]
        self.units = nn.ModuleDict({v: published.Unit(d) for v in self.motors})
        e, self.heads = heads * head_dim, heads
        self.q, self.k, self.v, self.out = nn.Linear(d, e), nn.Linear(d, e), nn.Linear(d, e), nn.Linear(e, d)
        self.query = nn.Parameter(torch.randn(d))

    def forward(self, x):
        value, shape = {None: x.reshape(-1, x.shape[-1])}, x.shape
        x = value[None]
        for source, v, first in self.steps:
            unit, s = self.units[v], value[source]
            value[v] = F.hardtanh(unit.norm(unit.linear(s))) if first else unit.norm(F.hardtanh(unit.norm(s)) + value[v])
        keys = torch.stack([value[v] for v in self.motors], 1)
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q(self.query.expand(len(x), 1, -1))), split(self.k(keys)), split(self.v(keys))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return (self.out(y)[:, 0] + x).reshape(shape)


def verify():
    """Compares the output for the recorded setting in float64: width 8, 3 heads of 4."""
    want = published.recorded("fun_published_head/output")
    net = TensorNetwork(8, 3, 4).double()
    with torch.no_grad():
        for name, p in net.named_parameters():
            if name.startswith("units."):
                _, v, kind, what = name.split(".")
                stored = f"unit.{v}.{what}" if kind == "linear" else f"unit.{v}.norm.{what}"
            else:
                stored = name if name == "query" else "mha." + name
            if "norm" in stored:
                p.copy_(published.fill(stored, p.shape, 0.25, float(stored.endswith("weight"))))
            else:
                p.copy_(published.fill(stored, p.shape, 1.0 if name == "query" else (12 if name.startswith("out.") else 8) ** -0.5))
        y = net(published.fill("input", (3, 8), 1.0)).numpy()
    print(f"{len(net.steps)} steps, {len(net.motors)} motor neurons, largest difference {abs(y - want).max():.1e}")


class ElegansFormer(nn.Module):
    """A vision transformer for images of 32 x 32 pixels in patches of 8 x 8, with one TensorNetwork in all blocks."""

    def __init__(self, dim=64, depth=2, heads=4, classes=10):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 8, 8)
        self.positions = nn.Parameter(0.02 * torch.randn(1, 16, dim))
        self.network = TensorNetwork(dim, 4, 16)
        self.blocks = nn.ModuleList(nn.ModuleList([nn.LayerNorm(dim), Attention(dim, heads), nn.LayerNorm(dim)]) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, classes)

    def forward(self, images):
        x = self.patch(images).flatten(2).transpose(1, 2) + self.positions
        for norm1, tokens, norm2 in self.blocks:
            x = x + tokens(norm1(x))
            x = x + self.network(norm2(x))
        return self.head(self.norm(x).mean(1))


def images(what, batch=64):
    name = f"former/f32/{what}/{batch}"
    if not wanted(name):
        return
    model = ElegansFormer() if what == "elegans" else Former(what == "mixer")
    optimizer = torch.optim.AdamW(model.parameters())
    x, labels = torch.randn(batch, 3, 32, 32), torch.arange(batch) % 10

    def step():
        optimizer.zero_grad()
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    report(name, best_milliseconds(step), "ms")


if args.verify:
    verify()
    raise SystemExit
for batch in (1, 4):
    attention(batch)
mixture()
for what in ("vit", "mixer", "elegans"):
    images(what)
