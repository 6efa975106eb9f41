package connectome

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"elegans/internal/quote"
)

func init() {
	register(format{
		Format: Format{Name: "JSON", Reads: []string{".json"}, Writes: []string{".json"}, Keeps: KeepsAll},
		read:   readJSON,
		files:  oneFile(func(w io.Writer, g *Graph, _ string) error { return WriteJSON(w, g) }),
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

// maxValue bounds a member of a JSON file, in bytes, which its decoder keeps as a whole. The
// elements of neurons and edges are values of their own.
const maxValue = 16 << 20

// jsonReader walks the top-level object, so that an error can name the line of the neuron or edge
// that it concerns.
type jsonReader struct {
	*builder
	source *source
	dec    *json.Decoder

	ahead bytes.Buffer // what was read and lies behind the place that line counts to
	place int64        // in bytes
	line  int
}

// Read passes the file to the decoder and keeps what lies ahead of it, in which its errors lie.
func (r *jsonReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.ahead.Write(p[:n])
	if r.at(); r.ahead.Len() > maxValue {
		return 0, r.errorf(r.line, "a value of more than %d bytes", maxValue)
	}
	return n, err
}

// at returns the line that the decoder has reached.
func (r *jsonReader) at() int {
	passed := r.ahead.Next(int(r.dec.InputOffset() - r.place))
	r.place += int64(len(passed))
	r.line += bytes.Count(passed, []byte{'\n'})
	return r.line
}

// fail turns a decoder's error into a FormatError with a line.
func (r *jsonReader) fail(err error) error {
	var known *FormatError
	if errors.As(err, &known) || r.ctx.Err() != nil && errors.Is(err, r.ctx.Err()) {
		return err
	}
	line := r.at()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		ahead := r.ahead.Bytes()
		line += bytes.Count(ahead[:min(max(0, int(syntax.Offset-r.place)), len(ahead))], []byte{'\n'})
	}
	reason := quote.Line(err.Error())
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		line, reason = line+bytes.Count(r.ahead.Bytes(), []byte{'\n'}), "the file ends too early"
	}
	return r.errorf(line, "%s", reason)
}

// ReadJSON reads the object that WriteJSON writes: format, name, info, neurons and edges, in this
// order or with neurons before edges. file is used in errors.
func ReadJSON(in io.Reader, file string) (*Graph, []Defect, error) {
	s, err := text(in, file)
	if err != nil {
		return nil, nil, err
	}
	return readJSON(s)
}

func readJSON(s *source) (*Graph, []Defect, error) {
	r := &jsonReader{builder: newBuilder(s.ctx, s.file), source: s, line: 1}
	r.dec = json.NewDecoder(r)
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
			return nil, nil, r.errorf(r.at(), "second member %s", quote.Text(key))
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
			return nil, nil, r.errorf(r.at(), "unknown member %s", quote.Text(key))
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
		return nil, nil, r.errorf(0, "format %s, expected %q", quote.Text(format), jsonFormat)
	}
	g, defects, err := r.graph()
	if err != nil {
		return nil, nil, err
	}
	if g.Name = name; len(info) > 0 {
		g.Info = info
	}
	if err := cmp.Or(checkText("graph name", g.Name), checkMap("graph information", g.Info, reservedInfo)); err != nil {
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
	b := bufio.NewWriterSize(w, 1<<16)
	// The writes to b cannot fail before Flush, and marshalling strings and finite numbers cannot
	// fail at all.
	marshal := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return data
	}
	b.WriteString("{\n\"format\": ")
	b.Write(marshal(jsonFormat))
	b.WriteString(",\n\"name\": ")
	b.Write(marshal(g.Name))
	if len(g.Info) > 0 {
		b.WriteString(",\n\"info\": ")
		b.Write(marshal(g.Info))
	}
	b.WriteString(",\n\"neurons\": [")
	names := make([][]byte, g.Len()) // as JSON
	for i := range g.Neurons {
		n := &g.Neurons[i]
		j := jsonNeuron{
			Name: n.Name, ID: n.ID, Class: n.Class, Role: n.Role.Letter(), Transmitters: n.Transmitters, Extra: n.Extra,
		}
		if n.HasSoma {
			j.Soma = &n.Soma
		}
		separate(b, i)
		if _, err := b.Write(marshal(j)); err != nil {
			return err
		}
		names[i] = marshal(n.Name)
	}
	b.WriteString("\n],\n\"edges\": [")
	// What follows is what json.Marshal makes of a jsonEdge, put together by hand, since a large
	// connectome is nearly all edges.
	var line []byte
	for i, e := range g.Edges {
		separate(b, i)
		line = append(append(line[:0], `{"pre":`...), names[e.Pre]...)
		line = append(append(line, `,"post":`...), names[e.Post]...)
		line = append(append(append(line, `,"type":"`...), e.Layer.Letter()...), `","weight":`...)
		if whole := int64(e.Weight); e.Weight < 1e15 && float64(whole) == e.Weight {
			line = strconv.AppendInt(line, whole, 10)
		} else {
			line = append(line, marshal(e.Weight)...)
		}
		if _, err := b.Write(append(line, '}')); err != nil {
			return err
		}
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
