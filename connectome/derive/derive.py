#!/usr/bin/env python3
"""Derives the tables of connectome/embedded from the data files of the PyPI packages cect 0.3.5 and c302 0.12.1.

    python3 -m venv /some/folder && /some/folder/bin/pip install --no-deps -r requirements.txt et_xmlfile==2.0.0
    /some/folder/bin/python derive.py ../embedded

Writes neurons.tsv and edges.tsv; the format, the sources and their licences are described in ../embedded/README.md. The script checks every
count that it can and stops at the first surprise, so that a changed input cannot silently change the tables.
"""
import hashlib
import importlib.util
import os
import re
import sys
from collections import Counter

import openpyxl
import xlrd

INPUT_SHA256 = {
    "NeuronConnect.xls": "b5e32612967ff277c91ba37463bd03a85678bd8e65a4861abc6516323b6ff5f3",
    "SI 5 Connectome adjacency matrices, corrected July 2020.xlsx": "1f4fdbf84746b69b49a8da0816f52787860ce349b638dce37924ba80f90c70c9",
    "elife-95402-supp2-v1.xlsx": "0013e4b5f366b82a6b0ec0d682c3bace4027545c957823841293de93feafc0e2",
}
EDGES_SHA256 = "c773dc32f4c4415c9309c60122d2e6460e7715bcb02e9aeb1aacc1200e212cd2"

# The roles of the published graph ("circuit" roles) against Cook's sections, neuron by neuron.
SENSORY_NOT = "IL2DL IL2DR IL2VL IL2VR SDQL SDQR".split()
SENSORY_TOO = ("AUAL AUAR AVG PVCL PVCR PVPL PVPR SAADL SAADR SAAVL SAAVR URBL URBR SMBDL SMBDR SMBVL SMBVR "
               "URADL URADR URAVL URAVR").split()
MOTOR_NOT = ("HSNL HSNR RIVL RIVR RMED RMEL RMER RMEV RMHL RMHR SABD SABVL SABVR SIADL SIADR SIAVL SIAVR "
             "SIBDL SIBDR SIBVL SIBVR").split()
MOTOR_TOO = "RID RMFL RMFR".split()

# Neurons by transmitter, of all 302.
TRANSMITTERS = {"ACh": 163, "Glu": 84, "GABA": 35, "5-HT": 9, "DA": 8, "tyramine": 2, "octopamine": 2}

# Classes whose dorsal pair has left and right exchanged in c302's coordinates (x grows to the left).
SWAPPED = ("SAAD", "SIBD", "SIAD")


def package_folder(name):
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        sys.exit(f"derive.py: package {name} is not installed")
    return os.path.dirname(spec.origin)


def require(condition, message):
    if not condition:
        sys.exit(f"derive.py: {message}")


def checked(folder, name):
    path = os.path.join(folder, name)
    with open(path, "rb") as f:
        got = hashlib.sha256(f.read()).hexdigest()
    require(got == INPUT_SHA256[name], f"{name}: SHA-256 {got}, expected {INPUT_SHA256[name]}")
    return path


def padded(name):
    """VB1 -> VB01 for the numbered motor neurons of the ventral cord."""
    m = re.fullmatch(r"(AS|DA|DB|DD|VA|VB|VC|VD)(\d)", name)
    return f"{m[1]}0{m[2]}" if m else name


def read_edges(path):
    """Chemical arcs {(pre, post): (count, published count, gap row comes first)} and gap pairs {(a, b): count} with a <= b."""
    sheet = xlrd.open_workbook(path).sheet_by_index(0)
    first_row, weight = {}, {}
    for i in range(1, sheet.nrows):
        pre, post, kind, count = sheet.row_values(i)
        if kind not in ("S", "Sp", "EJ"):
            continue  # R and Rp are the same synapses seen from the other cell, NMJ leads to muscle
        key = (pre.strip(), post.strip(), kind)
        require(key not in weight, f"row {i + 1} repeats {key}")
        require(count == int(count) and count >= 0, f"row {i + 1}: count {count}")
        if count == 0:
            continue  # two Sp rows of this table say 0 synapses
        weight[key], first_row[key] = int(count), i
    chem, gap = {}, {}
    for (pre, post, kind), count in weight.items():
        if kind == "EJ":
            require(weight.get((post, pre, kind)) == count, f"gap junction {pre} {post} is not symmetric")
            gap[min(pre, post), max(pre, post)] = count
        elif (pre, post) not in chem:
            s, sp = weight.get((pre, post, "S")), weight.get((pre, post, "Sp"))
            published = sp if s is None else s
            row = min(first_row[k] for k in ((pre, post, "S"), (pre, post, "Sp")) if k in first_row)
            chem[pre, post] = ((s or 0) + (sp or 0), published, first_row.get((pre, post, "EJ"), row) < row)
    return chem, gap


def read_cook_sections(path):
    """Role by neuron from the section labels (columns A and B) of the hermaphrodite chemical sheet."""
    sheet = openpyxl.load_workbook(path, read_only=True)["hermaphrodite chemical"]
    role, section = {}, ""
    for row in sheet.iter_rows(min_row=4, max_col=3, values_only=True):
        section = row[0] or section
        if row[2]:
            role[padded(str(row[2]).strip())] = section
    return {n: {"SENSORY NEURONS": "S", "INTERNEURONS": "I", "MOTOR NEURONS": "M", "SEX SPECIFIC": "M"}.get(s, s) for n, s in role.items()}


def read_identity(path):
    """(class, transmitters) by neuron from Wang et al. 2024, supplementary file 2."""
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    known = {"ACh", "Glu", "GABA", "5-HT", "DA", "tyramine", "octopamine"}
    out, klass = {}, ""
    for row in sheet.iter_rows(min_row=5, max_col=23, values_only=True):
        if row[2] is None or row[3] is None:  # notes below the table have no lineage
            continue
        name = padded({"DB1/3": "DB1", "DB3/1": "DB3"}.get(str(row[2]).strip(), str(row[2]).strip()))
        klass = str(row[1]).strip() if row[1] else klass
        found = []
        for cell in row[20:23]:
            text = re.sub(r"\*|NEW", "", str(cell or "")).strip(" -")
            if not text or "unknown" in text or text.startswith("male"):
                continue
            if "uptake" in text and "synthesis" not in text:
                continue
            text = re.sub(r"\(.*\)", "", text).strip(" -")
            if text in known and text not in found:
                found.append(text)
        out[name] = (klass, found)
    return out


def read_soma(folder, names):
    """Soma position in micrometres by neuron: x left, y posterior, z dorsal; segment 0's proximal point of c302's morphologies."""
    soma = {}
    for name in names:
        file = re.sub(r"^(AS|DA|DB|DD|VA|VB|VC|VD)0", r"\1", name) + ".cell.nml"
        with open(os.path.join(folder, "NeuroML2", file), encoding="utf-8") as f:
            text = f.read()
        proximal = re.search(r'<segment id="0"[^>]*>.*?<proximal ([^>]*)/>', text, re.S)
        point = dict(re.findall(r'(\w+)="([^"]*)"', proximal[1]))
        soma[name] = [float(point[axis]) for axis in "xyz"]
    for stem in SWAPPED:
        left, right = soma[stem + "L"], soma[stem + "R"]
        require(left[0] < right[0], f"{stem}: left and right are no longer exchanged in c302")
        soma[stem + "L"], soma[stem + "R"] = right, left
    return soma


def main(target):
    data, cells = os.path.join(package_folder("cect"), "data"), package_folder("c302")
    chem, gap = read_edges(checked(data, "NeuronConnect.xls"))
    cook = read_cook_sections(checked(data, "SI 5 Connectome adjacency matrices, corrected July 2020.xlsx"))
    identity = read_identity(checked(data, "elife-95402-supp2-v1.xlsx"))
    require(len(cook) == 300 and len(identity) == 302, f"{len(cook)} sections, {len(identity)} identities")
    sections = Counter(cook.values())
    require((sections["S"], sections["I"], sections["M"]) == (83, 81, 116), f"sections {dict(sections)}")
    found = Counter(t for _, list_ in identity.values() for t in list_)
    require(found == TRANSMITTERS, f"transmitters {dict(found)}")
    require(len({klass for klass, _ in identity.values()}) == 118, "classes")
    names = sorted({n for pair in list(chem) + list(gap) for n in pair})
    require(len(names) == 279, f"{len(names)} neurons")
    soma = read_soma(cells, names)

    circuit = {}
    for n in names:
        role = cook[n]
        require(role in "SIM", f"{n}: section {role}")
        if (role == "S" and n not in SENSORY_NOT) or n in SENSORY_TOO:
            circuit[n] = "S"
        elif (role == "M" and n not in MOTOR_NOT) or n in MOTOR_TOO:
            circuit[n] = "M"
        else:
            circuit[n] = ""
    count = lambda r: sum(v == r for v in circuit.values())
    require((count("S"), count("M"), count("")) == (98, 89, 92), f"roles S {count('S')}, M {count('M')}, blank {count('')}")

    body = "".join(f"{a}\t{b}\tC\t{chem[a, b][0]}\n" for a, b in sorted(chem))
    body += "".join(f"{a}\t{b}\tE\t{gap[a, b]}\n" for a, b in sorted(gap))
    got = hashlib.sha256(body.encode()).hexdigest()
    require(got == EDGES_SHA256, f"edges: SHA-256 {got}, expected {EDGES_SHA256}")

    with open(os.path.join(target, "edges.tsv"), "w", encoding="utf-8", newline="\n") as f:
        f.write("pre\tpost\ttype\tweight\tpublished\tgap_first\n")
        for a, b in sorted(chem):
            total, published, gap_first = chem[a, b]
            f.write(f"{a}\t{b}\tC\t{total}\t{published}\t{int(gap_first)}\n")
        for a, b in sorted(gap):
            f.write(f"{a}\t{b}\tE\t{gap[a, b]}\t{gap[a, b]}\t0\n")
    with open(os.path.join(target, "neurons.tsv"), "w", encoding="utf-8", newline="\n") as f:
        f.write("name\tclass\trole\trole_cook\ttransmitters\tx\ty\tz\n")
        for n in names:
            klass, transmitters = identity[n]
            f.write("\t".join([n, klass, circuit[n], cook[n], ",".join(transmitters)] + [f"{v:g}" for v in soma[n]]) + "\n")


if __name__ == "__main__":
    require(len(sys.argv) == 2, "usage: derive.py FOLDER")
    main(sys.argv[1])
