"""What the M2 programs of this folder share: the weights by hash, the wiring, the images, the check against the goldens, and the protocol of a measurement.

A program builds the network, prints a line, and then measures what it is told to: words from --what, or lines from standard input (--what -), so that several programs can
take turns on one machine. Every measurement is one JSON line. See README.md.
"""

import argparse
import gzip
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared"))
SEED = 6386  # of the goldens

# The widths of the published model.
WIDTH, HEADS, KEY_DIM = 784, 86, 32
ENCODER, DECODER, DENSE, LATENT = (240, 120, 120), (120, 120, 240), (784, 512, 256), 8
EPSILON = 1e-3  # of every normalisation
L1 = 1e-4  # penalty on the last convolution's kernel, bias and output
TRUE_FROM = 77  # a pixel of at least this value is 1
MACS = 614.4e6  # multiply-accumulates of one image, forward


def arguments(description):
    """Parses the command line. OpenMP's number of threads must be set before NumPy or a framework is loaded, so nothing else is imported before this."""
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--start", choices=["gamma05", "gamma1", "own"], default="gamma05",
                   help="weights: by hash with s_init.gamma around 0.5 or 1, or the framework's initialisers with --seed")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--runs", type=int, default=3, help="measurements of each quantity, after one that warms up")
    p.add_argument("--what", default="step,memory,forward,forward1", help="quantities in this order; - reads them from standard input, one a line")
    p.add_argument("--data", default=os.path.join(SHARED, "data", "mnist"), help="folder of the MNIST files")
    p.add_argument("--reference", default=os.path.join(SHARED, "reference", "m2"), help="folder of the goldens")
    p.add_argument("--verify", action="store_true", help="check outputs and losses against the golden of the start, and end")
    p.add_argument("--train", type=int, default=0, metavar="STEPS", help="train so many steps on as many batches from the beginning of the training set, print the mean loss and pixel accuracy of them, and end (m2_tf.py)")
    p.add_argument("--model", default="", help="ONNX file to write (m2_torch.py) or to read (m2_onnx.py)")
    a = p.parse_args()
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(a.threads)
    return a


def images(folder, count, part="t10k"):
    """The first images of a part of MNIST, NHWC, 1 where a pixel is at least TRUE_FROM and 0 elsewhere."""
    import numpy as np

    path = os.path.join(folder, f"{part}-images-idx3-ubyte.gz")
    with gzip.open(path) as f:
        header = np.frombuffer(f.read(16), ">i4")
        if header[0] != 2051 or header[1] < count or tuple(header[2:]) != (28, 28):
            raise SystemExit(f"{path}: expected {count} images of 28 by 28, found the header {header.tolist()}")
        pixels = np.frombuffer(f.read(count * 784), np.uint8)
    return (pixels.reshape(count, 28, 28, 1) >= TRUE_FROM).astype(np.float32)


def topology(reference):
    """The live interneurons as (vertex, number of sensor pairs) and the motors as (vertex, source vertex or None), in stacking order."""
    with open(os.path.join(reference, "m2_small.json")) as f:
        t = json.load(f)["topology"]
    return [(n["index"], n["k"]) for n in t["interneurons"]], [(m["index"], m["source"]) for m in t["motors"]]


def fans(name, shape):
    """fan_in and fan_out of a kernel as Keras counts them."""
    if len(shape) == 4:
        return 9 * shape[2], 9 * shape[3]
    if name == "mha.out.kernel":
        return shape[0] * shape[1], shape[0] * shape[2]
    if len(shape) == 3:
        return shape[0] * shape[1], shape[0] * shape[2]
    return shape


def hashed(name, shape, gamma):
    """A tensor of the hash fill that the README of the goldens defines; gamma is the middle of s_init.gamma."""
    import numpy as np

    h = 0xCBF29CE484222325
    for byte in name.encode("ascii"):
        h = ((h ^ byte) * 0x100000001B3) & (1 << 64) - 1
    z = np.arange(int(np.prod(shape)), dtype=np.uint64)
    z += np.uint64((SEED ^ h) + 0x9E3779B97F4A7C15 & (1 << 64) - 1)
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    u = ((z >> np.uint64(40)).astype(np.int64) - 8388608).astype(np.float32) * np.float32(2.0**-23)
    kind = name.rsplit(".", 1)[1]
    if kind == "kernel":
        fan_in, fan_out = fans(name, shape)
        u *= np.float32(np.sqrt(6 / (fan_in + fan_out)))
    else:
        u *= np.float32(0.01)
        if kind in ("gamma", "moving_variance"):
            u += np.float32(gamma if name == "s_init.gamma" else 1)
    return u.reshape(shape)


def peak_memory():
    """The peak resident memory of this process so far, in MiB (VmHWM)."""
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    raise SystemExit("/proc/self/status has no VmHWM")


def serve(args, program, actions):
    """Measures what it is told: actions maps the name of a quantity to a function that does it once (returning a dict of further facts, or None)."""

    def say(what, **facts):
        print(json.dumps({"program": program, "threads": args.threads, "start": args.start, "batch": args.batch, "what": what} | facts), flush=True)

    def measure(what, tell=True):
        if what == "memory":
            return say("memory", mib=round(peak_memory(), 1))
        if what not in actions:
            raise SystemExit(f"{program}: {what}: expected one of {', '.join(actions)}, memory")
        begin = time.perf_counter()
        facts = actions[what]() or {}
        seconds = time.perf_counter() - begin
        if tell:
            say(what, seconds=seconds, **facts)

    say("built", mib=round(peak_memory(), 1))
    if args.what == "-":
        for line in sys.stdin:
            measure(line.strip())
        return
    for what in args.what.split(","):
        if what != "memory":
            measure(what, tell=False)  # warms up
        for _ in range(1 if what == "memory" else args.runs):
            measure(what)


def check(args, program, train_output, inference_output, losses):
    """Compares the network's output in both modes and its training losses with the golden of the start, at its batch of 8, and exits with 1 if they differ. What a program
    does not have is None."""
    import numpy as np

    path = os.path.join(args.reference, f"m2_full_{args.start}")
    with open(path + ".json") as f:
        golden = json.load(f)
    stored = safetensors(path + ".safetensors")
    x = images(args.data, golden["batch"])
    if not np.array_equal(x, stored["input"]):
        raise SystemExit("the images are not those of the golden")
    wrong = False
    for name, output in (("output.inference", inference_output), ("output.training", train_output)):
        if output is None:
            continue
        d = float(np.abs(output(x) - stored[name + ".float64"]).max())
        wrong |= not d <= golden["tolerance"]["float32"]["outputs_abs"]
        print(f"{program} {args.start} {name}: max abs difference {d:.2g} (float32 golden: {float(np.abs(stored[name + '.float32'] - stored[name + '.float64']).max()):.2g})")
    bounds = golden["tolerance"]["float32"]["adam_losses_abs"]
    want = [step["total"] for step in golden["float64"]["adam_losses"]]
    if args.start == "gamma1":
        bounds = bounds[:1]  # with a saturated softmax the first gradient is rounding noise
    got = losses(x, len(bounds)) if losses else []
    for step, (loss, expected, bound) in enumerate(zip(got, want, bounds)):
        wrong |= not abs(loss - expected) <= bound
        print(f"{program} {args.start} loss before step {step}: {loss:.7f}, golden {expected:.7f}, difference {loss - expected:.1g} (bound {bound:g})")
    sys.exit(int(wrong))


def safetensors(path):
    """Reads a safetensors file of float32 and float64 tensors."""
    import numpy as np

    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    return {
        name: np.frombuffer(data[slice(*t["data_offsets"])], {"F32": "<f4", "F64": "<f8"}[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items()
        if name != "__metadata__"
    }
