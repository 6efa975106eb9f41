"""Records how NumPy prints arrays: python numpy_print.py > numpy_print.json (NumPy 2.4). The test of print.go compares with it."""

import json
import sys

import numpy as np

r = np.random.default_rng(1)
arrays = {
    "whole numbers": np.arange(6.0).reshape(2, 3),
    "vector": np.array([1.5, -2.25, 3.0]),
    "empty": np.zeros((2, 0)),
    "scalar": np.array(3.0),
    "small scalar": np.array(1e-5),
    "fraction": np.array(0.1, np.float32),
    "tenths": np.array([0.1, 0.2, 0.3], np.float32),
    "random": r.normal(size=(3, 4)),
    "random float32": r.normal(size=(3, 4)).astype(np.float32),
    "three axes": np.arange(24.0).reshape(2, 3, 4) / 4,
    "four axes": np.arange(16.0).reshape(2, 2, 2, 2),
    "large": np.array([1e8, 1.0]),
    "large float32": np.array([1e6, 999999.0], np.float32),
    "below the limit": np.array([99999999.0, 123456.0]),
    "below the limit float32": np.array([999999.0, 1234.0], np.float32),
    "small": np.array([0.00009, 0.5]),
    "wide range": np.array([0.001, 1.5, -2.0]),
    "wide range, exact": np.array([0.001, 1.0]),
    "three-digit exponents": np.array([1e100, 1e-5, 0.0]),
    "two-digit exponents": np.array([[1.25e-7, -3.0], [0.0, 1e22]]),
    "not finite": np.array([np.nan, np.inf, -np.inf, 1.0]),
    "not a number only": np.array([np.nan, np.nan]),
    "infinite only": np.array([np.inf, -np.inf]),
    "positive infinity": np.array([np.inf, 12.5]),
    "not finite, exponents": np.array([np.nan, 1e-9, -np.inf]),
    "negative zero": np.array([-0.0, 0.0, 1.0]),
    "zeros": np.zeros((2, 2)),
    "wrapped": np.arange(40.0),
    "wrapped matrix": r.normal(size=(2, 13)),
    "wrapped three axes": r.normal(size=(2, 2, 9)).astype(np.float32),
    "one thousand": np.arange(1000.0),
    "summarised": np.arange(1001.0),
    "summarised matrix": np.arange(4000.0).reshape(40, 100),
    "summarised rows only": np.arange(2000.0).reshape(400, 5),
    "summarised columns only": np.arange(3000.0).reshape(3, 1000),
    "summarised three axes": np.arange(8000.0).reshape(20, 20, 20),
    "summarised, small": np.arange(1200.0) / 8,
    "thirds": np.array([1 / 3, 2 / 3, 1.0]),
    "rounding": np.array([0.123456785, 0.5, 2.000000005]),
    "column": np.arange(3.0).reshape(3, 1),
    "long names": np.array([123456.789, 0.1234567891]) * 1.0,
    "empty vector": np.zeros(0),
}


def record(name, a):
    c = {"name": name, "dtype": str(a.dtype), "shape": list(a.shape), "text": str(a)}
    step = float(a.ravel()[1]) if a.size > 1 else 1.0
    if a.size > 100 and np.array_equal(a.ravel(), step * np.arange(a.size)):
        c["step"] = step  # 0, step, 2 step, ...
    else:
        c["hex"] = [float(x).hex() for x in a.ravel()]
    return c


json.dump([record(n, a) for n, a in arrays.items()], sys.stdout, indent=1)
