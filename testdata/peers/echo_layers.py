"""Echo-state transformers in PyTorch, written from their equations as loops over the tokens, and what
they give: results, and gradients of every learned parameter and of the input, in float64.

    python testdata/peers/echo_layers.py testdata/reference/echo/echo.safetensors

Beside the numbers it writes the weights under our names; the tests of package transformer read them,
compute the same and compare. Needs torch and safetensors.

    python testdata/peers/echo_layers.py --time

times a training step of the sizes of BenchmarkEchoStep in package transformer, without an optimiser.
"""

import json
import math
import sys
import time

import torch
from torch.nn.functional import gelu, layer_norm, rms_norm


def mixer(w, x, lengths, directions):
    """A reservoir along the tokens: x [B, n, E] -> [B, n, E], 0 behind the ends of the sequences."""
    rows = []
    for tokens, length in zip(x, lengths):
        total = torch.zeros(x.shape[1], x.shape[2], dtype=x.dtype)
        for d, backward in enumerate(directions):
            state, places = torch.zeros(w["w"].shape[0], dtype=x.dtype), range(length)
            read = [None] * length
            for t in reversed(places) if backward else places:
                u = tokens[t] if "in.weight" not in w else w["in.weight"] @ tokens[t] + w["in.bias"]
                state = (1 - w["leak"]) * state + w["leak"] * torch.tanh(w["w"] @ state + w["input"] @ u + w["bias"])
                read[t] = w["out.weight"][d] @ state
            if length:
                total = total + torch.cat([torch.stack(read), torch.zeros(x.shape[1] - length, x.shape[2], dtype=x.dtype)])
        mask = (torch.arange(x.shape[1]) < length).to(x.dtype)[:, None]
        rows.append((total + w["out.bias"]) * mask)
    return torch.stack(rows)


def memory(w, x, eps):
    """The working memory: x [B, n, D] -> [B, n, M, D], every product as the equations have it."""
    b, n, d = x.shape
    units, r = w["input"].shape[:2]
    blocks = [w["w"][m * r : (m + 1) * r, m * r : (m + 1) * r] for m in range(units)]
    state = [torch.zeros(b, r, dtype=x.dtype) for _ in range(units)]
    steps = []
    for t in range(n):
        held = [s @ w["out"][m].T for m, s in enumerate(state)]
        u = []
        for m in range(units):
            q = x[:, t] @ w["query"][m].T
            k = torch.stack([o @ w["key"][m].T for o in held], 1)
            v = torch.stack([o @ w["value"][m].T for o in held], 1)
            a = torch.softmax((k @ q[:, :, None])[:, :, 0] / math.sqrt(d), 1)
            u.append(rms_norm(x[:, t] + (a[:, :, None] * v).sum(1), (d,), w["norm.weight"], eps))
        scores = torch.stack([u[m] @ w["leak"][m, 0] for m in range(units)], 1) / torch.exp(w["log_temperature"])
        leak = torch.softmax(scores, 1)
        for m in range(units):
            z = torch.exp(w["log_radius"][m, 0, 0]) * (state[m] @ blocks[m].T) + u[m] @ w["input"][m].T + w["bias"][m, :, 0]
            state[m] = (1 - leak[:, m : m + 1]) * state[m] + leak[:, m : m + 1] * torch.tanh(z)
        steps.append(torch.stack([s @ w["out"][m].T for m, s in enumerate(state)], 1))
    return torch.stack(steps, 1)


def sub(w, prefix):
    return {k[len(prefix) :]: v for k, v in w.items() if k.startswith(prefix)}


def layer(w, x, eps):
    """A layer of the Echo State Transformer: x [B, n, D] -> [B, n, D]."""
    y = memory(sub(w, "memory."), x, eps)
    b, n, m, d = y.shape
    q, k, v = (y @ w["qkv.weight"].T).chunk(3, -1)
    a = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(d), -1) @ v
    h = rms_norm(a + y, (d,), w["norm1.weight"], eps)
    c = h.reshape(b, n, m * d) @ w["reduce.weight"].T + w["reduce.bias"]
    f = gelu(c @ w["mlp.fc1.weight"].T + w["mlp.fc1.bias"]) @ w["mlp.fc2.weight"].T + w["mlp.fc2.bias"]
    return rms_norm(f + c, (d,), w["norm2.weight"], eps)


def est(w, x, eps=1e-6):
    """The Echo State Transformer, which reads the last token: x [B, n, K] -> [B, outputs]."""
    h = x @ w["embed.weight"].T + w["embed.bias"]
    for i in range(len([k for k in w if k.endswith(".reduce.bias")])):
        h = layer(sub(w, f"layers.{i}."), h, eps)
    return h[:, -1] @ w["head.weight"].T + w["head.bias"]


def former(w, x, directions, eps=1e-6):
    """A vision transformer with one block, whose token mixer is a reservoir: rows of images are tokens."""
    h = x[:, 0] @ w["patch.weight"].T + w["patch.bias"]
    e = h.shape[-1]
    whole = [h.shape[1]] * h.shape[0]
    h = h + mixer(sub(w, "echo."), layer_norm(h, (e,), w["norm1.weight"], w["norm1.bias"], eps), whole, directions)
    c = layer_norm(h, (e,), w["norm2.weight"], w["norm2.bias"], eps)
    h = h + gelu(c @ w["mlp.fc1.weight"].T + w["mlp.fc1.bias"]) @ w["mlp.fc2.weight"].T + w["mlp.fc2.bias"]
    return layer_norm(h, (e,), w["norm.weight"], w["norm.bias"], eps).mean(1) @ w["head.weight"].T + w["head.bias"]


def sparse(n, keep):
    w = torch.randn(n, n) * (torch.rand(n, n) < keep)
    return 0.8 * w / torch.linalg.eigvals(w).abs().max()


def mixer_weights(e, k, n, directions):
    w = {"w": sparse(n, 0.4), "input": torch.randn(n, k), "bias": 0.1 * torch.randn(n), "leak": 0.2 + 0.7 * torch.rand(n),
         "out.weight": 0.5 * torch.randn(directions, e, n), "out.bias": torch.randn(e)}
    if k != e:
        w |= {"in.weight": torch.randn(k, e), "in.bias": torch.randn(k)}
    return w, ("w", "input", "bias", "leak")


def layer_weights(units, r, d, hidden):
    w = torch.zeros(units * r, units * r)
    for m in range(units):
        w[m * r : (m + 1) * r, m * r : (m + 1) * r] = sparse(r, 0.4)
    s = 1 / math.sqrt(d)
    return {
        "memory.w": w, "memory.input": torch.randn(units, r, d), "memory.bias": torch.rand(units, r, 1),
        "memory.query": s * torch.randn(units, d, d), "memory.key": s * torch.randn(units, d, d), "memory.value": s * torch.randn(units, d, d),
        "memory.norm.weight": 1 + 0.2 * torch.randn(d), "memory.leak": torch.randn(units, 1, d), "memory.log_temperature": 0.3 * torch.randn(1),
        "memory.log_radius": 0.3 * torch.randn(units, 1, 1), "memory.out": torch.randn(units, d, r) / math.sqrt(r),
        "qkv.weight": s * torch.randn(3 * d, d), "norm1.weight": 1 + 0.2 * torch.randn(d),
        "reduce.weight": torch.randn(d, units * d) / math.sqrt(units * d), "reduce.bias": torch.randn(d),
        "mlp.fc1.weight": s * torch.randn(hidden, d), "mlp.fc1.bias": torch.randn(hidden),
        "mlp.fc2.weight": torch.randn(d, hidden) / math.sqrt(hidden), "mlp.fc2.bias": torch.randn(d), "norm2.weight": 1 + 0.2 * torch.randn(d),
    }


def est_weights(k, outputs, depth, units, r, d, hidden):
    w = {"embed.weight": torch.randn(d, k), "embed.bias": torch.randn(d)}
    frozen = []
    for i in range(depth):
        w |= {f"layers.{i}.{name}": v for name, v in layer_weights(units, r, d, hidden).items()}
        frozen += [f"layers.{i}.memory.{name}" for name in ("w", "input", "bias")]
    return w | {"head.weight": torch.randn(outputs, d), "head.bias": torch.randn(outputs)}, frozen


def record(tensors, name, f, weights, frozen, x):
    for key, v in weights.items():
        v.requires_grad_(key not in frozen)
    x.requires_grad_()
    y = f(weights, x)
    cotangent = torch.randn_like(y)
    (y * cotangent).sum().backward()
    tensors |= {f"{name}/x": x, f"{name}/y": y, f"{name}/cotangent": cotangent, f"{name}/gx": x.grad}
    for key, v in weights.items():
        tensors[f"{name}/w.{key}"] = v
        if key not in frozen:
            tensors[f"{name}/g.{key}"] = v.grad


def dump(path):
    from safetensors.torch import save_file

    torch.manual_seed(2917)
    torch.set_default_dtype(torch.float64)
    tensors = {}
    lengths = [5, 0, 1]
    for name, e, k, directions in (("forward", 4, 4, [False]), ("backward", 4, 4, [True]), ("both", 4, 3, [False, True])):
        w, frozen = mixer_weights(e, k, 7, len(directions))
        record(tensors, f"mixer-{name}", lambda w, x: mixer(w, x, lengths, directions), w, frozen, torch.randn(3, 5, e))
    w, frozen = est_weights(3, 2, 2, 3, 6, 4, 5)
    record(tensors, "est", est, w, frozen, torch.randn(2, 6, 3))
    save_file({k: v.detach().contiguous() for k, v in tensors.items()}, path)


def measure(f, w, frozen, x):
    for key, v in w.items():
        v.requires_grad_(key not in frozen)
    best = math.inf
    for _ in range(7):
        begin = time.perf_counter()
        f(w, x).square().sum().backward()
        best = min(best, time.perf_counter() - begin)
    return round(1e3 * best, 1)


def batched_mixer(w, x, directions):
    """mixer for sequences of one length, with the whole batch in each step, as one would train it."""
    total = w["out.bias"]
    for d, backward in enumerate(directions):
        drive = x @ w["input"].T + w["bias"]
        state, states = torch.zeros(x.shape[0], w["w"].shape[0]), []
        for t in reversed(range(x.shape[1])) if backward else range(x.shape[1]):
            state = (1 - w["leak"]) * state + w["leak"] * torch.tanh(state @ w["w"].T + drive[:, t])
            states.append(state)
        total = total + torch.stack(states[::-1] if backward else states, 1) @ w["out.weight"][d].T
    return total


def batched_memory(w, x, eps):
    """memory with all units in each product, as one would train it."""
    b, n, d = x.shape
    units, r = w["input"].shape[:2]
    blocks = torch.stack([w["w"][m * r : (m + 1) * r, m * r : (m + 1) * r] for m in range(units)]) * torch.exp(w["log_radius"])
    into, back, out = w["input"].transpose(1, 2), blocks.transpose(1, 2), w["out"].transpose(1, 2)
    queries = torch.einsum("bnd,med->nmbe", x, w["query"])
    key, value = w["key"].transpose(1, 2), w["value"].transpose(1, 2)
    leaks = w["leak"].transpose(1, 2) / torch.exp(w["log_temperature"])
    state = torch.zeros(units, b, r)
    held, steps = torch.zeros(units, b, d), []
    for t in range(n):
        rows = held.transpose(0, 1).reshape(1, b * units, d)
        k, v = ((rows @ p).view(units, b, units, d) for p in (key, value))
        a = torch.nn.functional.scaled_dot_product_attention(queries[t].unsqueeze(2), k, v).squeeze(2)
        u = rms_norm(x[:, t] + a, (d,), w["norm.weight"], eps)
        leak = torch.softmax(u @ leaks, 0)
        state = state + leak * (torch.tanh(state @ back + u @ into + w["bias"].transpose(1, 2)) - state)
        held = state @ out
        steps.append(held)
    return torch.stack(steps, 0).permute(2, 0, 1, 3)


def timings():
    global mixer, memory
    torch.manual_seed(0)
    x = torch.rand(64, 28, 28)
    w, frozen = est_weights(28, 10, 1, 4, 100, 32, 128)
    memory = batched_memory
    times = {"est": measure(est, w, frozen, x)}
    echo, frozen = mixer_weights(48, 48, 200, 2)
    w = {f"echo.{k}": v for k, v in echo.items()}
    for name, shape in (("patch", (48, 28)), ("mlp.fc1", (192, 48)), ("mlp.fc2", (48, 192)), ("head", (10, 48))):
        w |= {f"{name}.weight": torch.randn(*shape) / math.sqrt(shape[1]), f"{name}.bias": torch.zeros(shape[0])}
    for name in ("norm1", "norm2", "norm"):
        w |= {f"{name}.weight": torch.ones(48), f"{name}.bias": torch.zeros(48)}
    mixer = lambda w, x, lengths, directions: batched_mixer(w, x, directions)
    times["echo-vit"] = measure(lambda w, x: former(w, x, [False, True]), w, [f"echo.{k}" for k in frozen], x[:, None])
    print(json.dumps({"threads": torch.get_num_threads(), "torch": torch.__version__, "milliseconds": times}))


if len(sys.argv) != 2:
    sys.exit("usage: echo_layers.py FILE.safetensors, or --time")
if sys.argv[1] == "--time":
    timings()
else:
    dump(sys.argv[1])
