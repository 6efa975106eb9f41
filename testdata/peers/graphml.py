"""Checks that networkx and igraph read the GraphML that elegans writes as the same graph, and elegans theirs.

    pip install -r requirements-graphs.txt
    go build -o elegans elegans/cmd/elegans && python graphml.py ./elegans [GRAPH ...]
"""

import csv
import os
import subprocess
import sys
import tempfile

import igraph
import networkx


def arcs(path):
    """The arcs of an edge list: gap junctions in both directions."""
    with open(path, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            arc = (row["pre"], row["post"], row["type"], float(row["weight"]))
            yield arc
            if row["type"] == "E" and row["pre"] != row["post"]:
                yield (arc[1], arc[0]) + arc[2:]


def of_networkx(g):
    name = networkx.get_node_attributes(g, "name")
    for u, v, e in g.edges(data=True):
        yield (name[u], name[v], e["synapse_type"], e["weight"])


def of_igraph(g):
    for e in g.es:
        yield (g.vs[e.source]["name"], g.vs[e.target]["name"], e["synapse_type"], e["weight"])


def main():
    elegans = os.path.abspath(sys.argv[1])
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)

        def convert(source, target):
            subprocess.run([elegans, "connectome", "convert", source, target], check=True, stderr=subprocess.DEVNULL)

        for graph in sys.argv[2:] or ["canonical", "shipped"]:
            convert(graph, path("ours.tsv"))
            convert(graph, path("ours.graphml"))
            want = sorted(arcs(path("ours.tsv")))
            nx, ig = networkx.read_graphml(path("ours.graphml")), igraph.Graph.Read_GraphML(path("ours.graphml"))
            found = {
                "networkx": sorted(of_networkx(nx)) if nx.is_directed() else "an undirected graph",
                "igraph": sorted(of_igraph(ig)) if ig.is_directed() else "an undirected graph",
            }
            networkx.write_graphml(nx, path("nx.graphml"))
            ig.write_graphml(path("ig.graphml"))
            for library in ("nx", "ig"):
                convert(path(library + ".graphml"), path(library + ".tsv"))
                found["elegans, as written by " + library] = sorted(arcs(path(library + ".tsv")))
            for reader, got in found.items():
                failed = failed or got != want
                print(f"{graph}: {len(want)} arcs, {reader}: {'the same' if got == want else 'DIFFERENT'}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
