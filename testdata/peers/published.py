"""What the programs of the published tensor networks in PyTorch share: the graph, a unit, the formula of the recorded weights, the recorded results."""

import os
import xml.etree.ElementTree as xml

import numpy as np
import torch
import torch.nn as nn

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared"))
SHIPPED = os.path.join(SHARED, "connectome", "celegans_upstream.graphml")


def read_graph(path):
    """Roles by vertex, and the edges in the order of the file."""
    ns = {"g": "http://graphml.graphdrawing.org/xmlns"}
    graph = xml.parse(path).getroot().find("g:graph", ns)
    role = []
    for node in graph.findall("g:node", ns):
        (value,) = [d.text for d in node.findall("g:data", ns) if d.get("key") == "v_role"]
        role.append({"S": "S", "M": "M", "NA": "I"}[value])
    vertex = lambda s: int(s.removeprefix("n"))
    return role, [(vertex(e.get("source")), vertex(e.get("target"))) for e in graph.findall("g:edge", ns)]


class Unit(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = nn.Linear(d, d)
        self.norm = nn.LayerNorm(d)


def fill(name, shape, scale, offset=0.0, seed=4242):
    """Numbers by a formula, see the description of the network."""
    mask = (1 << 64) - 1
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) & mask
    with np.errstate(over="ignore"):
        s = np.uint64(seed ^ h) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        s = (s ^ (s >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        s = (s ^ (s >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        s ^= s >> np.uint64(31)
    return torch.from_numpy((offset + scale * ((s >> np.uint64(40)).astype(np.float64) / 2**23 - 1)).reshape(shape))


def recorded(name):
    """A recorded result of the reference."""
    from m2_peer import safetensors

    return safetensors(os.path.join(HERE, "..", "reference", "tn", "tn.safetensors"))[name]
