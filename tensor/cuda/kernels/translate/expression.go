package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// mathFunctions gives the functions of package math that go.cuh has, and the number of their
// arguments; max and min are Go's own.
var mathFunctions = map[string]int{
	"Abs": 1, "Copysign": 2, "Cos": 1, "Erf": 1, "Erfc": 1, "Exp": 1, "Expm1": 1, "IsInf": 2, "Log": 1, "Log1p": 1,
	"Pow": 2, "Sin": 1, "Sqrt": 1, "Tanh": 1,
}

// mathConstants are the constants of package math that may be used.
var mathConstants = map[string]string{
	"Pi":     "3.14159265358979323846264338327950288419716939937510582097494459",
	"Sqrt2":  "1.41421356237309504880168872420969807856967187537694807317667974",
	"SqrtPi": "1.77245385090551602729816748334114518279754945612238712821380779",
}

// expression returns an expression in C++. A constant expression becomes one number of type T.
func (w *writer) expression(e ast.Expr) string {
	if name, ok := e.(*ast.Ident); ok && w.variable(name.Name) {
		return snake(name.Name)
	}
	if value := w.t.constant(e, w.scope); value != nil {
		if name, ok := e.(*ast.Ident); ok {
			return "T(" + upperSnake(name.Name) + ")"
		}
		return "T(" + w.t.number(e, value) + ")"
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return "(" + w.expression(e.X) + ")"
	case *ast.UnaryExpr:
		if e.Op == token.SUB || e.Op == token.NOT {
			if _, ok := e.X.(*ast.UnaryExpr); !ok {
				return e.Op.String() + w.expression(e.X)
			}
		}
		w.t.refuse(e, "cannot translate %s here", e.Op)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.ADD, token.SUB, token.MUL, token.QUO, token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ,
			token.LAND, token.LOR:
			return w.expression(e.X) + " " + e.Op.String() + " " + w.expression(e.Y)
		}
		w.t.refuse(e, "cannot translate %s", e.Op)
	case *ast.CallExpr:
		return w.call(e)
	case *ast.Ident:
		w.t.refuse(e, "%s is unknown", e.Name)
	}
	w.t.refuse(e, "cannot translate %T", e)
	return ""
}

// call returns a call with one result.
func (w *writer) call(e *ast.CallExpr) string {
	name, want := "", 0
	switch f := e.Fun.(type) {
	case *ast.Ident:
		d := w.t.functions[f.Name]
		switch {
		case native[f.Name] != 0:
			name, want = "go::"+snake(f.Name), native[f.Name]
		case d != nil:
			name, want = snake(f.Name), len(parameters(d.Type))
			if n := len(names(d.Type.Results)); n != 1 {
				w.t.refuse(e, "%s has %d results, expected 1", f.Name, n)
			}
		case f.Name == "max" || f.Name == "min":
			name, want = "go::"+f.Name, 2
		}
	case *ast.SelectorExpr:
		if isName(f.X, "math") && mathFunctions[f.Sel.Name] != 0 {
			name, want = "go::"+snake(f.Sel.Name), mathFunctions[f.Sel.Name]
		}
	}
	if name == "" {
		w.t.refuse(e, "a call of an unknown function")
	}
	if len(e.Args) != want {
		w.t.refuse(e, "%d arguments, expected %d", len(e.Args), want)
	}
	return name + "(" + w.arguments(e) + ")"
}

func (w *writer) variable(name string) bool {
	for s := w.scope; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
		if s.constants[name] != nil {
			return false
		}
	}
	return false
}

func (t *translator) mustConstant(e ast.Expr, s *scope) constant.Value {
	value := t.constant(e, s)
	if value == nil {
		t.refuse(e, "expected a constant")
	}
	return value
}

// constant returns the exact value of a constant expression, or nil.
func (t *translator) constant(e ast.Expr, s *scope) constant.Value {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.INT || e.Kind == token.FLOAT {
			return constant.MakeFromLiteral(e.Value, e.Kind, 0)
		}
	case *ast.Ident:
		for ; s != nil; s = s.outer {
			if s.names[e.Name] {
				return nil
			}
			if v := s.constants[e.Name]; v != nil {
				return v
			}
		}
		return t.constants[e.Name]
	case *ast.SelectorExpr:
		if digits := mathConstants[e.Sel.Name]; digits != "" && isName(e.X, "math") {
			return constant.MakeFromLiteral(digits, token.FLOAT, 0)
		}
	case *ast.ParenExpr:
		return t.constant(e.X, s)
	case *ast.UnaryExpr:
		if x := t.constant(e.X, s); x != nil && (e.Op == token.SUB || e.Op == token.ADD) {
			return constant.UnaryOp(e.Op, x, 0)
		}
	case *ast.CallExpr:
		if len(e.Args) != 1 {
			return nil
		}
		x := t.constant(e.Args[0], s)
		if x == nil {
			return nil
		}
		if isName(e.Fun, "float64") {
			f, _ := constant.Float64Val(x)
			return constant.MakeFloat64(f)
		}
		if isName(e.Fun, "float32") {
			f, _ := constant.Float32Val(x)
			return constant.MakeFloat64(float64(f))
		}
	case *ast.BinaryExpr:
		x, y := t.constant(e.X, s), t.constant(e.Y, s)
		if x == nil || y == nil {
			return nil
		}
		return t.operation(e, x, y)
	}
	return nil
}

func (t *translator) operation(e *ast.BinaryExpr, x, y constant.Value) constant.Value {
	switch e.Op {
	case token.SHL:
		if n, ok := constant.Uint64Val(y); ok && n < 1024 {
			return constant.Shift(x, e.Op, uint(n))
		}
	case token.ADD, token.SUB, token.MUL:
		return constant.BinaryOp(x, e.Op, y)
	case token.QUO:
		if constant.Sign(y) == 0 {
			t.refuse(e, "division by zero")
		}
		if x.Kind() == constant.Int && y.Kind() == constant.Int {
			return constant.BinaryOp(x, token.QUO_ASSIGN, y) // of integers, as Go divides them
		}
		return constant.BinaryOp(constant.ToFloat(x), e.Op, constant.ToFloat(y))
	}
	return nil
}

// isTruth reports whether an expression has the type bool; names are those of numbers.
func isTruth(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return isTruth(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.BinaryExpr:
		return e.Op.Precedence() <= token.LSS.Precedence()
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.SelectorExpr)
		return ok && f.Sel.Name == "IsInf"
	}
	return false
}

// number returns the shortest decimal number that is the nearest float64.
func (t *translator) number(n ast.Node, v constant.Value) string {
	f, _ := constant.Float64Val(v)
	if math.IsInf(f, 0) || v.Kind() == constant.Unknown {
		t.refuse(n, "the constant is no float64")
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// words are names with capitals inside a word.
var words = strings.NewReplacer("ReLU", "Relu", "SiLU", "Silu")

// snake returns the name with its words apart: normalCDF, normal_cdf.
func snake(name string) string {
	r := []rune(words.Replace(name))
	var b strings.Builder
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func upperSnake(name string) string { return strings.ToUpper(snake(name)) }
