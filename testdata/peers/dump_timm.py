"""Writes a vision transformer and an MLP-mixer of timm, layer by layer, for

    elegans crosscheck FOLDER

With --full these are vit_tiny_patch16_224 and mixer_s16_224, in float64 and evaluation mode with
random weights; otherwise small ones of the same code. Every parameter is moved off its initial
value, of which many are 0 or 1. State dictionaries keep timm's names, which are ours. Needs timm
and safetensors; run it as

    python testdata/peers/dump_timm.py FOLDER [--full]
"""

import json
import os
import re
import sys

import timm
import torch
from safetensors.torch import save_file
from timm.models.mlp_mixer import MlpMixer
from timm.models.vision_transformer import VisionTransformer

# Layers whose results are written; of other modules of timm ours has no counterpart.
LAYERS = re.compile(r"patch_embed|stem|norm|blocks\.\d+(\.(attn|mlp|mlp_tokens|mlp_channels))?")


def dump(folder, name, model, side, ours):
    model = model.double().eval()
    t = {}
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p), alpha=0.05)
    batch = 2
    t["x"] = torch.randn(batch, 3, side, side, dtype=torch.float64)
    t["labels"] = torch.randint(model.num_classes, (batch,))

    def keep(layer):
        def hook(_module, _args, y):
            # timm's mixer transposes around its token mixer, ours within
            y = y.transpose(1, 2) if layer.endswith("mlp_tokens") else y
            y.retain_grad()
            t["a." + layer] = y
        return hook

    for layer, module in model.named_modules():
        if LAYERS.fullmatch(layer):
            module.register_forward_hook(keep(layer))
    t["y"] = model(t["x"])
    t["loss"] = torch.nn.functional.cross_entropy(t["y"], t["labels"])
    t["loss"].backward()
    for layer in [n for n in t if n.startswith("a.")]:
        if t[layer].grad is not None and not layer.endswith("mlp_tokens"):
            t["g" + layer] = t[layer].grad
    t.update({"w." + n: w for n, w in model.state_dict().items()})
    t.update({"g." + n: w.grad for n, w in model.named_parameters()})
    os.makedirs(folder, exist_ok=True)
    versions = {"timm": timm.__version__, "torch": torch.__version__}
    save_file({n: v.detach().clone().contiguous() for n, v in t.items()}, f"{folder}/{name}.safetensors")
    with open(f"{folder}/{name}.json", "w") as f:
        case = {"name": name, "model": ours}
        # The bias behind a mixer of tokens has no influence, since a layer normalisation follows:
        # its gradient is rounding errors, which atol lets pass.
        tolerance = {"float64": {"rtol": 1e-9, "atol": 1e-12}, "float32": {"rtol": 1e-4, "atol": 1e-6}}
        json.dump({"kind": "layers", "tolerance": tolerance, "meta": versions, "cases": [case]}, f, indent=1)
        f.write("\n")


def main():
    folder, full = sys.argv[1], "--full" in sys.argv[2:]
    torch.manual_seed(1)
    if full:
        dump(folder, "vit_tiny", timm.create_model("vit_tiny_patch16_224"), 224, {
            "model": "vit", "classes": 1000,
            "transformer": {"token_mixer": "attention", "patch": [16, 16], "dim": 192, "depth": 12, "heads": 3, "class_token": True}})
        dump(folder, "mixer_s16", timm.create_model("mixer_s16_224"), 224, {
            "model": "mixer", "classes": 1000,
            "transformer": {"token_mixer": "mlp", "patch": [16, 16], "dim": 512, "depth": 8}})
        return
    dump(folder, "vit", VisionTransformer(img_size=8, patch_size=4, embed_dim=12, depth=2, num_heads=3, num_classes=5), 8, {
        "model": "vit", "classes": 5,
        "transformer": {"token_mixer": "attention", "patch": [4, 4], "dim": 12, "depth": 2, "heads": 3, "class_token": True}})
    dump(folder, "mixer", MlpMixer(img_size=8, patch_size=4, embed_dim=12, num_blocks=2, num_classes=5), 8, {
        "model": "mixer", "classes": 5,
        "transformer": {"token_mixer": "mlp", "patch": [4, 4], "dim": 12, "depth": 2}})


main()
