"""Writes transformers with the sound connectome network of package tensornet in a place, layer by
layer with gradients, for

    elegans crosscheck FOLDER

The network is written from the equations of that package's documentation, and the transformer from
the papers that package transformer names. Needs torch and safetensors, and the worm as a file:

    elegans connectome convert canonical worm.json
    python testdata/peers/dump_former.py FOLDER worm.json
"""

import json
import os
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

DIM, HEADS, PATCH, SIDE, CLASSES, WIDTH, ROUNDS = 6, 2, 2, 8, 5, 3, 2


class Worm(nn.Module):
    """h(0) = x at the sensory neurons; h(t) = tanh(W sum a h(t-1) + b), x again at the sensory ones."""

    def __init__(self, graph, each):
        super().__init__()
        names = {n["name"]: i for i, n in enumerate(graph["neurons"])}
        role = lambda r: [i for i, n in enumerate(graph["neurons"]) if n.get("role") == r]
        self.neurons, self.sensory, self.motor, self.each = len(names), role("S"), role("M"), each
        entries = []  # (post, pre), chemical synapses before the gap junctions of the same pair
        for layer, e in ((0, e) for e in graph["edges"] if e["type"] == "C"):
            entries.append((names[e["post"]], names[e["pre"]], layer))
        for e in (e for e in graph["edges"] if e["type"] == "E"):
            ends = {(names[e["post"]], names[e["pre"]]), (names[e["pre"]], names[e["post"]])}
            entries += [(post, pre, 1) for post, pre in ends]
        entries.sort()
        self.post, self.pre = (torch.tensor([e[i] for e in entries]) for i in (0, 1))
        degree = torch.bincount(self.post, minlength=self.neurons).clamp(min=1)
        self.weight = nn.Parameter(torch.randn(self.neurons, WIDTH, WIDTH) / WIDTH**0.5)
        self.bias = nn.Parameter(0.1 * torch.randn(self.neurons, WIDTH))
        self.synapse = nn.Parameter(torch.randn(len(entries)) / degree[self.post].sqrt())
        self.inputs = WIDTH * (len(self.sensory) if each else 1)
        self.outputs = WIDTH * len(self.motor)

    def forward(self, x):  # [rows, inputs] -> [rows, outputs]
        signal = x.reshape(len(x), -1, WIDTH).expand(-1, len(self.sensory), -1)
        drive = torch.zeros(len(x), self.neurons, WIDTH, dtype=x.dtype).index_add(1, torch.tensor(self.sensory), signal)
        h = drive
        for _ in range(ROUNDS):
            m = drive.index_add(1, self.post, self.synapse[:, None] * h[:, self.pre])
            h = torch.tanh(torch.einsum("bni,noi->bno", m, self.weight) + self.bias)
        return h[:, self.motor].reshape(len(x), -1)


class PerToken(nn.Module):
    def __init__(self, net, inputs, outputs):
        super().__init__()
        self.In, self.net, self.out = nn.Linear(inputs, net.inputs), net, nn.Linear(net.outputs, outputs)

    def forward(self, x):
        y = self.out(self.net(self.In(x.reshape(-1, x.shape[-1]))))
        return y.reshape(*x.shape[:-1], -1)


class Attention(nn.Module):
    def __init__(self, qkv):
        super().__init__()
        self.qkv, self.proj = qkv, nn.Linear(DIM, DIM)

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        y = torch.softmax(q @ k.transpose(-1, -2) / (DIM // HEADS) ** 0.5, -1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, n, DIM))


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, qkv, mlp):
        super().__init__()
        self.norm1, self.attn, self.norm2, self.mlp = nn.LayerNorm(DIM, eps=1e-6), Attention(qkv), nn.LayerNorm(DIM, eps=1e-6), mlp

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Pool(nn.Module):
    """Token i enters at sensory neuron i; those without a token get 0."""

    def __init__(self, net):
        super().__init__()
        self.In, self.net = nn.Linear(DIM, WIDTH), net

    def forward(self, x):
        x = self.In(x)
        return self.net(F.pad(x, (0, 0, 0, len(self.net.sensory) - x.shape[1])).flatten(1))


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, DIM, PATCH, PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Former(nn.Module):
    def __init__(self, graph, place, depth):
        super().__init__()
        worm = lambda each=False: Worm(graph, each)
        shared = PerToken(worm(), DIM, DIM) if place == "ff-shared" else None
        qkv = lambda: PerToken(worm(), DIM, 3 * DIM) if place == "attn-emb" else nn.Linear(DIM, 3 * DIM)
        self.pos_embed = nn.Parameter(torch.randn(1, (SIDE // PATCH) ** 2, DIM))
        self.patch_embed = Patches()
        self.blocks = nn.Sequential(*(Block(qkv(), shared or FeedForward()) for _ in range(depth)))
        self.norm = nn.LayerNorm(DIM, eps=1e-6)
        self.pool = Pool(worm(True)) if place == "pool" else Mean()
        features = self.pool.net.outputs if place == "pool" else DIM
        self.head = PerToken(worm(), DIM, CLASSES) if place == "head" else nn.Linear(features, CLASSES)

    def forward(self, x):
        return self.head(self.pool(self.norm(self.blocks(self.patch_embed(x) + self.pos_embed))))


def dump(t, prefix, model):
    """Adds the images, weights, results and gradients of a model to t."""
    model = model.double()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name:
                p.add_(torch.randn_like(p), alpha=0.1)
    ours = lambda name: name.replace(".In.", ".in.")  # "in" is a word of Python
    own = {"x": torch.randn(2, 3, SIDE, SIDE, dtype=torch.float64), "labels": torch.tensor([3, 1])}
    layers = [n for n, _ in model.named_children()] + [f"blocks.{i}{part}" for i in range(len(model.blocks)) for part in ("", ".attn", ".mlp")]
    for name, module in model.named_modules():
        if name in layers and name not in ("blocks", "head"):
            module.register_forward_hook(lambda _m, _a, y, name=name: own.setdefault("a." + name, y) is None or None)
    own["y"] = model(own["x"])
    own["loss"] = F.cross_entropy(own["y"], own["labels"])
    own["loss"].backward()
    own.update({"w." + ours(n): w for n, w in model.state_dict().items() if n in dict(model.named_parameters())})
    own.update({"g." + ours(n): p.grad for n, p in model.named_parameters()})
    t.update({prefix + n: v.detach().clone().contiguous() for n, v in own.items()})


def main():
    folder, worm = sys.argv[1:]
    torch.manual_seed(1)
    with open(worm) as f:
        graph = json.load(f)
    t, cases = {}, []
    for place, depth in (("ff-shared", 2), ("attn-emb", 1), ("head", 1), ("pool", 1)):
        dump(t, place + "/", Former(graph, place, depth))
        config = {"patch": [PATCH, PATCH], "dim": DIM, "depth": depth, "heads": HEADS}
        network = {"width": WIDTH, "rounds": ROUNDS}
        if place == "pool":
            network["signal"] = "each"
        cases.append({"name": place, "prefix": place + "/", "model": {
            "model": "former", "classes": CLASSES, "former": {"transformer": config, "place": place, "network": network}}})
    os.makedirs(folder, exist_ok=True)
    save_file(t, folder + "/worm.safetensors")
    tolerance = {"float64": {"rtol": 1e-9, "atol": 1e-12}, "float32": {"rtol": 1e-4, "atol": 1e-6}}
    with open(folder + "/worm.json", "w") as f:
        json.dump({"kind": "layers", "tolerance": tolerance, "meta": {"torch": torch.__version__}, "cases": cases}, f, indent=1)
        f.write("\n")


main()
