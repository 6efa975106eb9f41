package crosscheck

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/tensor"
)

// folder writes a manifest of kind "ops" with the given cases over a fixed set of tensors.
func folder(t *testing.T, cases string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "set.json"), `{"kind": "ops", "tolerance": {"float64": {"atol": 1e-10, "rtol": 1e-10}, "float32": {"atol": 1e-5, "rtol": 1e-5}}, "cases": [`+cases+`]}`)
	six := func(v ...float64) safetensors.Array { return safetensors.Of(tensor.FromSlice(v, len(v))) }
	err := safetensors.Write(filepath.Join(dir, "set.safetensors"), map[string]safetensors.Array{
		"x":     six(1, 2, 3, 4, 5, 6),
		"y":     safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)),
		"wrong": safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6.5}, 2, 3)),
		"cot":   safetensors.Of(tensor.FromSlice([]float64{1, 1, 1, 1, 1, 2}, 2, 3)),
		"grad":  six(1, 1, 1, 1, 1, 2),
		"flat":  six(1, 2, 3, 4, 5, 6),
		"ids":   safetensors.Ints([]int64{1, 2}, 2),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const good = `{"name": "good", "op": "reshape", "attrs": {"shape": [2, -1]}, "args": ["x"], "inputs": ["x"], "outputs": ["y"], "cotangents": ["cot"], "grads": ["grad"]}`

func TestVerdicts(t *testing.T) {
	with := func(pairs ...string) string {
		s := good
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(s, pairs[i]) {
				t.Fatalf("%s is not in the case", pairs[i])
			}
			s = strings.Replace(s, pairs[i], pairs[i+1], 1)
		}
		return s
	}
	for _, c := range []struct {
		name, entry            string
		tensors, over, skipped int
		detail                 string // of some row
	}{
		{"agrees", good, 2, 0, 0, ""},
		{"dtype named", with(`"args"`, `"dtype": "float64", "args"`), 2, 0, 0, ""},
		{"output differs", with(`["y"]`, `["wrong"]`), 2, 1, 0, "element 5 is 6, the reference has 6.5"},
		{"shape differs", with(`["y"]`, `["flat"]`), 2, 1, 0, "shape [2 3], the reference has [6]"},
		{"gradient differs", with(`["grad"]`, `["flat"]`), 2, 1, 0, "element 4 is 1, the reference has 5"},
		{"number of outputs", with(`["y"]`, `["y", "y"]`), 0, 1, 0, "1 outputs, the reference has 2"},
		{"refused by ours", with(`[2, -1]`, `[4, -1]`), 0, 1, 0, "Reshape"},
		{"refused by both", with(`[2, -1]`, `[4, -1]`, `"args"`, `"error": "RuntimeError: invalid", "args"`), 0, 0, 0, "Reshape"},
		{"refused by the reference only", with(`"args"`, `"error": "RuntimeError: invalid", "args"`), 0, 1, 0, "the reference refuses"},
		{"unknown operation", with(`"reshape"`, `"hype"`), 0, 0, 1, `unknown operation "hype"`},
		{"unknown dtype", with(`"args"`, `"dtype": "int4", "args"`), 0, 0, 1, "int4"},
		{"unknown attribute", with(`[2, -1]`, `[2, -1], "order": "F"`), 0, 0, 1, `attribute "order" is not understood`},
		{"wrong attribute", with(`[2, -1]`, `"round"`), 0, 0, 1, `attribute "shape" is "round", expected a list of whole numbers`},
		{"unknown argument", with(`["x"]`, `["x", "z"]`, `["x"]`, `["x", "x"]`), 0, 0, 1, `argument "z" is not understood`},
		{"missing argument", with(`["x"]`, `["z"]`), 0, 0, 1, `no argument "x"`},
		{"missing tensor", with(`"inputs": ["x"]`, `"inputs": ["nowhere"]`), 0, 0, 1, "nowhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep, err := Run(folder(t, c.entry), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if rep.Cases != 1 || rep.Tensors != c.tensors || rep.Over != c.over || rep.Skipped != c.skipped {
				t.Errorf("%s; want %d tensors, %d over, %d skipped: %+v", rep.Summary(), c.tensors, c.over, c.skipped, rep.Rows)
			}
			if rep.OK() != (c.over+c.skipped == 0) {
				t.Errorf("OK is %v", rep.OK())
			}
			if !slices.ContainsFunc(rep.Rows, func(r Row) bool { return strings.Contains(r.Detail, c.detail) }) {
				t.Errorf("no row says %q: %+v", c.detail, rep.Rows)
			}
		})
	}
}

func TestCompareRules(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		a, b   float64
		within bool
	}{
		{1, 1, true}, {1.1, 1, true}, {1.3, 1, false}, {100, 109, true}, {0, 0.1, true}, {0, 0.2, false}, {0, math.Copysign(0, -1), true},
		{inf, inf, true}, {-inf, -inf, true}, {inf, -inf, false}, {1e300, inf, false}, {inf, 1e300, false}, {nan, nan, true}, {nan, 1, false}, {1, nan, false}, {nan, inf, false}, {inf, nan, false},
	} {
		d := compare([]float64{c.a}, []float64{c.b}, tolerance{Atol: 0.1, Rtol: 0.1})
		if d.within != c.within || d.within != (d.detail == "") {
			t.Errorf("%v against %v: %+v, want within %v", c.a, c.b, d, c.within)
		}
	}
	if d := compare[float32](nil, []float64{0, 0.5}, tolerance{}); d.within || d.abs != 0.5 || d.rel != 1 {
		t.Errorf("an absent gradient against 0.5: %+v", d)
	}
}

func TestUnknownKindsAndFolders(t *testing.T) {
	dir := t.TempDir()
	if _, err := Run(dir, Options{}); err == nil || !strings.Contains(err.Error(), "no manifest") {
		t.Errorf("empty folder: %v", err)
	}
	write(t, filepath.Join(dir, "notes.json"), `{"kind": "no tolerance"}`)
	write(t, filepath.Join(dir, "list.json"), `[1, 2]`)
	write(t, filepath.Join(dir, "a.json"), `{"kind": "dreams", "tolerance": {}, "cases": [{"name": "one"}, {"name": "two"}]}`)
	write(t, filepath.Join(dir, "b.json"), `{"kind": "visions", "tolerance": 0}`)
	var names []string
	rep, err := Run(dir, Options{Each: func(r Row) { names = append(names, r.Manifest+"/"+r.Case+": "+r.Detail) }})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`a/one: unknown kind "dreams"`, `a/two: unknown kind "dreams"`, `b/visions: unknown kind "visions"`}
	if !slices.Equal(names, want) || rep.Summary() != "3 cases, 0 tensors compared, 0 over tolerance, 3 skipped" {
		t.Errorf("%q, %s", names, rep.Summary())
	}
	write(t, filepath.Join(dir, "c.json"), `{"kind": `)
	if _, err := Run(dir, Options{}); err == nil || !strings.Contains(err.Error(), "c.json") {
		t.Errorf("broken JSON: %v", err)
	}
}

func TestReportForms(t *testing.T) {
	rep, err := Run(folder(t, good+`, {"name": "odd", "op": "hype"}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var table, lines strings.Builder
	if err := rep.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	want := `set
case  tensor   max abs   max rel  verdict
good  out0     0.0e+00   0.0e+00  ok
good  grad x   0.0e+00   0.0e+00  ok
odd                               skipped  unknown operation "hype"
2 cases, 2 tensors compared, 0 over tolerance, 1 skipped
`
	if table.String() != want {
		t.Errorf("table\n%s\nwant\n%s", table.String(), want)
	}
	rep.Rows = append(rep.Rows, Row{MaxAbs: Diff(math.Inf(1)), MaxRel: Diff(math.NaN())})
	if err := rep.WriteJSON(&lines); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(lines.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		rows++
	}
	if rows != len(rep.Rows)+1 || !strings.HasSuffix(lines.String(), "{\"cases\":2,\"tensors\":2,\"over\":0,\"skipped\":1}\n") {
		t.Errorf("%d lines: %s", rows, lines.String())
	}
}
