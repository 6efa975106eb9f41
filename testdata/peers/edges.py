"""Records what PyTorch computes, or that it refuses, at the edges of the attributes of every operation.

    python edges.py FOLDER

writes edges.json and edges.safetensors, a manifest of kind "ops" (see lab/crosscheck/README.md), into
FOLDER. testdata/reference/edges was made by it. Inputs are drawn from a generator that the name of
the case seeds, so a new case changes no other. Needs torch==2.15.0 and safetensors (requirements.txt).

DEPARTS lists the cases in which the engine does something else on purpose, each with the reason: it
refuses, or it computes what another formula says.
"""
import itertools
import json
import math
import sys
import warnings
import zlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

warnings.simplefilter("ignore")
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
inf, nan = math.inf, math.nan
cases, tensors, names = [], {}, set()

axis0 = ("a tensor without axes has no axis 0, as in NumPy", None)
default = "0 in the options stands for the default"


def limit(values, slopes):
    """A function that has the given values and slopes at its elements, whatever they are."""
    def f(a):
        x = a["x"]
        return torch.tensor(values) + (x - x.detach()).nan_to_num() * 0 + Slope.apply(x, torch.tensor(slopes))
    return f


class Slope(torch.autograd.Function):
    """Zeros with a given derivative."""

    @staticmethod
    def forward(ctx, x, slopes):
        ctx.save_for_backward(slopes)
        return torch.zeros_like(x)

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[0], None


infinite = "PyTorch multiplies infinity by 0; here it is the limit"


def true_cosine(a):
    """The norms as constants where eps is larger."""
    x, y = a["a"], a["b"]
    return (x * y).sum(1) / (10.0 * 10.0)


def conv_default(rank, **o):
    f = {1: F.conv1d, 2: F.conv2d}[rank]
    return lambda a: f(a["x"], a["weight"], a.get("bias"), **o)


# Name of a case, or the beginning of names before an asterisk: the reason, and what the engine
# computes there (None: it refuses).
DEPARTS = {
    "silu: infinite": (infinite, limit([inf, 0.0], [1.0, 0.0])), "mish: infinite": (infinite, limit([inf, 0.0], [1.0, 0.0])),
    "softsign: infinite": (infinite, limit([1.0, -1.0], [0.0, 0.0])),
    "gelu: infinite none": (infinite, limit([inf, 0.0], [1.0, 0.0])), "gelu: infinite tanh": (infinite, limit([inf, 0.0], [1.0, 0.0])),
    "pow_scalar: exponent 0.5 of -0 and -inf": ("powers of C99, which PyTorch replaces by square roots", lambda a: torch.tensor([0.0, inf])),
    "pow_scalar: exponent -0.5 of -0 and -inf": ("powers of C99, which PyTorch replaces by square roots", lambda a: torch.tensor([inf, 0.0])),
    **{f"{op}: {what}": ("a bound that is NaN is a mistake", None) for op in ["clamp", "hardtanh"] for what in ["nan to 1.0", "0.0 to nan"]},
    "celu: alpha -1.0*": ("the exponential would grow without bound below 0: the sign is a mistake", None),
    "elu: alpha inf": ("infinity times 0 is NaN", lambda a: torch.where(a["x"] > 0, a["x"], inf * torch.expm1(a["x"]))),
    "celu: alpha inf": ("infinity times 0 is NaN", lambda a: torch.where(a["x"] > 0, a["x"], inf * torch.expm1(a["x"] / inf))),
    "hardtanh: 1.0 to 0.0": ("the operation is Clamp, for which the upper bound wins", lambda a: torch.clamp(a["x"], 1.0, 0.0)),
    **{f"{op}: () dim *": axis0 for op in ["sum", "mean", "amax", "amin", "max", "min", "argmax", "cumsum", "cumprod", "prod", "softmax", "log_softmax", "sort"]},
    "var: () dim -1 *": axis0, "std: () dim -1 *": axis0,
    "logsumexp: () *": axis0, "squeeze: () of [0]": axis0, "topk: 1 of () on 0": axis0, "topk: 0 of () on 0": axis0, "normalize: dim 0 of ()": axis0,
    "norm: ord nan*": ("a norm of power NaN is a mistake", None), "normalize: p nan*": ("a norm of power NaN is a mistake", None),
    "squeeze: (1, 3) of [1]": ("an axis that has not length 1 is named by mistake", None),
    "roll: [] on []": ("nothing is rolled", lambda a: a["x"] * 1),
    "masked_fill: mask larger": ("the mask is broadcast to the tensor, not the tensor to the mask", None),
    "linear: (2, 3) (4, 3) (1,)": ("a bias that is broadcast is a mistake", None), "linear: (2, 3) (3,) None": ("a weight is a matrix", None),
    "conv1d: stride 0": (default, conv_default(1)), "conv1d: dilation 0": (default, conv_default(1)), "conv1d: groups 0": (default, conv_default(1)),
    "conv2d: stride 0": (default, conv_default(2)), "conv2d: dilation 0": (default, conv_default(2)), "conv2d: groups 0": (default, conv_default(2)),
    "nn.Conv1d: groups 0": (default, conv_default(1)), "nn.Conv2d: groups 0": (default, conv_default(2)),
    **{f"conv_transpose2d: {what} 0": (default, lambda a: F.conv_transpose2d(a["x"], a["weight"], a.get("bias"))) for what in ["stride", "dilation", "groups"]},
    "nn.ConvTranspose2d: groups 0": (default, lambda a: F.conv_transpose2d(a["x"], a["weight"], a.get("bias"))),
    "conv1d: no channels": ("a sum of nothing is 0", lambda a: torch.zeros(1, 3, 3) + 0 * (a["x"].sum() + a["weight"].sum())),
    "conv2d: no channels": ("a sum of nothing is 0", lambda a: torch.zeros(1, 3, 3, 3) + 0 * (a["x"].sum() + a["weight"].sum())),
    "conv1d: no outputs": ("no result is one too", lambda a: torch.zeros(1, 0, 3) + 0 * (a["x"].sum() + a["weight"].sum())),
    "conv2d: no outputs": ("no result is one too", lambda a: torch.zeros(1, 0, 3, 3) + 0 * (a["x"].sum() + a["weight"].sum())),
    "conv1d: empty input, padded": ("padding alone is enough", lambda a: torch.zeros(1, 3, 2) + 0 * (a["x"].sum() + a["weight"].sum())),
    "conv2d: empty input, padded": ("padding alone is enough", lambda a: torch.zeros(1, 3, 2, 2) + 0 * (a["x"].sum() + a["weight"].sum())),
    "unfold: stride 0": (default, lambda a: F.unfold(a["x"], 2)), "unfold: dilation 0": (default, lambda a: F.unfold(a["x"], 2)),
    "unfold: no channels": ("no result is one too", lambda a: torch.zeros(1, 0, 9) + 0 * a["x"].sum()),
    **{f"avg_pool{n}d: kernel_size 2 stride 0 *": (default, lambda a, f=f: f(a["x"], 2)) for n, f in [(1, F.avg_pool1d), (2, F.avg_pool2d)]},
    **{f"max_pool{n}d: kernel_size 2 {what} 0": (default, lambda a, f=f: f(a["x"], 2)) for n, f in [(1, F.max_pool1d), (2, F.max_pool2d)] for what in ["stride", "dilation"]},
    "pad: constant [9, -9]": ("what is added on one side may be removed on the other", lambda a: torch.zeros(2, 3, 4) + 0 * a["x"].sum()),
    "pad: reflect [-2, -2]": ("no result is one too", lambda a: a["x"][..., :0]), "pad: replicate [-2, -2]": ("no result is one too", lambda a: a["x"][..., :0]),
    "group_norm: 2 of (2, 4, 0)": ("no result is one too", lambda a: a["x"] + 0 * (a["weight"] + a["bias"])[:, None]),
    "group_norm: 1 of (2, 0, 3)": ("no result is one too", lambda a: a["x"] + 0 * (a["weight"] + a["bias"])[:, None]),
    "group_norm: 4 of (1, 4)": ("a group of one element has mean and variance too", lambda a: 0 * a["x"] + 0 * a["weight"] + a["bias"]),
    "instance_norm: (2, 3, 1)": ("a group of one element has mean and variance too", lambda a: 0 * a["x"]),
    "instance_norm: (2, 3)": ("a group of one element has mean and variance too", lambda a: 0 * a["x"]),
    "batch_norm: empty batch": ("nothing has no statistics to learn", None), "batch_norm: empty plane": ("nothing has no statistics to learn", None),
    "batch_norm: variance 0, eps 0": ("the division by 0 comes after the difference", lambda a: ((a["x"] - a["running_mean"]) / torch.sqrt(a["running_var"]), a["running_mean"], a["running_var"])),
    "cosine_similarity: eps above the norms": ("PyTorch differentiates the norms that it has replaced by eps", true_cosine),
    "cross_entropy: label_smoothing -0.1*": ("a share is 0 to 1", None), "cross_entropy_soft: label_smoothing -0.1*": ("a share is 0 to 1", None),
    "cross_entropy: label_smoothing nan*": ("a share is 0 to 1", None), "cross_entropy_soft: label_smoothing nan*": ("a share is 0 to 1", None),
    "embedding: scalar": ("without a shape the result has a row for each id", lambda a: F.embedding(a["ids"][None], a["weight"])),
}


class Constant:
    """A floating argument without gradient."""

    def __init__(self, value):
        self.value = value


def ints(*v):
    return torch.tensor(v, dtype=torch.int64)


def mask(v):
    return torch.tensor(v, dtype=torch.bool)


def const(v):
    return Constant(torch.tensor(v))


def plain(v):
    """Attributes as JSON has them."""
    if isinstance(v, float) and not math.isfinite(v):
        return {inf: "inf", -inf: "-inf"}.get(v, "nan")
    if isinstance(v, (list, tuple)):
        return [plain(e) for e in v]
    return v


def case(op, what, attrs, args, run, dtype=torch.float64):
    """Records one case. args maps names to shapes (drawn from [-1, 1)), lists (values) or tensors;
    run gets the tensors by name and returns one result or several."""
    name = f"{op}: {what}" + ("" if dtype == torch.float64 else " float32")
    if name in names:
        raise ValueError(f"two cases {name!r}")
    names.add(name)
    g = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    draw = lambda shape: torch.rand(tuple(shape), generator=g) * 2 - 1
    stored, values, leaves = {}, {}, []
    for key, v in args.items():
        grad = not isinstance(v, Constant)
        v = v.value if isinstance(v, Constant) else v
        if isinstance(v, tuple):
            v = draw(v)
        elif not isinstance(v, torch.Tensor):
            v = torch.tensor(v, dtype=torch.float64)
        if v.is_floating_point():
            v = v.to(dtype)
        stored[key] = v.clone()
        if grad and v.is_floating_point():
            v = v.clone().requires_grad_()
            leaves.append(key)
        values[key] = v
    at = str(len(cases))
    entry = {"name": name, "op": op, "attrs": {k: plain(v) for k, v in attrs.items()},
             "dtype": str(dtype).removeprefix("torch."), "args": list(args), "inputs": [f"{at}/{k}" for k in args]}
    departs = next((d for pattern, d in DEPARTS.items() if name == pattern or pattern.endswith("*") and name.startswith(pattern[:-1])), None)
    entry["outputs"] = []
    try:
        if departs and departs[1]:
            record_refusal(entry, run, values)
            entry["departs"] = {"ours": "computes", "why": departs[0]}
            run = departs[1]
        out = run(dict(values))
        out = list(out) if isinstance(out, (tuple, list)) else [out]
        roots = [(o, draw(o.shape).to(dtype)) for o in out if o.requires_grad]
        grads = {}
        if roots:
            wanted = [values[k] for k in leaves]
            found = torch.autograd.grad([o for o, _ in roots], wanted, [c for _, c in roots], allow_unused=True)
            grads = {k: torch.zeros_like(v) if f is None else f for k, v, f in zip(leaves, wanted, found)}
        cots = {id(o): c for o, c in roots}
        entry["outputs"] = [f"{at}/out{i}" for i in range(len(out))]
        entry["cotangents"] = [f"{at}/cot{i}" if id(o) in cots else None for i, o in enumerate(out)]
        entry["grads"] = [f"{at}/grad_{k}" if k in grads else None for k in args]
        for i, o in enumerate(out):
            tensors[f"{at}/out{i}"] = o.detach()
            if id(o) in cots:
                tensors[f"{at}/cot{i}"] = cots[id(o)]
        for k, f in grads.items():
            tensors[f"{at}/grad_{k}"] = f
    except REFUSALS as e:
        entry["error"] = text_of(e)
    if departs and not departs[1]:
        if "error" in entry:
            raise ValueError(f"{name}: both refuse, but DEPARTS lists it")
        entry["departs"] = {"ours": "refuses", "why": departs[0]}
    for k, v in stored.items():
        tensors[f"{at}/{k}"] = v
    cases.append(entry)


REFUSALS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, NotImplementedError, ZeroDivisionError, OverflowError)


def text_of(e):
    return f"{type(e).__name__}: {(str(e).splitlines() or [''])[0][:120]}"


def record_refusal(entry, run, values):
    """Notes the error of PyTorch in a case whose other values are those of another formula."""
    try:
        out = run({k: v.clone() for k, v in values.items()})
        out = [o for o in (out if isinstance(out, (tuple, list)) else [out]) if o.requires_grad]
        if out:
            torch.autograd.grad(out, [v for v in values.values() if v.requires_grad], [torch.ones_like(o) for o in out], allow_unused=True)
    except REFUSALS as e:
        entry["error"] = text_of(e)


def both(*args):
    """case in both element types."""
    case(*args)
    case(*args, torch.float32)


# Functions of one variable, at 0, beyond every bound, at infinities and NaN.

# The derivative at NaN is nobody's, so that case has constants only.
edge = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 6.0, 20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0, 1e-30, -1e-30]
unary = {
    "neg": torch.neg, "abs": torch.abs, "square": torch.square, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "reciprocal": torch.reciprocal,
    "exp": torch.exp, "expm1": torch.expm1, "log": torch.log, "log1p": torch.log1p, "sin": torch.sin, "cos": torch.cos, "erf": torch.erf,
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": F.relu, "relu6": F.relu6, "hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid,
    "selu": F.selu, "silu": F.silu, "mish": F.mish, "softsign": F.softsign, "log_sigmoid": F.logsigmoid,
}
for op, f in unary.items():
    both(op, "edge values", {}, {"x": edge}, lambda a, f=f: f(a["x"]))
    case(op, "infinite", {}, {"x": [inf, -inf]}, lambda a, f=f: f(a["x"]))
    case(op, "NaN", {}, {"x": const([nan, 1.0])}, lambda a, f=f: f(a["x"]))
    case(op, "empty", {}, {"x": (0, 3)}, lambda a, f=f: f(a["x"]))
    case(op, "scalar", {}, {"x": 0.25}, lambda a, f=f: f(a["x"]))

parametric = {
    ("gelu", "approximate"): (lambda x, v: F.gelu(x, approximate=v), ["none", "tanh"]),
    ("leaky_relu", "negative_slope"): (F.leaky_relu, [0.0, 1.0, -1.0, 2.0, inf]),
    ("elu", "alpha"): (F.elu, [0.0, 1.0, -1.0, inf]),
    ("celu", "alpha"): (F.celu, [0.0, 1.0, -1.0, inf]),
    ("pow_scalar", "exponent"): (torch.pow, [0.0, 0.5, 1.0, 2.0, 3.0, -1.0, -0.5, inf, -inf]),
    ("add_scalar", "value"): (torch.add, [0.0, inf, nan]),
    ("mul_scalar", "value"): (torch.mul, [0.0, 1.0, -1.0, inf, nan]),
}
for (op, key), (f, values) in parametric.items():
    for v in values:
        at = edge if v not in (0.5, -0.5) else [e for e in edge if str(e) != "-0.0"]
        case(op, f"{key} {v}", {key: v}, {"x": at if v != inf or op not in ("elu", "celu") else Constant(torch.tensor(at))}, lambda a, f=f, v=v: f(a["x"], v))
        if key != "approximate":
            case(op, f"{key} {v} of infinity and NaN", {key: v}, {"x": const([inf, nan] if v in (0.5, -0.5) else [inf, -inf, nan])}, lambda a, f=f, v=v: f(a["x"], v))
    case(op, "empty", {key: values[1]}, {"x": (0, 2)}, lambda a, f=f, v=values[1]: f(a["x"], v))
for v in ["none", "tanh"]:
    case("gelu", f"infinite {v}", {"approximate": v}, {"x": [inf, -inf]}, lambda a, v=v: F.gelu(a["x"], approximate=v))
for v in [0.5, -0.5]:
    case("pow_scalar", f"exponent {v} of -0 and -inf", {"exponent": v}, {"x": const([-0.0, -inf])}, lambda a, v=v: torch.pow(a["x"], v))
for beta, threshold in itertools.product([0.0, 1.0, -1.0, 2.0, inf], [20.0, 0.0, -1.0, inf]):
    if beta == threshold == inf:
        continue
    case("softplus", f"beta {beta} threshold {threshold}", {"beta": beta, "threshold": threshold}, {"x": [0.0, 1.0, -1.0, 30.0, -30.0]},
         lambda a, b=beta, t=threshold: F.softplus(a["x"], b, t))
for op, lo, hi in [("clamp", "min", "max"), ("hardtanh", "min_val", "max_val")]:
    for v in [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0), (-inf, inf), (inf, inf), (-inf, -inf), (nan, 1.0), (0.0, nan)]:
        f = torch.clamp if op == "clamp" else F.hardtanh
        case(op, f"{v[0]} to {v[1]}", {lo: v[0], hi: v[1]}, {"x": edge + [inf] if v[0] == v[0] and v[1] == v[1] else Constant(torch.tensor(edge + [inf]))}, lambda a, f=f, v=v: f(a["x"], v[0], v[1]))

# Functions of two variables.

pairs = list(itertools.product([0.0, -0.0, 1.0, -1.0, 2.0, -2.5, 1e30, inf, -inf], repeat=2))
left, right = [p[0] for p in pairs], [p[1] for p in pairs]
binary = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "pow": torch.pow, "maximum": torch.maximum, "minimum": torch.minimum}
for op, f in binary.items():
    g = lambda a, f=f: f(a["a"], a["b"])
    both(op, "edge values", {}, {"a": left, "b": right}, g)
    case(op, "NaN", {}, {"a": const([nan, nan, 1.0, 0.0]), "b": const([1.0, 0.0, nan, nan])}, g)
    case(op, "empty", {}, {"a": (0, 3), "b": (1, 3)}, g)
    case(op, "scalar with matrix", {}, {"a": (), "b": (2, 3)}, g)
    case(op, "length 0 with 1", {}, {"a": (2, 0), "b": (2, 1)}, g)
    case(op, "lengths that differ", {}, {"a": (2, 3), "b": (2, 4)}, g)
    case(op, "length 0 with 2", {}, {"a": (2, 0), "b": (2, 2)}, g)
    case(op, "both broadcast", {}, {"a": (3, 1, 2), "b": (4, 1)}, g)
for what, c, a, b in [("scalars", mask(True), (), ()), ("broadcast", mask([True, False, True]), (2, 1), (1, 3)), ("empty", mask([]), (2, 0), (2, 1)), ("lengths that differ", mask([True, False]), (3,), (3,))]:
    case("where", what, {}, {"cond": c, "a": a, "b": b}, lambda a: torch.where(a["cond"], a["a"], a["b"]))
case("where", "NaN on the side that is not taken", {}, {"cond": mask([True, False]), "a": [1.0, nan], "b": [nan, 2.0]}, lambda a: torch.where(a["cond"], a["a"], a["b"]))
for what, x, w in [("one weight", (2, 3, 4), (1,)), ("of channels", (2, 3, 4), (3,)), ("too many weights", (2, 3), (4,)), ("no weight", (2, 3), (0,)), ("vector with one weight", (5,), (1,)), ("scalar", (), (1,)), ("empty", (0, 3), (3,)), ("zeros", [[0.0, -0.0, nan, inf, -inf]], (1,))]:
    case("prelu", what, {}, {"x": x, "weight": w}, lambda a: F.prelu(a["x"], a["weight"]))
for dim, shape in [(0, (4, 3)), (-1, (4, 6)), (1, (4, 3)), (2, (4, 4)), (-3, (4, 4)), (0, (0, 3)), (0, ()), (1, (2, 0))]:
    case("glu", f"dim {dim} of {shape}", {"dim": dim}, {"x": shape}, lambda a, d=dim: F.glu(a["x"], d))

# Reductions.

reductions = {
    "sum": lambda x, d, k: x.sum() if d is None else x.sum(d, k), "mean": lambda x, d, k: x.mean() if d is None else x.mean(d, k),
    "amax": lambda x, d, k: x.amax() if d is None else x.amax(d, k), "amin": lambda x, d, k: x.amin() if d is None else x.amin(d, k),
}
dims = [None, 0, -1, 1, 2, -3, [0, 1], [0, 0], [0, -2]]
for op, f in reductions.items():
    for d in dims:
        for keep in [False, True] if d in (0, [0, 1]) else [False]:
            case(op, f"dim {d} keepdim {keep}", {"dim": d, "keepdim": keep} if d is not None else {}, {"x": (2, 3)}, lambda a, d=d, k=keep, f=f: f(a["x"], d, k))
    for shape, d in itertools.product([(0,), (0, 3), (2, 0), ()], [None, 0, -1]):
        case(op, f"{shape} dim {d}" if d is not None else f"all of {shape}", {} if d is None else {"dim": d}, {"x": shape}, lambda a, d=d, f=f: f(a["x"], d, False))
    case(op, "infinities", {"dim": 1}, {"x": [[inf, -inf], [inf, 1.0], [-inf, -inf]]}, lambda a, f=f: f(a["x"], 1, False))
    case(op, "NaN", {"dim": 1}, {"x": const([[nan, 1.0], [1.0, nan]])}, lambda a, f=f: f(a["x"], 1, False))
    case(op, "ties", {"dim": 1}, {"x": [[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]]}, lambda a, f=f: f(a["x"], 1, False))
for op, f in {"var": torch.var, "std": torch.std}.items():
    for correction, shape, d in itertools.product([0, 1, 2, 4, -1], [(3,), (1,), (2, 3), (0, 2), ()], [None, -1]):
        # A correction beyond the number of elements: PyTorch's values have the divisor 0, its gradients a negative one.
        x = Constant(torch.ones(shape)) if shape and correction > shape[-1] else shape
        case(op, f"{shape} dim {d} correction {correction}", {"correction": correction} | ({} if d is None else {"dim": d}), {"x": x},
             lambda a, d=d, c=correction, f=f: f(a["x"], dim=d, correction=c))
    case(op, "equal elements", {"dim": 1}, {"x": [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]}, lambda a, f=f: f(a["x"], dim=1))
    case(op, "infinite element", {"dim": 0}, {"x": [1.0, inf, 2.0]}, lambda a, f=f: f(a["x"], dim=0))
for p in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, inf, -inf, -1.0, -2.0, nan]:
    norm = lambda a, p=p: torch.linalg.vector_norm(a["x"], p, dim=1)
    both("norm", f"ord {p}", {"ord": p, "dim": 1}, {"x": [[3.0, 4.0, 0.0], [0.0, 0.0, 0.0], [1.0, -1.0, 1.0], [-2.0, 0.5, 0.25]]}, norm)
    case("norm", f"ord {p} of an empty line", {"ord": p, "dim": 1}, {"x": (2, 0)}, norm)
    case("norm", f"ord {p} of no line", {"ord": p, "dim": 1}, {"x": (0, 2)}, norm)
    case("norm", f"ord {p} of infinity and NaN", {"ord": p, "dim": 1}, {"x": const([[inf, 1.0], [nan, 1.0]])}, norm)
    case("norm", f"ord {p} of all", {"ord": p}, {"x": (2, 3)}, lambda a, p=p: torch.linalg.vector_norm(a["x"], p))
case("norm", "no such axis", {"ord": 2.0, "dim": 2}, {"x": (2, 3)}, lambda a: torch.linalg.vector_norm(a["x"], 2, dim=2))
for op, f in {"max_all": torch.max, "min_all": torch.min}.items():
    for shape in [(), (1,), (2, 3), (0,)]:
        case(op, str(shape), {}, {"x": shape}, lambda a, f=f: f(a["x"]))
for op, f in {"max": torch.max, "min": torch.min}.items():
    for shape, d in [((2, 3), 0), ((2, 3), -1), ((2, 3), 2), ((2, 3), -3), ((0, 3), 0), ((0, 3), 1), ((2, 0), 0), ((2, 0), 1), ((), 0), ((1,), 0)]:
        case(op, f"{shape} dim {d}", {"dim": d}, {"x": shape}, lambda a, d=d, f=f: tuple(f(a["x"], d)))
    case(op, "NaN", {"dim": 1}, {"x": const([[1.0, nan, 2.0], [nan, nan, 1.0]])}, lambda a, f=f: tuple(f(a["x"], 1)))
for shape, d in [((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3), 2), ((0, 3), 0), ((0, 3), 1), ((2, 0), 1), ((0,), None), ((), None), ((), 0)]:
    case("argmax", f"{shape} dim {d}" if d is not None else f"all of {shape}", {} if d is None else {"dim": d}, {"x": Constant(torch.rand(shape, generator=torch.Generator().manual_seed(1)))}, lambda a, d=d: torch.argmax(a["x"], d))
case("argmax", "NaN and ties", {"dim": 1}, {"x": const([[1.0, nan, 2.0], [3.0, 3.0, 1.0]])}, lambda a: torch.argmax(a["x"], 1))
for op, f in {"cumsum": torch.cumsum, "cumprod": torch.cumprod}.items():
    for shape, d in [((2, 3), 0), ((2, 3), -1), ((2, 3), 2), ((2, 3), -3), ((0, 3), 0), ((2, 0), 1), ((), 0), ((1,), 0)]:
        case(op, f"{shape} dim {d}", {"dim": d}, {"x": shape}, lambda a, d=d, f=f: f(a["x"], d))
for shape, d in [((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3), 2), ((0, 3), 0), ((0, 3), 1), ((2, 0), 1), ((0,), None), ((), None), ((), 0)]:
    case("prod", f"{shape} dim {d}" if d is not None else f"all of {shape}", {} if d is None else {"dim": d}, {"x": shape}, lambda a, d=d: torch.prod(a["x"]) if d is None else torch.prod(a["x"], d))
case("prod", "zeros", {"dim": 1}, {"x": [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]]}, lambda a: torch.prod(a["x"], 1))
case("cumprod", "zeros", {"dim": 1}, {"x": [[0.0, 2.0, 3.0], [2.0, 0.0, 0.0], [1.0, 2.0, 0.0]]}, lambda a: torch.cumprod(a["x"], 1))
for op, f in {"softmax": F.softmax, "log_softmax": F.log_softmax}.items():
    for shape, d in [((2, 3), 0), ((2, 3), -1), ((2, 3), 2), ((2, 3), -3), ((0, 3), 0), ((0, 3), 1), ((2, 0), 1), ((), 0), ((1,), 0)]:
        case(op, f"{shape} dim {d}", {"dim": d}, {"x": shape}, lambda a, d=d, f=f: f(a["x"], d))
    both(op, "large, infinite and NaN", {"dim": 1}, {"x": [[1000.0, 0.0, -1000.0], [-inf, 0.0, 1.0], [-inf, -inf, -inf], [inf, 0.0, 1.0], [nan, 0.0, 1.0]]}, lambda a, f=f: f(a["x"], 1))
for d, shape in [([0], (2, 3)), ([1], (2, 3)), ([0, 1], (2, 3)), ([2], (2, 3)), ([0, 0], (2, 3)), ([1], (2, 0)), ([0], (2, 0)), ([0], (0, 3)), ([0], ())]:
    for keep in [False, True]:
        case("logsumexp", f"{shape} dim {d} keepdim {keep}", {"dim": d, "keepdim": keep}, {"x": shape}, lambda a, d=d, k=keep: torch.logsumexp(a["x"], d, k))
case("logsumexp", "infinite and NaN", {"dim": [1]}, {"x": const([[-inf, -inf], [inf, 0.0], [nan, 0.0]])}, lambda a: torch.logsumexp(a["x"], 1))
case("logsumexp", "large", {"dim": [1]}, {"x": [[1000.0, 1000.0], [-1000.0, -inf]]}, lambda a: torch.logsumexp(a["x"], 1))

# Shapes.

for shape in [[6], [2, 3], [-1], [3, -1], [-1, -1], [4, -1], [0, -1], [2, 3, 1, 1], [7], [], [-2, 3], [6, 0]]:
    case("reshape", f"to {shape}", {"shape": shape}, {"x": (2, 3)}, lambda a, s=shape: a["x"].reshape(s))
for shape, to in [((0, 3), [0]), ((0, 3), [-1]), ((0, 3), [-1, 0]), ((0, 3), [-1, 5]), ((), [1]), ((1,), []), ((), [-1])]:
    case("reshape", f"{shape} to {to}", {"shape": to}, {"x": shape}, lambda a, s=to: a["x"].reshape(s))
for shape, first in [((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), -1), ((2, 3, 4), 3), ((2, 3, 4), -4), ((0, 3), 0), ((2, 0, 3), 1), ((5,), 0)]:
    case("flatten", f"{shape} from {first}", {"start_dim": first}, {"x": shape}, lambda a, f=first: a["x"].flatten(f))
for dim in [0, 1, 2, -1, -3, 3, -4]:
    case("unsqueeze", f"at {dim}", {"dim": dim}, {"x": (2, 3)}, lambda a, d=dim: a["x"].unsqueeze(d))
case("unsqueeze", "scalar", {"dim": 0}, {"x": ()}, lambda a: a["x"].unsqueeze(0))
for dim, shape in [([0], (1, 3)), ([1], (1, 3)), ([0, 2], (1, 3, 1)), ([-1], (3, 1)), ([2], (1, 3)), ([0, 0], (1, 3)), ([0], (1, 0)), ([0], ())]:
    case("squeeze", f"{shape} of {dim}", {"dim": dim}, {"x": shape}, lambda a, d=dim: a["x"].squeeze(tuple(d)))
for x, shape in [((1, 3), [2, 3]), ((1, 3), [2, -1]), ((1, 3), [4, 2, 3]), ((2, 3), [4, 3]), ((2, 3), [3]), ((1, 3), [0, 3]), ((1, 3), [-1, -1]), ((1, 3), [-1, 1, 3]), ((3,), [-2]), ((), [2]), ((), []), ((0, 1), [0, 5]), ((1, 1), [0, 0])]:
    case("expand", f"{x} to {shape}", {"shape": shape}, {"x": x}, lambda a, s=shape: a["x"].expand(s))
for dims_ in [[0, 1, 2], [2, 0, 1], [-1, 0, 1], [0, 1], [0, 0, 1], [0, 1, 3], [0, 1, -4]]:
    case("permute", str(dims_), {"dims": dims_}, {"x": (2, 3, 4)}, lambda a, d=dims_: a["x"].permute(d))
case("permute", "scalar", {"dims": []}, {"x": ()}, lambda a: a["x"].permute([]))
for i, j in [(0, 1), (1, 1), (-1, 0), (0, 2), (-3, 0)]:
    case("transpose", f"{i} and {j}", {"dim0": i, "dim1": j}, {"x": (2, 3)}, lambda a, i=i, j=j: a["x"].transpose(i, j))
for start, stop, step in [(0, 5, 1), (0, 9, 1), (-9, 9, 1), (2, 2, 1), (3, 1, 1), (0, None, 2), (-2, None, 1), (0, -1, 3), (0, 5, 0), (4, 0, -1), (0, 5, 7), (9, 12, 1)]:
    case("slice", f"{start} to {stop} by {step}", {"start": [start], "stop": [stop], "step": [step]}, {"x": (5, 2)}, lambda a, s=slice(start, stop, step): a["x"][s])
for sizes, d in [([5], 0), ([2, 3], 0), ([0, 5], 0), ([5, 0, 0], 0), ([2, 2], 0), ([2, 4], 0), ([-1, 6], 0), ([], 0), ([1, 1], 1), ([2], 2), ([5], -2)]:
    case("split", f"{sizes} of axis {d}", {"sizes": sizes, "dim": d}, {"x": (5, 2)}, lambda a, s=sizes, d=d: torch.split(a["x"], s, d))
for d, shapes in [(0, [(2, 3), (1, 3)]), (-1, [(2, 3), (2, 0)]), (0, [(0, 3), (0, 3)]), (2, [(2, 3)]), (-3, [(2, 3)]), (0, [(2, 3), (2, 4)]), (0, [(2,), (2, 1)]), (0, [()]), (1, [(2, 3)])]:
    case("concat", f"{shapes} on {d}", {"dim": d}, {f"x{i}": s for i, s in enumerate(shapes)}, lambda a, d=d: torch.cat(list(a.values()), d))
    case("stack", f"{shapes} on {d}", {"dim": d}, {f"x{i}": s for i, s in enumerate(shapes)}, lambda a, d=d: torch.stack(list(a.values()), d))
for op, f in {"concat": torch.cat, "stack": torch.stack}.items():
    case(op, "nothing", {"dim": 0}, {}, lambda a, f=f: f([], 0))
for repeats in [[1, 1], [2, 3], [0, 1], [2], [2, 1, 1], [-1, 1], [0, 0]]:
    case("tile", str(repeats), {"repeats": repeats}, {"x": (2, 3)}, lambda a, r=repeats: torch.tile(a["x"], r))
case("tile", "scalar", {"repeats": [3]}, {"x": ()}, lambda a: torch.tile(a["x"], (3,)))
case("tile", "empty", {"repeats": [2, 2]}, {"x": (0, 3)}, lambda a: torch.tile(a["x"], (2, 2)))
for repeats, d in [(1, 0), (2, 1), (0, 0), (-1, 0), (2, 2), (2, -1), (2, None), (0, None)]:
    case("repeat_interleave", f"{repeats} on {d}", {"repeats": repeats, "dim": d}, {"x": (2, 3)}, lambda a, r=repeats, d=d: torch.repeat_interleave(a["x"], r, d))
for d in [[0], [-1], [0, 1], [], [2], [0, 0], [-3]]:
    case("flip", str(d), {"dims": d}, {"x": (2, 3)}, lambda a, d=d: torch.flip(a["x"], d))
case("flip", "empty", {"dims": [1]}, {"x": (2, 0)}, lambda a: torch.flip(a["x"], [1]))
for shifts, d in [([0], [0]), ([1], [1]), ([-1], [1]), ([7], [1]), ([-300], [1]), ([1, 2], [0, 1]), ([1, 1], [1, 1]), ([1], [2]), ([1, 2], [0]), ([], []), ([5], None)]:
    case("roll", f"{shifts} on {d}", {"shifts": shifts, "dims": d}, {"x": (2, 3)}, lambda a, s=shifts, d=d: torch.roll(a["x"], s, d if d is not None else ()))
case("roll", "empty", {"shifts": [1], "dims": [1]}, {"x": (2, 0)}, lambda a: torch.roll(a["x"], 1, 1))
for op, f in {"tril": torch.tril, "triu": torch.triu}.items():
    for k, shape in [(0, (3, 4)), (9, (3, 4)), (-9, (3, 4)), (1, (2, 3, 3)), (-1, (3, 3)), (0, (0, 3)), (0, (3, 0)), (0, (3,)), (0, ())]:
        case(op, f"{k} of {shape}", {"diagonal": k}, {"x": shape}, lambda a, k=k, f=f: f(a["x"], k))
for offset, i, j, shape in [(0, 0, 1, (3, 4)), (3, 0, 1, (3, 4)), (4, 0, 1, (3, 4)), (-2, 0, 1, (3, 4)), (-3, 0, 1, (3, 4)), (99, 0, 1, (3, 4)), (0, 0, 0, (3, 4)), (0, 0, 2, (3, 4)), (0, 0, 1, (3,)), (0, 0, 1, (0, 3)), (1, 2, 0, (2, 3, 4)), (0, -1, -2, (2, 3, 4))]:
    case("diagonal", f"{offset} on {i} {j} of {shape}", {"offset": offset, "dim1": i, "dim2": j}, {"x": shape}, lambda a, o=offset, i=i, j=j: torch.diagonal(a["x"], o, i, j))

# Indices, masks, order.

for d, index in [(0, [[0, 1, 0]]), (1, [[2], [0]]), (0, [[2, 0, 0]]), (0, [[-1, 0, 0]]), (2, [[0]]), (0, [[0, 0, 0, 0]]), (-1, [[0, 1]])]:
    case("gather", f"{index} on {d}", {"dim": d}, {"x": (2, 3), "index": torch.tensor(index)}, lambda a, d=d: torch.gather(a["x"], d, a["index"]))
    case("scatter_add", f"{index} on {d}", {"dim": d}, {"x": (2, 3), "index": torch.tensor(index), "src": tuple(torch.tensor(index).shape)}, lambda a, d=d: a["x"].scatter_add(d, a["index"], a["src"]))
case("gather", "no index", {"dim": 0}, {"x": (2, 3), "index": torch.zeros(0, 3, dtype=torch.int64)}, lambda a: torch.gather(a["x"], 0, a["index"]))
case("scatter_add", "no index", {"dim": 0}, {"x": (2, 3), "index": torch.zeros(0, 3, dtype=torch.int64), "src": (0, 3)}, lambda a: a["x"].scatter_add(0, a["index"], a["src"]))
for d, index in [(0, [0, 0, 1]), (1, [2]), (0, []), (0, [2]), (0, [-1]), (2, [0]), (-1, [0, 2])]:
    case("index_select", f"{index} on {d}", {"dim": d}, {"x": (2, 3), "index": ints(*index)}, lambda a, d=d: torch.index_select(a["x"], d, a["index"]))
    src = [2, 3]
    if -2 <= d < 2:
        src[d] = len(index)
    case("index_add", f"{index} on {d}", {"dim": d}, {"x": (2, 3), "index": ints(*index), "src": tuple(src)}, lambda a, d=d: a["x"].index_add(d, a["index"], a["src"]))
case("index_add", "source too short", {"dim": 0}, {"x": (2, 3), "index": ints(0, 1), "src": (1, 3)}, lambda a: a["x"].index_add(0, a["index"], a["src"]))
for value in [0.0, inf, -inf, nan]:
    case("masked_fill", f"with {value}", {"value": value}, {"x": (2, 3), "mask": mask([[True, False, True], [False, False, True]])}, lambda a, v=value: a["x"].masked_fill(a["mask"], v))
for what, m, x in [("all", [True, True], (2,)), ("none", [False, False], (2,)), ("broadcast", [[True], [False]], (2, 3)), ("empty", [], (0,)), ("lengths that differ", [True, False], (3,)), ("mask larger", [[True, False], [False, True]], (2,))]:
    case("masked_fill", what, {"value": 1.0}, {"x": x, "mask": mask(m)}, lambda a: a["x"].masked_fill(a["mask"], 1.0))
    case("masked_select", what, {}, {"x": x, "mask": mask(m)}, lambda a: torch.masked_select(a["x"], a["mask"]))
for d, descending, shape in [(0, False, (3, 2)), (-1, True, (3, 2)), (2, False, (3, 2)), (0, False, (0,)), (0, False, ()), (1, False, (2, 0)), (0, False, (1,))]:
    case("sort", f"{shape} dim {d} descending {descending}", {"dim": d, "descending": descending}, {"x": shape}, lambda a, d=d, w=descending: tuple(torch.sort(a["x"], dim=d, descending=w, stable=True)))
for descending in [False, True]:
    case("sort", f"ties, NaN, infinities, descending {descending}", {"dim": 0, "descending": descending}, {"x": [1.0, nan, inf, 1.0, -inf, 0.0, nan, 1.0]},
         lambda a, w=descending: tuple(torch.sort(a["x"], descending=w, stable=True)))
for k, d, shape in [(0, 0, (3, 2)), (1, 0, (3, 2)), (3, 0, (3, 2)), (4, 0, (3, 2)), (-1, 0, (3, 2)), (1, 2, (3, 2)), (2, -1, (3, 2)), (0, 0, (0,)), (1, 0, (0,)), (1, 0, (1,)), (1, 0, ()), (0, 0, ())]:
    case("topk", f"{k} of {shape} on {d}", {"k": k, "dim": d}, {"x": shape}, lambda a, k=k, d=d: tuple(torch.topk(a["x"], k, d)))
case("topk", "NaN", {"k": 2, "dim": 0}, {"x": [1.0, nan, 3.0]}, lambda a: tuple(torch.topk(a["x"], 2, 0)))
for ids, n in [([0, 2], 3), ([3], 3), ([-1], 3), ([], 3), ([0], 1), ([0], 0)]:
    case("one_hot", f"{ids} of {n}", {"num_classes": n}, {"ids": ints(*ids)}, lambda a, n=n: F.one_hot(a["ids"], n).double())
for a_, b_ in [((2,), (3,)), ((0,), (3,)), ((1,), (1,)), ((2, 1), (3,)), ((), (3,))]:
    case("outer", f"{a_} and {b_}", {}, {"a": a_, "b": b_}, lambda a: torch.outer(a["a"], a["b"]))
for eq, shapes in [("ij,jk->ik", [(2, 3), (3, 2)]), ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("ij->", [(2, 3)]), ("ij,jk", [(2, 0), (0, 3)]), ("ij->ji", [(0, 2)]), ("i,j->ij", [(2,), (3,)]), ("...ij,...jk->...ik", [(2, 2, 3), (3, 4)]),
                   ("ij,jk->ik", [(2, 3), (4, 2)]), ("ij->ik", [(2, 3)]), ("ij->ii", [(2, 3)]), ("i", [(2, 3)]), ("ij", [(2,)]), ("ij,jk->ik", [(2, 3)]), ("i1", [(2, 2)]), ("ii->i", [(2, 3)]), ("ij,ij->", [(1, 3), (2, 3)]), (",->", [(), ()]), ("", [()]), ("->", [()]), ("i->i->i", [(2,)]), ("i...j...", [(2, 3)]), ("Ij->jI", [(2, 3)])]:
    case("einsum", f"{eq} of {shapes}", {"equation": eq}, {f"x{i}": s for i, s in enumerate(shapes)}, lambda a, e=eq: torch.einsum(e, *a.values()))

# Products.

for a_, b_ in [((2, 3), (3, 4)), ((2, 0), (0, 4)), ((0, 3), (3, 4)), ((2, 3), (3, 0)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((2, 1, 2, 3), (4, 3, 2)), ((0, 2, 3), (3, 4)), ((2, 3), (4, 3)), ((), (3,)), ((3,), ()), ((2, 2, 3), (3, 3, 4)), ((0,), (0,)), ((1, 1), (1, 1))]:
    case("matmul", f"{a_} and {b_}", {}, {"a": a_, "b": b_}, lambda a: torch.matmul(a["a"], a["b"]))
for x, w, b in [((2, 3), (4, 3), (4,)), ((3,), (4, 3), (4,)), ((0, 3), (4, 3), (4,)), ((2, 0), (4, 0), (4,)), ((2, 3), (0, 3), (0,)), ((2, 2, 3), (4, 3), None), ((2, 3), (4, 2), (4,)), ((2, 3), (4, 3), (3,)), ((2, 3), (4, 3), (1,)), ((), (4, 3), None), ((2, 3), (3,), None)]:
    case("linear", f"{x} {w} {b}", {}, {"x": x, "weight": w} | ({"bias": b} if b else {}), lambda a: F.linear(a["x"], a["weight"], a.get("bias")))
grouped = lambda a: torch.einsum("gbi,goi->gbo", a["x"], a["weight"]) + (a["bias"][:, None] if "bias" in a else 0)
for x, w, b in [((2, 3, 4), (2, 5, 4), (2, 5)), ((0, 3, 4), (0, 5, 4), (0, 5)), ((2, 0, 4), (2, 5, 4), (2, 5)), ((2, 3, 0), (2, 5, 0), (2, 5)), ((2, 3, 4), (2, 0, 4), (2, 0)), ((2, 3, 4), (3, 5, 4), None), ((2, 3, 4), (2, 5, 3), None), ((1, 1, 1), (1, 1, 1), None)]:
    case("grouped_linear", f"{x} {w} {b}", {}, {"x": x, "weight": w} | ({"bias": b} if b else {}), grouped)
for transposed, rows, cols, x in [(False, 2, 3, (3, 4)), (True, 2, 3, (2, 4)), (False, 2, 3, (3,)), (False, 2, 3, (2, 4)), (True, 2, 3, (3, 4)), (False, 2, 3, (3, 0)), (False, 0, 3, (3, 2)), (False, 2, 0, (0, 2)), (False, 2, 3, ())]:
    def spmm(a, t=transposed, r=rows, c=cols):
        m = torch.zeros(r, c).index_put((a["row"], a["col"]), a["values"])
        x = a["x"]
        if x.dim() == 0:
            raise ValueError("want [cols, ...]")
        return torch.tensordot(m.t() if t else m, x, 1)
    some = rows > 0 and cols > 0
    case("spmm", f"{rows} x {cols} transposed {transposed} {x}", {"rows": rows, "cols": cols, "transposed": transposed},
         {"x": x, "values": (3,) if some else (0,), "row": ints(0, 0, 1) if some else ints(), "col": ints(0, 2, 1) if some else ints()}, spmm)

# Convolutions.

def conv(rank):
    f = {1: F.conv1d, 2: F.conv2d}[rank]
    return lambda a, o: f(a["x"], a["weight"], a.get("bias"), **o)


for what, x, w, b, o in [
    ("plain", (2, 4, 6), (3, 4, 3), (3,), {}), ("kernel as long as the input", (1, 2, 4), (2, 2, 4), None, {}), ("kernel longer", (1, 2, 3), (2, 2, 4), None, {}),
    ("kernel longer, padded", (1, 2, 3), (2, 2, 4), None, {"padding": 1}), ("stride beyond the kernel", (1, 2, 9), (2, 2, 2), None, {"stride": 4}), ("stride beyond the input", (1, 2, 4), (2, 2, 2), None, {"stride": 9}),
    ("stride 0", (1, 2, 4), (2, 2, 2), None, {"stride": 0}), ("stride -1", (1, 2, 4), (2, 2, 2), None, {"stride": -1}), ("padding -1", (1, 2, 4), (2, 2, 2), None, {"padding": -1}),
    ("padding beyond the kernel", (1, 2, 4), (2, 2, 2), None, {"padding": 5}), ("dilation 0", (1, 2, 4), (2, 2, 2), None, {"dilation": 0}), ("dilation 3", (1, 2, 8), (2, 2, 3), None, {"dilation": 3}), ("dilation too large", (1, 2, 8), (2, 2, 3), None, {"dilation": 4}), ("dilation -1", (1, 2, 4), (2, 2, 2), None, {"dilation": -1}),
    ("groups 2", (1, 4, 5), (6, 2, 3), (6,), {"groups": 2}), ("groups 0", (1, 4, 5), (6, 4, 3), None, {"groups": 0}), ("groups -1", (1, 4, 5), (6, 4, 3), None, {"groups": -1}), ("groups 3 of 4", (1, 4, 5), (6, 1, 3), None, {"groups": 3}), ("depthwise", (1, 4, 5), (4, 1, 3), None, {"groups": 4}),
    ("groups do not divide the outputs", (1, 4, 5), (3, 2, 3), None, {"groups": 2}), ("wrong channels", (1, 4, 5), (3, 3, 3), None, {}), ("wrong bias", (1, 4, 5), (3, 4, 3), (2,), {}), ("empty batch", (0, 4, 5), (3, 4, 3), (3,), {}),
    ("no channels", (1, 0, 5), (3, 0, 3), None, {}), ("no outputs", (1, 4, 5), (0, 4, 3), None, {}), ("kernel 0", (1, 4, 5), (3, 4, 0), None, {}), ("empty input", (1, 4, 0), (3, 4, 3), None, {}), ("empty input, padded", (1, 4, 0), (3, 4, 3), None, {"padding": 2}), ("kernel 1", (2, 3, 4), (2, 3, 1), (2,), {}), ("vector", (4,), (2, 1, 1), None, {}),
]:
    case("conv1d", what, o, {"x": x, "weight": w} | ({"bias": b} if b else {}), lambda a, o=o: conv(1)(a, o))
    to2 = lambda s: s[:2] + (s[2], s[2]) if len(s) == 3 else s
    if what != "vector":
        case("conv2d", what, o, {"x": to2(x), "weight": to2(w)} | ({"bias": b} if b else {}), lambda a, o=o: conv(2)(a, o))
for what, x, w, o in [("kernel 1 by 5", (1, 2, 3, 6), (2, 2, 1, 5), {"padding": [0, 2]}), ("stride 3 and 1", (1, 2, 7, 4), (3, 2, 2, 2), {"stride": [3, 1]}), ("dilation 1 and 2", (1, 1, 5, 5), (1, 1, 3, 2), {"dilation": [1, 2], "padding": [1, 0]})]:
    case("conv2d", what, o, {"x": x, "weight": w}, lambda a, o=o: conv(2)(a, o))

transposed = lambda a, o: F.conv_transpose2d(a["x"], a["weight"], a.get("bias"), **o)
for stride, padding, extra, dilation in itertools.product([1, 2], [0, 1, 3], [0, 1, 2, 3], [1, 2, 4]):
    o = {"stride": stride, "padding": padding, "output_padding": extra, "dilation": dilation}
    case("conv_transpose2d", " ".join(f"{k} {v}" for k, v in o.items()), o, {"x": (1, 2, 3, 2), "weight": (2, 3, 3, 2), "bias": (3,)}, lambda a, o=o: transposed(a, o))
for what, x, w, o in [
    ("stride 0", (1, 2, 3, 3), (2, 3, 2, 2), {"stride": 0}), ("stride -1", (1, 2, 3, 3), (2, 3, 2, 2), {"stride": -1}), ("padding -1", (1, 2, 3, 3), (2, 3, 2, 2), {"padding": -1}), ("dilation 0", (1, 2, 3, 3), (2, 3, 2, 2), {"dilation": 0}),
    ("output padding -1", (1, 2, 3, 3), (2, 3, 2, 2), {"output_padding": -1}), ("groups 2", (1, 4, 3, 3), (4, 3, 2, 2), {"groups": 2, "stride": 2, "output_padding": 1}), ("groups 3 of 4", (1, 4, 3, 3), (4, 3, 2, 2), {"groups": 3}), ("groups 0", (1, 4, 3, 3), (4, 3, 2, 2), {"groups": 0}),
    ("wrong channels", (1, 4, 3, 3), (3, 3, 2, 2), {}), ("empty batch", (0, 4, 3, 3), (4, 3, 2, 2), {}), ("nothing left", (1, 2, 1, 1), (2, 3, 2, 2), {"padding": 1}), ("stride beyond the kernel", (1, 2, 3, 3), (2, 3, 2, 2), {"stride": 4, "output_padding": 3}),
    ("grouped, output padding beyond the stride", (2, 4, 3, 2), (4, 2, 2, 3), {"groups": 2, "stride": [1, 2], "padding": [2, 1], "output_padding": [2, 2], "dilation": [3, 3]}), ("many channels", (2, 16, 4, 4), (16, 8, 3, 3), {"padding": 2, "output_padding": 1, "dilation": 2}),
    ("empty input", (1, 2, 0, 3), (2, 3, 2, 2), {}),
]:
    case("conv_transpose2d", what, o, {"x": x, "weight": w}, lambda a, o=o: transposed(a, o))
for what, x, k, o in [("plain", (1, 2, 4, 4), 2, {}), ("kernel 0", (1, 2, 4, 4), 0, {}), ("kernel larger", (1, 2, 2, 2), 3, {}), ("kernel larger, padded", (1, 2, 2, 2), 3, {"padding": 1}), ("stride 0", (1, 2, 4, 4), 2, {"stride": 0}), ("stride beyond", (1, 2, 4, 4), 2, {"stride": 5}), ("dilation 0", (1, 2, 4, 4), 2, {"dilation": 0}), ("dilation 3", (1, 2, 4, 4), 2, {"dilation": 3}), ("padding -1", (1, 2, 4, 4), 2, {"padding": -1}), ("empty batch", (0, 2, 4, 4), 2, {}), ("no channels", (1, 0, 4, 4), 2, {}), ("matrix", (4, 4), 2, {})]:
    case("unfold", what, {"kernel_size": k} | o, {"x": x}, lambda a, k=k, o=o: F.unfold(a["x"], k, **o))

# Pooling.

pool_edges = [
    {"kernel_size": 1}, {"kernel_size": 2}, {"kernel_size": 5}, {"kernel_size": 6}, {"kernel_size": 0}, {"kernel_size": -1}, {"kernel_size": 2, "stride": 5}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "stride": -1},
    {"kernel_size": 3, "padding": 1}, {"kernel_size": 3, "padding": 2}, {"kernel_size": 3, "padding": -1}, {"kernel_size": 2, "padding": 1}, {"kernel_size": 4, "padding": 2, "stride": 3}, {"kernel_size": 2, "ceil_mode": True}, {"kernel_size": 2, "stride": 3, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"kernel_size": 2, "stride": 4, "padding": 1, "ceil_mode": True}, {"kernel_size": 6, "ceil_mode": True}, {"kernel_size": 6, "padding": 1, "ceil_mode": True},
]
for n, (x, avg, top) in {1: ((1, 2, 5), F.avg_pool1d, F.max_pool1d), 2: ((1, 2, 5, 5), F.avg_pool2d, F.max_pool2d)}.items():
    for o in pool_edges:
        what = " ".join(f"{k} {v}" for k, v in o.items())
        for counts in [True, False]:
            case(f"avg_pool{n}d", f"{what} count_include_pad {counts}", o | {"count_include_pad": counts}, {"x": x}, lambda a, o=o, c=counts, f=avg: f(a["x"], **o, count_include_pad=c))
        case(f"max_pool{n}d", what, o, {"x": x}, lambda a, o=o, f=top: f(a["x"], **o))
    for o in [{"kernel_size": 2, "dilation": 2}, {"kernel_size": 2, "dilation": 4}, {"kernel_size": 2, "dilation": 5}, {"kernel_size": 2, "dilation": 0}, {"kernel_size": 3, "dilation": 2, "padding": 1, "stride": 1, "ceil_mode": True}]:
        case(f"max_pool{n}d", " ".join(f"{k} {v}" for k, v in o.items()), o, {"x": x}, lambda a, o=o, f=top: f(a["x"], **o))
    for shape in [(0,) + x[1:], x[:-1] + (0,)]:
        case(f"avg_pool{n}d", f"empty {shape}", {"kernel_size": 2}, {"x": shape}, lambda a, f=avg: f(a["x"], 2))
        case(f"max_pool{n}d", f"empty {shape}", {"kernel_size": 2}, {"x": shape}, lambda a, f=top: f(a["x"], 2))
    case(f"max_pool{n}d", "ties, infinities", {"kernel_size": 2}, {"x": torch.full(x, -inf)}, lambda a, f=top: f(a["x"], 2))
    case(f"max_pool{n}d", "NaN", {"kernel_size": 2}, {"x": Constant(torch.full(x, nan))}, lambda a, f=top: f(a["x"], 2))
    adaptive = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d}[n]
    for size in [1, 2, 3, 5, 7, 0, -1]:
        case(f"adaptive_avg_pool{n}d", f"to {size}", {"output_size": size}, {"x": x}, lambda a, s=size, f=adaptive: f(a["x"], s))
    case(f"adaptive_avg_pool{n}d", "empty batch", {"output_size": 2}, {"x": (0,) + x[1:]}, lambda a, f=adaptive: f(a["x"], 2))
    case(f"adaptive_avg_pool{n}d", "empty line", {"output_size": 2}, {"x": x[:-1] + (0,)}, lambda a, f=adaptive: f(a["x"], 2))

# Resizing, padding.

for size in [[1, 1], [3, 4], [6, 8], [2, 9], [0, 2], [-1, 2], [4, 4]]:
    x = (1, 2, 3, 4)
    case("upsample_nearest", f"size {size}", {"size": size}, {"x": x}, lambda a, s=size: F.interpolate(a["x"], s, mode="nearest"))
    for corners in [False, True]:
        case("upsample_bilinear", f"size {size} corners {corners}", {"size": size, "align_corners": corners}, {"x": x}, lambda a, s=size, c=corners: F.interpolate(a["x"], s, mode="bilinear", align_corners=c))
for scale in [1.0, 2.0, 0.5, 1.7, 0.34, 0.1, 0.0, -1.0, inf, nan]:
    case("upsample_nearest", f"scale {scale}", {"scale_factor": scale}, {"x": (1, 1, 3, 4)}, lambda a, s=scale: F.interpolate(a["x"], scale_factor=s, mode="nearest"))
    case("upsample_bilinear", f"scale {scale}", {"scale_factor": scale, "align_corners": False}, {"x": (1, 1, 3, 4)}, lambda a, s=scale: F.interpolate(a["x"], scale_factor=s, mode="bilinear", align_corners=False))
case("upsample_nearest", "empty batch", {"size": [2, 2]}, {"x": (0, 1, 3, 3)}, lambda a: F.interpolate(a["x"], [2, 2], mode="nearest"))
case("upsample_nearest", "empty plane", {"size": [2, 2]}, {"x": (1, 1, 0, 3)}, lambda a: F.interpolate(a["x"], [2, 2], mode="nearest"))
for r, shape in [(1, (1, 4, 2, 2)), (2, (1, 4, 2, 3)), (2, (1, 8, 1, 1)), (3, (1, 4, 2, 2)), (0, (1, 4, 2, 2)), (-1, (1, 4, 2, 2)), (2, (0, 4, 2, 2)), (2, (1, 0, 2, 2)), (2, (1, 4, 0, 2)), (2, (4, 2))]:
    # The gradient of an empty tensor is a defect of torch 2.15.0.
    case("pixel_shuffle", f"{r} of {shape}", {"upscale_factor": r}, {"x": Constant(torch.zeros(shape)) if 0 in shape else shape}, lambda a, r=r: F.pixel_shuffle(a["x"], r))
for mode in ["constant", "reflect", "replicate", "circular"]:
    for pad in [[0, 0], [1, 2], [3, 3], [4, 0], [0, 5], [5, 9], [-1, 1], [-2, -2], [-3, -3], [9, -9], [1], [1, 0, 2, 1], [1, 0, 3, 0], [0, 0, 0, 0]]:
        case("pad", f"{mode} {pad}", {"pad": pad, "mode": mode}, {"x": (2, 3, 4) if len(pad) < 4 else (1, 1, 3, 4)}, lambda a, p=pad, m=mode: F.pad(a["x"], p, m))
for value in [inf, nan, -2.5]:
    case("pad", f"value {value}", {"pad": [1, 1], "value": value}, {"x": (2, 2)}, lambda a, v=value: F.pad(a["x"], [1, 1], "constant", v))
case("pad", "empty", {"pad": [1, 1]}, {"x": (2, 0)}, lambda a: F.pad(a["x"], [1, 1]))
case("pad", "more axes than there are", {"pad": [1, 1, 1, 1]}, {"x": (3,)}, lambda a: F.pad(a["x"], [1, 1, 1, 1]))
case("pad", "no axes", {"pad": []}, {"x": (3,)}, lambda a: F.pad(a["x"], []))

# Normalisation.

for eps in [0.0, 1e-5, 1.0, inf, -1.0]:
    for what, x in [("random", (3, 4)), ("equal", [[2.0, 2.0], [0.0, 0.0]])]:
        case("layer_norm", f"{what} eps {eps}", {"normalized_shape": [4 if what == "random" else 2], "eps": eps}, {"x": x}, lambda a, e=eps: F.layer_norm(a["x"], a["x"].shape[-1:], None, None, e))
        case("rms_norm", f"{what} eps {eps}", {"normalized_shape": [4 if what == "random" else 2], "eps": eps}, {"x": x}, lambda a, e=eps: F.rms_norm(a["x"], a["x"].shape[-1:], None, e))
for what, x, n, w in [("one element", (3, 1), [1], (1,)), ("whole", (2, 3), [2, 3], (2, 3)), ("empty batch", (0, 3), [3], (3,)), ("empty rows", (2, 0), [0], (0,)), ("wrong weight", (2, 3), [3], (2,)), ("weight of another shape", (2, 3, 2), [3, 2], (6,)), ("no axes", (2, 3), [], None), ("too many axes", (3,), [2, 3], None), ("vector", (3,), [3], (3,))]:
    args = {"x": x} | ({"weight": w} if w else {})
    case("layer_norm", what, {"normalized_shape": n}, args | ({"bias": w} if w else {}), lambda a, n=n: F.layer_norm(a["x"], n, a.get("weight"), a.get("bias")))
    case("rms_norm", what, {"normalized_shape": n}, args, lambda a, n=n: F.rms_norm(a["x"], n, a.get("weight")))
for groups, x in [(1, (2, 4, 3)), (2, (2, 4, 3)), (4, (2, 4, 3)), (3, (2, 4, 3)), (0, (2, 4, 3)), (-1, (2, 4, 3)), (8, (2, 4, 3)), (2, (0, 4, 3)), (2, (2, 4, 0)), (2, (2, 4)), (4, (1, 4)), (4, (2, 4)), (2, (4,)), (1, (2, 0, 3))]:
    n = x[1] if len(x) > 1 else 4
    case("group_norm", f"{groups} of {x}", {"num_groups": groups}, {"x": x, "weight": (n,), "bias": (n,)}, lambda a, g=groups: F.group_norm(a["x"], g, a["weight"], a["bias"]))
for eps in [0.0, 1.0, -1.0]:
    case("group_norm", f"eps {eps}", {"num_groups": 2, "eps": eps}, {"x": (2, 4, 3)}, lambda a, e=eps: F.group_norm(a["x"], 2, None, None, e))
for x in [(2, 3, 4), (2, 3, 1), (2, 3), (0, 3, 4), (2, 3, 0), (3,), (1, 3, 2, 2)]:
    case("instance_norm", str(x), {}, {"x": x}, lambda a: F.instance_norm(a["x"]))
def bn(a, training, momentum, eps):
    mean, var = a["running_mean"].clone(), a["running_var"].clone()
    return F.batch_norm(a["x"], mean, var, a.get("weight"), a.get("bias"), training, momentum, eps), mean, var
for what, x, o in [
    ("momentum 0", (3, 2), {"training": True, "momentum": 0.0}), ("momentum 1", (3, 2), {"training": True, "momentum": 1.0}), ("momentum -1", (3, 2), {"training": True, "momentum": -1.0}), ("momentum 2", (3, 2), {"training": True, "momentum": 2.0}), ("momentum inf", (3, 2), {"training": True, "momentum": inf}), ("eps 0", (3, 2), {"training": True, "eps": 0.0}), ("eps -1", (3, 2), {"training": True, "eps": -1.0}),
    ("one value a channel", (1, 2), {"training": True}), ("one value a channel, one pixel", (1, 2, 1, 1), {"training": True}), ("one value a channel, inference", (1, 2), {"training": False}), ("one image", (1, 2, 2), {"training": True}), ("empty batch, inference", (0, 2), {"training": False}), ("empty batch", (0, 2), {"training": True}), ("empty plane", (2, 2, 0), {"training": True}), ("vector", (2,), {"training": False}), ("equal elements, eps 0", [[1.0, 1.0], [1.0, 2.0]], {"training": True, "eps": 0.0}), ("inference, eps 0", (3, 2), {"training": False, "eps": 0.0}),
]:
    o = {"momentum": 0.1, "eps": 1e-5} | o
    case("batch_norm", what, o, {"x": x, "weight": (2,), "bias": (2,), "running_mean": const([0.5, -0.5]), "running_var": const([1.0, 2.0])}, lambda a, o=o: bn(a, **o))
case("batch_norm", "variance 0, eps 0", {"training": False, "eps": 0.0, "momentum": 0.1}, {"x": (3, 2), "running_mean": const([0.5, -0.5]), "running_var": const([0.0, 2.0])}, lambda a: bn(a, False, 0.1, 0.0))
case("batch_norm", "wrong statistics", {"training": False}, {"x": (3, 2), "running_mean": const([0.5]), "running_var": const([1.0])}, lambda a: bn(a, False, 0.1, 1e-5))
lines = [[3.0, 4.0, 0.0], [0.0, 0.0, 0.0], [1.0, -1.0, 1.0], [-2.0, 0.5, 0.25], [2.0, -2.0, 2.0]]
for p in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, inf, -inf, -1.0, nan]:
    both("normalize", f"p {p}", {"p": p, "dim": 1}, {"x": lines}, lambda a, p=p: F.normalize(a["x"], p, 1))
    case("normalize", f"p {p} dim 0", {"p": p, "dim": 0}, {"x": (2, 3, 2)}, lambda a, p=p: F.normalize(a["x"], p, 0))
for eps in [0.0, 1.0, 10.0, inf, -1.0]:
    case("normalize", f"eps {eps}", {"p": 2.0, "dim": 1, "eps": eps}, {"x": [[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]]}, lambda a, e=eps: F.normalize(a["x"], 2, 1, e))
for d, shape in [(2, (2, 3)), (-3, (2, 3)), (1, (2, 0)), (0, (0, 3)), (0, (3,)), (0, ())]:
    case("normalize", f"dim {d} of {shape}", {"dim": d}, {"x": shape}, lambda a, d=d: F.normalize(a["x"], dim=d))
for what, a_, b_, o in [
    ("plain", (3, 4), (3, 4), {"dim": 1}), ("dim 0", (3, 4), (3, 4), {"dim": 0}), ("no such axis", (3, 4), (3, 4), {"dim": 2}), ("zero vector", [[0.0, 0.0]], [[1.0, 2.0]], {"dim": 1}), ("both zero", [[0.0, 0.0]], [[0.0, 0.0]], {"dim": 1}), ("eps 0", (2, 3), (2, 3), {"dim": 1, "eps": 0.0}), ("eps above the norms", [[0.3, 0.4]], [[0.6, 0.0]], {"dim": 1, "eps": 10.0}), ("eps -1", (2, 3), (2, 3), {"dim": 1, "eps": -1.0}),
    ("empty lines", (2, 0), (2, 0), {"dim": 1}), ("no lines", (0, 2), (0, 2), {"dim": 1}), ("lengths that differ", (2, 3), (2, 4), {"dim": 1}), ("one element", [[2.0]], [[-3.0]], {"dim": 1}), ("vectors", (3,), (3,), {"dim": 0}),
]:
    case("cosine_similarity", what, o, {"a": a_, "b": b_}, lambda a, o=o: F.cosine_similarity(a["a"], a["b"], **o))
for size in [1e20, 1e-20, 3e38]:
    case("cosine_similarity", f"elements of {size}", {"dim": 1, "eps": 0.0}, {"a": [[size, 0.25 * size], [size, -0.5 * size]], "b": [[size, size], [size, size]]}, lambda a: F.cosine_similarity(a["a"].double(), a["b"].double(), 1, 0.0).float(), torch.float32)

    case("cosine_similarity", f"equal vectors of {size}", {"dim": 1, "eps": 0.0}, {"a": const([[size, size]]), "b": const([[size, size]])}, lambda a: torch.ones(1, dtype=torch.float32), torch.float32)

# Losses.

reducing = ["mean", "sum", "none"]
point = {"mse_loss": F.mse_loss, "l1_loss": F.l1_loss}
for op, f in point.items():
    for r in reducing:
        case(op, r, {"reduction": r}, {"input": [[1.0, 2.0], [0.0, inf]], "target": [[1.0, -2.0], [0.0, 1.0]]}, lambda a, r=r, f=f: f(a["input"], a["target"], reduction=r))
        case(op, f"empty {r}", {"reduction": r}, {"input": (0, 3), "target": (0, 3)}, lambda a, r=r, f=f: f(a["input"], a["target"], reduction=r))
    case(op, "lengths that differ", {}, {"input": (2, 3), "target": (2, 4)}, lambda a, f=f: f(a["input"], a["target"]))
    case(op, "scalar", {}, {"input": (), "target": ()}, lambda a, f=f: f(a["input"], a["target"]))
for op, key, f in [("huber_loss", "delta", F.huber_loss), ("smooth_l1_loss", "beta", F.smooth_l1_loss)]:
    for v in [0.0, 0.5, 1.0, -1.0, inf, nan]:
        for r in reducing if v == 0.5 else ["none"]:
            case(op, f"{key} {v} {r}", {key: v, "reduction": r}, {"input": [1.0, 0.0, -1.0, 3.0, 0.5], "target": [1.0, 0.5, 2.0, 3.0, 0.0]}, lambda a, v=v, r=r, f=f, k=key: f(a["input"], a["target"], reduction=r, **{k: v}))
    case(op, "empty", {}, {"input": (0,), "target": (0,)}, lambda a, f=f: f(a["input"], a["target"]))
for what, x, t in [("at 0 and 1", [0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]), ("input below 0", [-0.1, 0.5], [0.0, 1.0]), ("input above 1", [1.1, 0.5], [0.0, 1.0]), ("input NaN", [nan, 0.5], [0.0, 1.0]), ("target below 0", [0.2, 0.5], [-0.5, 1.0]), ("target above 1", [0.2, 0.5], [0.0, 2.0]), ("target NaN", [0.2, 0.5], [nan, 1.0]), ("soft targets", [0.2, 0.5], [0.3, 0.7]), ("empty", (0,), (0,)), ("scalar", 0.25, 0.5), ("lengths that differ", [0.1, 0.2], [0.1])]:
    target = Constant(torch.tensor(t)) if not isinstance(t, tuple) else Constant(torch.zeros(t))
    for r in reducing:
        case("bce", f"{what} {r}", {"reduction": r}, {"input": x, "target": target}, lambda a, r=r: F.binary_cross_entropy(a["input"], a["target"], reduction=r))
case("bce", "weight", {}, {"input": [0.2, 0.5], "target": const([0.0, 1.0]), "weight": const([0.0, 2.0])}, lambda a: F.binary_cross_entropy(a["input"], a["target"], a["weight"]))
for what, x, t in [("large", [0.0, 100.0, -100.0, 1000.0, -1000.0], [0.5, 1.0, 1.0, 0.0, 0.0]), ("infinite", [inf, -inf], [1.0, 0.0]), ("NaN", [nan, 0.0], [1.0, 0.0]), ("targets outside", [1.0, 2.0], [-1.0, 2.0]), ("empty", (0,), (0,)), ("lengths that differ", [1.0, 2.0], [1.0])]:
    case("bce_with_logits", what, {}, {"input": x, "target": Constant(torch.tensor(t)) if isinstance(t, list) else Constant(torch.zeros(t))}, lambda a: F.binary_cross_entropy_with_logits(a["input"], a["target"]))
for v in [0.0, 1.0, 5.0, inf]:
    case("bce_with_logits", f"pos_weight {v}", {"reduction": "none"}, {"input": [1.0, -1.0] if v < inf else const([1.0, -1.0]), "target": const([1.0, 0.5]), "pos_weight": const([v, v])}, lambda a: F.binary_cross_entropy_with_logits(a["input"], a["target"], pos_weight=a["pos_weight"], reduction="none"))
for log_target, r in itertools.product([False, True], reducing + ["batchmean"]):
    case("kl_div", f"log_target {log_target} {r}", {"log_target": log_target, "reduction": r}, {"input": [[-1.0, -0.5], [0.0, -3.0]], "target": const([[0.0, 1.0], [0.5, 0.5]] if not log_target else [[-inf, 0.0], [-0.5, -0.5]])}, lambda a, l=log_target, r=r: F.kl_div(a["input"], a["target"], reduction=r, log_target=l))
for r in ["mean", "sum", "none", "batchmean"]:
    case("kl_div", f"empty {r}", {"reduction": r}, {"input": (0, 2), "target": Constant(torch.zeros(0, 2))}, lambda a, r=r: F.kl_div(a["input"], a["target"], reduction=r))
case("kl_div", "negative target", {"reduction": "none"}, {"input": [-1.0], "target": const([-0.5])}, lambda a: F.kl_div(a["input"], a["target"], reduction="none"))
for what, x, t, o in [
    ("plain", (3, 4), [0, 3, 2], {}), ("label -1", (3, 4), [0, -1, 2], {}), ("label 4 of 4", (3, 4), [0, 4, 2], {}), ("some ignored", (3, 4), [0, -100, 2], {}), ("all ignored", (3, 4), [-100, -100, -100], {}), ("ignore_index 0", (3, 4), [0, 1, 0], {"ignore_index": 0}), ("ignore_index 9", (3, 4), [9, 1, 9], {"ignore_index": 9}), ("all are ignore_index 2", (3, 4), [2, 2, 2], {"ignore_index": 2}),
    ("empty batch", (0, 4), [], {}), ("one class", (3, 1), [0, 0, 0], {}), ("too few labels", (3, 4), [0, 1], {}), ("pixels", (2, 3, 2), [[0, 1], [2, -100]], {}), ("no classes", (0, 0), [], {}),
]:
    target = torch.tensor(t, dtype=torch.int64)
    for r in reducing:
        case("nll_loss", f"{what} {r}", o | {"reduction": r}, {"input": x, "target": target}, lambda a, o=o, r=r: F.nll_loss(a["input"], a["target"], reduction=r, **o))
        case("cross_entropy", f"{what} {r}", o | {"reduction": r}, {"input": x, "target": target}, lambda a, o=o, r=r: F.cross_entropy(a["input"], a["target"], reduction=r, **o))
for r, w in itertools.product(reducing, [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [-1.0, 1.0, 1.0], [1.0, 1.0], [inf, 1.0, 1.0]]):
    for op, f in {"nll_loss": F.nll_loss, "cross_entropy": F.cross_entropy}.items():
        case(op, f"weight {w} {r}", {"reduction": r}, {"input": (3, 3), "target": ints(0, 1, 2), "weight": const(w)}, lambda a, r=r, f=f: f(a["input"], a["target"], a["weight"], reduction=r))
for e, r in itertools.product([0.0, 0.5, 1.0, -0.1, 1.1, nan], reducing):
    case("cross_entropy", f"label_smoothing {e} {r}", {"label_smoothing": e, "reduction": r}, {"input": (3, 4), "target": ints(0, 3, -100)}, lambda a, e=e, r=r: F.cross_entropy(a["input"], a["target"], label_smoothing=e, reduction=r))
    case("cross_entropy_soft", f"label_smoothing {e} {r}", {"label_smoothing": e, "reduction": r}, {"input": (2, 3), "target": const([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])}, lambda a, e=e, r=r: F.cross_entropy(a["input"], a["target"], label_smoothing=e, reduction=r))
case("cross_entropy", "all ignored, smoothed", {"label_smoothing": 0.5}, {"input": (2, 3), "target": ints(-100, -100)}, lambda a: F.cross_entropy(a["input"], a["target"], label_smoothing=0.5))
case("cross_entropy", "infinite logits", {"reduction": "none"}, {"input": [[-inf, 0.0], [inf, 0.0], [1000.0, -1000.0], [-inf, -inf]], "target": ints(0, 1, 1, 0)}, lambda a: F.cross_entropy(a["input"], a["target"], reduction="none"))
case("cross_entropy_soft", "empty batch", {}, {"input": (0, 3), "target": Constant(torch.zeros(0, 3))}, lambda a: F.cross_entropy(a["input"], a["target"]))
case("cross_entropy_soft", "lengths that differ", {}, {"input": (2, 3), "target": Constant(torch.zeros(2, 4))}, lambda a: F.cross_entropy(a["input"], a["target"]))
case("cross_entropy_soft", "weight 0", {"reduction": "none"}, {"input": (2, 3), "target": const([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]]), "weight": const([0.0, 0.0, 1.0])}, lambda a: F.cross_entropy(a["input"], a["target"], a["weight"], reduction="none"))

def reduce(terms, r):
    return {"mean": terms.mean, "sum": terms.sum, "none": lambda: terms}[r]()


def focal(a, gamma, r):
    """Lin et al. 2017 for classes; torch has no such function."""
    logp = F.log_softmax(a["input"], 1)
    chosen = logp.gather(1, a["target"][:, None])[:, 0]
    terms = -chosen
    if gamma != 0:
        terms = terms * (-torch.expm1(chosen)) ** gamma
    if "alpha" in a:
        terms = terms * a["alpha"][a["target"]]
    return reduce(terms, r)


for gamma, r in itertools.product([0.0, 1.0, 2.0, 0.5], reducing):
    case("focal_loss", f"gamma {gamma} {r}", {"gamma": gamma, "reduction": r}, {"input": (3, 4), "target": ints(0, 3, 1)}, lambda a, g=gamma, r=r: focal(a, g, r))
case("focal_loss", "alpha 0", {"gamma": 2.0}, {"input": (3, 2), "target": ints(0, 1, 1), "alpha": const([0.0, 1.0])}, lambda a: focal(a, 2.0, "mean"))
case("focal_loss", "label 4 of 4", {"gamma": 2.0}, {"input": (2, 4), "target": ints(0, 4)}, lambda a: focal(a, 2.0, "mean"))
case("focal_loss", "empty batch", {"gamma": 2.0}, {"input": (0, 4), "target": ints()}, lambda a: focal(a, 2.0, "mean"))


def sigmoid_focal(a, alpha, gamma, r):
    """As torchvision.ops.sigmoid_focal_loss."""
    x, t = a["input"], a["target"]
    p = torch.sigmoid(x)
    terms = F.binary_cross_entropy_with_logits(x, t, reduction="none") * (1 - (p * t + (1 - p) * (1 - t))) ** gamma
    if alpha >= 0:
        terms = terms * (alpha * t + (1 - alpha) * (1 - t))
    return reduce(terms, r)


for alpha, gamma in itertools.product([0.0, 0.25, 1.0, -1.0], [0.0, 1.0, 2.0]):
    case("sigmoid_focal_loss", f"alpha {alpha} gamma {gamma}", {"alpha": alpha, "gamma": gamma, "reduction": "none"}, {"input": [0.0, 5.0, -5.0, 1.0], "target": const([1.0, 1.0, 0.0, 0.5])}, lambda a, x=alpha, g=gamma: sigmoid_focal(a, x, g, "none"))
case("sigmoid_focal_loss", "empty", {}, {"input": (0, 2), "target": Constant(torch.zeros(0, 2))}, lambda a: sigmoid_focal(a, 0.25, 2.0, "mean"))


def dice(a, smooth, p, r, logits=False):
    x, t = a["input"].flatten(1), a["target"].flatten(1)
    x = torch.sigmoid(x) if logits else x
    return reduce(1 - ((x * t).sum(1) + smooth) / ((x ** p + t ** p).sum(1) + smooth), r)


for smooth, p in itertools.product([0.0, 1.0], [1.0, 2.0, 0.0]):
    case("binary_dice_loss", f"smooth {smooth} p {p}", {"smooth": smooth, "p": p, "reduction": "none"}, {"input": [[0.2, 0.9], [0.0, 0.0]], "target": const([[0.0, 1.0], [0.0, 0.0]])}, lambda a, s=smooth, p=p: dice(a, s, p, "none"))
case("binary_dice_loss", "empty batch", {}, {"input": (0, 2), "target": Constant(torch.zeros(0, 2))}, lambda a: dice(a, 1.0, 2.0, "mean"))
case("binary_dice_loss", "lengths that differ", {}, {"input": (1, 2), "target": Constant(torch.zeros(1, 3))}, lambda a: dice(a, 1.0, 2.0, "mean"))

# Embeddings, attention.

for ids, padding in [([0, 2, 2], None), ([0, 1], 0), ([0, 1], 2), ([0, 1], -1), ([0, 1], 3), ([0, 1], -4), ([3], None), ([-1], None), ([], None)]:
    case("embedding", f"{ids} padding {padding}", {"padding_idx": padding}, {"weight": (3, 2), "ids": ints(*ids)}, lambda a, p=padding: F.embedding(a["ids"], a["weight"], p))
case("embedding", "no columns", {}, {"weight": (3, 0), "ids": ints(0, 2)}, lambda a: F.embedding(a["ids"], a["weight"]))
case("embedding", "scalar", {}, {"weight": (3, 2), "ids": torch.tensor(1)}, lambda a: F.embedding(a["ids"], a["weight"]))
q = (1, 2, 3, 4)
sdpa = lambda a, **o: F.scaled_dot_product_attention(a["q"], a["k"], a["v"], a.get("mask"), **o)
for what, shapes in [("plain", (q, q, q)), ("one key", (q, (1, 2, 1, 4), (1, 2, 1, 5))), ("empty batch", ((0, 2, 3, 4),) * 3), ("no query", ((1, 2, 0, 4), q, q)), ("widths differ", (q, (1, 2, 3, 5), q))]:
    case("sdpa", what, {}, dict(zip("qkv", shapes)), sdpa)
# Keys and values of different numbers are left out: torch 2.15.0 reads beyond its memory there.
case("sdpa", "causal", {"is_causal": True}, {"q": q, "k": q, "v": q}, lambda a: sdpa(a, is_causal=True))
case("sdpa", "causal, more keys", {"is_causal": True}, {"q": q, "k": (1, 2, 5, 4), "v": (1, 2, 5, 4)}, lambda a: sdpa(a, is_causal=True))
case("sdpa", "everything blocked for a query", {}, {"q": q, "k": q, "v": q, "mask": mask([[True, True, True], [False, False, False], [True, False, False]])}, sdpa)
case("sdpa", "added -inf", {}, {"q": q, "k": q, "v": q, "mask": const([[0.0, -inf, 0.0], [-inf, 0.0, 0.0], [0.0, 0.0, 0.0]])}, sdpa)
def heads_case(what, e, heads, shape=None):
    def run(a):
        m = torch.nn.MultiheadAttention(e, heads, batch_first=True)
        y, w = torch.nn.functional.multi_head_attention_forward(
            *[a["query"].transpose(0, 1)] * 3, e, heads, a["in_proj_weight"], a["in_proj_bias"], None, None, False, 0.0, a["out_proj.weight"], a["out_proj.bias"])
        return y.transpose(0, 1), w
    case("multihead_attention", what, {"embed_dim": e, "num_heads": heads}, {"query": shape or (2, 3, e), "in_proj_weight": (3 * e, e), "in_proj_bias": (3 * e,), "out_proj.weight": (e, e), "out_proj.bias": (e,)}, run)
for heads in [1, 2, 4, 3, 8, 0, -1]:
    heads_case(f"{heads} heads of 4", 4, heads)
heads_case("empty batch", 4, 2, (0, 3, 4))

# Recurrent cells and stacks.

cells = {"lstm_cell": (4, torch.lstm_cell), "gru_cell": (3, torch.gru_cell), "rnn_tanh_cell": (1, torch.rnn_tanh_cell)}
for op, (gates, f) in cells.items():
    for what, batch, n, h, extra in [("plain", 2, 3, 2, {}), ("empty batch", 0, 3, 2, {}), ("no input", 2, 0, 2, {}), ("wrong gates", 2, 3, 2, {"weight_hh": (gates * 2 + 1, 2)}), ("wrong input", 2, 3, 2, {"x": (2, 4)}), ("wrong state", 2, 3, 2, {"h": (2, 3)}), ("batches that differ", 2, 3, 2, {"h": (3, 2)})]:
        args = {"x": (batch, n), "h": (batch, h)} | ({"c": (batch, h)} if gates == 4 else {}) | {"weight_ih": (gates * h, n), "weight_hh": (gates * h, h), "bias_ih": (gates * h,), "bias_hh": (gates * h,)} | extra
        case(op, what, {}, args, lambda a, f=f: f(a["x"], (a["h"], a["c"]) if "c" in a else a["h"], a["weight_ih"], a["weight_hh"], a["bias_ih"], a["bias_hh"]))
for op, gates, make in [("lstm", 4, torch.nn.LSTM), ("gru", 3, torch.nn.GRU), ("rnn", 1, torch.nn.RNN)]:
    for what, shape, layers in [("one step", (2, 1, 3), 1), ("two layers", (2, 3, 3), 2), ("empty batch", (0, 3, 3), 1), ("no step", (2, 0, 3), 1), ("no layer", (2, 3, 3), 0), ("matrix", (3,), 1)]:
        h = 2
        args = {"x": shape}
        for l in range(layers):
            args |= {f"weight_ih_l{l}": (gates * h, 3 if l == 0 else h), f"weight_hh_l{l}": (gates * h, h), f"bias_ih_l{l}": (gates * h,), f"bias_hh_l{l}": (gates * h,)}
        def run(a, make=make, layers=layers):
            m = make(3, 2, layers, batch_first=True)
            params = {k: v for k, v in a.items() if k != "x"}
            y, state = torch.func.functional_call(m, params, (a["x"],))
            return (y, *state) if isinstance(state, tuple) else (y, state)
        case(op, what, {"num_layers": layers}, args, run)

# Dropout: only what is not random.

for p, training in [(0.0, True), (0.5, False), (0.0, False), (1.0, False), (-0.1, True), (1.1, True), (nan, True), (1.0, True), (-0.1, False)]:
    case("dropout", f"p {p} training {training}", {"p": p, "training": training}, {"x": (2, 3)}, lambda a, p=p, t=training: F.dropout(a["x"], p, t))

# Layers, fresh from their constructors, with the weights of the case.

nn = torch.nn


def layer(op, what, attrs, args, make):
    def run(a):
        m = make().train()
        params = {k: v for k, v in a.items() if k != "x"}
        y = torch.func.functional_call(m, params, (a["x"],))
        return y[0] if isinstance(y, tuple) else y
    case(op, what, attrs, args, run)


for i, o, bias in [(3, 2, True), (3, 2, False), (0, 2, True), (3, 0, True), (-1, 2, True), (3, -2, True)]:
    shape = lambda *s: tuple(max(0, n) for n in s)
    layer("nn.Linear", f"{i} to {o} bias {bias}", {"in_features": i, "out_features": o, "bias": bias}, {"x": shape(2, i), "weight": shape(o, i)} | ({"bias": shape(o)} if bias else {}), lambda i=i, o=o, b=bias: nn.Linear(i, o, b))
for what, attrs, x, w in [("plain", {}, (1, 4, 5), (6, 4, 3)), ("groups 2", {"groups": 2}, (1, 4, 5), (6, 2, 3)), ("groups 3 of 4", {"groups": 3}, (1, 4, 5), (6, 1, 3)), ("groups 0", {"groups": 0}, (1, 4, 5), (6, 4, 3)), ("groups -2", {"groups": -2}, (1, 4, 5), (6, 4, 3))]:
    common = {"in_channels": 4, "out_channels": 6, "kernel_size": 3} | attrs
    square = lambda s: s[:2] + (s[2], s[2])
    layer("nn.Conv1d", what, common, {"x": x, "weight": w, "bias": (6,)}, lambda c=common: nn.Conv1d(**c))
    layer("nn.Conv2d", what, common, {"x": square(x), "weight": square(w), "bias": (6,)}, lambda c=common: nn.Conv2d(**c))
    wt = (4, 6 // max(1, attrs.get("groups", 1)), 3, 3)
    layer("nn.ConvTranspose2d", what, common, {"x": square(x), "weight": wt, "bias": (6,)}, lambda c=common: nn.ConvTranspose2d(**c))
for what, shape, x in [("vector", [3], (2, 3)), ("plane", [2, 3], (2, 2, 3)), ("wrong", [4], (2, 3)), ("none", [], (2, 3))]:
    layer("nn.LayerNorm", what, {"normalized_shape": shape}, {"x": x, "weight": tuple(shape), "bias": tuple(shape)}, lambda s=shape: nn.LayerNorm(s))
for n, x in [(3, (2, 3)), (4, (2, 3)), (1, (2, 1))]:
    layer("nn.RMSNorm", f"{n} of {x}", {"normalized_shape": [n]}, {"x": x, "weight": (n,)}, lambda n=n: nn.RMSNorm(n, eps=1e-6))
for groups, n, x in [(2, 4, (2, 4, 3)), (3, 4, (2, 4, 3)), (0, 4, (2, 4, 3)), (4, 4, (2, 4, 1)), (2, 4, (2, 6, 3))]:
    layer("nn.GroupNorm", f"{groups} of {n} on {x}", {"num_groups": groups, "num_channels": n}, {"x": x, "weight": (n,), "bias": (n,)}, lambda g=groups, n=n: nn.GroupNorm(g, n))
for n, x in [(2, (3, 2)), (3, (3, 2)), (2, (1, 2)), (2, (1, 2, 1, 1)), (0, (3, 0))]:
    layer("nn.BatchNorm", f"{n} on {x}", {"num_features": n}, {"x": x, "weight": (n,), "bias": (n,)}, lambda n=n, x=x: {2: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(x)](n))
for n, d, padding, ids in [(3, 2, None, [0, 2]), (3, 2, 1, [1, 2]), (3, 2, -1, [2]), (3, 2, 3, [0]), (3, 2, -4, [0]), (3, 2, None, [3]), (0, 2, None, [])]:
    case("nn.Embedding", f"{n} by {d} padding {padding} of {ids}", {"num_embeddings": n, "embedding_dim": d, "padding_idx": padding}, {"ids": ints(*ids), "weight": (n, d)},
         lambda a, n=n, d=d, p=padding: torch.func.functional_call(nn.Embedding(n, d, p), {"weight": a["weight"]}, (a["ids"],)))
for e, heads in [(4, 2), (4, 3), (4, 0), (0, 1), (4, 4), (4, -1)]:
    n = max(0, e)
    case("nn.MultiheadAttention", f"{heads} of {e}", {"embed_dim": e, "num_heads": heads}, {"x": (2, 3, n), "in_proj_weight": (3 * n, n), "in_proj_bias": (3 * n,), "out_proj.weight": (n, n), "out_proj.bias": (n,)},
         lambda a, e=e, h=heads: torch.func.functional_call(nn.MultiheadAttention(e, h, batch_first=True), {k: v for k, v in a.items() if k != "x"}, (a["x"],) * 3)[0])
for op, gates, make in [("nn.LSTM", 4, nn.LSTM), ("nn.GRU", 3, nn.GRU), ("nn.RNN", 1, nn.RNN)]:
    for i, h, layers in [(3, 2, 1), (3, 0, 1), (3, -1, 1), (3, 2, 0), (0, 2, 1), (3, 2, -1)]:
        n, m = max(0, i), max(0, h)
        args = {"x": (2, 2, n)}
        for l in range(max(0, layers)):
            args |= {f"weight_ih_l{l}": (gates * m, n if l == 0 else m), f"weight_hh_l{l}": (gates * m, m), f"bias_ih_l{l}": (gates * m,), f"bias_hh_l{l}": (gates * m,)}
        layer(op, f"{i} to {h} layers {layers}", {"input_size": i, "hidden_size": h, "num_layers": layers}, args, lambda i=i, h=h, l=layers, make=make: make(i, h, l, batch_first=True))
for heads, hidden in [(2, 3), (3, 3), (0, 3), (2, 0)]:
    e = 4
    args = {"x": (2, 3, e), "self_attn.in_proj_weight": (3 * e, e), "self_attn.in_proj_bias": (3 * e,), "self_attn.out_proj.weight": (e, e), "self_attn.out_proj.bias": (e,),
            "linear1.weight": (hidden, e), "linear1.bias": (hidden,), "linear2.weight": (e, hidden), "linear2.bias": (e,), "norm1.weight": (e,), "norm1.bias": (e,), "norm2.weight": (e,), "norm2.bias": (e,)}
    layer("nn.TransformerEncoderLayer", f"{heads} heads, {hidden} hidden", {"d_model": e, "nhead": heads, "dim_feedforward": hidden}, args, lambda h=heads, n=hidden: nn.TransformerEncoderLayer(4, h, n, dropout=0.0, activation="gelu", batch_first=True))

def main(folder):
    for pattern in DEPARTS:
        if not any(n == pattern or pattern.endswith("*") and n.startswith(pattern[:-1]) for n in names):
            raise ValueError(f"DEPARTS lists {pattern!r}, which no case is named")
    head = {"kind": "ops", "tolerance": {"float64": {"atol": 1e-10, "rtol": 1e-10}, "float32": {"atol": 2e-5, "rtol": 2e-5}}}
    with open(f"{folder}/edges.json", "w") as f:
        f.write(json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, f"{folder}/edges.safetensors")
    print(len(cases), "cases,", sum("error" in c for c in cases), "refused,", sum("departs" in c for c in cases), "depart,", len(tensors), "tensors")


if __name__ == "__main__":
    main(sys.argv[1])
