"""Measures the first published tensor network here, in ONNX Runtime and in PyTorch, in turns, and prints the best time of each and the ratios (above 1: this program is faster)."""

import argparse
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LINE = re.compile(r"^BenchmarkNetwork/(\S+?)(?:-\d+)?\s.*?([\d.]+) best-ms")


def ours(test, threads, seconds):
    """Our times in milliseconds by name."""
    command = [test, "-test.run", "^$", "-test.bench", "Network", "-test.benchtime", f"{seconds}s"]
    out = subprocess.run(command, env=dict(os.environ, ELEGANS_WORKERS=str(threads)), stdout=subprocess.PIPE, check=True, text=True).stdout
    return {m[1]: float(m[2]) for m in map(LINE.match, out.splitlines()) if m}


def peers(python, threads, seconds):
    """The peers' times in milliseconds by name and program."""
    command = [python, os.path.join(HERE, "tn_peer.py"), "--threads", str(threads), "--seconds", str(seconds)]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {(r["name"], r["kernels"]): r["value"] for r in lines}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--test", required=True, help="the compiled tests of connectome/tensornet/published")
    p.add_argument("--python", default=sys.executable)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=2, help="time for each figure in a round")
    p.add_argument("--threads", default="2")
    a = p.parse_args()
    for threads in map(int, a.threads.split(",")):
        best, others = {}, {}
        for round_ in range(a.rounds):
            print(f"round {round_ + 1}/{a.rounds}, {threads} threads, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            for name, value in ours(a.test, threads, a.seconds).items():
                best[name] = min(value, best.get(name, value))
            for key, value in peers(a.python, threads, a.seconds).items():
                others[key] = min(value, others.get(key, value))
        print(f"{'name':24} {'threads':>7} {'elegans ms':>11}  {'peer':12} {'peer ms':>9} {'ratio':>6}")
        for (name, program), value in others.items():
            print(f"{name:24} {threads:7d} {best[name]:11.3f}  {program:12} {value:9.3f} {value / best[name]:6.2f}")


main()
