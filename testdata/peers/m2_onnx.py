"""The M2 network in ONNX Runtime, from the file that m2_torch.py --model wrote: time of a forward pass on the CPU.

    python m2_torch.py --start gamma05 --model m2.onnx && python m2_onnx.py --start gamma05 --model m2.onnx --what forward,forward1,memory
"""

import m2_peer as m2

args = m2.arguments(__doc__)

import onnxruntime as ort

if not args.model:
    raise SystemExit("m2_onnx.py: --model names the ONNX file")
options = ort.SessionOptions()
options.intra_op_num_threads = args.threads
options.inter_op_num_threads = 1
session = ort.InferenceSession(args.model, options, providers=["CPUExecutionProvider"])


def forward(x):
    return session.run(["p"], {"image": x})[0]


if args.verify:
    m2.check(args, "onnxruntime", None, forward, None)

x = m2.images(args.data, args.batch, "train")
m2.serve(args, f"onnxruntime {ort.__version__}", {
    "forward": lambda: {"mean": float(forward(x).mean())},
    "forward1": lambda: {"mean": float(forward(x[:1]).mean())},
})
