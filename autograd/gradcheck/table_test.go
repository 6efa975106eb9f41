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
)

// notOperations are the methods of Tape that return variables without computing anything.
var notOperations = []string{"Input", "Variable", "NewResult", "Params"}

// TestGradients checks every operation and layer.
func TestGradients(t *testing.T) {
	for _, name := range Operations() {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, r := range rows[name] {
				if seen[r.name] {
					t.Errorf("two rows are named %q", r.name)
				}
				seen[r.name] = true
			}
			found, err := CheckOperation(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if f.Err != nil {
					t.Errorf("%s: %v", f.Case, f.Err)
				}
			}
		})
	}
	if _, err := CheckOperation("Nonsense"); err == nil {
		t.Error("an unknown operation was accepted")
	}
}

// TestEveryOperationHasARow finds the operations by reflection and the layers in the source of
// package nn.
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

// layers lists the exported types of package nn that have an exported method with a tape among its
// arguments, as "nn.Type".
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
