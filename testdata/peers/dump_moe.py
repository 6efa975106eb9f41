"""Writes a vision transformer whose channel mixers are mixtures of experts, layer by layer with
gradients, for

    elegans crosscheck FOLDER

The mixture is written from the paper (Shazeer et al. 2017, equations 2 to 11), expert by expert
over the rows that chose it. Evaluation mode has no noise, which would have to be the same in both
programs; the losses of importance and load are part of the loss. Needs torch and safetensors:

    python testdata/peers/dump_moe.py FOLDER
"""

import json
import os
import sys

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

DIM, HEADS, PATCH, SIDE, CLASSES, HIDDEN = 6, 2, 2, 8, 5, 10


class Experts(nn.Module):
    """The weights of all experts side by side, as ours are stored."""

    def __init__(self, n, gated):
        super().__init__()
        layer = lambda inputs, outputs: nn.ParameterDict({"weight": torch.randn(n, outputs, inputs) / inputs**0.5, "bias": 0.1 * torch.randn(n, outputs)})
        self.fc1, self.fc2 = layer(DIM, HIDDEN), layer(HIDDEN, DIM)
        if gated:
            self.gate = layer(DIM, HIDDEN)

    def run(self, i, x):
        h = F.gelu(F.linear(x, self.fc1["weight"][i], self.fc1["bias"][i]))
        if hasattr(self, "gate"):
            h = h * F.linear(x, self.gate["weight"][i], self.gate["bias"][i])
        return F.linear(h, self.fc2["weight"][i], self.fc2["bias"][i])


def squared_variation(v):
    return v.var(unbiased=True) / (v.mean() ** 2 + 1e-10)


class MoE(nn.Module):
    def __init__(self, n, k, gated):
        super().__init__()
        self.w_gate, self.w_noise = nn.Parameter(torch.randn(DIM, n)), nn.Parameter(torch.randn(DIM, n))
        self.experts, self.n, self.k = Experts(n, gated), n, k

    def forward(self, x):
        z = x.reshape(-1, DIM)
        logits = z @ self.w_gate
        kept = logits.topk(self.k, -1).indices
        gates = torch.zeros_like(logits).scatter(1, kept, torch.softmax(logits.gather(1, kept), -1))
        y = torch.zeros_like(z)
        for i in range(self.n):
            rows = gates[:, i].nonzero()[:, 0]
            y = y.index_add(0, rows, gates[rows, i, None] * self.experts.run(i, z[rows]))
        load = (gates > 0).sum(0).to(z.dtype)
        self.loss = 0.01 * (squared_variation(gates.sum(0)) + squared_variation(load))
        return y.reshape(x.shape)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        y = torch.softmax(q @ k.transpose(-1, -2) / (DIM // HEADS) ** 0.5, -1) @ v
        return self.proj(y.transpose(1, 2).reshape(b, n, DIM))


class Block(nn.Module):
    def __init__(self, mlp):
        super().__init__()
        self.norm1, self.attn, self.norm2, self.mlp = nn.LayerNorm(DIM, eps=1e-6), Attention(), nn.LayerNorm(DIM, eps=1e-6), mlp

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(3, DIM, PATCH, PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Vision(nn.Module):
    def __init__(self, depth, n, k, gated):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.randn(1, (SIDE // PATCH) ** 2, DIM))
        self.patch_embed = Patches()
        self.blocks = nn.Sequential(*(Block(MoE(n, k, gated)) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(DIM, eps=1e-6), nn.Linear(DIM, CLASSES)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.patch_embed(x) + self.pos_embed)).mean(1))


def dump(t, prefix, model):
    """Adds the images, weights, results and gradients of a model to t."""
    model = model.double()
    own = {"x": torch.randn(3, 3, SIDE, SIDE, dtype=torch.float64), "labels": torch.tensor([3, 1, 4])}
    layers = ["patch_embed", "norm"] + [f"blocks.{i}{part}" for i in range(len(model.blocks)) for part in ("", ".attn", ".mlp")]

    def keep(name):
        def hook(_module, _args, y):
            own["a." + name] = y
        return hook

    for name, module in model.named_modules():
        if name in layers:
            module.register_forward_hook(keep(name))
    own["y"] = model(own["x"])
    own["loss"] = F.cross_entropy(own["y"], own["labels"]) + sum(b.mlp.loss for b in model.blocks)
    own["loss"].backward()
    own.update({"w." + n: w for n, w in model.named_parameters()})
    own.update({"g." + n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in model.named_parameters()})
    t.update({prefix + n: v.detach().clone().contiguous() for n, v in own.items()})


def main():
    folder = sys.argv[1]
    torch.manual_seed(1)
    t, cases = {}, []
    for name, depth, n, k, gated in (("2 of 4", 2, 4, 2, False), ("1 of 3", 1, 3, 1, False), ("3 of 8, gated", 1, 8, 3, True)):
        prefix = name.replace(" ", "") + "/"
        dump(t, prefix, Vision(depth, n, k, gated))
        config = {"token_mixer": "attention", "patch": [PATCH, PATCH], "dim": DIM, "depth": depth, "heads": HEADS, "hidden": HIDDEN,
                  "experts": n, "experts_chosen": k, "gating": "mul" if gated else "none"}
        cases.append({"name": name, "prefix": prefix, "model": {"model": "vit", "classes": CLASSES, "transformer": config}})
    os.makedirs(folder, exist_ok=True)
    save_file(t, folder + "/moe.safetensors")
    tolerance = {"float64": {"rtol": 1e-9, "atol": 1e-12}, "float32": {"rtol": 1e-4, "atol": 1e-6}}
    with open(folder + "/moe.json", "w") as f:
        json.dump({"kind": "layers", "tolerance": tolerance, "meta": {"torch": torch.__version__}, "cases": cases}, f, indent=1)
        f.write("\n")


main()
