package connectome

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"elegans/internal/quote"
)

func init() {
	register(format{
		Format: Format{Name: "GraphML", Reads: []string{".graphml", ".xml"}, Writes: []string{".graphml", ".xml"},
			Keeps: KeepsAll},
		read:  readGraphML,
		files: oneFile(func(w io.Writer, g *Graph, _ string) error { return WriteGraphML(w, g) }),
	})
}

// Limits of what a GraphML file may make its reader keep beside the graph.
const (
	maxToken     = 16 << 20 // bytes of a tag or text
	maxDepth     = 1000     // elements inside one another
	maxKeys      = 1 << 16  // declared attributes
	maxDefaulted = 1 << 23  // values that nodes have by default
)

// bothKey is the attribute of a graph whose value bothValue says that its gap junctions stand in
// both directions, as programs need it that have no undirected edges in a directed graph.
const bothKey, bothValue = "gap_junctions", "both directions"

// reservedInfo are the attributes of a graph that Info must not use.
var reservedInfo = []string{"name", bothKey}

// graphKey is a declared attribute.
type graphKey struct {
	domain, name, fallback string
	graphics               bool // its values are drawings of yEd, whose labels are texts
}

// holds reports whether the key may be used in an element.
func (k *graphKey) holds(domain string) bool {
	return k.domain == domain || k.domain == "all" || k.domain == ""
}

// graphReader walks the XML of a GraphML file.
type graphReader struct {
	*builder
	dec      *xml.Decoder
	guard    *tokenGuard
	keys     map[string]*graphKey
	defaults map[string][]*graphKey // of nodes, edges and the graph: keys with a default
	info     map[string]string
	neuron1  neuronReader

	// A vertex has a slot from when its id is first used, by a node or by an edge before it.
	slot       map[string]int
	slots      []slot
	undirected bool
	edgeAttr   map[string]string // of the current edge
	defaulted  int
	depth      int
}

// slot is a vertex, which an edge may name before it stands in the file.
type slot struct {
	neuron int // -1: not yet
	line   int // of the edge that named it first
	target bool
}

// ReadGraphML reads one GraphML graph. A vertex is named by its attribute cell_name, name or label
// (that of a drawing of yEd too), or else by its XML id; see Neuron for the others, which may be
// called cell_id, cell_class, role, neurotransmitters, x, y, z, in any case; unknown ones go to
// Extra. An edge's attribute synapse_type (or type, layer) is C or E; without it a directed edge is
// chemical and an undirected one a gap junction. Its attribute weight (or count, synapses,
// syn_count) is 1 where there is none. A key without "for" is for all elements. Nested graphs and
// hyperedges are refused; what else is not used is counted in a Defect.
//
// The defects include, for a graph of the worm's neurons, how it departs from the canonical view:
// the published file is read as it stands (the graph is that of Shipped) and its mislabelled
// vertices, lost weights and missing roles are counted. file is used in errors.
func ReadGraphML(in io.Reader, file string) (*Graph, []Defect, error) {
	s, err := text(in, file)
	if err != nil {
		return nil, nil, err
	}
	return readGraphML(s)
}

func readGraphML(s *source) (*Graph, []Defect, error) {
	guard := &tokenGuard{source: s} // no io.ByteReader, which the decoder would prefer
	r := &graphReader{
		builder: newBuilder(s.ctx, s.file), dec: xml.NewDecoder(guard), guard: guard, keys: map[string]*graphKey{},
		defaults: map[string][]*graphKey{}, info: map[string]string{}, slot: map[string]int{}, edgeAttr: map[string]string{},
	}
	r.neuron1.unused = &r.unused
	r.dec.CharsetReader = charset
	if err := r.document(); err != nil {
		return nil, nil, r.explain(s, err)
	}
	if err := r.settle(); err != nil {
		return nil, nil, err
	}
	if gaps := r.info[bothKey]; gaps == bothValue {
		r.both = true
	} else if gaps != "" {
		r.unused.attribute("graph", bothKey)
	}
	g, defects, err := r.graph()
	if err != nil {
		return nil, nil, err
	}
	g.Name = r.info["name"]
	delete(r.info, "name")
	delete(r.info, bothKey)
	if len(r.info) > 0 {
		g.Info = r.info
	}
	if err := cmp.Or(checkText("graph name", g.Name), checkMap("graph information", g.Info, reservedInfo)); err != nil {
		return nil, nil, r.errorf(0, "%v", err)
	}
	return g, append(defects, wormDefects(g)...), nil
}

// explain turns an error of the decoder into one that names the line.
func (r *graphReader) explain(s *source, err error) error {
	var known *FormatError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &known):
		return err
	case r.ctx.Err() != nil && errors.Is(err, r.ctx.Err()):
		return err
	case errors.As(err, &syntax):
		return r.errorf(syntax.Line, "%s", quote.Line(syntax.Msg))
	case errors.Is(err, io.EOF):
		return r.errorf(r.line(), "the file ends without a graphml element that is closed")
	}
	return r.errorf(r.line(), "%s", strings.TrimPrefix(quote.Line(err.Error()), "xml: "))
}

// tokenGuard stops the reading of a tag or text that grows beyond maxToken, before it is kept.
type tokenGuard struct {
	source      *source
	read, start int64
}

var errToken = fmt.Errorf("a tag or text of more than %d bytes", maxToken)

func (g *tokenGuard) Read(p []byte) (int, error) {
	n, err := g.source.Read(p)
	if g.read += int64(n); g.read-g.start > maxToken+headBytes {
		return 0, errToken
	}
	return n, err
}

// next returns the next token.
func (r *graphReader) next() (xml.Token, error) {
	r.guard.start = r.guard.read
	token, err := r.dec.Token()
	switch token.(type) {
	case xml.StartElement:
		if r.depth++; r.depth > maxDepth {
			return nil, r.errorf(r.line(), "more than %d elements inside one another", maxDepth)
		}
	case xml.EndElement:
		r.depth--
	}
	return token, err
}

func (r *graphReader) line() int {
	line, _ := r.dec.InputPos()
	return line
}

// start returns the next start element inside the current one, or nil at its end.
func (r *graphReader) start() (*xml.StartElement, error) {
	for {
		token, err := r.next()
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

// skip passes over the rest of the current element.
func (r *graphReader) skip() error {
	for level := r.depth; r.depth >= level; {
		if _, err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// text returns the character data of the element that was just started; line breaks become spaces.
// An element inside it is refused, or with graphics the text is that of the first label in it.
func (r *graphReader) text(name string, graphics bool) (string, error) {
	var b strings.Builder
	label := ""
	for level := r.depth; ; {
		token, err := r.next()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
			if b.Len() > maxToken { // many short pieces, between comments
				return "", r.errorf(r.line(), "%v", errToken)
			}
		case xml.StartElement:
			switch {
			case graphics && (t.Name.Local == "NodeLabel" || t.Name.Local == "EdgeLabel") && label == "":
				label, err = r.label()
			case graphics:
				continue
			default:
				err = r.errorf(r.line(), "element %s inside %s", quote.Name(t.Name.Local), name)
			}
			if err != nil {
				return "", err
			}
		case xml.EndElement:
			if r.depth >= level {
				continue
			}
			if graphics {
				return label, nil
			}
			return oneLine(b.String()), nil
		}
	}
}

// label returns the text of a label of yEd, which may hold elements that describe its place.
func (r *graphReader) label() (string, error) {
	var b strings.Builder
	for level := r.depth; ; {
		token, err := r.next()
		if err != nil {
			return "", err
		}
		if t, ok := token.(xml.CharData); ok && r.depth == level && b.Len() < maxText {
			b.Write(t)
		}
		if r.depth < level {
			return oneLine(b.String()), nil
		}
	}
}

var lineBreaks = strings.NewReplacer("\n", " ", "\t", " ", "\r", " ")

func oneLine(s string) string { return strings.TrimSpace(lineBreaks.Replace(s)) }

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
		return r.errorf(r.line(), "element %s, expected graphml", quote.Name(root.Name.Local))
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
			err = r.skip()
		case "data":
			err = r.skip() // about the file, not the graph
		default:
			err = r.errorf(r.line(), "element %s inside graphml", quote.Name(e.Name.Local))
		}
		if err != nil {
			return err
		}
	}
	if graphs == 0 {
		return r.errorf(r.line(), "no graph in the file")
	}
	for {
		token, err := r.next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			return r.errorf(r.line(), "element %s after the end of graphml", quote.Name(e.Name.Local))
		}
	}
}

// edgeNames are the attributes of edges that are used.
var edgeNames = slices.Concat(typeNames, weightNames)

func (r *graphReader) key(e *xml.StartElement) error {
	id := attribute(e, "id")
	k := &graphKey{domain: attribute(e, "for"), name: attribute(e, "attr.name")}
	for _, a := range e.Attr {
		k.graphics = k.graphics || a.Name.Local == "yfiles.type"
	}
	switch {
	case k.graphics && k.name == "":
		k.name = "label"
	case k.name == "":
		k.name = id
	}
	switch k.domain {
	case "node":
		k.name = known(k.name, reservedAttributes)
	case "edge":
		k.name = known(k.name, edgeNames)
	case "", "all":
		k.name = known(k.name, slices.Concat(reservedAttributes, edgeNames))
	}
	if id == "" || r.keys[id] != nil {
		return r.errorf(r.line(), "key %s: empty or repeated id", quote.Text(id))
	}
	if len(r.keys) >= maxKeys {
		return r.errorf(r.line(), "more than %d keys", maxKeys)
	}
	r.keys[id] = k
	for {
		inner, err := r.start()
		if err != nil {
			return err
		}
		if inner == nil {
			break
		}
		if inner.Name.Local == "default" {
			k.fallback, err = r.text("default", k.graphics)
		} else {
			err = r.skip()
		}
		if err != nil {
			return err
		}
	}
	for _, domain := range []string{"node", "edge", "graph"} {
		if k.fallback != "" && k.holds(domain) {
			r.defaults[domain] = append(r.defaults[domain], k)
		}
	}
	return nil
}

func (r *graphReader) graphElement(e *xml.StartElement) error {
	switch d := attribute(e, "edgedefault"); d {
	case "directed", "":
	case "undirected":
		r.undirected = true
	default:
		return r.errorf(r.line(), "edgedefault %s, expected directed or undirected", quote.Text(d))
	}
	var axes int
	for _, axis := range []string{"x", "y", "z"} {
		for _, k := range r.keys {
			if k.name == axis && k.holds("node") {
				axes++
				break
			}
		}
	}
	r.neuron1.whole = axes == 3
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
			err = r.skip()
		default:
			err = r.errorf(r.line(), "element %s inside graph is not supported", quote.Name(inner.Name.Local))
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
		return r.errorf(line, "data with the undeclared key %s", quote.Text(id))
	}
	if !k.holds(domain) {
		return r.errorf(line, "key %s is declared for %s and used in a %s", quote.Text(id), quote.Name(k.domain),
			domain)
	}
	value, err := r.text("data", k.graphics)
	if err != nil {
		return err
	}
	if k.graphics && domain != "node" { // drawings of edges, and of the graph
		if value != "" {
			r.unused.attribute(domain, k.name)
		}
		return nil
	}
	if _, dup := into[k.name]; dup {
		if k.graphics {
			return nil
		}
		return r.errorf(line, "second value of %s", quote.Text(k.name))
	}
	if value != "" {
		into[k.name] = value
	}
	return nil
}

// attributes reads the content of a node or edge and adds the defaults of keys that it does not
// set.
func (r *graphReader) attributes(domain string, attr map[string]string) error {
	for {
		inner, err := r.start()
		if err != nil {
			return err
		}
		if inner == nil {
			break
		}
		switch inner.Name.Local {
		case "data":
			err = r.data(inner, domain, attr)
		case "desc":
			err = r.skip()
		case "port":
			r.unused.element("port")
			err = r.skip()
		default:
			err = r.errorf(r.line(), "element %s inside %s is not supported", quote.Name(inner.Name.Local), domain)
		}
		if err != nil {
			return err
		}
	}
	for _, k := range r.defaults[domain] {
		if _, set := attr[k.name]; set {
			continue
		}
		if k.domain != domain && domain == "node" && slices.Contains(edgeNames, k.name) {
			continue // a default for all that means the edges
		}
		if k.domain != domain && domain == "edge" && !slices.Contains(edgeNames, k.name) {
			continue
		}
		attr[k.name] = k.fallback
		if domain == "node" {
			if r.defaulted++; r.defaulted > maxDefaulted {
				return r.errorf(r.line(), "the defaults of %d keys give the nodes more than %d values",
					len(r.defaults[domain]), maxDefaulted)
			}
		}
	}
	return nil
}

// vertex returns the slot of an XML id.
func (r *graphReader) vertex(id string, line int, target bool) (int, error) {
	if i, ok := r.slot[id]; ok {
		return i, nil
	}
	if err := r.take(line, 96+len(id)); err != nil {
		return 0, err
	}
	i := len(r.slots)
	r.slot[id] = i
	r.slots = append(r.slots, slot{-1, line, target})
	return i, nil
}

func (r *graphReader) node(e *xml.StartElement) error {
	line, id := r.line(), attribute(e, "id")
	v, err := r.vertex(id, line, false)
	if err != nil {
		return err
	}
	if id == "" || r.slots[v].neuron >= 0 {
		return r.errorf(line, "node id %s is empty or repeated", quote.Text(id))
	}
	attr := map[string]string{}
	if err := r.attributes("node", attr); err != nil {
		return err
	}
	fallback := id
	for _, key := range []string{"label", "Label"} {
		if label := attr[key]; label != "" && attr["name"] == "" && attr["cell_name"] == "" && fallback == id {
			fallback = label
			delete(attr, key)
		}
	}
	n, err := r.neuron1.neuron(attr, fallback)
	if err != nil {
		return r.errorf(line, "node %s: %v", quote.Text(id), err)
	}
	r.slots[v].neuron = len(r.neurons)
	return r.addNeuron(line, n)
}

func (r *graphReader) edge(e *xml.StartElement) error {
	line := r.line()
	source, target := attribute(e, "source"), attribute(e, "target")
	undirected := r.undirected
	switch directed := attribute(e, "directed"); directed {
	case "":
	case "true", "1":
		undirected = false
	case "false", "0":
		undirected = true
	default:
		return r.errorf(line, "directed=%s, expected true or false", quote.Text(directed))
	}
	var edge Edge
	var err error
	if edge.Pre, err = r.vertex(source, line, false); err != nil {
		return err
	}
	if edge.Post, err = r.vertex(target, line, true); err != nil {
		return err
	}
	attr := r.edgeAttr
	clear(attr)
	if err := r.attributes("edge", attr); err != nil {
		return err
	}
	take := func(names []string) (string, bool) {
		for _, name := range names {
			if v, ok := attr[name]; ok {
				delete(attr, name)
				return v, true
			}
		}
		return "", false
	}
	if undirected {
		edge.Layer = Gap
	}
	if kind, ok := take(typeNames); ok {
		if edge.Layer, err = parseLayer(kind); err != nil {
			return r.errorf(line, "%v", err)
		}
		if edge.Layer == Chemical && undirected {
			return r.errorf(line, "undirected chemical synapse of %s and %s", quote.Text(source), quote.Text(target))
		}
	}
	edge.Weight = 1
	if w, ok := take(weightNames); ok {
		if edge.Weight, err = parseNumber(w); err != nil {
			return r.errorf(line, "weight %v", err)
		}
	}
	for name := range attr {
		r.unused.attribute("edge", name)
	}
	return r.addEdge(line, edge)
}

// settle turns the slots that the records name into neurons.
func (r *graphReader) settle() error {
	for _, s := range r.slots {
		if s.neuron >= 0 {
			continue
		}
		for id, v := range r.slot {
			if r.slots[v] == s {
				if s.target {
					return r.errorf(s.line, "edge to the unknown node %s", quote.Text(id))
				}
				return r.errorf(s.line, "edge from the unknown node %s", quote.Text(id))
			}
		}
	}
	for _, c := range r.chunks {
		for i := range c {
			c[i].pre, c[i].post = uint32(r.slots[c[i].pre].neuron), uint32(r.slots[c[i].post].neuron)
		}
	}
	return nil
}
