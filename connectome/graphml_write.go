package connectome

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WriteGraphML writes everything that the graph holds, in a form that networkx and igraph read as
// the same directed graph: they know no undirected edges beside directed ones, so a gap junction
// stands in both directions (a loop once), and an attribute of the graph says so.
func WriteGraphML(w io.Writer, g *Graph) error {
	b := bufio.NewWriterSize(w, 1<<16)
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">` + "\n")
	key := map[string]string{} // from domain/name to id
	declare := func(domain, name, kind string) {
		id := fmt.Sprintf("d%d", len(key))
		key[domain+"/"+name] = id
		fmt.Fprintf(b, "  <key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
			id, domain, escape(name), kind)
	}
	data := func(indent, domain, name, value string) {
		if value != "" {
			fmt.Fprintf(b, "%s<data key=\"%s\">%s</data>\n", indent, key[domain+"/"+name], escape(value))
		}
	}
	declare("graph", "name", "string")
	gaps, _ := g.Count(Gap)
	if gaps > 0 {
		declare("graph", bothKey, "string")
	}
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
	if gaps > 0 {
		data("    ", "graph", bothKey, bothValue)
	}
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
		if _, err := b.WriteString("    </node>\n"); err != nil {
			return err
		}
	}
	// A file of a large connectome is nearly all edges, so these are put together by hand.
	kind := [...]string{"\">\n      <data key=\"" + key["edge/synapse_type"] + "\">",
		"</data>\n      <data key=\"" + key["edge/weight"] + "\">"}
	var line []byte
	edge := func(pre, post int, e *Edge) error {
		line = append(line[:0], "    <edge source=\"n"...)
		line = strconv.AppendInt(line, int64(pre), 10)
		line = append(line, "\" target=\"n"...)
		line = strconv.AppendInt(line, int64(post), 10)
		line = append(append(append(line, kind[0]...), e.Layer.Letter()...), kind[1]...)
		line = strconv.AppendFloat(line, e.Weight, 'g', -1, 64)
		line = append(line, "</data>\n    </edge>\n"...)
		_, err := b.Write(line)
		return err
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		if err := edge(e.Pre, e.Post, e); err != nil {
			return err
		}
		if e.Layer == Gap && e.Pre != e.Post {
			if err := edge(e.Post, e.Pre, e); err != nil {
				return err
			}
		}
	}
	b.WriteString("  </graph>\n</graphml>\n")
	return b.Flush()
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}

// sortedKeys returns the keys of m in byte order.
func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
