package connectome_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"elegans/connectome"
)

// edgesOf lists the edges of a graph: "A B C 2, B A E 1".
func edgesOf(t *testing.T, g *connectome.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if err := connectome.WriteEdges(&b, g, ' '); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(strings.TrimSpace(b.String()), "\n")
	return strings.ReplaceAll(body, "\n", ", ")
}

// defectsOf lists what a reader said of a file, one defect a line.
func defectsOf(defects []connectome.Defect) string {
	var lines []string
	for _, d := range defects {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// TestCases reads files of other programs.
func TestCases(t *testing.T) {
	for name, want := range map[string]struct{ edges, said string }{
		"default_nofor.graphml": {"a b C 5, b c C 2", ""},
		"igraph_xy.graphml":     {"AVAL AVAR C 1", "incomplete-positions (2)"},
		"yed.graphml":           {"AVAL AVAR C 1", ""},
		"latin1.graphml":        {"Müller b C 1", ""},
		"tabs_named.csv":        {"ADAL AIBR C 1, ADAL ADFL E 2", ""},
		"source_pre_post.csv":   {"AVAL AVAR C 2, AVAR AVAL C 3", `unused-columns (1): columns are not used: "source"`},
		"r_writetable.csv":      {"A B C 2, B C C 1, C A C 3", ""},
	} {
		g, defects, err := connectome.Load(t.Context(), filepath.Join("testdata", "cases", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if got := edgesOf(t, g); got != want.edges {
			t.Errorf("%s: %s, want %s", name, got, want.edges)
		}
		if got := defectsOf(defects); !strings.HasPrefix(got, want.said) || (want.said == "") != (got == "") {
			t.Errorf("%s: said %q, want %q", name, got, want.said)
		}
	}
}

const (
	gephi = `<?xml version="1.0" encoding="UTF-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="label" attr.type="string" for="node" id="label"/>
<key attr.name="Edge Label" attr.type="string" for="edge" id="edgelabel"/>
<key attr.name="weight" attr.type="double" for="edge" id="weight"/>
<key attr.name="Edge Id" attr.type="string" for="edge" id="edgeid"/>
<key attr.name="r" attr.type="int" for="node" id="r"/>
<key attr.name="x" attr.type="float" for="node" id="x"/><key attr.name="y" attr.type="float" for="node" id="y"/>
<graph edgedefault="directed">
<node id="0"><data key="label">AVAL</data><data key="r">255</data><data key="x">1.5</data><data key="y">2</data></node>
<node id="1"><data key="label">AVAR</data></node>
<edge id="5" source="0" target="1"><data key="edgeid">5</data><data key="weight">2.0</data></edge></graph></graphml>`
	cytoscape = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed" id="worm">
<node id="1"><data key="shared name">AVAL</data></node></graph></graphml>`
	database = `<?xml version="1.0" encoding="UTF-8"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="Name" for="node" attr.name="Name"/><key id="labels" for="node" attr.name="labels"/>
<key id="Weight" for="edge" attr.name="Weight"/><key id="label" for="edge" attr.name="label"/><key id="since" for="edge" attr.name="since"/>
<graph id="G" edgedefault="directed">
<node id="n0" labels=":Neuron"><data key="labels">:Neuron</data><data key="Name">AVAL</data></node>
<node id="n1" labels=":Neuron"><data key="labels">:Neuron</data><data key="Name">AVAR</data></node>
<edge id="e0" source="n0" target="n1" label="SYNAPSE"><data key="label">SYNAPSE</data><data key="Weight">3</data><data key="since">1986</data></edge>
</graph></graphml>`
	ports = `<graphml><graph edgedefault="directed"><edge source="a" target="b" sourceport="p"/>
<node id="a"><port name="p"><port name="q"/></port></node><node id="b"/></graph></graphml>`
	typed = `<graphml><key id="w" for="edge" attr.name="weight" attr.type="string"><default> 7 </default></key>
<key id="k" for="node" attr.name="kind" attr.type="boolean"><default>true</default></key>
<graph><node id="a"/><edge source="a" target="b"/><node id="b"><data key="k">false</data></node></graph></graphml>`
)

// wide returns a text in UTF-16 with a byte order mark.
func wide(order binary.AppendByteOrder, s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\uFEFF" + s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// TestMoreForeignForms reads other members of the kinds of TestCases, by the name of a file.
func TestMoreForeignForms(t *testing.T) {
	small := "pre,post,weight\nA,B,2\n"
	for _, c := range []struct {
		name, file, content string
		edges               string // or
		err                 string // end of the error
		said                []string
	}{
		{"Gephi", "g.graphml", gephi, "AVAL AVAR C 2", "", []string{"incomplete-positions (1)", `edge "Edge Id" (1)`}},
		{"undeclared key", "g.graphml", cytoscape, "", `data with the undeclared key "shared name"`, nil},
		{"graph database", "g.graphml", database, "AVAL AVAR C 3", "", []string{`edge "label" (1), edge "since" (1)`}},
		{"ports", "g.graphml", ports, "a b C 1", "", []string{"unused-elements (1): elements are not used: port (1)"}},
		{"defaults of other types", "g.graphml", typed, "a b C 7", "", nil},
		{"GraphML in UTF-16", "g.graphml", wide(binary.LittleEndian, strings.Replace(gephi, "UTF-8", "UTF-16", 1)),
			"AVAL AVAR C 2", "", []string{"incomplete-positions"}},
		{"GraphML in UTF-16, big end first", "g.graphml", wide(binary.BigEndian, typed), "a b C 7", "", nil},
		{"GraphML in a code page", "g.xml",
			"<?xml version='1.0' encoding='windows-1252'?><graphml><graph><node id='\x80'/><edge source='\x80' target='\x80'/></graph></graphml>", "€ € C 1", "", nil},
		{"another encoding", "g.xml", "<?xml version='1.0' encoding='Shift_JIS'?><graphml/>", "",
			`the text is in encoding "Shift_JIS", expected UTF-8`, nil},
		{"UTF-32", "g.csv", "\xff\xfe\x00\x00p\x00\x00\x00", "", "the text is in UTF-32, expected UTF-8", nil},
		{"a table in UTF-16", "g.csv", wide(binary.LittleEndian, "pre\tpost\tweight\r\nA\tB\t2\r\n"), "A B C 2", "",
			nil},
		{"a table in Latin-1", "g.csv", "pre,post\nM\xfcller,B\n", "",
			`neuron "M\xfcller": name "M\xfcller": invalid UTF-8, expected a text in UTF-8`, nil},
		{"byte order mark and CRLF", "g.csv", "\uFEFF" + strings.ReplaceAll(small, "\n", "\r\n"), "A B C 2", "", nil},
		{"quoted fields", "g.csv", "\"pre\",\"post\",\"weight\"\n\"A, left\",\"B\"\"\",\"2\"\n",
			`"A, left" "B""" C 2`, "", nil},
		{"comments", "g.csv", "# from a paper\n\n" + small + "# end\n", "A B C 2", "", nil},
		{"decimal commas", "g.csv", "pre;post;weight\nA;B;2,5\n", "A B C 2.5", "", nil},
		{"decimal commas in a matrix", "g.csv", ";A;B\nA;0;0,5\nB;1;0\n", "A B C 0.5, B A C 1", "", nil},
		{"a comma in a number", "g.tsv", "pre\tpost\tweight\nA\tB\t2,5\n", "", `weight "2,5" is not a finite number`,
			nil},
		{"commas in a .tsv", "g.tsv", small, "A B C 2", "", nil},
		{"spaces", "g.txt", "\"pre\" \"post\" \"weight\"\n\"1\" \"A\" \"B\" 2\n", "A B C 2", "",
			[]string{`columns are not used: "(without a name)"`}},
		{"index column", "g.csv", ",pre,post\n0,A,B\n", "A B C 1", "",
			[]string{`columns are not used: "(without a name)"`}},
		{"FlyWire", "g.csv", "pre_root_id,post_root_id,neuropil,syn_count,nt_type\n720575940629970489,720575940631267655,AVLP_R,7,GABA\n",
			"720575940629970489 720575940631267655 C 7", "", []string{`unused-columns (2): columns are not used: "neuropil", "nt_type"`}},
		{"neuPrint", "g.csv", "bodyId_pre,bodyId_post,weight\n1,2,9\n", "1 2 C 9", "", nil},
		{"Gephi's edges", "g.csv",
			"Source,Target,Type,Id,Label,Weight\n1,2,Undirected,0,,3.0\n2,1,Directed,1,,1.0\n", "2 1 C 1, 1 2 E 3", "", []string{`"Id", "Label"`}},
		{"graph database's edges", "g.csv", ":START_ID(Neuron),:END_ID(Neuron),weight:int\n1,2,4\n", "1 2 C 4", "",
			nil},
		{"two weights", "g.csv", "pre,post,count,weight\nA,B,1,2\n", "A B C 2", "",
			[]string{`columns are not used: "count"`}},
		{"a column twice", "g.csv", "pre,post,weight,Weight\nA,B,1,2\n", "",
			`columns 3 and 4 are both named "weight"`, nil},
		{"ends of two pairs", "g.csv", "pre,target,weight\nA,B,1\n", "",
			`corner cell: type "pre", expected C (chemical) or E (gap junction)`, nil},
		{"R's matrix in a .tsv", "g.tsv", "A\tB\nA\t0\t3\nB\t0\t0\n", "A B C 3", "", nil},
		{"R's matrix with spaces", "g.txt", "\"A\" \"B\"\n\"A\" 0 3\n\"B\" 0 0\n", "A B C 3", "", nil},
		{"a million laughs", "g.graphml",
			`<!DOCTYPE g [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><graphml><graph><node id="&b;"/></graph></graphml>`, "", "invalid character entity &b;", nil},
		{"JSON with a byte order mark", "g.json", "\uFEFF" + seedJSON, "A B C 2, A B E 1", "", nil},
	} {
		path := filepath.Join(t.TempDir(), c.file)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		g, defects, err := connectome.Load(t.Context(), path)
		switch {
		case c.err != "":
			if err == nil || !strings.HasSuffix(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %s", c.name, err, c.err)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := edgesOf(t, g); got != c.edges {
			t.Errorf("%s: %s, want %s", c.name, got, c.edges)
		}
		said := defectsOf(defects)
		for _, want := range c.said {
			if !strings.Contains(said, want) {
				t.Errorf("%s: said %q, want %q", c.name, said, want)
			}
		}
		if c.said == nil && strings.Contains(said, "not used") {
			t.Errorf("%s: said %q", c.name, said)
		}
	}
}

// TestNothingSilent: what the table of neurons beside an edge list holds and a graph does not is
// said too.
func TestNothingSilent(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"g.csv":         "pre,post\nA,B\n",
		"g.neurons.csv": "name,class,cell_class,X,y,colour\nA,a,AV,1,2,red\nB,b,,,,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	g, defects, err := connectome.Load(t.Context(), filepath.Join(dir, "g.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := "unused-attributes (1): values of attributes are not used: node \"class\" (1)\n" +
		"incomplete-positions (1): neurons have a position with some of x, y and z only; it is not used"
	if got := defectsOf(defects); got != want {
		t.Errorf("said %s\nwant %s", got, want)
	}
	if a := g.Neurons[0]; a.Class != "AV" || a.HasSoma || len(a.Extra) != 1 || a.Extra["colour"] != "red" ||
		g.Neurons[1].Class != "b" {
		t.Errorf("read as %+v", g.Neurons)
	}
}

// TestGraphMLForOthers: networkx and igraph refuse undirected edges in a directed graph, and read a
// gap junction as two arcs, as our own reader does without calling that a defect.
func TestGraphMLForOthers(t *testing.T) {
	worm := connectome.Canonical()
	var b bytes.Buffer
	if err := connectome.WriteGraphML(&b, worm); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(text, "<edge "); n != 2194+2*514+3 || strings.Contains(text, "directed=\"false\"") {
		t.Errorf("%d edges, expected 3225 directed ones", n)
	}
	got, defects, err := connectome.ReadGraphML(&b, "worm.graphml")
	if err != nil || !got.Equal(worm) || len(defects) != 1 || defects[0].Kind != connectome.DefectRole {
		t.Errorf("read as another graph: %v, %v", defects, err)
	}
	// The form of earlier versions.
	former := `<graphml><graph edgedefault="directed"><node id="a"/><node id="b"/><edge source="b" target="a" directed="false"/></graph></graphml>`
	if g, _, err := connectome.ReadGraphML(strings.NewReader(former), "f"); err != nil || edgesOf(t, g) != "a b E 1" {
		t.Errorf("the former form: %v", err)
	}
	// Files that say nothing of it have listed a junction twice.
	plain := strings.Replace(text, "both directions", "as measured", 1)
	_, defects, err = connectome.ReadGraphML(strings.NewReader(plain), "f")
	if said := defectsOf(defects); err != nil || !strings.Contains(said, "gap-both-directions (514)") ||
		!strings.Contains(said, `graph "gap_junctions" (1)`) {
		t.Errorf("said %q, %v", said, err)
	}
}

// TestStops: reading and writing end with their context.
func TestStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "worm.json")
	if err := connectome.Save(t.Context(), path, connectome.Canonical()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := connectome.Load(ctx, path); err != context.Canceled {
		t.Errorf("Load: %v", err)
	}
	for _, f := range connectome.Formats() {
		for _, ext := range f.Writes {
			out := filepath.Join(t.TempDir(), "out"+ext)
			if err := connectome.Save(ctx, out, connectome.Canonical()); err != context.Canceled {
				t.Errorf("Save as %s: %v", ext, err)
			}
			if _, err := os.Stat(out); err == nil {
				t.Errorf("%s is there", out)
			}
		}
	}
}
