package connectome_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/internal/reference"
)

type reader func(r io.Reader, file string) (*connectome.Graph, []connectome.Defect, error)

func readTSV(r io.Reader, file string) (*connectome.Graph, []connectome.Defect, error) {
	return connectome.ReadEdges(r, file, '\t', nil)
}

func readMatrix(r io.Reader, file string) (*connectome.Graph, []connectome.Defect, error) {
	return connectome.ReadAdjacency(r, file, '\t')
}

func readNeurons(r io.Reader, file string) (*connectome.Graph, []connectome.Defect, error) {
	_, _, err := connectome.ReadNeurons(r, file, '\t')
	return nil, nil, err
}

const ml = `<graphml><key id="t" for="edge" attr.name="synapse_type"/><key id="w" for="edge" attr.name="weight"/><key id="r" for="node" attr.name="role"/><key id="x" for="node" attr.name="x"/>`

// TestRefusals: every reader refuses bad input with file, line and reason.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		read  reader
		input string
		want  string // start of the error
	}{
		{"tsv empty", readTSV, "", "f:1: empty"},
		{"tsv no header", readTSV, "AVAL\tAVAR\n", "f:1: header"},
		{"tsv columns", readTSV, "pre\tpost\nA\tB\nA\n", "f:3: 1 columns"},
		{"tsv comment counts as line", readTSV, "# c\npre\tpost\nA\n", "f:3: 1 columns"},
		{"tsv type", readTSV, "pre\tpost\ttype\nA\tB\tX\n", `f:2: type "X"`},
		{"tsv weight word", readTSV, "pre\tpost\tweight\nA\tB\tmany\n", `f:2: weight "many"`},
		{"tsv weight nan", readTSV, "pre\tpost\tweight\nA\tB\tNaN\n", `f:2: weight "NaN"`},
		{"tsv weight zero", readTSV, "pre\tpost\tweight\nA\tB\t0\n", "f:2: weight 0"},
		{"tsv weight negative", readTSV, "pre\tpost\tweight\nA\tB\t-2\n", "f:2: weight -2"},
		{"tsv no name", readTSV, "pre\tpost\n\tB\n", `f:2: neuron "": no name`},
		{"tsv control", readTSV, "pre\tpost\nA\x01\tB\n", `f:2: neuron "A\x01"`},
		{"tsv utf8", readTSV, "pre\tpost\nA\xff\tB\n", `f:2: neuron "A\xff"`},
		{"tsv quote", readTSV, "pre\tpost\nA\"\tB\n", "f:2: bare \""},
		{"tsv gap directions", readTSV, "pre\tpost\ttype\tweight\nA\tB\tE\t2\nB\tA\tE\t1\n", "f:3: gap junction"},
		{"tsv overflow", readTSV, "pre\tpost\tweight\nA\tB\t1e308\nA\tB\t1e308\n", "f:3: the summed weight"},
		{"neurons empty", readNeurons, "", "f:1: empty"},
		{"neurons header", readNeurons, "class\trole\n", "f:1: header"},
		{"neurons repeated column", readNeurons, "name\trole\trole\n", "f:1: column 3"},
		{"neurons role", readNeurons, "name\trole\nA\tS\nB\tQ\n", `f:3: role "Q"`},
		{"neurons twice", readNeurons, "name\nA\nA\n", "f:3: second neuron"},
		{"neurons half a soma", readNeurons, "name\tx\ty\tz\nA\t1\t\t\n", "f:2: a soma position"},
		{"neurons soma", readNeurons, "name\tx\ty\tz\nA\t1\tInf\t2\n", "f:2: y: \"Inf\""},
		{"matrix empty", readMatrix, "\n", "f:1: empty"},
		{"matrix corner", readMatrix, "neuron\tA\n", "f:1: corner cell"},
		{"matrix label", readMatrix, "\tA\tB\nA\t0\t1\nC\t0\t0\n", "f:3: row label"},
		{"matrix short", readMatrix, "\tA\tB\nA\t0\t1\n", "f:2: the chemical block ends"},
		{"matrix ragged", readMatrix, "\tA\tB\nA\t0\nB\t0\t0\n", "f:2: 2 columns"},
		{"matrix cell", readMatrix, "\tA\nA\tx\n", "f:2: column 2"},
		{"matrix negative", readMatrix, "\tA\nA\t-1\n", "f:2: weight -1"},
		{"matrix one triangle", readMatrix, "gap\tA\tB\nA\t0\t1\nB\t0\t0\n", "f:2: the gap block is not symmetric"},
		{"matrix triangles differ", readMatrix, "gap\tA\tB\nA\t0\t1\nB\t2\t0\n", "f:3: gap junction"},
		{"matrix second block", readMatrix, "\tA\nA\t1\nchemical\tA\nA\t1\n", "f:3: second chemical"},
		{"matrix other labels", readMatrix, "\tA\nA\t1\ngap\tB\nB\t1\n", "f:3: label"},
		{"json empty", connectome.ReadJSON, "", "f:1: the file ends"},
		{"json array", connectome.ReadJSON, "[]", "f:1: found [, expected {"},
		{"json format", connectome.ReadJSON, `{"format":"x"}`, `f: format "x"`},
		{"json member", connectome.ReadJSON, "{\n\"nodes\":[]}", `f:2: unknown member "nodes"`},
		{"json twice", connectome.ReadJSON, "{\n\"name\":\"a\",\n\"name\":\"b\"}", `f:3: second member`},
		{"json order", connectome.ReadJSON, `{"edges":[]}`, "f:1: edges before neurons"},
		{"json edge", connectome.ReadJSON, "{\"neurons\":[{\"name\":\"A\"}],\n\"edges\":[\n{\"pre\":\"A\",\"post\":\"B\",\"type\":\"C\",\"weight\":1}]}", `f:3: unknown neuron "B"`},
		{"json weight", connectome.ReadJSON, "{\"neurons\":[{\"name\":\"A\"}],\n\"edges\":[\n{\"pre\":\"A\",\"post\":\"A\",\"type\":\"C\"}]}", `f:3: weight 0`},
		{"json field", connectome.ReadJSON, "{\"neurons\":[\n{\"name\":\"A\",\"colour\":1}]}", "f:2: json: unknown field"},
		{"json cut", connectome.ReadJSON, "{\"neurons\":[\n{\"name\":\"A\"},\n", "f:3: the file ends"},
		{"json syntax", connectome.ReadJSON, "{\n\"name\": oops}", "f:2: invalid character"},
		{"json tail", connectome.ReadJSON, "{}\n{}", "f:2: something follows"},
		{"xml empty", connectome.ReadGraphML, "", "f:1: the file ends"},
		{"xml root", connectome.ReadGraphML, "<svg/>", "f:1: element svg"},
		{"xml no graph", connectome.ReadGraphML, "<graphml/>", "f:1: no graph"},
		{"xml two graphs", connectome.ReadGraphML, "<graphml>\n<graph/>\n<graph/></graphml>", "f:3: second graph"},
		{"xml cut", connectome.ReadGraphML, "<graphml>\n<graph>", "f:2: unexpected EOF"},
		{"xml mismatch", connectome.ReadGraphML, "<graphml>\n</graph>", "f:2: element <graphml> closed by"},
		{"xml entity", connectome.ReadGraphML, "<graphml>\n&x;</graphml>", "f:2: invalid character entity"},
		{"xml undeclared", connectome.ReadGraphML, "<graphml><graph>\n<node id=\"a\"><data key=\"q\">1</data></node></graph></graphml>", `f:2: data with the undeclared key "q"`},
		{"xml domain", connectome.ReadGraphML, ml + "<graph>\n<node id=\"a\"><data key=\"w\">1</data></node></graph></graphml>", `f:2: key "w" is declared for edge`},
		{"xml node twice", connectome.ReadGraphML, "<graphml><graph>\n<node id=\"a\"/>\n<node id=\"a\"/></graph></graphml>", `f:3: node id "a"`},
		{"xml target", connectome.ReadGraphML, "<graphml><graph><node id=\"a\"/>\n<edge source=\"a\" target=\"b\"/></graph></graphml>", `f:2: edge to the unknown node "b"`},
		{"xml hyperedge", connectome.ReadGraphML, "<graphml><graph>\n<hyperedge/></graph></graphml>", "f:2: element hyperedge"},
		{"xml nested", connectome.ReadGraphML, "<graphml><graph>\n<node id=\"a\"><graph/></node></graph></graphml>", "f:2: element graph inside node"},
		{"xml weight", connectome.ReadGraphML, ml + "<graph><node id=\"a\"/>\n<edge source=\"a\" target=\"a\"><data key=\"w\">-1</data></edge></graph></graphml>", "f:2: weight -1"},
		{"xml undirected chemical", connectome.ReadGraphML, ml + "<graph edgedefault=\"undirected\"><node id=\"a\"/>\n<edge source=\"a\" target=\"a\"><data key=\"t\">C</data></edge></graph></graphml>", "f:2: undirected chemical"},
		{"xml role", connectome.ReadGraphML, ml + "<graph>\n<node id=\"a\"><data key=\"r\">boss</data></node></graph></graphml>", `f:2: node "a": role "boss"`},
		{"xml soma", connectome.ReadGraphML, ml + "<key id=\"y\" for=\"node\" attr.name=\"y\"/><key id=\"z\" for=\"all\" attr.name=\"Z\"/><graph>\n<node id=\"a\"><data key=\"x\">1</data></node></graph></graphml>", `f:2: node "a": a soma position`},
		{"xml edgedefault", connectome.ReadGraphML, "<graphml>\n<graph edgedefault=\"both\"/></graphml>", "f:2: edgedefault"},
		{"xml tail", connectome.ReadGraphML, "<graphml><graph/></graphml>\n<x/>", "f:2: element x after"},
	} {
		g, _, err := c.read(strings.NewReader(c.input), "f")
		var format *connectome.FormatError
		if g != nil || !errors.As(err, &format) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: graph %v, error %v; want %q", c.name, g != nil, err, c.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error of several lines: %q", c.name, err)
		}
	}
}

// TestForeignForms reads what other programs write.
func TestForeignForms(t *testing.T) {
	for _, c := range []struct {
		name  string
		read  reader
		input string
		want  string // edge list
		kinds []connectome.DefectKind
	}{
		{"reordered columns", readTSV, "\uFEFFWeight\tTarget\tSource\r\n2\tB\tA\r\n", "A B C 2", nil},
		{"repeated pairs", readTSV, "pre\tpost\nA\tB\nA\tB\nB\tA\n", "A B C 2, B A C 1", []connectome.DefectKind{connectome.DefectRepeated}},
		{"both directions", readTSV, "pre\tpost\ttype\nA\tB\tgap\nB\tA\telectrical\nB\tB\tE\n", "A B E 1, B B E 1", []connectome.DefectKind{connectome.DefectBothDirections}},
		{"one reversed direction", readTSV, "pre\tpost\ttype\tweight\nB\tA\tC\t1\nA\tB\tE\t3\n", "B A C 1, B A E 3", nil},
		{"matrix without corner", readMatrix, "\tA\tB\nA\t\t1.5\nB\t0\t\n", "A B C 1.5", nil},
		{"undirected graphml", connectome.ReadGraphML, `<graphml><graph edgedefault="undirected"><edge source="b" target="a"/><node id="a"/><node id="b"/><edge source="a" target="a" directed="true"/></graph></graphml>`, "a a C 1, a b E 1", nil},
		{"defaults and labels", connectome.ReadGraphML, `<graphml><key id="k" for="edge" attr.name="weight"><default>4</default></key><key id="l" for="node" attr.name="label"/><graph edgedefault="directed"><desc>x</desc><node id="a"><data key="l">AVAL</data></node><edge source="a" target="a"/></graph></graphml>`, "AVAL AVAL C 4", nil},
	} {
		g, defects, err := c.read(strings.NewReader(c.input), "f")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var b bytes.Buffer
		if err := connectome.WriteEdges(&b, g, ' '); err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
		if got := strings.ReplaceAll(body, "\n", ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		var kinds []connectome.DefectKind
		for _, d := range defects {
			kinds = append(kinds, d.Kind)
		}
		if strings.Join(strs(kinds), ",") != strings.Join(strs(c.kinds), ",") {
			t.Errorf("%s: defects %v, want %v", c.name, defects, c.kinds)
		}
	}
}

func strs(kinds []connectome.DefectKind) []string {
	out := make([]string, len(kinds))
	for i, k := range kinds {
		out[i] = string(k)
	}
	return out
}

// TestPublishedFile reads the published graph with our reader: it is Shipped, and its defects are
// found.
func TestPublishedFile(t *testing.T) {
	g, defects, err := connectome.Load(t.Context(), reference.Optional(t, "celegans_upstream.graphml"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[connectome.DefectKind]int{
		connectome.DefectBothDirections: 514,
		connectome.DefectRole:           92,
		connectome.DefectMislabelled:    172,
		connectome.DefectWrongRole:      26,
		connectome.DefectUndercounted:   379,
		connectome.DefectRegion:         279,
	}
	for _, d := range defects {
		if want[d.Kind] != d.Count {
			t.Errorf("%v, want %d", d, want[d.Kind])
		}
		delete(want, d.Kind)
	}
	if len(want) > 0 {
		t.Errorf("defects not found: %v", want)
	}
	shipped := connectome.Shipped()
	for i := range g.Neurons {
		got, ours := g.Neurons[i], shipped.Neurons[i]
		if got.Name != ours.Name || got.ID != ours.ID || got.Class != ours.Class || got.Role != ours.Role || got.Extra["soma_pos"] == "" {
			t.Errorf("vertex %d: %+v, want %+v", i, got, ours)
		}
	}
	same, err := shipped.WithEdges(g.Edges)
	if err != nil || !same.Equal(shipped) {
		t.Errorf("edges differ from the shipped view (%v)", err)
	}
}
