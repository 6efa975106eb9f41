package tensor

import (
	"fmt"
	"strings"
)

// ShapeError is the value of panics caused by operands of the wrong shape, or an axis or index that
// a shape does not have.
type ShapeError struct {
	Op     string  // the operation, for example "MatMul"
	Shapes [][]int // the shapes involved, in argument order
	Detail string  // what was expected; may be empty
}

// Error reads like "tensor: MatMul: shapes [2 3], [4 5]: inner dimensions differ". Operations of
// other packages name their own: "data.FromTensor: shape [3]: want [N, C, H, W]".
func (e *ShapeError) Error() string {
	var b strings.Builder
	if !strings.Contains(e.Op, ".") {
		b.WriteString("tensor: ")
	}
	b.WriteString(e.Op)
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

// UsageError is the value of panics caused by misuse that is not about the shapes of tensors: a
// number, an index or a choice that an operation does not take, a call out of turn. Packages above
// this one use it too.
type UsageError struct {
	Op     string // the operation with its package, for example "data.NewLoader"
	Detail string // what was found and what was expected
}

// Error reads like "data.NewLoader: batch size 0, expected 1 to 1797".
func (e *UsageError) Error() string { return e.Op + ": " + e.Detail }

// PanicUsage panics with a UsageError.
func PanicUsage(op, detail string) { panic(&UsageError{Op: op, Detail: detail}) }

// maxAttribute bounds strides, paddings and the like, so that sums and products of two of them and
// of a length fit in an int.
const maxAttribute = 1 << 30

// checkAttributes panics in the name of op if a number is beyond maxAttribute.
func checkAttributes(op string, shape []int, numbers ...int) {
	for _, n := range numbers {
		if n > maxAttribute || n < -maxAttribute {
			PanicShape(op, fmt.Sprintf("%d, expected at most %d", n, maxAttribute), shape)
		}
	}
}

// PanicShape panics with a ShapeError. It copies the shapes, so callers may pass those of tensors
// that will change.
func PanicShape(op, detail string, shapes ...[]int) {
	e := &ShapeError{Op: op, Detail: detail}
	for _, s := range shapes {
		e.Shapes = append(e.Shapes, append([]int{}, s...))
	}
	panic(e)
}
