// Command translate writes functions.cuh: the elementwise functions, their derivatives and the
// terms of losses as CUDA C++, translated from the Go sources that define them, so that each is
// written once.
//
//	go run ./kernels/translate        in tensor/cuda
//
// It understands the Go of those files: functions of numbers with if, switch, return, :=,
// arithmetic, constants and package math. What it does not know it refuses, with file and line.
// float64 becomes the template parameter T, float or double. Constant expressions are evaluated as
// Go does, exactly, and converted to T.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	text, err := functions("..")
	if err == nil {
		err = os.WriteFile(filepath.Join("kernels", "functions.cuh"), text, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "translate: %v\n", err)
		os.Exit(1)
	}
}

// sources lists the files below tensor.
var sources = []source{
	{path: "internal/kernel/vector.go", enumerations: true},
	{path: "internal/kernel/vector_define.go"},
	{path: "lossfunc.go"},
}

// tables gives the variables that hold a table of function literals, and the names of the functions
// that they become: one for each field of an element.
var tables = map[string][]string{
	"definitions":       {"unary", "unary_slope"},
	"binaryDefinitions": {"binary"},
}

// native names the functions that go.cuh writes with those of CUDA, and the number of their
// arguments: Go's own form is there because package math has no such function.
var native = map[string]int{"gelu": 1, "normalCDF": 1}

// functions returns the text of functions.cuh from the sources below the folder tensor.
func functions(tensor string) ([]byte, error) {
	all := make([]source, len(sources))
	for i, s := range sources {
		text, err := os.ReadFile(filepath.Join(tensor, filepath.FromSlash(s.path)))
		if err != nil {
			return nil, err
		}
		s.text = text
		all[i] = s
	}
	return translate(all, tables)
}
