package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// aboveTheSeam are the packages that compute by calling functions of tensor only. They do not touch
// elements themselves, so that a device behind those functions sees all arithmetic.
var aboveTheSeam = []string{
	"autograd", "autograd/nn", "autograd/optim", "autograd/train",
	"connectome/tensornet", "connectome/tensornet/published", "connectome/m2",
}

// mayTouchElements are the functions, as "folder/file.go function", that take the elements of a
// tensor for another purpose, with the reason.
var mayTouchElements = map[string]string{
	"autograd/arena.go NewTensor": "hands out memory",
	"autograd/arena.go Free":      "takes memory back",
	"autograd/sparse.go elements": "passes the values of a sparse matrix on to tensor.SpMM, which takes a slice",
	"autograd/sparse.go Backward": "passes their gradient on to tensor.SpMMGradValues",

	"connectome/tensornet/network.go New":            "builds the sparse matrix",
	"connectome/tensornet/signal.go Backward":        "passes their gradient on to tensor.SpMMGrad",
	"autograd/optional.go Elements":                  "passes parameters on to functions of tensor that take slices",
	"connectome/tensornet/published/run.go run":      "passes the slope of an activation on to program.Run",
	"connectome/tensornet/published/run.go Backward": "passes gradients on to program.Backward, which takes slices",
	"connectome/tensornet/published/run.go gradOf":   "passes gradients on to program.Backward, which takes slices",
	"connectome/m2/units.go eluUnits":                "calls tensor.LinearAct for several units at a time",
}

// TestArithmeticStaysBelowTheSeam finds the calls of Tensor.Data, Tensor.Storage and
// tensor.Operand, which give the elements, and of tensor.Parallel, which runs a loop over them.
func TestArithmeticStaysBelowTheSeam(t *testing.T) {
	unused := map[string]bool{}
	for f := range mayTouchElements {
		unused[f] = true
	}
	calls := 0
	for _, folder := range aboveTheSeam {
		files, err := filepath.Glob(filepath.Join("..", "..", "..", "..", filepath.FromSlash(folder), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			parsed, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				name := ""
				if fn, ok := d.(*ast.FuncDecl); ok {
					name = folder + "/" + filepath.Base(file) + " " + fn.Name.Name
				}
				ast.Inspect(d, func(n ast.Node) bool {
					call, ok := n.(*ast.CallExpr)
					if !ok {
						return true
					}
					calls++
					if what := elementAccess(call); what != "" {
						if mayTouchElements[name] == "" {
							t.Errorf("%s calls %s: make it a function of package tensor, or give a reason in mayTouchElements", fset.Position(call.Pos()), what)
						}
						delete(unused, name)
					}
					return true
				})
			}
		}
	}
	if calls < 1000 {
		t.Errorf("only %d calls found in %v", calls, aboveTheSeam)
	}
	for f := range unused {
		t.Errorf("mayTouchElements lists %q, which does not touch any", f)
	}
}

// elementAccess names the access to elements that a call is, if it is one.
func elementAccess(call *ast.CallExpr) string {
	fun := call.Fun
	switch f := fun.(type) { // of a generic function
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	switch pkg, _ := sel.X.(*ast.Ident); {
	case (sel.Sel.Name == "Data" || sel.Sel.Name == "Storage") && len(call.Args) == 0:
		return sel.Sel.Name
	case (sel.Sel.Name == "Parallel" || sel.Sel.Name == "Operand") && pkg != nil && pkg.Name == "tensor":
		return "tensor." + sel.Sel.Name
	}
	return ""
}
