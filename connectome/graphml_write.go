package connectome

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// WriteGraphML writes everything that the graph holds. Gap junctions are written once, as edges
// with directed="false".
func WriteGraphML(w io.Writer, g *Graph) error {
	b := bufio.NewWriter(w)
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">` + "\n")
	key := map[string]string{} // from domain/name to id
	declare := func(domain, name, kind string) {
		id := fmt.Sprintf("d%d", len(key))
		key[domain+"/"+name] = id
		fmt.Fprintf(b, "  <key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n", id, domain, escape(name), kind)
	}
	data := func(indent, domain, name, value string) {
		if value != "" {
			fmt.Fprintf(b, "%s<data key=\"%s\">%s</data>\n", indent, key[domain+"/"+name], escape(value))
		}
	}
	declare("graph", "name", "string")
	info := sortedKeys(g.Info)
	for _, name := range info {
		declare("graph", name, "string")
	}
	for _, name := range []string{"name", "cell_id", "cell_class", "role", "neurotransmitters"} {
		declare("node", name, "string")
	}
	for _, name := range []string{"x", "y", "z"} {
		declare("node", name, "double")
	}
	extra := extraNames(g)
	for _, name := range extra {
		declare("node", name, "string")
	}
	declare("edge", "synapse_type", "string")
	declare("edge", "weight", "double")

	b.WriteString("  <graph id=\"G\" edgedefault=\"directed\">\n")
	data("    ", "graph", "name", g.Name)
	for _, name := range info {
		data("    ", "graph", name, g.Info[name])
	}
	for i := range g.Neurons {
		n := &g.Neurons[i]
		fmt.Fprintf(b, "    <node id=\"n%d\">\n", i)
		node := func(name, value string) { data("      ", "node", name, value) }
		node("name", n.Name)
		node("cell_id", n.ID)
		node("cell_class", n.Class)
		node("role", n.Role.Letter())
		node("neurotransmitters", strings.Join(n.Transmitters, ","))
		if n.HasSoma {
			node("x", formatNumber(n.Soma.X))
			node("y", formatNumber(n.Soma.Y))
			node("z", formatNumber(n.Soma.Z))
		}
		for _, name := range extra {
			node(name, n.Extra[name])
		}
		b.WriteString("    </node>\n")
	}
	for _, e := range g.Edges {
		undirected := ""
		if e.Layer == Gap {
			undirected = ` directed="false"`
		}
		fmt.Fprintf(b, "    <edge source=\"n%d\" target=\"n%d\"%s>\n", e.Pre, e.Post, undirected)
		data("      ", "edge", "synapse_type", e.Layer.Letter())
		data("      ", "edge", "weight", formatNumber(e.Weight))
		b.WriteString("    </edge>\n")
	}
	b.WriteString("  </graph>\n</graphml>\n")
	return b.Flush()
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}
