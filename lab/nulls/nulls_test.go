package nulls

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/esn"
	"elegans/lab/reservoir"
)

// small is a comparison of a graph of ten neurons on a short task.
func small(t *testing.T) Config {
	t.Helper()
	var neurons []connectome.Neuron
	var edges []connectome.Edge
	for i := range 10 {
		neurons = append(neurons, connectome.Neuron{Name: string(rune('a' + i))})
		for _, d := range []int{1, 3} {
			edges = append(edges, connectome.Edge{Pre: i, Post: (i + d) % 10, Weight: float64(1 + (i*d)%4)})
		}
	}
	g, err := connectome.New("ten", neurons, edges)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ten.json")
	var b bytes.Buffer
	if err := connectome.WriteJSON(&b, g); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	r := reservoir.DefaultRecipe()
	r.Reservoir.Topology, r.Reservoir.Neurons = "connectome", 0
	r.Reservoir.Connectome = esn.Connectome{File: path}
	c := Defaults()
	c.Arms, c.Graphs, c.Seeds, c.Scales = []Arm{{Task: "sine_square", Recipe: r}, {Task: "xor", Recipe: r}}, 3, 2, []float64{.5, .9}
	return c
}

// TestGoesOn: a comparison that was stopped gives, when it goes on, what one without a stop gives,
// for every number of jobs.
func TestGoesOn(t *testing.T) {
	c := small(t)
	whole, err := Run(context.Background(), c, Options{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = Run(ctx, c, Options{Dir: dir, Jobs: 1, Done: func(m *Member, n int) {
		if n == 3 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("no error of a comparison that was stopped")
	}
	lines := filepath.Join(dir, membersFile)
	b, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("\n")); n != 3 {
		t.Fatalf("%d networks were kept, want 3", n)
	}
	// A line that was being written when the power went.
	if err := os.WriteFile(lines, append(b, `{"index":5,"mod`...), 0o666); err != nil {
		t.Fatal(err)
	}
	kept := -1
	again, err := Run(context.Background(), c, Options{Dir: dir, Jobs: 3, Kept: func(n int) { kept = n }})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(again); kept != 3 || !bytes.Equal(got, want) {
		t.Errorf("%d networks were kept, and the result is\n%s\nwant\n%s", kept, got, want)
	}
}

// TestMoreGraphs: a finished comparison goes on with more graphs, and not with fewer.
func TestMoreGraphs(t *testing.T) {
	c := small(t)
	c.Arms = c.Arms[:1]
	whole, err := Run(context.Background(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fewer := c
	fewer.Graphs = 1
	if _, err := Run(context.Background(), fewer, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	kept := 0
	more, err := Run(context.Background(), c, Options{Dir: dir, Kept: func(n int) { kept = n }})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(more)
	if want, _ := json.Marshal(whole); kept != 3 || !bytes.Equal(got, want) {
		t.Errorf("%d networks were kept, want 3, and the result is\n%s\nwant\n%s", kept, got, want)
	}
	if _, err := Run(context.Background(), fewer, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "config.graphs is 3, expected 1") {
		t.Errorf("error %v with fewer graphs, want one that names config.graphs", err)
	}
}

// TestNullsDiffer: the graphs of the models differ from the graph and from each other.
func TestNullsDiffer(t *testing.T) {
	c := small(t)
	g, _, err := connectome.Load(context.Background(), c.Arms[0].Recipe.Reservoir.Connectome.File)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	models := map[string]int{}
	for i := range c.Members() {
		drawn, err := c.graph(context.Background(), g, i)
		if err != nil {
			t.Fatal(err)
		}
		s, err := sum(drawn)
		if err != nil {
			t.Fatal(err)
		}
		if j, twice := seen[s]; twice {
			t.Errorf("networks %d and %d have the same graph", i, j)
		}
		seen[s] = i
		m, _ := c.member(i)
		models[m]++
	}
	if models[""] != 1 || models["rewired"] != 3 || models["er"] != 3 {
		t.Errorf("networks by model: %v", models)
	}
}

func TestRefuses(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"0 tasks":                          func(c *Config) { c.Arms = nil },
		`task "nothing"`:                   func(c *Config) { c.Arms[1].Task = "nothing" },
		"given twice":                      func(c *Config) { c.Arms[1].Task = c.Arms[0].Task },
		"expected connectome":              func(c *Config) { c.Arms[1].Recipe.Reservoir.Topology = "ring" },
		"as in the first":                  func(c *Config) { c.Arms[1].Recipe.Reservoir.Connectome.File = "canonical" },
		`null model "er" is given twice`:   func(c *Config) { c.Models = []string{"er", "er"} },
		"none":                             func(c *Config) { c.Models = []string{"none"} },
		"scale 0":                          func(c *Config) { c.Scales[0] = 0 },
		"scale 0.9":                        func(c *Config) { c.Scales[0] = .9 },
		"0 graphs":                         func(c *Config) { c.Graphs = 0 },
		"0 seeds":                          func(c *Config) { c.Seeds = 0 },
		"margin 0":                         func(c *Config) { c.Margin = 0 },
		"leak 2, expected above 0 and at ": func(c *Config) { c.Arms[0].Recipe.Reservoir.Leak = esn.Fixed(2) },
	} {
		c := small(t)
		change(&c)
		if _, err := Run(context.Background(), c, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// TestDamaged: what lies in the folder and does not fit is named, and stays as it is.
func TestDamaged(t *testing.T) {
	c := small(t)
	c.Arms = c.Arms[1:]
	c.Graphs, c.Seeds, c.Scales = 1, 1, c.Scales[:1]
	dir := t.TempDir()
	if _, err := Run(context.Background(), c, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	lines := filepath.Join(dir, membersFile)
	b, err := os.ReadFile(lines)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []struct {
		name, from, to, want string
	}{
		{"another key", `"index":0`, `"Number":0`, `networks.jsonl:`},
		{"a model", `"model":"er"`, `"model":"ring"`, `expected "er"`},
		{"too many", `"index":0`, `"index":7`, "expected 0 to 2"},
		{"twice", `"index":1,"model":"rewired"`, `"index":0`, "a second time"},
		{"a seed more", `"test":[`, `"test":[1,`, "1 and 2 seeds"},
		{"no scale", `"arms":[[`, `"arms":[[],[`, "tasks"},
		{"not JSON", "{", "", "cannot unmarshal"},
	} {
		damaged := bytes.Replace(b, []byte(d.from), []byte(d.to), 1)
		if bytes.Equal(damaged, b) {
			t.Fatalf("%s: nothing was changed in %s", d.name, b)
		}
		if err := os.WriteFile(lines, damaged, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), c, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), d.want) {
			t.Errorf("%s: error %v, want one with %q", d.name, err, d.want)
		}
		if after, _ := os.ReadFile(lines); !bytes.Equal(after, damaged) {
			t.Errorf("%s: the file was changed", d.name)
		}
	}
	if err := os.WriteFile(lines, b, 0o666); err != nil {
		t.Fatal(err)
	}
	other := c
	other.Margin = .2
	if _, err := Run(context.Background(), other, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "config.margin is") {
		t.Errorf("error %v, want one that names config.margin", err)
	}
}

// synthetic returns members whose test scores are given, on one task at two scales: at the first
// all validate best.
func synthetic(c *Config, graph []Value, nulls [][]Value) []*Member {
	worse := make([]Value, len(graph))
	for i := range worse {
		worse[i] = 9
	}
	member := func(i int, test []Value) *Member {
		m := &Member{Index: i, Arms: [][]Measured{{{Valid: test, Test: test}, {Valid: worse, Test: worse}}}}
		m.Model, _ = c.member(i)
		return m
	}
	members := []*Member{member(0, graph)}
	for i, v := range nulls {
		members = append(members, member(i+1, v))
	}
	return members
}

// TestVerdicts: a network that lies outside the ensemble, one within it, and one of ensembles that
// hardly scatter get the verdicts that they should.
func TestVerdicts(t *testing.T) {
	c := small(t)
	c.Arms[0].Task = "narma10" // less is better
	c.Arms, c.Models, c.Graphs = c.Arms[:1], []string{"er"}, 99
	g := connectome.Canonical()
	nulls := func(spread float64) [][]Value {
		var v [][]Value
		for i := range c.Graphs {
			x := Value(1 + spread*(float64(i)/98-.5))
			v = append(v, []Value{x, x})
		}
		return v
	}
	nan := Value(math.NaN())
	for _, e := range []struct {
		name    string
		graph   []Value
		spread  float64
		verdict string
		better  int
	}{
		{"below all", []Value{.3, .3}, 1, "better", 99},
		{"above all", []Value{1.7, 1.7}, 1, "worse", 0},
		{"in the middle of a narrow ensemble", []Value{1.001, 1.001}, .1, "equivalent", 49},
		{"seeds that scatter", []Value{.7, 1.3}, 1, "not told apart", 49},
		{"not finite", []Value{nan, .5}, 1, "worse", 0},
	} {
		res, err := compare(c, g, synthetic(&c, e.graph, nulls(e.spread)))
		if err != nil {
			t.Fatal(err)
		}
		m := &res.Arms[0].Models[0]
		if got := m.Verdict(); got != e.verdict || m.Own.Rank.Better != e.better {
			t.Errorf("%s: %s, better than %d, want %s, %d: %s", e.name, got, m.Own.Rank.Better, e.verdict, e.better, m)
		}
		if m.Own.Scale != c.Scales[0] && e.name != "not finite" || m.Scales[0] != 99 {
			t.Errorf("%s: scales %v and %v, want the first", e.name, m.Own.Scale, m.Scales)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}

// TestChosen: the scale is that with the best validation score, whatever the test says, the first
// of equals, and one without a finite score only where no other has one.
func TestChosen(t *testing.T) {
	nan := Value(math.NaN())
	for _, c := range []struct {
		name   string
		valid  []Value
		higher bool
		want   int
	}{
		{"more is better", []Value{1, 3, 2}, true, 1},
		{"less is better", []Value{2, 3, 1}, false, 2},
		{"equals", []Value{2, 1, 1}, false, 1},
		{"the first is lost", []Value{nan, 3, 2}, true, 1},
		{"the best is lost", []Value{1, nan, 2}, false, 0},
		{"all are lost", []Value{nan, nan, nan}, false, 0},
	} {
		var scales []Measured
		for i, v := range c.valid {
			// The test would choose another.
			test := Value(10 * (i + 1) % 30)
			if i == c.want == c.higher {
				test = -1
			} else if i == c.want {
				test = 99
			}
			scales = append(scales, Measured{Valid: []Value{v, v}, Test: []Value{test, test}})
		}
		if got := chosen(scales, c.higher); got != c.want {
			t.Errorf("%s: scale %d, want %d", c.name, got, c.want)
		}
	}
}

// TestHolmOverAll: p values are adjusted over tasks and models together.
func TestHolmOverAll(t *testing.T) {
	c := small(t)
	res, err := Run(context.Background(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range res.Arms {
		for _, m := range a.Models {
			// Four comparisons of three graphs each: none can be below 2/4.
			if m.Own.Rank.P < .5 || m.Own.Rank.PHolm < min(1, m.Own.Rank.P) || m.Own.Rank.PHolm != 1 {
				t.Errorf("%s, %s: p %v, adjusted %v", a.Task.Name, m.Model, m.Own.Rank.P, m.Own.Rank.PHolm)
			}
		}
	}
}

// TestPage: the page names every task and model, has a plot of each task, and shows what is text as
// text.
func TestPage(t *testing.T) {
	c := small(t)
	res, err := Run(context.Background(), c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	res.Graph = "<b>ten</b>"
	dir := t.TempDir()
	if err := Write(dir, res, "elegans <script>"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, PageFile))
	if err != nil {
		t.Fatal(err)
	}
	s := string(b)
	for _, want := range []string{"sine_square", "xor", "rewired", "er (mean", "&lt;b&gt;ten", "&lt;script&gt;", res.Arms[1].Models[1].Verdict()} {
		if !strings.Contains(s, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if n := strings.Count(s, "<svg"); n != 2 || strings.Contains(s, "NaN") {
		t.Errorf("%d plots, want 2; or NaN in the page", n)
	}
	var back Result
	numbers, err := os.ReadFile(filepath.Join(dir, ResultFile))
	if err == nil {
		err = json.Unmarshal(numbers, &back)
	}
	if err != nil || back.Arms[0].Models[0].Own != res.Arms[0].Models[0].Own {
		t.Errorf("results.json: %v, %+v", err, back.Arms)
	}
}

// TestLimit: as many graphs as it names are enough, and one fewer are not.
func TestLimit(t *testing.T) {
	c := Config{Arms: make([]Arm, 4), Models: []string{"rewired", "er"}, Graphs: 99}
	if got := c.Limit(); !strings.Contains(got, "0.02 with 99 graphs, and 0.16 adjusted for 8 rows") || !strings.Contains(got, "319 graphs") {
		t.Errorf("99 graphs: %s", got)
	}
	for graphs, enough := range map[int]bool{318: false, 319: true} {
		c.Graphs = graphs
		if got := c.Limit(); strings.Contains(got, "no row") == enough {
			t.Errorf("%d graphs: %s", graphs, got)
		}
	}
}
