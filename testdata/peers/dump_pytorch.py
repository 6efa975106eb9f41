import json, os, sys, torch
from safetensors.torch import save_file

folder, side = sys.argv[1], int(sys.argv[2])
model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(side * side, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)).double()
t = {"x": torch.rand(4, 1, side, side).double(), "labels": torch.tensor([3, 1, 4, 1])}
for name, layer in model.named_modules():
    layer.register_forward_hook(lambda layer, args, y, name=name: t.update({"a." + name if name else "y": y}))
t["loss"] = torch.nn.functional.cross_entropy(model(t["x"]), t["labels"])
t["loss"].backward()
t.update({"w." + n: w for n, w in model.state_dict().items()}, **{"g." + n: w.grad for n, w in model.named_parameters()})
os.makedirs(folder, exist_ok=True)
save_file({n: v.detach().clone().contiguous() for n, v in t.items()}, folder + "/mlp.safetensors")
json.dump({"kind": "layers", "tolerance": {"float64": {"rtol": 1e-12}, "float32": {"rtol": 1e-5}},
           "cases": [{"name": "mlp", "model": {"model": "mlp", "hidden": [32]}}]}, open(folder + "/mlp.json", "w"))
