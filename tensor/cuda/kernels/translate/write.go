package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"strings"
)

// scope holds the names of a block of Go.
type scope struct {
	outer     *scope
	names     map[string]bool
	constants map[string]constant.Value
}

func newScope(outer *scope) *scope {
	return &scope{outer, map[string]bool{}, map[string]constant.Value{}}
}

// writer writes the body of a function.
type writer struct {
	t       *translator
	indent  int
	scope   *scope
	results []string // their names, if the function has several
	ignored int      // results that nobody uses
}

func (w *writer) line(format string, arguments ...any) {
	w.t.out.WriteString(strings.Repeat("  ", w.indent))
	fmt.Fprintf(&w.t.out, format, arguments...)
	w.t.out.WriteString("\n")
}

func (w *writer) statements(list []ast.Stmt) {
	for _, s := range list {
		w.statement(s)
	}
}

// block writes statements in a scope of their own.
func (w *writer) block(list []ast.Stmt) {
	w.scope = newScope(w.scope)
	w.indent++
	w.statements(list)
	w.indent--
	w.scope = w.scope.outer
}

func (w *writer) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		w.answer(s)
	case *ast.AssignStmt:
		w.assign(s)
	case *ast.IfStmt:
		if s.Init == nil {
			w.condition(s, "")
			return
		}
		if a, ok := s.Init.(*ast.AssignStmt); ok && a.Tok == token.ASSIGN {
			w.statement(a)
			w.condition(s, "")
			return
		}
		w.line("{")
		w.scope = newScope(w.scope)
		w.indent++
		w.statement(s.Init)
		w.condition(s, "")
		w.indent--
		w.scope = w.scope.outer
		w.line("}")
	case *ast.SwitchStmt:
		if s.Init != nil {
			w.t.refuse(s, "a switch with a statement before it")
		}
		if s.Tag == nil {
			w.cases(s)
		} else {
			w.choice(s)
		}
	case *ast.DeclStmt:
		d, ok := s.Decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			w.t.refuse(s, "a declaration of something other than constants")
		}
		for _, c := range d.Specs {
			c := c.(*ast.ValueSpec)
			if len(c.Names) != 1 || len(c.Values) != 1 || c.Type != nil {
				w.t.refuse(c, "expected one constant a line, without a type and with a value")
			}
			value := w.t.mustConstant(c.Values[0], w.scope)
			w.scope.constants[c.Names[0].Name] = value
			w.line("constexpr double %s = %s;%s", upperSnake(c.Names[0].Name), w.t.number(c, value), trailing(c.Comment))
		}
	default:
		w.t.refuse(s, "cannot translate %T", s)
	}
}

// condition writes an if statement; lead is "} else " where it continues another one.
func (w *writer) condition(s *ast.IfStmt, lead string) {
	w.line("%sif (%s) {", lead, w.expression(s.Cond))
	w.block(s.Body.List)
	switch e := s.Else.(type) {
	case nil:
		w.line("}")
	case *ast.BlockStmt:
		w.line("} else {")
		w.block(e.List)
		w.line("}")
	case *ast.IfStmt:
		if e.Init != nil {
			w.t.refuse(e, "else if with a statement before it")
		}
		w.condition(e, "} else ")
	}
}

// cases writes a switch without a value.
func (w *writer) cases(s *ast.SwitchStmt) {
	lead, otherwise := "", (*ast.CaseClause)(nil)
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		if otherwise != nil {
			w.t.refuse(c, "default is not the last case")
		}
		if c.List == nil {
			otherwise = c
			continue
		}
		var conditions []string
		for _, e := range c.List {
			conditions = append(conditions, w.expression(e))
		}
		w.line("%sif (%s) {", lead, strings.Join(conditions, " || "))
		w.block(c.Body)
		lead = "} else "
	}
	if otherwise != nil {
		if lead == "" {
			w.t.refuse(s, "a switch that has only a default")
		}
		w.line("} else {")
		w.block(otherwise.Body)
	}
	w.line("}")
}

// choice writes a switch over an enumeration, of which every case returns.
func (w *writer) choice(s *ast.SwitchStmt) {
	w.line("switch (%s) {", w.expression(s.Tag))
	for _, c := range s.Body.List {
		c := c.(*ast.CaseClause)
		labels := "default:"
		if c.List != nil {
			labels = ""
		}
		for i, e := range c.List {
			name, ok := e.(*ast.Ident)
			if !ok || w.t.members[name.Name] == "" {
				w.t.refuse(e, "a case is no constant of an enumeration")
			}
			if i > 0 {
				labels += " "
			}
			labels += "case " + w.t.members[name.Name] + ":"
		}
		if n := len(c.Body); n == 0 || !returns(c.Body[n-1]) {
			w.t.refuse(c, "a case does not end in return")
		}
		if result, ok := c.Body[0].(*ast.ReturnStmt); ok && len(result.Results) == 1 && w.results == nil {
			w.line("%s return %s;", labels, w.expression(result.Results[0]))
			continue
		}
		w.line("%s {", labels)
		w.block(c.Body)
		w.line("}")
	}
	w.line("}")
}

func returns(s ast.Stmt) bool {
	_, ok := s.(*ast.ReturnStmt)
	return ok
}

// answer writes a return statement.
func (w *writer) answer(s *ast.ReturnStmt) {
	if w.results == nil {
		if len(s.Results) != 1 {
			w.t.refuse(s, "%d results, expected 1", len(s.Results))
		}
		w.line("return %s;", w.expression(s.Results[0]))
		return
	}
	if len(s.Results) == 1 {
		var targets []string
		for _, r := range w.results {
			targets = append(targets, snake(r))
		}
		w.line("%s", w.several(s.Results[0], targets))
		w.line("return;")
		return
	}
	if len(s.Results) != len(w.results) {
		w.t.refuse(s, "%d results, expected %d", len(s.Results), len(w.results))
	}
	for i, r := range s.Results {
		if isName(r, w.results[i]) {
			continue
		}
		for _, earlier := range w.results[:i] {
			if mentions(r, earlier) {
				w.t.refuse(r, "a result depends on the variable %s of an earlier one", earlier)
			}
		}
		w.line("%s = %s;", snake(w.results[i]), w.expression(r))
	}
	w.line("return;")
}

// assign writes an assignment or a short declaration.
func (w *writer) assign(s *ast.AssignStmt) {
	var targets []string
	for _, l := range s.Lhs {
		name, ok := l.(*ast.Ident)
		if !ok {
			w.t.refuse(l, "an assignment to something other than a variable")
		}
		targets = append(targets, name.Name)
	}
	if len(s.Rhs) == 1 && len(targets) > 1 {
		if s.Tok != token.DEFINE {
			w.t.refuse(s, "several results are assigned, expected :=")
		}
		for i, name := range targets {
			if mentions(s.Rhs[0], name) {
				w.t.refuse(s, "%s is declared from a variable of the same name", name)
			}
			if targets[i] = snake(name); name == "_" {
				w.ignored++
				targets[i] = fmt.Sprintf("ignored%d", w.ignored)
			}
			w.scope.names[name] = true
		}
		w.line("T %s;", strings.Join(targets, ", "))
		w.line("%s", w.several(s.Rhs[0], targets))
		return
	}
	if len(s.Rhs) != len(targets) {
		w.t.refuse(s, "%d values for %d variables", len(s.Rhs), len(targets))
	}
	for i, name := range targets {
		for _, other := range targets {
			if mentions(s.Rhs[i], other) && (s.Tok == token.DEFINE || len(targets) > 1) {
				w.t.refuse(s, "%s and its value are assigned at once", other)
			}
		}
		value := w.expression(s.Rhs[i])
		switch s.Tok {
		case token.DEFINE:
			if c := w.t.constant(s.Rhs[i], w.scope); isTruth(s.Rhs[i]) || c != nil && c.Kind() == constant.Int {
				w.t.refuse(s, "%s is no float64", name)
			}
			w.scope.names[name] = true
			w.line("T %s = %s;", snake(name), value)
		case token.ASSIGN:
			w.line("%s = %s;", snake(name), value)
		default:
			w.t.refuse(s, "cannot translate %s", s.Tok)
		}
	}
}

// several returns the call of a function with several results.
func (w *writer) several(e ast.Expr, targets []string) string {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		w.t.refuse(e, "expected a call")
	}
	name, ok := call.Fun.(*ast.Ident)
	if !ok || w.t.functions[name.Name] == nil {
		w.t.refuse(call, "a call of an unknown function")
	}
	if n := len(names(w.t.functions[name.Name].Type.Results)); n != len(targets) {
		w.t.refuse(call, "%s has %d results, expected %d", name.Name, n, len(targets))
	}
	return fmt.Sprintf("%s(%s, %s);", snake(name.Name), w.arguments(call), strings.Join(targets, ", "))
}

func (w *writer) arguments(call *ast.CallExpr) string {
	var list []string
	for _, a := range call.Args {
		list = append(list, w.expression(a))
	}
	return strings.Join(list, ", ")
}

// mentions reports whether an expression mentions a variable.
func mentions(e ast.Expr, name string) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok && i.Name == name {
			found = true
		}
		return true
	})
	return found
}
