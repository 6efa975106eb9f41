package crosscheck

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"elegans/autograd"
	"elegans/internal/memory"
	"elegans/tensor"
)

// ending says how a call ended.
type ending struct {
	kind endKind
	text string
	err  error // of excessive
}

type endKind int

const (
	returned  endKind = iota
	unusable          // the case cannot be run
	refused           // the engine refused the operands
	crashed           // anything else, such as an index out of range: a defect, never a refusal
	excessive         // the case asks for more memory than it may have
)

// protect calls f and turns an error or a panic into an ending.
func protect(f func() error) (end ending) {
	defer func() {
		if p := recover(); p != nil {
			end = ofPanic(p)
		}
	}()
	if err := f(); err != nil {
		return ofError(err)
	}
	return ending{}
}

// ofError is the ending of a call that returned an error.
func ofError(err error) ending {
	if errors.Is(err, memory.ErrLimit) {
		return ending{excessive, err.Error(), err}
	}
	return ending{kind: refused, text: err.Error()}
}

// ofPanic tells a refusal from a defect. The engine refuses operands with typed errors, such as
// *tensor.ShapeError; texts, plain errors and runtime errors are defects.
func ofPanic(p any) ending {
	var skipped *skipError
	var fault runtime.Error
	var unread *unreadable
	var full *autograd.MemoryError
	var drawn *tensor.BudgetError
	err, ok := p.(error)
	switch {
	case !ok:
		return ending{kind: crashed, text: fmt.Sprint(p)}
	case errors.As(err, &skipped):
		return ending{kind: unusable, text: skipped.reason}
	case errors.As(err, &full):
		return ofError(&memory.Error{What: fmt.Sprintf("a tensor of shape %v", full.Shape), Bytes: full.Bytes, Limit: int64(full.Limit)})
	case errors.As(err, &drawn):
		return ofError(&memory.Error{What: "the parameters of a layer", Bytes: 8 * drawn.Elements, Limit: 8 * int64(drawn.Limit)})
	case errors.Is(err, memory.ErrLimit):
		return ofError(err)
	case errors.As(err, &unread):
		return ending{kind: crashed, text: err.Error()}
	case errors.As(err, &fault) || !typed(err):
		return ending{kind: crashed, text: err.Error()}
	}
	return ending{kind: refused, text: err.Error()}
}

// typed reports whether an error is of a type that the engine has made for it.
func typed(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), "elegans/")
}

// judge records how a case ended that the reference refuses with the given text, or runs if that is
// empty. It reports whether there are results to compare.
func (rec *recorder) judge(end ending, refusal string) bool {
	switch {
	case end.kind == excessive:
		rec.excess = end.err
	case end.kind == unusable:
		rec.skip(end.text)
	case end.kind == refused && refusal != "":
		rec.refused(end.text)
	case end.kind != returned:
		rec.fail(end.text)
	case refusal != "":
		rec.fail("ran, but the reference refuses: " + refusal)
	default:
		return true
	}
	return false
}

// made is judge for an optimiser or a schedule, made from options that the engine may not know:
// such a case is skipped.
func (rec *recorder) made(err error, refusal string) bool {
	switch {
	case err == nil:
		return rec.judge(ending{}, refusal)
	case refusal == "":
		return rec.judge(ending{kind: unusable, text: err.Error()}, refusal)
	}
	return rec.judge(ending{kind: refused, text: err.Error()}, refusal)
}
