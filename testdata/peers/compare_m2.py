"""Measures the published autoencoder in four programs that take turns on one machine, and prints their times and their ratios to TensorFlow.

For each number of threads and each start, every program builds the model, makes a step that warms up, and then all make a step in turn, --rounds times; then peak memory is read, and
forward passes of the batch and of one image follow in the same way. All programs stay in memory meanwhile but only one works.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared"))
PROGRAMS = ("tensorflow", "elegans", "torch", "onnxruntime")  # the first is what the others are compared with
REST = 0.3  # seconds between turns: threads of the program before stop spinning


class Program:
    """A running program that measures what it is told, one line in and one JSON line out."""

    def __init__(self, name, command, threads, cpus):
        env = dict(os.environ, ELEGANS_WORKERS=str(threads), OMP_NUM_THREADS=str(threads))
        self.name = name
        self.process = subprocess.Popen(
            command + ["--what", "-"], env=env, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        self.built = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended with {self.process.wait()} instead of an answer")
        return json.loads(line)

    def cpu(self):
        """Processor time so far, in seconds."""
        with open(f"/proc/{self.process.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, what):
        time.sleep(REST)
        before = self.cpu()
        self.process.stdin.write(what + "\n")
        result = self.answer()
        result["cpu"] = self.cpu() - before
        return result

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def commands(a, start, threads):
    """The command line of each program."""

    def python(interpreter, script, *more):
        return [interpreter, os.path.join(HERE, script), "--threads", str(threads), "--start", start, "--batch", str(a.batch), "--data", a.data, "--reference", a.reference, *more]

    ours = [a.elegans, "bench", "m2-upstream", "--json", "--workers", str(threads), "--start", start, "--batch", str(a.batch), "--data-dir", a.data]
    return {
        "tensorflow": python(a.tf_python, "m2_tf.py"), "elegans": ours,
        "torch": python(a.python, "m2_torch.py"), "onnxruntime": python(a.python, "m2_onnx.py", "--model", a.onnx),
    }


def measure(a, start, threads):
    """All programs for one start and number of threads: one row each."""
    cpus = sorted(os.sched_getaffinity(0))[-threads:]
    if len(cpus) < threads:
        raise SystemExit(f"--threads {threads}: this process may use {len(cpus)} processors")
    found = {name: {"program": name, "threads": threads, "start": start, "batch": a.batch, "load_before": os.getloadavg()[0]} for name in a.programs}
    running = {}

    def say(text):
        print(f"{time.strftime('%H:%M:%S')} {start}, {threads} threads: {text}", file=sys.stderr)

    def turns(what, rounds, names):
        for round_ in range(-1, rounds):  # the first warms up
            for name in names:
                r = running[name].measure(what)
                if round_ < 0:
                    found[name][what] = {"first": r["seconds"], "seconds": [], "cpu": [], "loss": [r.get("loss")], "mean": r.get("mean")}
                    say(f"{name} {what}, warming up: {r['seconds']:.3f} s")
                    continue
                f = found[name][what]
                f["seconds"].append(r["seconds"])
                f["cpu"].append(round(r["cpu"], 2))
                f["loss"].append(r.get("loss"))
                f |= {k: max(r[k], f.get(k, 0)) for k in ("peak_share", "gflops", "gb_s") if k in r}
            if round_ >= 0:
                say(f"{what} {round_ + 1}/{rounds}: " + ", ".join(f"{n} {found[n][what]['seconds'][-1]:.3f} s" for n in names))

    def memory(field, names):
        for name in names:
            found[name][field] = running[name].measure("memory")["mib"]

    try:
        for name in a.programs:
            say(f"{name} builds")
            running[name] = Program(name, commands(a, start, threads)[name], threads, cpus)
            found[name] |= {"version": running[name].built["program"], "built_mib": running[name].built["mib"]}
            found[name] |= {k: running[name].built[k] for k in ("gogc", "kernels") if k in running[name].built}
        training = [n for n in a.programs if n != "onnxruntime"]
        turns("step", a.rounds, training)
        memory("step_mib", training)
        turns("forward", a.rounds, a.programs)
        turns("forward1", 4 * a.rounds, a.programs)
        if "elegans" in running:
            turns("read", 4 * a.rounds, ["elegans"])
        memory("peak_mib", a.programs)
    finally:
        for p in running.values():
            p.end()
    if start != "own":  # the same weights and images: the same loss
        losses = {n: found[n]["step"]["loss"][0] for n in training}
        if max(losses.values()) - min(losses.values()) > 1e-5:
            raise SystemExit(f"the programs do not train the same model: losses before the first step {losses}")
    return list(found.values())


def table(rows, out):
    """Best times, with the ratio to the first program in the same group: above 1 is better than it. In brackets the same of medians."""
    by = {(r["program"], r["threads"], r["start"]): r for r in rows}
    line = "{:12} {:>7} {:8} {:>8} {:>13} {:>8} {:>13} {:>9} {:>13} {:>9} {:>6}"
    print(line.format("program", "threads", "start", "step, s", "ratio", "fwd, s", "ratio", "fwd 1, ms", "ratio", "peak, MiB", "ratio"), file=out)
    for r in rows:
        base = by.get((PROGRAMS[0], r["threads"], r["start"]), {})

        def ratio(what):
            if what not in r or what not in base:
                return ""
            best, middle = (f(base[what]["seconds"]) / f(r[what]["seconds"]) for f in (min, statistics.median))
            return f"{best:.2f} ({middle:.2f})"

        def seconds(what, scale, digits):
            return f"{scale * min(r[what]['seconds']):.{digits}f}" if what in r else ""

        field = "step_mib" if "step_mib" in r else "peak_mib"
        share = f"{r[field] / base[field]:.2f}" if field in base else ""
        print(line.format(r["program"], r["threads"], r["start"], seconds("step", 1, 3), ratio("step"), seconds("forward", 1, 3), ratio("forward"),
                          seconds("forward1", 1e3, 1), ratio("forward1"), f"{r[field]:.0f}", share), file=out)
    for r in rows:
        if r["program"] == "elegans" and "read" in r:
            read, one = min(r["read"]["seconds"]), min(r["forward1"]["seconds"])
            print(f"elegans, {r['threads']} threads, {r['start']}, {r['kernels']} kernels, GOGC {r['gogc']}: step {r['step']['gflops']:.0f} GFLOP/s, {100 * r['step']['peak_share']:.0f} % of the measured multiply-add peak; "
                  f"one image: the parameters are read at {r['forward1']['gb_s']:.1f} GB/s, reading alone reaches {r['read']['gb_s']:.1f} GB/s ({100 * read / one:.0f} %)", file=out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--elegans", required=True, help="the built program")
    p.add_argument("--python", default=sys.executable, help="Python with torch, onnx, onnxscript and onnxruntime")
    p.add_argument("--tf-python", required=True, help="Python with tensorflow-cpu")
    p.add_argument("--threads", default="2,1")
    p.add_argument("--starts", default="gamma05,own", help="of gamma05, gamma1, own")
    p.add_argument("--programs", default=",".join(PROGRAMS))
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--data", default=os.path.join(SHARED, "data", "mnist"))
    p.add_argument("--reference", default=os.path.join(SHARED, "reference", "m2"))
    p.add_argument("--onnx", default="", help="beginning of the names of the ONNX files, one for each start; written if they are not there (default: temporary ones)")
    p.add_argument("--results", default="", help="file of JSON lines: what it has is not measured again, new rows are added")
    a = p.parse_args()
    a.programs = a.programs.split(",")
    wanted = [(start, threads) for threads in map(int, a.threads.split(",")) for start in a.starts.split(",")]
    rows = []
    if a.results and os.path.exists(a.results):
        with open(a.results) as f:
            rows = [json.loads(line) for line in f]
    rows = [r for r in rows if r["batch"] == a.batch]
    done = {(r["start"], r["threads"]) for r in rows}
    with tempfile.TemporaryDirectory() as folder:
        given = a.onnx
        for start, threads in wanted:
            if (start, threads) in done:
                continue
            a.onnx = f"{given}.{start}" if given else os.path.join(folder, f"{start}.onnx")
            if "onnxruntime" in a.programs and not os.path.exists(a.onnx):
                export = [a.python, os.path.join(HERE, "m2_torch.py"), "--start", start, "--model", a.onnx, "--reference", a.reference]
                subprocess.run(export, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            new = measure(a, start, threads)
            rows += new
            if a.results:
                with open(a.results, "a") as f:
                    f.writelines(json.dumps(r) + "\n" for r in new)
            table(new, sys.stderr)
    table([r for r in rows if (r["start"], r["threads"]) in wanted], sys.stdout)


if __name__ == "__main__":
    main()
