package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/tensor"
)

// folder writes a manifest of kind "ops" with the given cases, and those of a fixed set of tensors
// that the cases name.
func folder(t *testing.T, cases string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "set.json"), `{"kind": "ops", "tolerance": {"float64": {"atol": 1e-10, "rtol": 1e-10}, "float32": {"atol": 1e-5, "rtol": 1e-5}}, "cases": [`+cases+`]}`)
	six := func(v ...float64) safetensors.Array { return safetensors.Of(tensor.FromSlice(v, len(v))) }
	all := map[string]safetensors.Array{
		"x":     six(1, 2, 3, 4, 5, 6),
		"y":     safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)),
		"wrong": safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6.5}, 2, 3)),
		"cot":   safetensors.Of(tensor.FromSlice([]float64{1, 1, 1, 1, 1, 2}, 2, 3)),
		"grad":  six(1, 1, 1, 1, 1, 2),
		"flat":  six(1, 2, 3, 4, 5, 6),
		"ids":   safetensors.Ints([]int64{1, 2}, 2),
	}
	maps.DeleteFunc(all, func(name string, _ safetensors.Array) bool { return !strings.Contains(cases, `"`+name+`"`) })
	if err := safetensors.Write(filepath.Join(dir, "set.safetensors"), all, nil); err != nil {
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

// results are the keys of good that a refusal does not have.
const results = `, "outputs": ["y"], "cotangents": ["cot"], "grads": ["grad"]`

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
		{"refused by both", with(`[2, -1]`, `[4, -1]`, results, `, "error": "RuntimeError: invalid"`), 0, 0, 0, "Reshape"},
		{"refused by the reference only", with(results, `, "error": "RuntimeError: invalid"`), 0, 1, 0, "the reference refuses"},
		{"refused by ours on purpose", with(`[2, -1]`, `[4, -1]`, `"args"`, `"departs": {"ours": "refuses", "why": "no"}, "args"`), 0, 0, 0, "Reshape"},
		{"computed although ours refuses on purpose", with(`"args"`, `"departs": {"ours": "refuses", "why": "no"}, "args"`), 0, 1, 0, "the reference refuses: no"},
		{"computed on purpose", with(`"args"`, `"error": "no", "departs": {"ours": "computes", "why": "can"}, "args"`), 2, 0, 0, ""},
		{"refused although ours computes on purpose", with(`[2, -1]`, `[4, -1]`, `"args"`, `"error": "no", "departs": {"ours": "computes", "why": "can"}, "args"`), 0, 1, 0, "Reshape"},
		{"gradient of another shape and equal length", with(`["grad"]`, `["y"]`), 2, 1, 0, "shape [6], the reference has [2 3]"},
		{"cotangent of another shape and equal length", with(`["cot"]`, `["grad"]`), 1, 1, 0, "the cotangent of output 0 has shape [6], the output [2 3]"},
		{"attribute against the arguments", strings.NewReplacer(`"reshape"`, `"lstm"`, `"shape": [2, -1]`, `"batch_first": false`).Replace(good), 0, 0, 1, `attribute "batch_first" is false`},
		{"unknown operation", with(`"reshape"`, `"hype"`), 0, 0, 1, `unknown operation "hype"`},
		{"unknown dtype", with(`"args"`, `"dtype": "int4", "args"`), 0, 0, 1, "int4"},
		{"unknown attribute", with(`[2, -1]`, `[2, -1], "order": "F"`), 0, 0, 1, `attribute "order" is not understood`},
		{"wrong attribute", with(`[2, -1]`, `"round"`), 0, 0, 1, `attribute "shape" is "round", expected a list of whole numbers`},
		{"unknown argument", with(`["x"]`, `["x", "z"]`, `["x"]`, `["x", "x"]`), 0, 0, 1, `argument "z" is not understood`},
		{"missing argument", with(`["x"]`, `["z"]`), 0, 0, 1, `no argument "x"`},
		{"missing tensor", with(`"inputs": ["x"]`, `"inputs": ["nowhere"]`), 0, 2, 0, "missing from the file: nowhere"},
		{"missing output", with(`["y"]`, `["nowhere"]`), 0, 1, 0, "missing from the file: nowhere"},
		{"missing cotangent", with(`["cot"]`, `["nowhere"]`), 0, 1, 0, "missing from the file: nowhere"},
		{"missing gradient", with(`["grad"]`, `["nowhere"]`), 0, 1, 0, "missing from the file: nowhere"},
		{"tensor of no case", with(`"args"`, `"note": "wrong", "args"`), 2, 1, 0, "no case names: wrong"},
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
	known := ", expected one of " + strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
	want := []string{`a/: unknown kind "dreams"` + known, `b/: unknown kind "visions"` + known}
	if !slices.Equal(names, want) || rep.Summary() != "2 cases, 0 tensors compared, 0 over tolerance, 2 skipped" {
		t.Errorf("%q, %s", names, rep.Summary())
	}
	write(t, filepath.Join(dir, "c.json"), `{"kind": `)
	if _, err := Run(dir, Options{}); err == nil || !strings.Contains(err.Error(), "c.json") {
		t.Errorf("broken JSON: %v", err)
	}
}

func TestReportForms(t *testing.T) {
	rep, err := Run(folder(t, good+`, {"name": "odd", "op": "hype", "outputs": ["y"]}`), Options{})
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

// TestStrictManifests spoils a manifest in each way that Run refuses, with one line that names the
// file, the case and the key.
func TestStrictManifests(t *testing.T) {
	const (
		ops       = `{"kind": "ops", "tolerance": {"float64": {"atol": 1e-10, "rtol": 1e-10}}, "cases": [` + good + `]}`
		optimizer = `{"kind": "optimizers", "tolerance": {"atol": 1e-12, "rtol": 1e-10},
			"meta": {"problem": {"a": [1], "b": [0], "c": [0], "p0": [1], "coupling": 0, "shapes": {"w": [1], "v": [0]}}},
			"cases": [{"name": "one", "optimizer": "sgd", "options": {"lr": 0.5}, "loss_before_step": [0.5], "params_after_step": [[0.5]]}]}`
		schedule = `{"kind": "schedules", "tolerance": {"atol": 1e-12, "rtol": 0}, "cases": [
			{"name": "halve", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5]}]}`
		layers = `{"kind": "layers", "tolerance": {"rtol": 1e-12}, "cases": [{"name": "net", "model": {"model": "mlp", "hidden": [32]}}]}`
		tn     = `{"kind": "tn", "meta": {"seed": 1}, "tolerance": {"float32": {"rtol": 0.002}}, "cases": [
			{"name": "net", "impl": "eager", "knobs": {}, "input_shape": [1], "params_per_unit": 2, "output_shape": [1], "agreement": {"output": 1e-12}}]}`
		former = `{"kind": "former", "meta": {"seed": 1, "dtype": "float64"}, "tolerance": {"float32": {"rtol": 0.002}}, "cases": [
			{"name": "net", "arch": "CustomViT", "config": {}, "input_shape": [1, 1, 1, 1], "loss": 1, "outputs": {"logits": [1, 1]}, "params": [["cls", [1], 1, 0]], "agreement": {"output": 1e-12}}]}`
	)
	for _, c := range []struct{ name, manifest, old, new, want string }{
		{"key of a manifest", ops, `"cases"`, `"extra": 1, "cases"`, `set.json: key "extra": unknown`},
		{"key of a tolerance", ops, `"atol"`, `"eps"`, `set.json: tolerance: key "eps": unknown`},
		{"negative tolerance", ops, `"rtol": 1e-10`, `"rtol": -1`, `set.json: tolerance.float64: key "rtol" is -1, expected a finite number that is not negative`},
		{"tolerance beyond all numbers", ops, `"rtol": 1e-10`, `"rtol": 1e999`, `set.json: tolerance: key "float64.rtol" is a JSON number 1e999, expected float64`},
		{"huge tolerance", ops, `"rtol": 1e-10`, `"rtol": 0.5`, `set.json: tolerance.float64: key "rtol" is 0.5, expected at most 0.1, or the key "loose_tolerance": true`},
		{"huge absolute tolerance", ops, `"atol": 1e-10`, `"atol": 1e300`, `set.json: tolerance.float64: key "atol" is 1e+300, expected at most 0.1`},
		{"loose by a word", ops, `"cases"`, `"loose_tolerance": "yes", "cases"`, `set.json: key "loose_tolerance" is "\"yes\"", expected true or false`},
		{"a tolerance beside those of types", ops, `{"float64"`, `{"atol": 1e-10, "float64"`, `set.json: tolerance: keys "atol" or "rtol" beside those of an element type`},
		{"tolerances", ops, `"tolerance":`, `"tolerances":`, `set.json: key "tolerance": missing`},
		{"case and tolerances", `{"kind": "ops", "tolerance": {}, "cases": []}`, `"tolerance": {}, "cases"`, `"tolerances": {}, "case"`, `set.json: key "tolerance": missing`},
		{"a key twice", ops, `"cases"`, `"kind": "ops", "cases"`, `set.json: key "kind": twice in an object`},
		{"a key twice, in another case", ops, `"cases"`, `"Kind": "ops", "cases"`, `set.json: key "Kind": twice in an object`},
		{"a key of a case twice", ops, `"op": "reshape"`, `"op": "reshape", "op": "tanh"`, `set.json: key "op": twice in an object`},
		{"an attribute twice", ops, `[2, -1]`, `[2, -1], "shape": [6]`, `set.json: key "shape": twice in an object`},
		{"two values", ops, `["grad"]}]}`, `["grad"]}]} {}`, `set.json: more than one JSON value`},
		{"cut short", ops, `["grad"]}]}`, `["grad"]}]`, `set.json: unexpected EOF`},
		{"nothing", ops, ops, ``, `set.json: empty, expected a JSON object`},
		{"deep", ops, `[2, -1]`, strings.Repeat("[", 200) + strings.Repeat("]", 200), `set.json: more than 100 levels`},
		{"deeper than the stack", ops, `[2, -1]`, strings.Repeat("[", 1e6), `set.json: more than 100 levels`},
		{"results of a refusal", ops, `"args"`, `"error": "no", "args"`, `set.json: case 0 "good": key "outputs": given beside "error"`},
		{"cotangents of nothing", ops, `["grad"]`, `[null]`, `set.json: case 0 "good": key "grads": empty, but "cotangents" are given`},
		{"an argument twice", ops, `"args": ["x"], "inputs": ["x"]`, `"args": ["x", "x"], "inputs": ["x", "x"]`, `set.json: case 0 "good": key "args": "x" twice`},
		{"departs without a reason", ops, `"args"`, `"departs": {"ours": "refuses"}, "args"`, `set.json: case 0 "good": key "departs.why": missing`},
		{"departs in a way of its own", ops, `"args"`, `"departs": {"ours": "laughs", "why": "funny"}, "args"`, `set.json: case 0 "good": key "departs.ours" is "laughs"`},
		{"a name that moves the cursor", ops, `"name": "good", "op"`, `"name": "\u001b[2J", "opp"`, `set.json: case 0 "\x1b[2J": key "opp": unknown`},
		{"no tolerance", ops, `"tolerance": {"float64": {"atol": 1e-10, "rtol": 1e-10}}, `, ``, `set.json: key "tolerance": missing`},
		{"no kind", ops, `"kind": "ops", `, ``, `set.json: key "kind": missing`},
		{"no cases", ops, good, ``, `set.json: key "cases": empty, expected at least one`},
		{"key of a case", ops, `"attrs"`, `"atrs"`, `set.json: case 0 "good": key "atrs": unknown`},
		{"value of another type", ops, `["y"]`, `"y"`, `set.json: case 0 "good": key "outputs" is a JSON string, expected []string`},
		{"no name", ops, `"name": "good", `, ``, `set.json: case 0: key "name": missing`},
		{"two of a name", ops, `[` + good, `[` + good + `, ` + good, `set.json: case 1 "good": key "name": another case has it too`},
		{"no operation", ops, `"op": "reshape", `, ``, `set.json: case 0 "good": key "op": missing`},
		{"more inputs than arguments", ops, `"inputs": ["x"]`, `"inputs": ["x", "y"]`, `set.json: case 0 "good": key "inputs": 2, expected one for each of 1 args`},
		{"no outputs", ops, `"outputs": ["y"]`, `"outputs": []`, `set.json: case 0 "good": key "outputs": empty`},
		{"more cotangents than outputs", ops, `["cot"]`, `["cot", "cot"]`, `set.json: case 0 "good": key "cotangents": 2, expected at most one for each of 1 outputs`},
		{"more gradients than arguments", ops, `["grad"]`, `["grad", "grad"]`, `set.json: case 0 "good": key "grads": 2, expected at most one for each of 1 args`},
		{"gradients of nothing", ops, `["cot"]`, `[null]`, `set.json: case 0 "good": key "cotangents": empty`},

		{"optimizers: key", optimizer, `"options"`, `"optoins"`, `set.json: case 0 "one": key "optoins": unknown`},
		{"optimizers: key of the problem", optimizer, `"coupling"`, `"couple"`, `set.json: key "couple": unknown`},
		{"optimizers: problem", optimizer, `"b": [0]`, `"b": []`, `set.json: key "meta.problem": a, b, c and p0 have 1, 0, 1 and 1 elements`},
		{"optimizers: no steps", optimizer, `[[0.5]]`, `[]`, `set.json: case 0 "one": key "params_after_step": empty`},
		{"optimizers: steps of a refusal", optimizer, `"options"`, `"error": "no", "options"`, `set.json: case 0 "one": key "params_after_step": given beside "error"`},
		{"optimizers: element type", optimizer, `"problem"`, `"dtype": "float32", "problem"`, `set.json: key "meta.dtype" is "float32", expected float64`},
		{"optimizers: losses", optimizer, `[0.5],`, `[],`, `set.json: case 0 "one": key "loss_before_step": 0 numbers for 1 steps`},
		{"optimizers: tolerance", optimizer, `1e-12`, `-1e-12`, `set.json: tolerance: key "atol" is -1e-12`},

		{"schedules: key", schedule, `"base_lr"`, `"base"`, `set.json: case 0 "halve": key "base": unknown`},
		{"schedules: no values", schedule, `[1, 0.5]`, `[]`, `set.json: case 0 "halve": key "lr": empty`},
		{"schedules: momentum", schedule, `"lr": [`, `"momentum": [1], "lr": [`, `set.json: case 0 "halve": key "momentum": 1 values, "lr" has 2`},
		{"schedules: values of a refusal", schedule, `"lr": [`, `"error": "no", "lr": [`, `set.json: case 0 "halve": key "lr": given beside "error"`},
		{"schedules: more metrics than steps", schedule, `"lr": [`, `"metric": [1, 2, 3], "lr": [`, `set.json: case 0 "halve": key "metric": 3 values, "lr" has 2`},
		{"schedules: huge tolerance", schedule, `1e-12`, `1e12`, `set.json: tolerance: key "atol" is 1e+12, expected at most 0.1`},
		{"schedules: tolerance", schedule, `1e-12`, `-1e-12`, `set.json: tolerance: key "atol" is -1e-12`},

		{"layers: key", layers, `"name"`, `"modell": 1, "name"`, `set.json: case 0 "net": key "modell": unknown`},
		{"layers: no model", layers, `, "model": {"model": "mlp", "hidden": [32]}`, ``, `set.json: case 0 "net": key "model": missing`},
		{"layers: layout", layers, `"name"`, `"layout": "fortran", "name"`, `set.json: case 0 "net": key "layout" is "fortran", expected torch or keras`},
		{"layers: tolerance", layers, `1e-12`, `-1e-12`, `set.json: tolerance: key "rtol" is -1e-12`},

		{"tn: key", tn, `"knobs"`, `"nobs"`, `set.json: case 0 "net": key "nobs": unknown`},
		{"tn: agreement", tn, `"output":`, `"outputs":`, `set.json: case 0 "net": key "agreement.outputs": unknown, expected one of output,`},
		{"tn: negative agreement", tn, `1e-12`, `-1`, `set.json: case 0 "net": key "agreement.output" is -1`},
		{"tn: tolerance", tn, `0.002`, `-0.002`, `set.json: tolerance.float32: key "rtol" is -0.002`},
		{"tn: huge agreement", tn, `1e-12`, `1e12`, `set.json: case 0 "net": key "agreement.output" is 1e+12, expected at most 0.1`},
		{"tn: results of a refusal", tn, `"knobs"`, `"error": "no", "knobs"`, `set.json: case 0 "net": key "output_shape" or "agreement": given beside "error"`},
		{"tn: no input", tn, `"input_shape": [1], `, ``, `set.json: case 0 "net": key "input_shape": empty`},
		{"tn: parameters", tn, `"params_per_unit": 2`, `"params_per_unit": 5`, `set.json: case 0 "net": key "params_per_unit" is 5, expected 1 to 4`},
		{"former: key", former, `"config"`, `"konfig"`, `set.json: case 0 "net": key "konfig": unknown`},
		{"former: key of the meta data", former, `"seed"`, `"sead"`, `set.json: key "sead": unknown`},
		{"former: agreement", former, `"output":`, `"outputs ":`, `set.json: case 0 "net": key "agreement.outputs ": unknown, expected one of output,`},
		{"former: huge agreement", former, `1e-12`, `1e12`, `set.json: case 0 "net": key "agreement.output" is 1e+12, expected at most 0.1`},
		{"former: negative agreement", former, `1e-12`, `-1`, `set.json: case 0 "net": key "agreement.output" is -1`},
		{"former: tolerance", former, `0.002`, `-0.002`, `set.json: tolerance.float32: key "rtol" is -0.002`},
		{"former: mode", former, `"config"`, `"mode": "test", "config"`, `set.json: case 0 "net": key "mode" is "test", expected train or eval`},
		{"former: results of a refusal", former, `"config"`, `"error": "no", "config"`, `set.json: case 0 "net": key "outputs", "loss" or "params": given beside "error"`},
		{"former: no input", former, `"input_shape": [1, 1, 1, 1], `, ``, `set.json: case 0 "net": key "input_shape": empty`},
		{"former: no loss", former, `"loss": 1, `, ``, `set.json: case 0 "net": key "loss": missing`},
		{"former: no outputs", former, `{"logits": [1, 1]}`, `{}`, `set.json: case 0 "net": key "outputs": empty`},
		{"former: no parameters", former, `[["cls", [1], 1, 0]]`, `[]`, `set.json: case 0 "net": key "params": empty`},
		{"former: half a parameter", former, `["cls", [1], 1, 0]`, `["cls", [1]]`, `set.json: case 0 "net": key "params": a list of 2, expected [name, shape, scale, offset]`},
		{"former: a parameter without shape", former, `["cls", [1], 1, 0]`, `["cls", [], 1, 0]`, `set.json: case 0 "net": key "params": "cls" has no shape`},
		{"tn: no shape", tn, `"output_shape": [1], `, ``, `set.json: case 0 "net": key "output_shape": empty`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Count(c.manifest, c.old) != 1 {
				t.Fatalf("%s is not in the manifest once", c.old)
			}
			dir := folder(t, good)
			write(t, filepath.Join(dir, "set.json"), strings.Replace(c.manifest, c.old, c.new, 1))
			_, err := Run(dir, Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 1000 {
				t.Errorf("error %v, want one line with %q", err, c.want)
			}
		})
	}
}

// TestRefusals tells a refusal by a typed error from a crash, which must not pass for one.
func TestRefusals(t *testing.T) {
	var none []int
	for _, c := range []struct {
		name    string
		panic   func()
		verdict Verdict
	}{
		{"shape error", func() { tensor.PanicShape("Own", "no", []int{1}) }, Refused},
		{"index out of range", func() { _ = none[3] }, Over},
		{"text", func() { panic("no") }, Over},
		{"usage error", func() { tensor.PanicUsage("Own", "no") }, Refused},
		{"an error of another package", func() { panic(&os.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}) }, Over},
		{"plain error", func() { panic(errors.New("no")) }, Over},
		{"formatted error", func() { panic(fmt.Errorf("no: %w", os.ErrNotExist)) }, Over},
	} {
		t.Run(c.name, func(t *testing.T) {
			entry := strings.NewReplacer("reshape", "own", results, `, "error": "ValueError"`).Replace(good)
			rep, err := Run(folder(t, entry), Options{Operations: map[string]Operation{"own": {Float64: func(own *Case[float64]) {
				own.Var("x")
				own.Ignore("shape")
				c.panic()
			}}}})
			if err != nil || len(rep.Rows) != 1 || rep.Rows[0].Verdict != c.verdict {
				t.Errorf("%+v, %v; want %s", rep.Rows, err, c.verdict)
			}
		})
	}
}
