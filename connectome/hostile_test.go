package connectome_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/internal/memory"
)

// repeat gives head, then text so many times, then tail: a large file that takes no memory.
func repeat(head, text string, times int, tail string) io.Reader {
	block := max(1, 4096/len(text)) // copied at once
	return io.MultiReader(strings.NewReader(head), &repeated{text: strings.Repeat(text, block), left: times / block},
		strings.NewReader(tail))
}

type repeated struct {
	text string
	left int
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && r.left > 0 {
		c := copy(p[n:], r.text[r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(r.text) {
			r.at, r.left = 0, r.left-1
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// numbered gives a text for every number below n.
func numbered(head, format string, n int, tail string) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.WriteString(w, head)
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(w, format, i)
		}
		if err == nil {
			_, err = io.WriteString(w, tail)
		}
		_ = w.CloseWithError(err)
	}()
	return r
}

// TestHostile gives readers what would take all memory: each is refused in one short line, and the
// memory that is taken until then, everything that was ever allocated counted, has a bound.
func TestHostile(t *testing.T) {
	t.Setenv(memory.Variable, "16MiB") // so that a graph is refused soon
	long := strings.Repeat("x", 20<<20)
	for _, c := range []struct {
		name  string
		read  reader
		input io.Reader
		want  string // part of the error
		most  uint64 // MiB
	}{
		{"120 M tabs", readTSV, repeat("pre\tpost", "\t", 120e6, "\n"), "a row of more than 4194304 columns", 700},
		{"120 M tabs in a matrix", readMatrix, repeat("", "\t", 120e6, "\n"), "a row of more than 4194304 columns",
			700},
		{"an open quote", readTSV, repeat("pre\tpost\n\"", "A\tB\n", 100e6, ""), "a row of more than 67108864 bytes",
			900},
		{"a name of 20 MB", readTSV, strings.NewReader("pre\tpost\n" + long + "\tB\n"),
			"(20971520 bytes): expected at most 1048576 bytes", 300},
		{"a separator of 20 MB", readTSV, strings.NewReader(long), "expected columns named pre and post", 400},
		{"a label of 20 MB", readMatrix, strings.NewReader("\t" + long + "\n" + long + "\t1\n"),
			"(20971520 bytes): expected at most 1048576 bytes", 500},
		{"edges without end", readTSV, repeat("pre\tpost\n", "A\tB\n", 1e9, ""), "the graph: about ", 80},
		{"neurons without end", readTSV, numbered("pre\tpost\n", "%d\tB\n", 1e9, ""), "the graph: about ", 80},
		{"attributes without end", readNeurons, numbered("name\ta\tb\tc\td\n", "%d\t1\t1\t1\t1\n", 1e9, ""),
			"the graph: about ", 80},
		{"1.3 M keys", connectome.ReadGraphML,
			numbered("<graphml>", `<key id="%d" for="node"/>`, 1300000,
				"<graph/></graphml>"), "more than 65536 keys", 150},
		{"defaults", connectome.ReadGraphML, io.MultiReader(
			numbered("<graphml>", `<key id="%d" for="node"><default>1</default></key>`, 60000, "<graph>"),
			numbered("", `<node id="%d"/>`, 1e9, "")), "the graph: about ", 150},
		{"elements inside one another", connectome.ReadGraphML, repeat("<graphml>", "<desc>", 1e9, ""),
			"more than 1000 elements inside one another", 50},
		{"a tag without end", connectome.ReadGraphML, numbered("<graphml", ` a%d=""`, 1e9, ""),
			"a tag or text of more than 16777216 bytes", 900},
		{"a text without end", connectome.ReadGraphML,
			repeat(ml+"<graph><node id=\"a\"><data key=\"r\">", "x", 1e9,
				""), "a tag or text of more than 16777216 bytes", 200},
		{"a text in pieces", connectome.ReadGraphML,
			repeat(ml+"<graph><node id=\"a\"><data key=\"r\">", "xxxxxxxx<!---->", 1e9,
				""), "a tag or text of more than 16777216 bytes", 900},
		{"a name of 20 MB", connectome.ReadGraphML,
			strings.NewReader("<graphml><graph><node id=\"" + long + "\"/></graph></graphml>"), "a tag or text of more than 16777216 bytes", 200},
		{"nodes without end", connectome.ReadGraphML, numbered("<graphml><graph>", `<node id="%d"/>`, 1e9, ""),
			"the graph: about ", 150},
		{"unknown ends", connectome.ReadGraphML,
			numbered("<graphml><graph>", `<edge source="%[1]d" target="%[1]da"/>`, 1e9, ""), "the graph: about ", 150},
		{"an entity", connectome.ReadGraphML,
			strings.NewReader(`<!DOCTYPE g [<!ENTITY a SYSTEM "/etc/passwd">]><graphml>&a;</graphml>`), "invalid character entity &a;", 1},
		{"a value of JSON", connectome.ReadJSON, repeat(`{"name":"`, "x", 1e9, ""),
			"a value of more than 16777216 bytes", 200},
		{"lines of JSON", connectome.ReadJSON, repeat(`{"info":{`, "\n", 1e9, ""),
			"a value of more than 16777216 bytes", 600},
		{"neurons of JSON", connectome.ReadJSON, numbered(`{"neurons":[{"name":"a"}`, `,{"name":"%d"}`, 1e9, ""),
			"the graph: about ", 150},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, _, err := c.read(c.input, "f")
		runtime.ReadMemStats(&after)
		if closer, ok := c.input.(io.Closer); ok {
			_ = closer.Close()
		}
		if g != nil || err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			len(err.Error()) > 400 {
			message := fmt.Sprint(err)
			t.Errorf("%s: %.300s (%d bytes), want %s", c.name, message, len(message), c.want)
		}
		took := (after.TotalAlloc - before.TotalAlloc) >> 20
		if t.Logf("%s: %d MiB allocated", c.name, took); took > c.most {
			t.Errorf("%s: %d MiB allocated before the refusal, expected at most %d", c.name, took, c.most)
		}
	}
}

// TestControlCharacters: what a file holds reaches no message and no table as it is.
func TestControlCharacters(t *testing.T) {
	evil := "\x1b]0;title\a\u202egnp"
	for name, c := range map[string]struct {
		read  reader
		input string
	}{
		"table":   {readTSV, "pre\tpost\t" + evil + "\nA\tB\t1\n"},
		"type":    {readTSV, "pre\tpost\ttype\nA\tB\t" + evil + "\n"},
		"name":    {readTSV, "pre\tpost\n" + evil + "\tB\n"},
		"header":  {readTSV, evil + "\tb\n"},
		"matrix":  {readMatrix, evil + "\tA\nA\t1\n"},
		"element": {connectome.ReadGraphML, "<graphml><graph><\u202egnp/></graph></graphml>"},
		"unused": {connectome.ReadGraphML,
			"<graphml><key id='k' attr.name='\u202egnp' for='edge'/><graph><node id='a'/><edge source='a' target='a'><data key='k'>1</data></edge></graph></graphml>"},
		"id":      {connectome.ReadGraphML, "<graphml><graph><edge source='\u202egnp' target='a'/></graph></graphml>"},
		"member":  {connectome.ReadJSON, `{"` + "\u202egnp" + `":1}`},
		"unknown": {connectome.ReadJSON, `{"neurons":[{"` + "\u202egnp" + `":1}]}`},
	} {
		_, defects, err := c.read(strings.NewReader(c.input), "f\x1b[2J")
		said := defectsOf(defects)
		if err != nil {
			said += err.Error()
		}
		if said == "" || strings.ContainsAny(said, "\x1b\a\u202e") {
			t.Errorf("%s: said %q", name, said)
		}
	}
}

// TestNoPipes: what is not a file is refused instead of waited for.
func TestNoPipes(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	link := filepath.Join(dir, "zero.csv")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Skip(err)
	}
	if _, _, err := connectome.Load(t.Context(), link); err == nil ||
		!strings.Contains(err.Error(), "found a device, expected a file") {
		t.Errorf("a device: %v", err)
	}
	beside := filepath.Join(dir, "g.csv")
	if err := os.WriteFile(beside, []byte("pre,post\nA,B\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "g.neurons.csv")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := connectome.Load(t.Context(), beside); err == nil ||
		!strings.Contains(err.Error(), "found a device, expected a file") {
		t.Errorf("a device as table of neurons: %v", err)
	}
}

// TestLarge goes the way of a large connectome: a table of rows with columns that are not used, to
// GraphML and back. The neurons and edges are more than those of the worm by far, and the memory of
// reading is a small multiple of what is read.
func TestLarge(t *testing.T) {
	neurons, rows := 20000, 300000
	if testing.Short() {
		neurons, rows = 2000, 40000
	}
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, "pre_root_id,post_root_id,neuropil,syn_count,nt_type")
	w := &strings.Builder{}
	state := uint64(1)
	next := func(n int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % n
	}
	for i := range rows {
		fmt.Fprintf(w, "7205759406%08d,7205759406%08d,ME_R,%d,ACH\n", next(neurons), next(neurons), 1+next(9))
		if w.Len() > 1<<20 || i == rows-1 {
			if _, err := io.WriteString(f, w.String()); err != nil {
				t.Fatal(err)
			}
			w.Reset()
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g, _, err := connectome.Load(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	info, _ := os.Stat(path)
	if took := after.TotalAlloc - before.TotalAlloc; took > 6*uint64(info.Size()) {
		t.Errorf("%d MiB allocated for a file of %d MiB", took>>20, info.Size()>>20)
	}
	out := filepath.Join(t.TempDir(), "large.graphml")
	if err := connectome.Save(t.Context(), out, g); err != nil {
		t.Fatal(err)
	}
	again, defects, err := connectome.Load(t.Context(), out)
	if err != nil || len(defects) > 0 || !again.Equal(g) {
		t.Errorf("read as another graph: %v %v", defects, err)
	}
}
