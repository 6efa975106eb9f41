package connectome_test

import (
	"bytes"
	"strings"
	"testing"

	"elegans/connectome"
)

// fuzz checks that a reader either refuses an input with one clear line or returns a valid graph
// that survives being written and read again.
func fuzz(f *testing.F, read reader, write func(*bytes.Buffer, *connectome.Graph) error) {
	f.Fuzz(func(t *testing.T, data []byte) {
		g, _, err := read(bytes.NewReader(data), "f")
		if err != nil {
			if g != nil || !strings.HasPrefix(err.Error(), "f:") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("graph %v, error %q", g != nil, err)
			}
			return
		}
		if err := g.Validate(); err != nil {
			t.Fatalf("reader returned an invalid graph: %v", err)
		}
		var b bytes.Buffer
		if err := write(&b, g); err != nil {
			t.Fatal(err)
		}
		again, _, err := read(bytes.NewReader(b.Bytes()), "again")
		if err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		if !again.Equal(g) {
			t.Fatalf("graph changed on its way\n%s", b.Bytes())
		}
	})
}

const (
	seedTable  = "pre\tpost\ttype\tweight\nAVAL\tAVAR\tC\t2\nAVAR\tAVAL\tE\t1\nAVAL\tAVAR\tE\t1\n# note\n\"#b\"\tAVAL\tC\t0.5\n"
	seedMatrix = "chemical\tA\tB\nA\t1\t\nB\t2\t0\n\ngap\tA\tB\nA\t0\t3\nB\t3\t1\n"
	seedJSON   = `{"format":"elegans-connectome/1","name":"x","info":{"a":"b"},"neurons":[{"name":"A","role":"S","soma":{"x":1,"y":2,"z":3},"transmitters":["ACh"],"extra":{"k":"v"}},{"name":"B"}],"edges":[{"pre":"A","post":"B","type":"C","weight":2},{"pre":"B","post":"A","type":"E","weight":1}]}`
	seedXML    = `<?xml version="1.0"?><graphml><key id="n" for="node" attr.name="name"/><key id="x" for="node" attr.name="x"><default>1</default></key><key id="y" for="node" attr.name="y"><default>2</default></key><key id="z" for="node" attr.name="z"><default>1</default></key><key id="i" for="graph" attr.name="info"/><key id="t" for="edge" attr.name="synapse_type"/><graph edgedefault="directed"><data key="i">text &amp; more</data><node id="a"><data key="n">AVAL</data></node><node id="b"/><edge source="a" target="b"><data key="t">E</data></edge><edge source="b" target="a"><data key="t">C</data></edge></graph></graphml>`
)

func FuzzTSV(f *testing.F) {
	f.Add([]byte(seedTable))
	f.Add([]byte("source\ttarget\nA\tB\n"))
	// Names in order of appearance are lost when the edges are sorted, so the copy is read with the
	// neurons of the original.
	f.Fuzz(func(t *testing.T, data []byte) {
		g, _, err := readTSV(bytes.NewReader(data), "f")
		if err != nil {
			if g != nil || !strings.HasPrefix(err.Error(), "f:") || strings.Contains(err.Error(), "\n") {
				t.Fatalf("graph %v, error %q", g != nil, err)
			}
			return
		}
		var b bytes.Buffer
		if err := connectome.WriteEdges(&b, g, '\t'); err != nil {
			t.Fatal(err)
		}
		if again, _, err := connectome.ReadEdges(&b, "again", '\t', g.Neurons); err != nil || (len(g.Neurons) > 0 && !again.Equal(g)) {
			t.Fatalf("graph changed on its way (%v)", err)
		}
	})
}

func FuzzNeurons(f *testing.F) {
	f.Add([]byte("name\tcell_id\tclass\trole\ttransmitters\tx\ty\tz\tmore\nAVAL\t1\tAVA\tI\tACh;GABA\t1\t2\t3\tq\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		neurons, _, err := connectome.ReadNeurons(bytes.NewReader(data), "f", '\t')
		if err != nil {
			return
		}
		g, err := connectome.New("", neurons, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := connectome.WriteNeurons(&b, g, '\t'); err != nil {
			t.Fatal(err)
		}
		again, _, err := connectome.ReadNeurons(&b, "again", '\t')
		if err != nil {
			t.Fatal(err)
		}
		if h, err := connectome.New("", again, nil); err != nil || !h.Equal(g) {
			t.Fatalf("neurons changed on their way (%v)", err)
		}
	})
}

func FuzzAdjacency(f *testing.F) {
	f.Add([]byte(seedMatrix))
	f.Add([]byte("\tA\nA\t1\n"))
	fuzz(f, readMatrix, func(b *bytes.Buffer, g *connectome.Graph) error { return connectome.WriteAdjacency(b, g, '\t') })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(seedJSON))
	f.Add([]byte("{}"))
	fuzz(f, connectome.ReadJSON, func(b *bytes.Buffer, g *connectome.Graph) error { return connectome.WriteJSON(b, g) })
}

func FuzzGraphML(f *testing.F) {
	f.Add([]byte(seedXML))
	f.Add([]byte(ml + `<graph edgedefault="undirected"><node id="a"/></graph></graphml>`))
	f.Add([]byte(`<graphml><key id="g" for="node" yfiles.type="nodegraphics"/><graph><node id="a"><data key="g"><s><NodeLabel>A</NodeLabel></s></data><port/></node></graph></graphml>`))
	f.Add([]byte(`<?xml version="1.0" encoding="latin1"?><graphml><key id="w" attr.name="Weight"><default>2</default></key><graph><edge source="a" target="a"/><node id="a"/></graph></graphml>`))
	fuzz(f, connectome.ReadGraphML, func(b *bytes.Buffer, g *connectome.Graph) error { return connectome.WriteGraphML(b, g) })
}

// FuzzSniffed reads tables whose separator their content decides, as edge list, matrix and table of
// neurons.
func FuzzSniffed(f *testing.F) {
	for _, seed := range []string{
		"pre;post;weight\nA;B;2,5\n", "\"A\" \"B\"\n\"A\" 0 3\n\"B\" 0 0\n", ",pre,post\n0,A,B\n", "name,x,y\nA,1,2\n",
		"\xff\xfep\x00r\x00e\x00", "A\tB\nA\t0\t1\nB\t1\t0\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		check := func(g *connectome.Graph, err error) {
			if err != nil {
				if g != nil || !strings.HasPrefix(err.Error(), "f.csv:") || strings.Contains(err.Error(), "\n") {
					t.Fatalf("graph %v, error %q", g != nil, err)
				}
			} else if err := g.Validate(); err != nil {
				t.Fatalf("reader returned an invalid graph: %v", err)
			}
		}
		g, _, err := connectome.ReadEdges(bytes.NewReader(data), "f.csv", 0, nil)
		check(g, err)
		g, _, err = connectome.ReadAdjacency(bytes.NewReader(data), "f.csv", 0)
		check(g, err)
		neurons, _, err := connectome.ReadNeurons(bytes.NewReader(data), "f.csv", 0)
		if err == nil {
			g, err = connectome.New("", neurons, nil)
			if err != nil {
				t.Fatal(err)
			}
		} else {
			g = nil
		}
		check(g, err)
	})
}
