package gradcheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// row is one check of an operation or layer: a function of it and inputs at which to differentiate it.
type row struct {
	name   string // what is special about it; unique within the operation
	f      Func
	inputs func(k tensor.Key) []*tensor.Tensor[float64]
	opts   Options
}

// rows holds the checks of every operation, under the name of the method of autograd.Tape ("Tanh"), and of every layer ("nn.Linear"). The files rows_*_test.go fill it.
var rows = map[string][]row{}

type (
	tape     = autograd.Tape[float64]
	variable = autograd.Var[float64]
)

// unary adapts a function with one input and one result to the form of a row.
func unary(f func(tp *tape, x *variable) *variable) Func {
	return func(tp *tape, in []*variable) []*variable { return []*variable{f(tp, in[0])} }
}

// binary adapts a function with two inputs and one result.
func binary(f func(tp *tape, a, b *variable) *variable) Func {
	return func(tp *tape, in []*variable) []*variable { return []*variable{f(tp, in[0], in[1])} }
}

// uniform returns inputs of the given shapes, uniform in [lo, hi).
func uniform(lo, hi float64, shapes ...[]int) func(k tensor.Key) []*tensor.Tensor[float64] {
	return func(k tensor.Key) []*tensor.Tensor[float64] {
		var ts []*tensor.Tensor[float64]
		for i, s := range shapes {
			ts = append(ts, tensor.Uniform[float64](k.Sub("input", uint64(i)), lo, hi, s...))
		}
		return ts
	}
}

// distinct returns inputs of the given shapes whose elements, over all inputs together, are a shuffled sequence with steps of 0.1: no ties, nothing within 0.05 of zero.
func distinct(shapes ...[]int) func(k tensor.Key) []*tensor.Tensor[float64] {
	return func(k tensor.Key) []*tensor.Tensor[float64] {
		var ts []*tensor.Tensor[float64]
		n := 0
		for _, s := range shapes {
			ts = append(ts, tensor.New[float64](s...))
			n += ts[len(ts)-1].Len()
		}
		order := k.Rand().Perm(n)
		for _, t := range ts {
			for i := range t.Data() {
				t.Data()[i] = 0.1*float64(order[0]-n/2) + 0.05
				order = order[1:]
			}
		}
		return ts
	}
}

// notOperations are the methods of Tape that return a variable without computing anything.
var notOperations = []string{"Input", "Variable", "NewResult"}

// TestGradients compares every row with central differences, with the function applied once and applied twice to the same inputs: the
// second finds backward passes that overwrite a gradient instead of adding to it.
func TestGradients(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for i, r := range rows[name] {
				if seen[r.name] {
					t.Errorf("two rows are named %q", r.name)
				}
				seen[r.name] = true
				t.Run(r.name, func(t *testing.T) {
					k := tensor.NewKey(1, "gradcheck "+name, uint64(i))
					if r.opts.Key == 0 {
						r.opts.Key = k.Sub("options")
					}
					twice := func(tp *tape, in []*variable) []*variable {
						return append(slices.Clone(r.f(tp, in)), r.f(tp, in)...)
					}
					for _, c := range []struct {
						how string
						f   Func
					}{{"once", r.f}, {"twice", twice}} {
						res, err := Check(c.f, r.opts, r.inputs(k)...)
						if err != nil {
							t.Errorf("applied %s: %v", c.how, err)
						}
						if res.Checked == 0 {
							t.Errorf("applied %s: nothing was differentiated", c.how)
						}
					}
				})
			}
		})
	}
}

// TestEveryOperationHasARow finds the operations by reflection and the layers in the source of package nn.
func TestEveryOperationHasARow(t *testing.T) {
	want := map[string]bool{}
	for _, name := range append(operations(), layers(t)...) {
		want[name] = true
		if len(rows[name]) == 0 {
			t.Errorf("%s has no row", name)
		}
	}
	for name := range rows {
		if !want[name] {
			t.Errorf("a row is named %s, which is no operation and no layer", name)
		}
	}
}

// operations lists the exported methods of Tape that return variables.
func operations() []string {
	v := reflect.TypeFor[*variable]()
	tp := reflect.TypeFor[*tape]()
	var names []string
	for i := range tp.NumMethod() {
		m := tp.Method(i)
		for j := range m.Type.NumOut() {
			if out := m.Type.Out(j); (out == v || out == reflect.SliceOf(v)) && !slices.Contains(notOperations, m.Name) {
				names = append(names, m.Name)
				break
			}
		}
	}
	return names
}

// layers lists the exported types of package nn that have an exported method with a tape among its arguments, as "nn.Type".
func layers(t *testing.T) []string {
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join("..", "nn", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of package nn: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || !takesTape(fn.Type) {
				continue
			}
			if name := typeName(fn.Recv.List[0].Type); ast.IsExported(name) {
				found["nn."+name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func takesTape(f *ast.FuncType) bool {
	return slices.ContainsFunc(f.Params.List, func(p *ast.Field) bool { return typeName(p.Type) == "Tape" })
}

// typeName returns the name of a type expression without package, pointer and type arguments.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}
