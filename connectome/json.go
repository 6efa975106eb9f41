package connectome

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

func init() {
	register(format{
		Format: Format{Name: "JSON", Reads: []string{".json"}, Writes: []string{".json"}, Keeps: KeepsAll},
		read: func(data []byte, path string) (*Graph, []Defect, error) {
			return ReadJSON(bytes.NewReader(data), path)
		},
		files: oneFile(func(w io.Writer, g *Graph, _ string) error { return WriteJSON(w, g) }),
	})
}

// jsonFormat marks our JSON files.
const jsonFormat = "elegans-connectome/1"

type jsonNeuron struct {
	Name         string            `json:"name"`
	ID           string            `json:"id,omitempty"`
	Class        string            `json:"class,omitempty"`
	Role         string            `json:"role,omitempty"`
	Transmitters []string          `json:"transmitters,omitempty"`
	Soma         *Position         `json:"soma,omitempty"`
	Extra        map[string]string `json:"extra,omitempty"`
}

type jsonEdge struct {
	Pre    string  `json:"pre"`
	Post   string  `json:"post"`
	Type   string  `json:"type"`
	Weight float64 `json:"weight"`
}

// jsonReader walks the top-level object, so that an error can name the line of the neuron or edge
// that it concerns.
type jsonReader struct {
	*builder
	data   []byte
	dec    *json.Decoder
	offset int64 // up to which line counts
	line   int
}

// at returns the line that the decoder has reached.
func (r *jsonReader) at() int {
	now := min(r.dec.InputOffset(), int64(len(r.data)))
	r.line += bytes.Count(r.data[r.offset:now], []byte{'\n'})
	r.offset = now
	return r.line
}

// fail turns a decoder's error into a FormatError with a line.
func (r *jsonReader) fail(err error) error {
	var known *FormatError
	if errors.As(err, &known) {
		return err
	}
	line := r.at()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line = 1 + bytes.Count(r.data[:min(syntax.Offset, int64(len(r.data)))], []byte{'\n'})
	}
	reason := err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, reason = 1+bytes.Count(r.data, []byte{'\n'}), "the file ends too early"
	}
	return r.errorf(line, "%s", reason)
}

// ReadJSON reads the object that WriteJSON writes: format, name, info, neurons and edges, in this
// order or with neurons before edges. file is used in errors.
func ReadJSON(in io.Reader, file string) (*Graph, []Defect, error) {
	data, err := readAll(in, file)
	if err != nil {
		return nil, nil, err
	}
	r := &jsonReader{builder: newBuilder(file), data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.closed = true
	r.dec.DisallowUnknownFields()
	var name, format string
	var info map[string]string
	seen := map[string]bool{}
	if err := r.delim('{'); err != nil {
		return nil, nil, r.fail(err)
	}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, nil, r.fail(err)
		}
		key, _ := token.(string)
		if seen[key] {
			return nil, nil, r.errorf(r.at(), "second member %q", clip(key))
		}
		seen[key] = true
		switch key {
		case "format":
			err = r.dec.Decode(&format)
		case "name":
			err = r.dec.Decode(&name)
		case "info":
			err = r.dec.Decode(&info)
		case "neurons":
			err = r.array(r.neuron1)
		case "edges":
			if !seen["neurons"] {
				return nil, nil, r.errorf(r.at(), "edges before neurons")
			}
			err = r.array(r.edge1)
		default:
			return nil, nil, r.errorf(r.at(), "unknown member %q", clip(key))
		}
		if err != nil {
			return nil, nil, r.fail(err)
		}
	}
	if err := r.delim('}'); err != nil {
		return nil, nil, r.fail(err)
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, nil, r.errorf(r.at(), "something follows the object")
	}
	if format != jsonFormat {
		return nil, nil, r.errorf(0, "format %q, expected %q", clip(format), jsonFormat)
	}
	g, defects, err := r.graph()
	if err != nil {
		return nil, nil, err
	}
	if g.Name = name; len(info) > 0 {
		g.Info = info
	}
	if err := g.Validate(); err != nil {
		return nil, nil, r.errorf(0, "%v", err)
	}
	return g, defects, nil
}

func (r *jsonReader) delim(want json.Delim) error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("found %v, expected %v", token, want)
	}
	return nil
}

// array calls item at the start of every element.
func (r *jsonReader) array(item func() error) error {
	if err := r.delim('['); err != nil {
		return err
	}
	for r.dec.More() {
		if err := item(); err != nil {
			return err
		}
	}
	return r.delim(']')
}

func (r *jsonReader) neuron1() error {
	var j jsonNeuron
	if err := r.dec.Decode(&j); err != nil {
		return err
	}
	n := Neuron{Name: j.Name, ID: j.ID, Class: j.Class, Transmitters: j.Transmitters, Extra: j.Extra}
	var err error
	if n.Role, err = ParseRole(j.Role); err != nil {
		return err
	}
	if j.Soma != nil {
		n.HasSoma, n.Soma = true, *j.Soma
	}
	return r.addNeuron(r.at(), n)
}

func (r *jsonReader) edge1() error {
	var j jsonEdge
	if err := r.dec.Decode(&j); err != nil {
		return err
	}
	line := r.at()
	e := Edge{Weight: j.Weight}
	var err error
	if e.Layer, err = parseLayer(j.Type); err != nil {
		return err
	}
	if e.Pre, err = r.neuron(line, j.Pre); err != nil {
		return err
	}
	if e.Post, err = r.neuron(line, j.Post); err != nil {
		return err
	}
	return r.addEdge(line, e)
}

// WriteJSON writes everything that the graph holds, one neuron or edge a line.
func WriteJSON(w io.Writer, g *Graph) error {
	b := bufio.NewWriter(w)
	// The writes to b cannot fail before Flush, and marshalling strings and finite numbers cannot
	// fail at all.
	value := func(v any) {
		data, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		b.Write(data)
	}
	b.WriteString("{\n\"format\": ")
	value(jsonFormat)
	b.WriteString(",\n\"name\": ")
	value(g.Name)
	if len(g.Info) > 0 {
		b.WriteString(",\n\"info\": ")
		value(g.Info)
	}
	b.WriteString(",\n\"neurons\": [")
	for i := range g.Neurons {
		n := &g.Neurons[i]
		j := jsonNeuron{
			Name: n.Name, ID: n.ID, Class: n.Class, Role: n.Role.Letter(), Transmitters: n.Transmitters, Extra: n.Extra,
		}
		if n.HasSoma {
			j.Soma = &n.Soma
		}
		separate(b, i)
		value(j)
	}
	b.WriteString("\n],\n\"edges\": [")
	for i, e := range g.Edges {
		separate(b, i)
		value(jsonEdge{g.Neurons[e.Pre].Name, g.Neurons[e.Post].Name, e.Layer.Letter(), e.Weight})
	}
	b.WriteString("\n]\n}\n")
	return b.Flush()
}

func separate(b *bufio.Writer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
}
