package crosscheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/regular"
)

// TestSecondManifest: what is wrong with the second manifest of a folder is an error, however good
// the first is.
func TestSecondManifest(t *testing.T) {
	for _, cases := range []string{`{}`, `"none"`, `[1]`, `[{"name": 1}]`, `null`} {
		dir := folder(t, good)
		write(t, filepath.Join(dir, "two.json"), `{"kind": "ops", "tolerance": {"rtol": 1e-9}, "cases": `+cases+`}`)
		if err := safetensors.Write(filepath.Join(dir, "two.safetensors"), nil, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(dir, Options{}); err == nil || !strings.Contains(err.Error(), "two.json: ") {
			t.Errorf("cases %s: %v", cases, err)
		}
	}
}

// TestSizes asks for results that no machine holds: one line that says so, and no memory taken.
func TestSizes(t *testing.T) {
	t.Setenv(memory.Variable, "64MiB")
	const unary = `{"name": "big", "op": %q, "attrs": {%s}, "args": ["x"], "inputs": ["y"], "outputs": ["y"]}`
	for name, entry := range map[string]string{
		"tile":              fmt.Sprintf(unary, "tile", `"repeats": [10000000000, 1]`),
		"tile of both axes": fmt.Sprintf(unary, "tile", `"repeats": [100000, 100000]`),
		"expand":            fmt.Sprintf(unary, "expand", `"shape": [10000000000, 2, 3]`),
		"pad":               fmt.Sprintf(unary, "pad", `"pad": [1000000000, 0]`),
		"repeat_interleave": fmt.Sprintf(unary, "repeat_interleave", `"repeats": 10000000000`),
		"upsample":          `{"name": "big", "op": "upsample_nearest", "attrs": {"size": [1000000, 1000000]}, "args": ["x"], "inputs": ["y"], "outputs": ["y"]}`,
		"one_hot":           `{"name": "big", "op": "one_hot", "attrs": {"num_classes": 10000000000}, "args": ["ids"], "inputs": ["ids"], "outputs": ["ids"]}`,
		"layer norm":        `{"name": "big", "op": "nn.LayerNorm", "attrs": {"normalized_shape": [1000000, 1000000]}, "args": ["x"], "inputs": ["y"], "outputs": ["y"]}`,
		"layer":             `{"name": "big", "op": "nn.Linear", "attrs": {"in_features": 100000, "out_features": 100000}, "args": ["x"], "inputs": ["y"], "outputs": ["y"]}`,
		"adaptive pooling":  fmt.Sprintf(unary, "adaptive_avg_pool2d", `"output_size": [100000, 100000]`),
		"program":           `{"name": "big", "op": "program", "attrs": {"expr": "1000000 times x <- tanh(1 x + 0)"}, "args": ["x"], "inputs": ["y"], "outputs": ["y"]}`,
	} {
		_, err := Run(folder(t, entry), Options{})
		if !errors.Is(err, memory.ErrLimit) || !strings.Contains(err.Error(), `set.json: case 0 "big": `) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line about memory", name, err)
		}
	}
}

// TestNames: what a file chose to be called reaches no terminal as it is.
func TestNames(t *testing.T) {
	const hostile = "\x1b]0;title\a\x1b[31m\r"
	name, err := json.Marshal(hostile + strings.Repeat("long ", 1e5))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range []string{
		`{"name": ` + string(name) + `, "op": "reshape", "attrs": {"shape": [2, 3]}, "args": ["x"], "inputs": ["x"], "outputs": ["wrong"]}`,
		`{"name": "a", "op": ` + string(name) + `, "args": ["x"], "inputs": ["x"], "outputs": ["y"]}`,
		`{"name": "a", "op": "reshape", "attrs": {` + string(name) + `: 1, "shape": [6]}, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "pad", "attrs": {"pad": [0, 0], "mode": ` + string(name) + `}, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "reshape", "attrs": {"shape": ` + string(name) + `}, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "reshape", "attrs": {"shape": [6]}, "args": ["x"], "inputs": [` + string(name) + `], "outputs": ["x"]}`,
		`{"name": "a", "op": "reshape", "attrs": {"shape": [6]}, "args": ["x", ` + string(name) + `], "inputs": ["x", "x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "reshape", "attrs": {"shape": [6]}, "dtype": ` + string(name) + `, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "einsum", "attrs": {"equation": ` + string(name) + `}, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "program", "attrs": {"expr": ` + string(name) + `}, "args": ["x"], "inputs": ["x"], "outputs": ["x"]}`,
		`{"name": "a", "op": "reshape", "attrs": {"shape": [6]}, "args": ["x"], "inputs": ["x"], "outputs": [], "error": ` + string(name) + `}`,
	} {
		rep, err := Run(folder(t, entry), Options{})
		if err != nil {
			t.Errorf("%.60s: %v", entry, err)
			continue
		}
		if rep.OK() {
			t.Errorf("%.60s: passed", entry)
		}
		var table strings.Builder
		if err := rep.WriteTable(&table); err != nil {
			t.Fatal(err)
		}
		if s := table.String(); strings.ContainsAny(s, "\x1b\a\r") || len(s) > 10000 {
			t.Errorf("%.60s: a table of %d bytes: %.300q", entry, len(s), s)
		}
	}
}

// TestIrregularFiles: a pipe would keep the reader waiting.
func TestIrregularFiles(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero.json")); err != nil {
		t.Skip(err)
	}
	if _, err := Run(dir, Options{}); !errors.Is(err, regular.ErrNotRegular) {
		t.Errorf("a device: %v", err)
	}
}

// TestRowsOfOtherLength: parameters of a step that are more or fewer than there are fail the case,
// even if all steps together have the right number.
func TestRowsOfOtherLength(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "m.json"), `{"kind": "optimizers", "tolerance": {"atol": 1e-12, "rtol": 1e-10},
		"meta": {"problem": {"a": [1, 1], "b": [0, 0], "c": [0, 0], "p0": [1, 1], "coupling": 0, "shapes": {"w": [2], "v": [0]}}},
		"cases": [{"name": "one", "optimizer": "sgd", "options": {"lr": 0.5}, "loss_before_step": [1, 0.25], "params_after_step": [[0.5, 0.5, 0.25], [0.25]]}]}`)
	rep, err := Run(dir, Options{})
	if err != nil || rep.Over != 1 || !strings.Contains(rep.Rows[0].Detail, "params_after_step[0] has 3 numbers, the problem 2") {
		t.Errorf("%v %+v", err, rep.Rows)
	}
}

// TestManyFailures writes a table of many long rows: each is one line of bounded length.
func TestManyFailures(t *testing.T) {
	var rep Report
	for i := range 1000 {
		rep.Rows = append(rep.Rows, Row{Manifest: "m", Case: fmt.Sprint(i), Verdict: Over, Detail: strings.Repeat("x\n", 1e5)})
	}
	var table strings.Builder
	if err := rep.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(table.String()) {
		if len(line) > 3000 {
			t.Fatalf("a line of %d bytes", len(line))
		}
	}
	if n := strings.Count(table.String(), "\n"); n != 1003 {
		t.Errorf("%d lines, want 1003", n)
	}
}

// TestUnknownElementType: a tensor of an element type that nobody here reads fails the case that
// needs it, and no other.
func TestUnknownElementType(t *testing.T) {
	rep, err := Run(filepath.Join("testdata", "unknown"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Cases != 2 || rep.Over != 1 || rep.Skipped != 0 || rep.First == nil || rep.First.Case != "complex" || !strings.Contains(rep.First.Detail, "C64") {
		t.Errorf("%s: %+v", rep.Summary(), rep.Rows)
	}
}
