package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCurrent compares functions.cuh with what the Go sources say now.
func TestCurrent(t *testing.T) {
	want, err := functions(filepath.FromSlash("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.FromSlash("../functions.cuh"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("functions.cuh is not what the Go sources say: go run ./kernels/translate in tensor/cuda")
	}
}

const header = `package p

import "math"

type Op uint8

const (
	One Op = iota // the first
	TwoReLU
	NumOp int = iota
)

type pair struct {
	f  func(x, a float64) float64
	df func(x, y float64) float64
}

`

// TestTranslate translates small files.
func TestTranslate(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"enumeration", "", "enum Op : int {\n  OP_ONE, // the first\n  OP_TWO_RELU,\n};\n"},
		{"exact constants", "const third = 1. / 3\nfunc f(x float64) float64 { return 3*third*x + 2/math.SqrtPi - 1/2 + float64(float32(0.1)) }",
			"return T(1) * x + T(1.1283791670955126) - T(0) + T(0.10000000149011612);"},
		{"constants by name", "const third = 1. / 3\nfunc f(x float64) float64 { return third * x }",
			"constexpr double THIRD = 0.3333333333333333;\n\ntemplate <typename T>\n__device__ T f(T x) {\n  return T(THIRD) * x;\n}\n"},
		{"callee first", "func f(x float64) float64 { return normalPart(-x) }\nfunc normalPart(x float64) float64 { return max(x, 0) }",
			"__device__ T normal_part(T x) {\n  return go::max(x, T(0));\n}\n\ntemplate <typename T>\n__device__ T f(T x) {\n  return normal_part(-x);\n}\n"},
		{"several results", "func two(x float64) (dx, dt float64) { return x, 1 }\nfunc f(x float64) float64 {\n_, b := two(x)\nreturn b }",
			"__device__ void two(T x, T &dx, T &dt) {\n  dx = x;\n  dt = T(1);\n}\n\ntemplate <typename T>\n__device__ T f(T x) {\n  T ignored1, b;\n  two(x, ignored1, b);\n  return b;\n}\n"},
		{"if with an assignment", "func f(x float64) float64 {\nif x = -x; x > 0 {\nreturn 1 }\nreturn x }",
			"  x = -x;\n  if (x > T(0)) {\n    return T(1);\n  }\n  return x;\n"},
		{"if with a declaration", "func f(x float64) float64 {\nif y := -x; y > 0 {\nreturn y } else {\nreturn x }\n}",
			"  {\n    T y = -x;\n    if (y > T(0)) {\n      return y;\n    } else {\n      return x;\n    }\n  }\n"},
		{"switch", "func f(op Op, x float64) float64 {\nswitch op {\ncase One, TwoReLU:\nreturn x\ndefault:\nreturn 0 } }",
			"  switch (op) {\n  case OP_ONE: case OP_TWO_RELU: return x;\n  default: return T(0);\n  }\n"},
		{"table", "var table = [NumOp]pair{One: {func(x, _ float64) float64 { return x }, func(_, y float64) float64 { return y }}," +
			"TwoReLU: {func(x, a float64) float64 { if x > a { return a }; return x }, func(_, _ float64) float64 { return 0 }}}",
			"__device__ T value(int op, T x, T a) {\n  switch (op) {\n  case OP_ONE: return x;\n  case OP_TWO_RELU: {\n    if (x > a) {\n      return a;\n    }\n    return x;\n  }\n  }\n  return no_such_function<T>();\n}\n"},
	} {
		got, err := translate([]source{{path: "p.go", text: []byte(header + c.source)}}, map[string][]string{"table": {"value", "slope"}})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !strings.Contains(string(got), c.want) {
			t.Errorf("%s:\n%s\nlacks\n%s", c.name, got, c.want)
		}
	}
}

// TestRefused looks at Go that is not understood: the message has the line, and nothing is written.
func TestRefused(t *testing.T) {
	line := strings.Count(header, "\n") + 1
	for _, c := range []struct{ source, want string }{
		{"func f(x float64) float64 { for { x = 1 }; return x }", "cannot translate *ast.ForStmt"},
		{"func f(x float64) float64 { x += 1; return x }", "cannot translate +="},
		{"func f(x float64) float64 { return x % 2 }", "cannot translate %"},
		{"func f(x float64) float64 { return unknown }", "unknown is unknown"},
		{"func f(x float64) float64 { return unknown(x) }", "a call of an unknown function"},
		{"func f(x float64) float64 { return math.Gamma(x) }", "a call of an unknown function"},
		{"func f(x float64) float64 { return max(x, 1, 2) }", "3 arguments, expected 2"},
		{"func f(x []float64) float64 { return 0 }", "a parameter is no float64, bool or constant of an enumeration"},
		{"func f(x float64) bool { return x > 0 }", "a result is no float64"},
		{"func f[F any](x float64) float64 { return x }", "f has a receiver or type parameters"},
		{"func f(x float64) (a, b float64) { return }", "0 results, expected 2"},
		{"func f(x float64) (a, b float64) { return 1, a }", "a result depends on the variable a of an earlier one"},
		{"func f(x float64) float64 { x, y := x, x; return x + y }", "x and its value are assigned at once"},
		{"func f(x float64) float64 { y := x > 1; if y { return 1 }; return x }", "y is no float64"},
		{"func f(x float64) float64 { n := 3; return x }", "n is no float64"},
		{"func f(op Op) float64 { switch op { case One: }; return 1 }", "a case does not end in return"},
		{"func f(x float64) float64 { return f(x - 1) }", "f calls itself"},
		{"func f(x float64) float64 { return x / (1 - 1.) }; const c = 1 / 0", "division by zero"},
		{"func f(x float64) float64 { return 1e999 }", "the constant is no float64"},
		{"func f(x float64)", "f has no body or no result"},
		{"func f(x float64) { }", "f has no body or no result"},
		{"const (c, d = 1, 2)", "expected one constant a line, without a type and with a value"},
		{"var table = [NumOp]int{One: 1}", "table table of an unknown type int"},
		{"var table = [NumOp][]int{}", "table table holds neither functions nor structures of them"},
		{"var x = 1", "variable x is no table"},
		{"var table = [NumOp]pair{One: {nil, nil}}", "expected a function literal"},
		{"var table = [NumOp]pair{One: {func(x, a float64) float64 { return x }, func(x, y float64) float64 { return x }}}",
			"table table has no row for TwoReLU"},
		{"var table = [NumOp]pair{One: {func(z, a float64) float64 { return z }, func(x, y float64) float64 { return x }}, " +
			"TwoReLU: {func(x, a float64) float64 { return x }, func(x, y float64) float64 { return x }}}", "parameter z, expected x or _"},
	} {
		got, err := translate([]source{{path: "p.go", text: []byte(header + c.source)}}, map[string][]string{"table": {"value", "slope"}})
		want := "p.go:" + strconv.Itoa(line) + ": " + c.want
		if err == nil || err.Error() != want || got != nil {
			t.Errorf("%s: error %v, want %s", c.source, err, want)
		}
	}
}

// FuzzTranslate changes the Go sources: whatever they become, it is translated or refused.
func FuzzTranslate(f *testing.F) {
	for _, s := range sources {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(s.path)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(header)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := translate([]source{{path: "p.go", text: []byte(text)}}, tables)
		if (err == nil) == (got == nil) {
			t.Errorf("%d bytes and the error %v", len(got), err)
		}
	})
}
