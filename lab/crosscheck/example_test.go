package crosscheck_test

import (
	"fmt"
	"os"
	"path/filepath"

	"elegans/data/safetensors"
	"elegans/lab/crosscheck"
	"elegans/tensor"
)

// Cross-check a dump: the folder that a script like testdata/peers/dump_pytorch.py has written.
func Example() {
	report, err := crosscheck.Run("testdata/layers", crosscheck.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Summary()) // the last line of the table that WriteTable writes
	fmt.Println(report.OK())
	// Output:
	// 4 cases, 56 tensors compared, 0 over tolerance, 0 skipped
	// true
}

// The table has a line for each tensor, and ends with the first that departs.
func ExampleReport_WriteTable() {
	dir, err := os.MkdirTemp("", "crosscheck")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	manifest := `{"kind": "schedules", "tolerance": {"atol": 1e-12, "rtol": 1e-10}, "cases": [
		{"name": "halve", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5, 0.25]},
		{"name": "wrong", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5, 0.5]}]}`
	if err := os.WriteFile(filepath.Join(dir, "rates.json"), []byte(manifest), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	report, err := crosscheck.Run(dir, crosscheck.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := report.WriteTable(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// rates
	// case   tensor   max abs   max rel  verdict
	// halve  lr       0.0e+00   0.0e+00  ok
	// wrong  lr       2.5e-01   5.0e-01  over     element 2 is 0.25, the reference has 0.5
	// 2 cases, 2 tensors compared, 1 over tolerance, 0 skipped; first to depart: rates: wrong: lr
}

// cube is an operation of the caller's own: x*x*x, made of operations that have gradients.
func cube[T tensor.Float](c *crosscheck.Case[T]) {
	tp, x := c.Tape, c.Var("x")
	c.Out(tp.Mul(tp.Mul(x, x), x))
}

// Check an operation of one's own against what another program has recorded of it.
func ExampleOperation() {
	dir, err := os.MkdirTemp("", "crosscheck")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	manifest := `{"kind": "ops", "tolerance": {"rtol": 1e-12}, "cases": [{"name": "cube of 2 and 3", "op": "cube",
		"args": ["x"], "inputs": ["x"], "outputs": ["y"], "cotangents": ["one"], "grads": ["dx"]}]}`
	recorded := map[string]safetensors.Array{}
	for name, v := range map[string][]float64{"x": {2, 3}, "y": {8, 27}, "one": {1, 1}, "dx": {12, 27}} {
		recorded[name] = safetensors.Of(tensor.FromSlice(v, len(v)))
	}
	if err := safetensors.Write(filepath.Join(dir, "own.safetensors"), recorded, nil); err != nil {
		fmt.Println(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "own.json"), []byte(manifest), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	report, err := crosscheck.Run(dir, crosscheck.Options{
		Operations: map[string]crosscheck.Operation{"cube": {Float64: cube[float64], Float32: cube[float32]}},
	})
	fmt.Println(report.Summary(), err)
	// Output: 1 cases, 2 tensors compared, 0 over tolerance, 0 skipped <nil>
}
