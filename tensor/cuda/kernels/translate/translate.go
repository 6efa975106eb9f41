package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// source is a Go file.
type source struct {
	path         string
	enumerations bool // translate only the enumerations of the file
	text         []byte
}

// refusal is what the translator panics with: a piece of Go that it does not know.
type refusal struct {
	at   token.Position
	what string
}

func (r refusal) Error() string { return fmt.Sprintf("%s:%d: %s", r.at.Filename, r.at.Line, r.what) }

// translator holds what the sources declare.
type translator struct {
	out    bytes.Buffer
	files  *token.FileSet
	tables map[string][]string

	constants    map[string]constant.Value
	enumerations map[string][]string // the constants of a type, in order
	members      map[string]string   // constant of an enumeration -> its C++ name
	functions    map[string]*ast.FuncDecl
	structs      map[string]*ast.StructType
	begun, done  map[string]bool // functions that are being written, and that are
}

// translate returns the C++ of the sources.
func translate(sources []source, tables map[string][]string) (text []byte, err error) {
	t := &translator{
		files: token.NewFileSet(), tables: tables,
		constants: map[string]constant.Value{}, enumerations: map[string][]string{}, members: map[string]string{},
		functions: map[string]*ast.FuncDecl{}, structs: map[string]*ast.StructType{},
		begun: map[string]bool{}, done: map[string]bool{},
	}
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			text, err = nil, refused
		}
	}()
	var paths []string
	files := make([]*ast.File, len(sources))
	for i, s := range sources {
		paths = append(paths, s.path)
		if files[i], err = parser.ParseFile(t.files, s.path, s.text, parser.ParseComments); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&t.out, "// Written by go run ./kernels/translate from %s.\n", strings.Join(paths, ", "))
	t.out.WriteString("#pragma once\n#include \"go.cuh\"\n")
	for i, f := range files {
		for _, d := range f.Decls {
			t.declare(d, sources[i].enumerations)
		}
	}
	for i, f := range files {
		for _, d := range f.Decls {
			if !sources[i].enumerations {
				t.define(d)
			}
		}
	}
	return t.out.Bytes(), nil
}

// refuse gives up at a node.
func (t *translator) refuse(n ast.Node, format string, arguments ...any) {
	panic(refusal{t.files.Position(n.Pos()), fmt.Sprintf(format, arguments...)})
}

// declare notes what a declaration declares, and writes constants, which have an order.
func (t *translator) declare(d ast.Decl, enumerations bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if enumerations || native[d.Name.Name] != 0 {
			return
		}
		if t.functions[d.Name.Name] != nil {
			t.refuse(d, "%s is declared twice", d.Name.Name)
		}
		t.functions[d.Name.Name] = d
	case *ast.GenDecl:
		switch d.Tok {
		case token.IMPORT:
		case token.TYPE:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					if fields, ok := s.Type.(*ast.StructType); ok {
						t.structs[s.Name.Name] = fields
					}
				}
			}
		case token.CONST:
			if name := isEnumeration(d); name != "" {
				t.enumeration(d, name)
			} else if !enumerations {
				t.constantGroup(d)
			}
		case token.VAR:
			for _, s := range d.Specs {
				if s := s.(*ast.ValueSpec); !enumerations && t.tables[s.Names[0].Name] == nil {
					t.refuse(s, "variable %s is no table", s.Names[0].Name)
				}
			}
		}
	}
}

// isEnumeration returns the type of constants that count from 0, or nothing.
func isEnumeration(d *ast.GenDecl) string {
	if len(d.Specs) == 0 {
		return ""
	}
	s := d.Specs[0].(*ast.ValueSpec)
	name, ok := s.Type.(*ast.Ident)
	if !ok || len(s.Values) != 1 || !isName(s.Values[0], "iota") {
		return ""
	}
	return name.Name
}

// enumeration writes a list of constants that count from 0; one of another type ends it.
func (t *translator) enumeration(d *ast.GenDecl, name string) {
	prefix := strings.SplitAfter(upperSnake(name), "_")[0]
	prefix = strings.TrimSuffix(prefix, "_") + "_"
	t.out.WriteString("\n")
	t.comment(d.Doc)
	fmt.Fprintf(&t.out, "enum %s : int {\n", name)
	for i, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		if i > 0 && s.Type != nil && !isName(s.Type, name) {
			break // their number, as a plain int
		}
		if len(s.Names) != 1 || i > 0 && len(s.Values) > 0 {
			t.refuse(s, "expected one constant a line, counting from 0")
		}
		member := s.Names[0].Name
		t.members[member] = prefix + strings.TrimPrefix(upperSnake(member), prefix)
		t.enumerations[name] = append(t.enumerations[name], member)
		for _, line := range commentLines(s.Doc) {
			fmt.Fprintf(&t.out, "  // %s\n", line)
		}
		fmt.Fprintf(&t.out, "  %s,%s\n", t.members[member], trailing(s.Comment))
	}
	t.out.WriteString("};\n")
}

// constantGroup writes constants of numbers.
func (t *translator) constantGroup(d *ast.GenDecl) {
	t.out.WriteString("\n")
	t.comment(d.Doc)
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		if s.Type != nil || len(s.Names) != 1 || len(s.Values) != 1 {
			t.refuse(s, "expected one constant a line, without a type and with a value")
		}
		name := s.Names[0].Name
		t.constants[name] = t.mustConstant(s.Values[0], nil)
		fmt.Fprintf(&t.out, "constexpr double %s = %s;%s\n", upperSnake(name), t.number(s, t.constants[name]), trailing(s.Comment))
	}
}

// define writes functions and tables.
func (t *translator) define(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if native[d.Name.Name] == 0 {
			t.function(d)
		}
	case *ast.GenDecl:
		if d.Tok == token.VAR {
			for _, s := range d.Specs {
				t.table(d, s.(*ast.ValueSpec))
			}
		}
	}
}

// table writes a function with a switch for each field of the elements of a table.
func (t *translator) table(d *ast.GenDecl, s *ast.ValueSpec) {
	name := s.Names[0].Name
	if len(s.Values) != 1 {
		t.refuse(s, "table %s has no value", name)
	}
	literal, ok := s.Values[0].(*ast.CompositeLit)
	if !ok {
		t.refuse(s, "table %s is no literal", name)
	}
	array, ok := literal.Type.(*ast.ArrayType)
	if !ok {
		t.refuse(s, "table %s is no array", name)
	}
	var types []*ast.FuncType
	switch element := array.Elt.(type) {
	case *ast.FuncType:
		types = append(types, element)
	default:
		t.refuse(element, "table %s holds neither functions nor structures of them", name)
	case *ast.Ident:
		if t.structs[element.Name] == nil {
			t.refuse(element, "table %s of an unknown type %s", name, element.Name)
		}
		for _, f := range t.structs[element.Name].Fields.List {
			field, ok := f.Type.(*ast.FuncType)
			if !ok || len(f.Names) != 1 {
				t.refuse(f, "expected one function a line")
			}
			types = append(types, field)
		}
	}
	if len(types) != len(t.tables[name]) {
		t.refuse(s, "table %s has %d functions a row, expected %d", name, len(types), len(t.tables[name]))
	}
	rows := t.rows(s, literal, len(types))
	t.callees(s)
	comment := d.Doc
	for field, f := range types {
		names := parameters(f)
		t.out.WriteString("\n")
		t.comment(comment)
		comment = nil
		fmt.Fprintf(&t.out, "template <typename T>\n__device__ T %s(int op, %s) {\n  switch (op) {\n", t.tables[name][field], t.list(f, ""))
		for _, r := range rows {
			w := writer{t: t, indent: 2, scope: newScope(nil)}
			given := parameters(r.functions[field].Type)
			if len(given) != len(names) {
				t.refuse(r.functions[field], "%d parameters, expected %d", len(given), len(names))
			}
			for i, p := range given {
				if p != "_" && p != names[i] {
					t.refuse(r.functions[field], "parameter %s, expected %s or _", p, names[i])
				}
				w.scope.names[p] = true
			}
			body := r.functions[field].Body
			if len(body.List) == 1 {
				if answer, ok := body.List[0].(*ast.ReturnStmt); ok && len(answer.Results) == 1 {
					fmt.Fprintf(&t.out, "  case %s: return %s;\n", t.members[r.member], w.expression(answer.Results[0]))
					continue
				}
			}
			fmt.Fprintf(&t.out, "  case %s: {\n", t.members[r.member])
			w.statements(body.List)
			t.out.WriteString("  }\n")
		}
		t.out.WriteString("  }\n  return no_such_function<T>();\n}\n")
	}
}

// row is the functions of one member of an enumeration.
type row struct {
	member    string
	functions []*ast.FuncLit
}

// rows returns the rows of a table, which has one for every constant of an enumeration.
func (t *translator) rows(s *ast.ValueSpec, literal *ast.CompositeLit, fields int) (rows []row) {
	seen := map[string]bool{}
	for _, e := range literal.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			t.refuse(e, "expected NAME: function")
		}
		key, ok := pair.Key.(*ast.Ident)
		if !ok || t.members[key.Name] == "" {
			t.refuse(pair, "the key is no constant of an enumeration")
		}
		values := []ast.Expr{pair.Value}
		if c, ok := pair.Value.(*ast.CompositeLit); ok {
			values = c.Elts
		}
		r := row{member: key.Name}
		for _, v := range values {
			f, ok := v.(*ast.FuncLit)
			if !ok {
				t.refuse(v, "expected a function literal")
			}
			r.functions = append(r.functions, f)
		}
		if len(r.functions) != fields {
			t.refuse(pair, "%d functions, expected %d", len(r.functions), fields)
		}
		seen[key.Name] = true
		rows = append(rows, r)
	}
	for _, members := range t.enumerations {
		if len(rows) == 0 || !slices.Contains(members, rows[0].member) {
			continue
		}
		for _, m := range members {
			if !seen[m] {
				t.refuse(s, "table %s has no row for %s", s.Names[0].Name, m)
			}
		}
	}
	return rows
}

// callees writes the functions that a piece of Go mentions, those that they mention first.
func (t *translator) callees(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.Ident); ok && t.functions[name.Name] != nil {
				t.function(t.functions[name.Name])
			}
		}
		return true
	})
}

// function writes a function, after those that it calls. Several results become references behind
// the parameters.
func (t *translator) function(d *ast.FuncDecl) {
	name := d.Name.Name
	if t.done[name] {
		return
	}
	if t.begun[name] {
		t.refuse(d, "%s calls itself", name)
	}
	t.begun[name] = true
	if d.Recv != nil || d.Type.TypeParams != nil {
		t.refuse(d, "%s has a receiver or type parameters", name)
	}
	if d.Body == nil || len(names(d.Type.Results)) == 0 {
		t.refuse(d, "%s has no body or no result", name)
	}
	t.callees(d.Body)
	t.done[name] = true
	w := writer{t: t, indent: 1, scope: newScope(nil)}
	for _, p := range parameters(d.Type) {
		w.scope.names[p] = true
	}
	result, outputs := "T", ""
	if results := names(d.Type.Results); len(results) > 1 {
		result = "void"
		for _, r := range results {
			if r == "" || r == "_" {
				t.refuse(d.Type.Results, "several results need names")
			}
			outputs += ", T &" + snake(r)
			w.scope.names[r] = true
		}
		w.results = results
	}
	for _, f := range d.Type.Results.List {
		if !isName(f.Type, "float64") {
			t.refuse(f, "a result is no float64")
		}
	}
	t.out.WriteString("\n")
	t.comment(d.Doc)
	fmt.Fprintf(&t.out, "template <typename T>\n__device__ %s %s(%s) {\n", result, snake(name), t.list(d.Type, outputs))
	for _, r := range w.results {
		if assigned(d.Body, r) {
			w.line("%s = T(0);", snake(r))
		}
	}
	w.statements(d.Body.List)
	if w.results != nil { // the last statement of all
		t.out.Truncate(len(bytes.TrimSuffix(t.out.Bytes(), []byte("  return;\n"))))
	}
	t.out.WriteString("}\n")
}

// list returns the parameters of a function.
func (t *translator) list(f *ast.FuncType, outputs string) string {
	var list []string
	for _, p := range f.Params.List {
		kind := "T"
		switch {
		case isName(p.Type, "float64"):
		case isName(p.Type, "bool"):
			kind = "bool"
		default:
			name, ok := p.Type.(*ast.Ident)
			if !ok || t.enumerations[name.Name] == nil {
				t.refuse(p, "a parameter is no float64, bool or constant of an enumeration")
			}
			kind = "int"
		}
		for _, n := range p.Names {
			list = append(list, strings.TrimSuffix(kind+" "+snake(n.Name), " _"))
		}
	}
	return strings.Join(list, ", ") + outputs
}

func isName(e ast.Expr, name string) bool {
	i, ok := e.(*ast.Ident)
	return ok && i.Name == name
}

func parameters(f *ast.FuncType) []string { return names(f.Params) }

// names returns the names of fields, one that is empty for a field without.
func names(fields *ast.FieldList) (all []string) {
	if fields == nil {
		return nil
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			all = append(all, n.Name)
		}
		if len(f.Names) == 0 {
			all = append(all, "")
		}
	}
	return all
}

// assigned reports whether a function assigns to a variable.
func assigned(body *ast.BlockStmt, name string) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, l := range a.Lhs {
				found = found || isName(l, name)
			}
		}
		return true
	})
	return found
}

// comment writes a comment as it stands.
func (t *translator) comment(c *ast.CommentGroup) {
	for _, line := range commentLines(c) {
		fmt.Fprintf(&t.out, "%s\n", strings.TrimRight("// "+line, " "))
	}
}

func commentLines(c *ast.CommentGroup) []string {
	if c == nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(c.Text(), "\n"), "\n")
}

func trailing(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	return " // " + strings.Join(commentLines(c), " ")
}
