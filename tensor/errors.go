package tensor

import (
	"fmt"
	"strings"
)

// ShapeError is the value of every panic caused by misuse: an operand of the wrong shape, an axis
// or index out of range.
type ShapeError struct {
	Op     string  // the operation, for example "MatMul"
	Shapes [][]int // the shapes involved, in argument order
	Detail string  // what was expected; may be empty
}

// Error reads like "tensor: MatMul: shapes [2 3], [4 5]: inner dimensions differ".
func (e *ShapeError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tensor: %s", e.Op)
	switch len(e.Shapes) {
	case 0:
	case 1:
		fmt.Fprintf(&b, ": shape %v", e.Shapes[0])
	default:
		b.WriteString(": shapes ")
		for i, s := range e.Shapes {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprint(&b, s)
		}
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// PanicShape panics with a ShapeError; the shapes are copied, so callers may pass slices of live
// tensors.
func PanicShape(op, detail string, shapes ...[]int) {
	e := &ShapeError{Op: op, Detail: detail}
	for _, s := range shapes {
		e.Shapes = append(e.Shapes, append([]int{}, s...))
	}
	panic(e)
}
