package tensor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// computesUnasked are the exported functions that compute on the processor without asking for a
// device, or saying that they stay, and why that is right.
var computesUnasked = map[string]string{
	"Full": "makes a tensor", "Arange": "makes a tensor", "Eye": "makes a tensor",
	"Kernels":  "names the kernels of the processor",
	"Parallel": "is the loop of other packages",
}

// axesOnly are the functions whose loops run over axes, although they mention elements.
var axesOnly = []string{
	"describe", "moveBroadcast", "Flip", "SumTo", "Tensor.span", "Tensor.expandInto", "Tensor.matrix", "move.set",
}

// TestEveryFunctionAsksForTheDevice follows the calls within each package: a loop over elements
// must have a function above it that asks for the device (device.Active) or says that the operation
// stays on the processor (device.Stay). What has neither would be taken for a result of the device.
func TestEveryFunctionAsksForTheDevice(t *testing.T) {
	unused := map[string]bool{}
	for name := range computesUnasked {
		unused[name] = true
	}
	for _, folder := range []string{".", "jointattention", "leaky", "linalg", "powers", "program"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		functions := map[string]*function{}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && f.Name.Name != "Do" {
					functions[nameOf(f)] = look(f, file)
				}
			}
		}
		exported := 0
		for _, name := range slices.Sorted(maps.Keys(functions)) {
			f := functions[name]
			if !f.exported {
				continue
			}
			exported++
			if loop := unasked(functions, name, map[string]bool{}); loop != "" {
				if computesUnasked[name] == "" {
					t.Errorf("%s: %s loops over elements (in %s) and neither asks for a device nor says that it stays on the processor", f.file, name, loop)
				}
				delete(unused, name)
			}
		}
		if exported == 0 {
			t.Errorf("%s: no exported function found", folder)
		}
	}
	for name := range unused {
		t.Errorf("computesUnasked lists %s, which does not compute, or asks", name)
	}
}

// function is what matters of a function here.
type function struct {
	file     string
	exported bool
	asks     bool     // calls device.Active, device.Stay or, to show elements, device.Wait
	loops    bool     // runs a loop over elements
	calls    []string // functions and methods of the package
}

// nameOf is the name of a function, or TYPE.METHOD.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return receiver(f.Recv.List[0].Type) + "." + f.Name.Name
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

func look(d *ast.FuncDecl, file string) *function {
	f := &function{file: file, exported: d.Name.IsExported()}
	loop, elements := false, false
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loop = true
		case *ast.SelectorExpr:
			pkg, _ := n.X.(*ast.Ident)
			switch {
			case pkg != nil && pkg.Name == "device" && slices.Contains([]string{"Active", "Stay", "Wait"}, n.Sel.Name):
				f.asks = true
			case pkg != nil && pkg.Name == "parallel" && n.Sel.Name == "For",
				pkg != nil && pkg.Name == "tensor" && n.Sel.Name == "Parallel",
				pkg != nil && (pkg.Name == "gemm" || pkg.Name == "conv") && n.Sel.Name == "Run",
				pkg != nil && pkg.Name == "kernel" && n.Sel.Name == "Of":
				f.loops = true
			case n.Sel.Name == "data" || n.Sel.Name == "Data":
				elements = true
			}
		case *ast.CallExpr:
			f.calls = append(f.calls, called(n.Fun))
		}
		return true
	})
	f.loops = (f.loops || loop && elements) && !slices.Contains(axesOnly, nameOf(d))
	return f
}

// called is the name of the function that a call calls, ".METHOD" for a method or a function of
// another package.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return called(e.X)
	case *ast.IndexListExpr:
		return called(e.X)
	case *ast.SelectorExpr:
		return "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// unasked returns the function with a loop that the named one reaches without asking, if there is
// one. A method is looked for by its name alone: where several types have one, all must reach a
// loop.
func unasked(all map[string]*function, name string, seen map[string]bool) string {
	f := all[name]
	if f == nil || f.asks || seen[name] {
		return ""
	}
	seen[name] = true
	if f.loops {
		return name
	}
	for _, called := range f.calls {
		var reached []string
		free := false
		for other := range all {
			if other == called || called[0] == '.' && strings.HasSuffix(other, called) {
				if loop := unasked(all, other, seen); loop != "" {
					reached = append(reached, loop)
				} else {
					free = true
				}
			}
		}
		if len(reached) > 0 && !free {
			return slices.Min(reached)
		}
	}
	return ""
}
