"""Measures reservoirpy, rclib, a numba loop and NumPy with SciPy on echo-state networks: one JSON object a line, with the names that `elegans bench --only esn --json` uses.

All networks have random weights of the same size and density as ours; times do not depend on their values.

    python esn_peer.py --threads 1 --only esn/f64/step
"""

import argparse
import contextlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
EDGES = os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared", "connectome", "canonical_edges.tsv"))

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--only", default="", help="comma-separated beginnings of names")
parser.add_argument("--seconds", type=float, default=0.4, help="time for each figure")
parser.add_argument("--edges", default=EDGES, help="edge list of the worm, without which its case is left out")
args = parser.parse_args()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = str(args.threads)

import numba
import numpy as np
import rclib
import rclib.readouts
import rclib.reservoirs
import reservoirpy
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from reservoirpy.nodes import Reservoir, Ridge

from timing import best_seconds

with contextlib.suppress(Exception):
    reservoirpy.verbosity(0)
rng = np.random.default_rng(0)


def wanted(name):
    return not args.only or any(name.startswith(p) for p in args.only.split(","))


def report(name, library, f, scale, unit, least=3):
    if wanted(name):
        print(json.dumps({"name": name, "kernels": library, "threads": args.threads, "value": best_seconds(f, args.seconds, least) * scale, "unit": unit}), flush=True)


def random_matrix(n, degree):
    """A sparse matrix with so many entries in each row."""
    col = np.concatenate([rng.permutation(n)[:degree] for _ in range(n)])
    return scipy.sparse.csr_array((rng.standard_normal(n * degree) / np.sqrt(degree), col, np.arange(0, n * degree + 1, degree)), shape=(n, n))


def worm():
    """The worm: chemical synapses in their direction, gap junctions in both."""
    edges = [line.rstrip("\n").split("\t") for line in open(args.edges)][1:]
    at = {name: i for i, name in enumerate(sorted({n for e in edges for n in e[:2]}))}
    w = scipy.sparse.lil_array((len(at), len(at)))
    for pre, post, kind, count in edges:
        w[at[post], at[pre]] += float(count)
        if kind != "C" and pre != post:
            w[at[pre], at[post]] += float(count)
    w = w.tocsr()
    return w / abs(w).sum(axis=1).max()


def numpy_loop(w, win, bias, a, u, x):
    states = np.empty((len(u), len(x)), x.dtype)
    for t in range(len(u)):
        x = (1 - a) * x + a * np.tanh(w @ x + win @ u[t] + bias)
        states[t] = x
    return states


@numba.njit
def numba_sparse(ptr, col, val, win, bias, a, u):
    n, k = win.shape
    states = np.empty((len(u), n))
    x = np.zeros(n)
    for t in range(len(u)):
        for i in range(n):
            s = bias[i]
            for j in range(k):
                s += win[i, j] * u[t, j]
            for j in range(ptr[i], ptr[i + 1]):
                s += val[j] * x[col[j]]
            states[t, i] = (1 - a) * x[i] + a * np.tanh(s)
        x = states[t]
    return states


@numba.njit
def numba_dense(w, win, bias, a, u):
    n = len(bias)
    states = np.empty((len(u), n))
    x = np.zeros(n)
    for t in range(len(u)):
        x = (1 - a) * x + a * np.tanh(w @ x + win @ u[t] + bias)
        states[t] = x
    return states


def rclib_model(n, density, readout=True):
    esn = rclib.ESN()
    esn.add_reservoir(rclib.reservoirs.RandomSparse(n_neurons=n, spectral_radius=0.9, sparsity=density, leak_rate=0.3, input_scaling=0.5, include_bias=True))
    esn.set_readout(rclib.readouts.Ridge(alpha=1e-6, include_bias=True))
    return esn


def steps():
    cases = [("50x.1", 50, 5), ("100x.1", 100, 10), ("300x.03", 300, 9), ("worm", 0, 0), ("1000x.1", 1000, 100), ("1000xdense", 1000, 0), ("2000xdense", 2000, 0)]
    for label, n, degree in cases:
        name = "esn/f64/step/" + label
        if not wanted(name) and not wanted(name.replace("f64", "f32")) or label == "worm" and not os.path.exists(args.edges):
            continue
        w = worm() if label == "worm" else random_matrix(n, degree) if degree else rng.standard_normal((n, n)) / np.sqrt(n)
        n = w.shape[0]
        rows = 2000 if n < 1000 else 300
        win, bias, u = rng.uniform(-0.5, 0.5, (n, 1)), rng.uniform(-0.1, 0.1, n), rng.uniform(0, 0.5, (rows, 1))
        us = 1e6 / rows
        node = Reservoir(W=w if degree == 0 and label != "worm" else scipy.sparse.csr_array(w), Win=win, bias=bias, lr=0.3)
        node.run(u[:2])
        report(name, "reservoirpy", lambda: node.run(u), us, "us")
        report(name, "numpy+scipy", lambda: numpy_loop(w, win, bias, 0.3, u, np.zeros(n)), us, "us")
        if scipy.sparse.issparse(w):
            report(name, "numba", lambda: numba_sparse(w.indptr, w.indices, w.data, win, bias, 0.3, u), us, "us")
        else:
            report(name, "numba", lambda: numba_dense(w, win, bias, 0.3, u), us, "us")
            w32, win32, bias32, u32 = (v.astype(np.float32) for v in (w, win, bias, u))
            report(name.replace("f64", "f32"), "numpy", lambda: numpy_loop(w32, win32, bias32, np.float32(0.3), u32, np.zeros(n, np.float32)), us, "us")
        if wanted(name) and label not in ("worm", "2000xdense"):
            # States and a readout of one column, which is what it offers; two lengths give the time of a step.
            esn = rclib_model(n, degree / n if degree else 1.0)
            esn.fit(u[: rows // 2], u[: rows // 2])
            report(name, "rclib", lambda: esn.predict(u), us, "us")


def batches():
    for label, n, degree in [("300x.03", 300, 9), ("worm", 0, 0), ("1000x.1", 1000, 100)]:
        name = "esn/f64/batch16/" + label
        if not wanted(name) or label == "worm" and not os.path.exists(args.edges):
            continue
        w = worm() if label == "worm" else random_matrix(n, degree)
        n = w.shape[0]
        rows, count = 200, 16
        win, bias, u = rng.uniform(-0.5, 0.5, (n, 1)), rng.uniform(-0.1, 0.1, (n, 1)), rng.uniform(0, 0.5, (rows, 1, count))
        states = np.empty((rows, n, count))

        def run():
            x = np.zeros((n, count))
            for t in range(rows):
                x = 0.7 * x + 0.3 * np.tanh(w @ x + win @ u[t] + bias)
                states[t] = x

        report(name, "scipy SpMM", run, 1e6 / rows / count, "us")


def ridge():
    rows = 10_000
    for n in (300, 1000):
        name = f"esn/f64/ridge/{n}"
        if not wanted(name):
            continue
        x, y = rng.standard_normal((rows, n)), rng.standard_normal((rows, 1))

        def run():
            mx, my = x.mean(0), y.mean(0)
            xc = x - mx
            a = xc.T @ xc
            a[np.diag_indices(n)] += 1e-6
            return scipy.linalg.solve(a, xc.T @ (y - my), assume_a="pos")

        report(name, "numpy", run, 1e3, "ms")
        report(name, "reservoirpy", lambda: Ridge(ridge=1e-6).fit(x, y), 1e3, "ms")


def narma(seed, rows=5200):
    r = np.random.default_rng(seed)
    u = r.uniform(0, 0.5, rows)
    y = np.zeros(rows)
    for t in range(9, rows - 1):
        y[t + 1] = 0.3 * y[t] + 0.05 * y[t] * y[t - 9 : t + 1].sum() + 1.5 * u[t - 9] * u[t] + 0.1
    return u[:, None], y[:, None]


def nmse(y, p):
    return ((y - p) ** 2).mean() / y.var()


def fit_numpy(x, y, penalty):
    mx, my = x.mean(0), y.mean(0)
    xc = x - mx
    a = xc.T @ xc
    a[np.diag_indices(len(a))] += penalty * np.trace(a) / len(a)
    w = scipy.linalg.solve(a, xc.T @ (y - my), assume_a="pos")
    return w, my - mx @ w


def drawn(n, degree, radius):
    """A matrix of the true radius; six Ritz values find it."""
    w = random_matrix(n, degree)
    values = scipy.sparse.linalg.eigs(w, k=6, return_eigenvectors=False)
    return w * (radius / abs(values).max())


def end_to_end():
    """NARMA10 with a random network of 200 neurons, ten seeds: series, network, states of 5,200 steps, ridge on 2,000 rows, error on 2,000 others."""
    name = "esn/f64/narma10/200x10"
    if not wanted(name):
        return
    series = [narma(seed) for seed in range(10)]

    def by_reservoirpy():
        for seed, (u, y) in enumerate(series):
            node = Reservoir(200, sr=0.9, lr=1.0, rc_connectivity=0.05, input_scaling=0.1, input_connectivity=1.0, bias=rng.uniform(-0.3, 0.3, 200), seed=seed)
            x = node.run(u)
            out = Ridge(ridge=1e-8).fit(x[200:2200], y[200:2200])
            nmse(y[3200:], out.run(x[3200:]))

    def by_numba():
        for u, y in series:
            w = drawn(200, 10, 0.9)
            x = numba_sparse(w.indptr, w.indices, w.data, rng.uniform(-0.1, 0.1, (200, 1)), rng.uniform(-0.3, 0.3, 200), 1.0, u)
            out, bias = fit_numpy(x[200:2200], y[200:2200], 1e-10)
            nmse(y[3200:], x[3200:] @ out + bias)

    report(name, "reservoirpy", by_reservoirpy, 1e3, "ms", least=2)
    report(name, "numba", by_numba, 1e3, "ms", least=2)


def search():
    """A hundred configurations (radius, input, bias, leak) of a network of 100 neurons on NARMA10: states of 3,200 steps, ridge on 2,000 rows, error on 1,000 others. numba draws the network and its radius once."""
    name = "esn/f64/search/100x100"
    if not wanted(name):
        return
    u, y = narma(0, 3200)
    settings = [tuple(np.random.default_rng(i).uniform((0.4, 0.01, 0.1, 0.5), (1.2, 0.5, 0.5, 1.0))) for i in range(100)]

    def by_reservoirpy():
        for radius, scale, bias, leak in settings:
            node = Reservoir(100, sr=radius, lr=leak, rc_connectivity=0.1, input_scaling=scale, input_connectivity=1.0, bias=bias * rng.uniform(-1, 1, 100), seed=1)
            x = node.run(u)
            out = Ridge(ridge=1e-8).fit(x[200:2200], y[200:2200])
            nmse(y[2200:], out.run(x[2200:]))

    def by_numba():
        w = drawn(100, 10, 1.0)
        win, b = rng.uniform(-1, 1, (100, 1)), rng.uniform(-1, 1, 100)
        for radius, scale, bias, leak in settings:
            x = numba_sparse(w.indptr, w.indices, radius * w.data, scale * win, bias * b, leak, u)
            out, c = fit_numpy(x[200:2200], y[200:2200], 1e-10)
            nmse(y[2200:], x[2200:] @ out + c)

    report(name, "reservoirpy", by_reservoirpy, 1e3, "ms", least=1)
    report(name, "numba", by_numba, 1e3, "ms", least=2)


for part in (steps, batches, ridge, end_to_end, search):
    part()
