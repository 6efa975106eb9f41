"""Runs `elegans bench --json` and peers.py, or another such script, in turns and prints the best figure of each and their ratio."""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def figures(command, threads):
    """The figures that one command prints, as {(name, threads, library): (value, unit)}."""
    env = dict(os.environ, ELEGANS_WORKERS=str(threads), OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    out = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        r = json.loads(line)
        found[r["name"], r["threads"], r["kernels"]] = (r["value"], r["unit"], r.get("peak_share"))
    return found


def better(unit, a, b):
    """Rates are best when large, times and memory when small."""
    return a < b if unit in ("ms", "us", "ns", "s", "MiB") else a > b


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--elegans", required=True)
    p.add_argument("--python", default=sys.executable)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--threads", default="1,2")
    p.add_argument("--only", default="", help="comma-separated beginnings of names")
    p.add_argument("--peers", default="peers.py", help="the script beside this one that measures the other libraries")
    p.add_argument("--json", action="store_true")
    a = p.parse_args()
    best, shares = {}, {}
    for threads in map(int, a.threads.split(",")):
        for round_ in range(a.rounds):
            for command in ([a.elegans, "bench", "--json", "--workers", str(threads)], [a.python, os.path.join(HERE, a.peers), "--threads", str(threads)]):
                if a.only:
                    command += ["--only", a.only]
                print(f"round {round_ + 1}/{a.rounds}, {threads} threads: {os.path.basename(command[0])}", file=sys.stderr)
                for key, (value, unit, share) in figures(command, threads).items():
                    if key not in best or better(unit, value, best[key][0]):
                        best[key] = (value, unit)
                        shares[key] = share
    ours = [k for k in best if k[2] in ("go", "avx2", "avx512")]
    if not a.json:
        print(f"{'name':40} {'threads':>7} {'elegans':>10} {'peak':>6}  {'peer':10} {'peer value':>10} {'unit':10} {'ratio':>6}")
    for key in sorted(ours):
        name, threads, kernels = key
        value, unit = best[key]
        peers = [k for k in best if k[:2] == key[:2] and k not in ours]
        for peer in peers or [None]:
            row = {"name": name, "threads": threads, "kernels": kernels, "value": value, "unit": unit, "peak_share": shares[key]}
            if peer:
                other = best[peer][0]
                row |= {"peer": peer[2], "peer_value": other, "ratio": other / value if better(unit, 0, 1) else value / other}
            if a.json:
                print(json.dumps(row))
            else:
                share = f"{row['peak_share']:.2f}" if row["peak_share"] else ""
                ratio = f"{row['ratio']:.2f}" if peer else ""
                print(f"{name:40} {threads:7d} {value:10.3f} {share:>6}  {row.get('peer', ''):10} {row.get('peer_value', float('nan')):10.3f} {unit:10} {ratio:>6}")


if __name__ == "__main__":
    main()
