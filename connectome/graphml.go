package connectome

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

func init() {
	register(format{
		Format: Format{Name: "GraphML", Reads: []string{".graphml", ".xml"}, Writes: []string{".graphml", ".xml"}, Keeps: KeepsAll},
		read: func(data []byte, path string) (*Graph, []Defect, error) {
			return ReadGraphML(bytes.NewReader(data), path)
		},
		files: oneFile(func(w io.Writer, g *Graph, _ string) error { return WriteGraphML(w, g) }),
	})
}

// graphKey is a declared attribute.
type graphKey struct {
	domain, name, fallback string
}

// graphReader walks the XML of a GraphML file.
type graphReader struct {
	*builder
	dec        *xml.Decoder
	keys       map[string]*graphKey
	info       map[string]string
	vertex     map[string]int // from XML id to neuron
	undirected bool
	pending    []pendingEdge
}

// pendingEdge waits for the end of the file, since an edge may stand before its nodes.
type pendingEdge struct {
	source, target, directed string
	attr                     map[string]string
	line                     int
}

// ReadGraphML reads one GraphML graph. A vertex is named by its attribute cell_name, name or label,
// or else by its XML id; see Neuron for the others, which may be called cell_id, cell_class, role,
// neurotransmitters, x, y, z; unknown ones go to Extra. An edge's attribute synapse_type (or type)
// is C or E; without it a directed edge is chemical and an undirected one a gap junction. weight is
// 1 without an attribute. Nested graphs, hyperedges and ports are refused.
//
// The defects include, for a graph of the worm's neurons, how it departs from the canonical view:
// the published file is read as it stands (the graph is that of Shipped) and its mislabelled
// vertices, lost weights and missing roles are counted. file is used in errors.
func ReadGraphML(in io.Reader, file string) (*Graph, []Defect, error) {
	data, err := readAll(in, file)
	if err != nil {
		return nil, nil, err
	}
	r := &graphReader{
		builder: newBuilder(file), dec: xml.NewDecoder(bytes.NewReader(data)), keys: map[string]*graphKey{}, info: map[string]string{}, vertex: map[string]int{},
	}
	if err := r.document(); err != nil {
		var known *FormatError
		var syntax *xml.SyntaxError
		switch {
		case errors.As(err, &known):
			return nil, nil, err
		case errors.As(err, &syntax):
			return nil, nil, r.errorf(syntax.Line, "%s", syntax.Msg)
		case errors.Is(err, io.EOF):
			return nil, nil, r.errorf(r.line(), "the file ends without a graphml element that is closed")
		}
		return nil, nil, r.errorf(r.line(), "%v", err)
	}
	for _, e := range r.pending {
		if err := r.resolve(e); err != nil {
			return nil, nil, err
		}
	}
	g, defects, err := r.graph()
	if err != nil {
		return nil, nil, err
	}
	g.Name = r.info["name"]
	delete(r.info, "name")
	if len(r.info) > 0 {
		g.Info = r.info
	}
	if err := g.Validate(); err != nil {
		return nil, nil, r.errorf(0, "%v", err)
	}
	return g, append(defects, wormDefects(g)...), nil
}

func (r *graphReader) line() int {
	line, _ := r.dec.InputPos()
	return line
}

// start returns the next start element inside the current one, or nil at its end.
func (r *graphReader) start() (*xml.StartElement, error) {
	for {
		token, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// text returns the character data of the element that was just started, which must not contain
// another; line breaks become spaces.
func (r *graphReader) text(name string) (string, error) {
	var b strings.Builder
	for {
		token, err := r.dec.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", r.errorf(r.line(), "element %s inside %s", clip(t.Name.Local), name)
		case xml.EndElement:
			return strings.TrimSpace(strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(b.String())), nil
		}
	}
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func (r *graphReader) document() error {
	root, err := r.start()
	if err != nil {
		return err
	}
	if root.Name.Local != "graphml" {
		return r.errorf(r.line(), "element %s, expected graphml", clip(root.Name.Local))
	}
	graphs := 0
	for {
		e, err := r.start()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		switch e.Name.Local {
		case "key":
			err = r.key(e)
		case "graph":
			if graphs++; graphs > 1 {
				return r.errorf(r.line(), "second graph in the file")
			}
			err = r.graphElement(e)
		case "desc":
			err = r.dec.Skip()
		case "data":
			err = r.dec.Skip() // about the file, not the graph
		default:
			err = r.errorf(r.line(), "element %s inside graphml", clip(e.Name.Local))
		}
		if err != nil {
			return err
		}
	}
	if graphs == 0 {
		return r.errorf(r.line(), "no graph in the file")
	}
	for {
		token, err := r.dec.Token()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			return r.errorf(r.line(), "element %s after the end of graphml", clip(e.Name.Local))
		}
	}
}

func (r *graphReader) key(e *xml.StartElement) error {
	id := attribute(e, "id")
	k := &graphKey{domain: attribute(e, "for"), name: attribute(e, "attr.name")}
	if k.name == "" {
		k.name = id
	}
	if id == "" || r.keys[id] != nil {
		return r.errorf(r.line(), "key %q: empty or repeated id", clip(id))
	}
	r.keys[id] = k
	for {
		inner, err := r.start()
		if err != nil || inner == nil {
			return err
		}
		if inner.Name.Local == "default" {
			if k.fallback, err = r.text("default"); err != nil {
				return err
			}
		} else if err := r.dec.Skip(); err != nil {
			return err
		}
	}
}

func (r *graphReader) graphElement(e *xml.StartElement) error {
	switch d := attribute(e, "edgedefault"); d {
	case "directed", "":
	case "undirected":
		r.undirected = true
	default:
		return r.errorf(r.line(), "edgedefault %q, expected directed or undirected", clip(d))
	}
	for {
		inner, err := r.start()
		if err != nil || inner == nil {
			return err
		}
		switch inner.Name.Local {
		case "data":
			err = r.data(inner, "graph", r.info)
		case "node":
			err = r.node(inner)
		case "edge":
			err = r.edge(inner)
		case "desc":
			err = r.dec.Skip()
		default:
			err = r.errorf(r.line(), "element %s inside graph is not supported", clip(inner.Name.Local))
		}
		if err != nil {
			return err
		}
	}
}

// data stores the value of one data element under the declared name of its key.
func (r *graphReader) data(e *xml.StartElement, domain string, into map[string]string) error {
	line, id := r.line(), attribute(e, "key")
	k := r.keys[id]
	if k == nil {
		return r.errorf(line, "data with the undeclared key %q", clip(id))
	}
	if k.domain != domain && k.domain != "all" && k.domain != "" {
		return r.errorf(line, "key %q is declared for %s and used in a %s", clip(id), clip(k.domain), domain)
	}
	value, err := r.text("data")
	if err != nil {
		return err
	}
	if _, dup := into[k.name]; dup {
		return r.errorf(line, "second value of %q", clip(k.name))
	}
	if value != "" {
		into[k.name] = value
	}
	return nil
}

// attributes reads the content of a node or edge and adds the defaults of keys that it does not
// set.
func (r *graphReader) attributes(domain string) (map[string]string, error) {
	attr := map[string]string{}
	for {
		inner, err := r.start()
		if err != nil {
			return nil, err
		}
		if inner == nil {
			break
		}
		switch inner.Name.Local {
		case "data":
			err = r.data(inner, domain, attr)
		case "desc":
			err = r.dec.Skip()
		default:
			err = r.errorf(r.line(), "element %s inside %s is not supported", clip(inner.Name.Local), domain)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, k := range r.keys {
		if _, set := attr[k.name]; !set && k.fallback != "" && (k.domain == domain || k.domain == "all") {
			attr[k.name] = k.fallback
		}
	}
	return attr, nil
}

func (r *graphReader) node(e *xml.StartElement) error {
	line, id := r.line(), attribute(e, "id")
	if _, dup := r.vertex[id]; dup || id == "" {
		return r.errorf(line, "node id %q is empty or repeated", clip(id))
	}
	attr, err := r.attributes("node")
	if err != nil {
		return err
	}
	fallback := id
	if label := attr["label"]; label != "" && attr["name"] == "" && attr["cell_name"] == "" {
		fallback = label
		delete(attr, "label")
	}
	n, err := neuronFromAttributes(attr, fallback)
	if err != nil {
		return r.errorf(line, "node %q: %v", clip(id), err)
	}
	r.vertex[id] = len(r.neurons)
	return r.addNeuron(line, n)
}

func (r *graphReader) edge(e *xml.StartElement) error {
	p := pendingEdge{
		source: attribute(e, "source"), target: attribute(e, "target"), directed: attribute(e, "directed"), line: r.line(),
	}
	if len(r.pending) >= MaxEdges {
		return r.errorf(p.line, "more than %d edges", MaxEdges)
	}
	var err error
	if p.attr, err = r.attributes("edge"); err != nil {
		return err
	}
	r.pending = append(r.pending, p)
	return nil
}

func (r *graphReader) resolve(p pendingEdge) error {
	var e Edge
	var known bool
	if e.Pre, known = r.vertex[p.source]; !known {
		return r.errorf(p.line, "edge from the unknown node %q", clip(p.source))
	}
	if e.Post, known = r.vertex[p.target]; !known {
		return r.errorf(p.line, "edge to the unknown node %q", clip(p.target))
	}
	undirected := r.undirected
	switch p.directed {
	case "":
	case "true", "1":
		undirected = false
	case "false", "0":
		undirected = true
	default:
		return r.errorf(p.line, "directed=%q, expected true or false", clip(p.directed))
	}
	if undirected {
		e.Layer = Gap
	}
	var err error
	for _, name := range []string{"synapse_type", "type"} {
		kind, ok := p.attr[name]
		if !ok {
			continue
		}
		if e.Layer, err = parseLayer(kind); err != nil {
			return r.errorf(p.line, "%v", err)
		}
		if e.Layer == Chemical && undirected {
			return r.errorf(p.line, "undirected chemical synapse of %q and %q", clip(p.source), clip(p.target))
		}
		break
	}
	e.Weight = 1
	if w, ok := p.attr["weight"]; ok {
		if e.Weight, err = parseNumber(w); err != nil {
			return r.errorf(p.line, "weight %v", err)
		}
	}
	return r.addEdge(p.line, e)
}

// WriteGraphML writes everything that the graph holds. Gap junctions are written once, as edges
// with directed="false".
func WriteGraphML(w io.Writer, g *Graph) error {
	b := bufio.NewWriter(w)
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

// sortedKeys returns the keys of m in byte order.
func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
