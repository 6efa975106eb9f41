"""Times a reservoir as a layer of a trained network, written as the usual loop in PyTorch: forward
and backward pass over 100 steps of 32 sequences, in microseconds a step and sequence, the best of
five. Its counterpart is

    go test ./tensor/leaky -run '^$' -bench 'Layer/n=(100|300|1000)/batch=32'

whose forward and backward figures are added. Needs torch; run it as

    OMP_NUM_THREADS=1 python testdata/peers/esn_layer.py
"""

import json
import time

import torch

STEPS, BATCH, INPUTS, DEGREE = 100, 32, 4, 3


def measure(n, trained, sparse):
    w = torch.zeros(n, n)
    for i in range(n):
        w[i, torch.randperm(n)[:DEGREE]] = 0.5 * torch.randn(DEGREE)
    transposed, pattern = w.t().contiguous(), w.to_sparse_csr()
    w_in, bias, leak = 2 * torch.rand(n, INPUTS) - 1, 2 * torch.rand(n) - 1, torch.tensor(0.5)
    x = 2 * torch.rand(BATCH, STEPS, INPUTS) - 1
    for p in (transposed, w_in, bias, leak) if trained else (x,):
        p.requires_grad_()
    gradient, best = torch.rand(BATCH, STEPS, n), float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        drive = torch.nn.functional.linear(x, w_in, bias)
        state, states = torch.zeros(BATCH, n), []
        for t in range(STEPS):
            heard = (pattern @ state.t()).t() if sparse else state @ transposed
            state = (1 - leak) * state + leak * torch.tanh(heard + drive[:, t])
            states.append(state)
        torch.stack(states, 1).backward(gradient)
        best = min(best, time.perf_counter() - begin)
    return round(best * 1e6 / (STEPS * BATCH), 2)


torch.manual_seed(0)
torch.set_num_threads(1)
for n in (100, 300, 1000):
    print(json.dumps(dict(n=n, frozen_sparse=measure(n, False, True), frozen_dense=measure(n, False, False), trained_dense=measure(n, True, False))), flush=True)
