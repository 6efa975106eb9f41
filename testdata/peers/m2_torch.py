"""The M2 network in PyTorch (plain softmax, default Adam), measured on the CPU: time of a training step, of a forward pass, and peak memory. With --model it only writes the
inference graph as ONNX.

    python m2_torch.py --threads 2 --start gamma05 --what step,memory,forward,forward1
    python m2_torch.py --start gamma05 --verify
    python m2_torch.py --start gamma05 --model m2.onnx
"""

import m2_peer as m2

args = m2.arguments(__doc__)

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)


class KerasNorm(nn.LayerNorm):
    def __init__(self, width=m2.WIDTH):
        super().__init__(width, eps=m2.EPSILON)


class JointAttention(nn.Module):
    """Multi-head attention with one query whose softmax runs over all pairs of a motor and a key head."""

    def __init__(self):
        super().__init__()
        inner = m2.HEADS * m2.KEY_DIM
        self.query, self.key, self.value = (nn.Linear(m2.WIDTH, inner) for _ in range(3))
        self.out = nn.Linear(inner, m2.WIDTH)

    def forward(self, x, motors):
        query = self.query(x).reshape(-1, m2.HEADS, m2.KEY_DIM) * m2.KEY_DIM**-0.5
        key, value = (p(motors).reshape(x.shape[0], -1, m2.KEY_DIM) for p in (self.key, self.value))  # [B, 86 * 86, 32]
        weight = torch.softmax(query @ key.transpose(1, 2), -1)
        return self.out((weight @ value).flatten(1))


class M2(nn.Module):
    def __init__(self):
        super().__init__()
        self.interneurons, self.motors = m2.topology(args.reference)
        self.encoder = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip((1,) + m2.ENCODER, m2.ENCODER))
        self.dense = nn.Linear(49 * m2.ENCODER[-1], m2.WIDTH)
        self.inter = nn.ModuleDict({str(v): nn.Linear(m2.WIDTH, m2.WIDTH) for v, _ in self.interneurons})
        self.motor = nn.ModuleDict({str(v): nn.Linear(m2.WIDTH, m2.WIDTH) for v, _ in self.motors})
        self.mha = JointAttention()
        self.s_init, self.tn_norm, self.norm_e, self.norm_x = (KerasNorm() for _ in range(4))
        widths = (m2.WIDTH,) + m2.DENSE + (16 * m2.LATENT,)
        self.decoder_dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.bn = nn.BatchNorm2d(m2.LATENT, eps=m2.EPSILON, momentum=0.01)
        self.decoder = nn.ModuleList(nn.Conv2d(a, b, 3, padding=p) for a, b, p in zip((m2.LATENT,) + m2.DECODER, m2.DECODER, (1, 1, 0)))
        self.last = nn.Conv2d(m2.DECODER[-1], 1, 3, padding=1)

    def forward(self, image):
        h = image
        for i, conv in enumerate(self.encoder):
            h = F.elu(conv(h))
            if i < 2:
                h = F.max_pool2d(h, 2)
        x = self.s_init(F.elu(self.dense(h.permute(0, 2, 3, 1).flatten(1))))
        state = {None: x}
        for vertex, sensors in self.interneurons:
            y = F.elu(self.inter[str(vertex)](x))
            for _ in range(sensors - 1):
                y = y * x
            state[vertex] = y
        motors = torch.stack([F.elu(self.motor[str(vertex)](state[source])) for vertex, source in self.motors], 1)
        h = self.norm_e(self.tn_norm(self.mha(x, motors))) * self.norm_x(x)
        for dense in self.decoder_dense:
            h = F.elu(dense(h))
        h = self.bn(h.reshape(-1, 4, 4, m2.LATENT).permute(0, 3, 1, 2))
        for conv in self.decoder:
            h = F.interpolate(F.elu(conv(h)), scale_factor=2)
        return self.last(h)

    def named(self):
        """The layers by the names of the goldens."""
        yield from ((f"enc.conv{i + 1}", c) for i, c in enumerate(self.encoder))
        yield "enc.dense", self.dense
        yield from ((f"tn.inter.{v}", d) for v, d in self.inter.items())
        yield from ((f"tn.motor.{v}", d) for v, d in self.motor.items())
        yield from ((f"mha.{n}", p) for n, p in self.mha.named_children())
        yield from zip(("s_init", "tn.norm", "norm_e", "norm_x"), (self.s_init, self.tn_norm, self.norm_e, self.norm_x))
        yield from ((f"dec.dense{i + 1}", d) for i, d in enumerate(self.decoder_dense))
        yield "dec.bn", self.bn
        yield from ((f"dec.conv{i + 1}", c) for i, c in enumerate(self.decoder))
        yield "dec.out", self.last


def fill(model):
    """Weights by hash, or Keras' initialisers (Glorot uniform kernels, biases 0) with torch's generator."""

    def tensor(name, shape):
        return torch.from_numpy(m2.hashed(name, shape, 0.5 if args.start == "gamma05" else 1))

    heads = (m2.HEADS, m2.KEY_DIM)
    with torch.no_grad():
        for name, layer in model.named():
            if isinstance(layer, (nn.LayerNorm, nn.BatchNorm2d)):
                if args.start != "own":
                    parts = {"gamma": layer.weight, "beta": layer.bias}
                    if name == "dec.bn":
                        parts |= {"moving_mean": layer.running_mean, "moving_variance": layer.running_var}
                    for part, value in parts.items():
                        value.copy_(tensor(f"{name}.{part}", tuple(value.shape)))
                continue
            w, b = layer.weight, layer.bias
            if isinstance(layer, nn.Conv2d):
                shape, order = (3, 3, w.shape[1], w.shape[0]), (3, 2, 0, 1)
            else:
                shape, order = (w.shape[1], w.shape[0]), (1, 0)
            split = shape  # as Keras stores it, which is what its rule for the range looks at
            if name == "mha.out":
                split = heads + shape[1:]
            elif name.startswith("mha."):
                split = shape[:1] + heads
            if args.start == "own":
                b.zero_()
                w.uniform_(-1, 1).mul_((6 / sum(m2.fans(name + ".kernel", split))) ** 0.5)
            else:
                w.copy_(tensor(name + ".kernel", split).reshape(shape).permute(order))
                b.copy_(tensor(name + ".bias", tuple(b.shape)))


def loss(model, x):
    logit = model(x)
    last = model.last
    return F.binary_cross_entropy_with_logits(logit, x) + m2.L1 * (last.weight.abs().sum() + last.bias.abs().sum() + torch.sigmoid(logit).sum() / x.shape[0])


model = M2().to(memory_format=torch.channels_last)
fill(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
steps = 0
assert sum(p.numel() for p in model.parameters()) == 87_851_329


def step(x):
    global steps
    steps += 1
    optimizer.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**steps) ** 0.5  # Keras adds it before the correction for the start
    optimizer.zero_grad()
    value = loss(model.train(), x)
    value.backward()
    optimizer.step()
    return value.item()


@torch.inference_mode()
def forward(x):
    return torch.sigmoid(model.eval()(x))


def nchw(x):
    return torch.from_numpy(x).permute(0, 3, 1, 2)  # in memory as it was: what torch calls channels_last


def nhwc(x):
    return x.permute(0, 2, 3, 1).numpy()


if args.model:
    class Inference(nn.Module):
        """Images and pixels as the other programs have them: NHWC."""

        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return torch.sigmoid(self.model(x.permute(0, 3, 1, 2))).permute(0, 2, 3, 1)

    model.to(memory_format=torch.contiguous_format).eval()
    batch = torch.export.Dim("batch", min=1, max=4096)
    torch.onnx.export(Inference(), (torch.zeros(2, 28, 28, 1),), args.model, dynamo=True, dynamic_shapes={"x": {0: batch}}, input_names=["image"], output_names=["p"], external_data=True)
    raise SystemExit
if args.verify:
    def train_output(x):
        with torch.no_grad():
            return nhwc(torch.sigmoid(model.train()(nchw(x))))

    m2.check(args, "torch", train_output, lambda x: nhwc(forward(nchw(x))), lambda x, n: [step(nchw(x)) for _ in range(n)])

x = nchw(m2.images(args.data, args.batch, "train"))
m2.serve(args, f"torch {torch.__version__}", {
    "step": lambda: {"loss": step(x)},
    "forward": lambda: {"mean": forward(x).mean().item()},
    "forward1": lambda: {"mean": forward(x[:1]).mean().item()},
})
