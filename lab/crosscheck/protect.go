package crosscheck

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
)

// ending says how a call ended.
type ending struct {
	kind endKind
	text string
}

type endKind int

const (
	returned endKind = iota
	unusable         // the case cannot be run
	refused          // the engine refused the operands
	crashed          // anything else, such as an index out of range: a defect, never a refusal
)

// protect calls f and turns an error or a panic into an ending.
func protect(f func() error) (end ending) {
	defer func() {
		if p := recover(); p != nil {
			end = ofPanic(p)
		}
	}()
	if err := f(); err != nil {
		return ending{refused, err.Error()}
	}
	return ending{}
}

// ofPanic tells a refusal from a defect. The engine refuses operands with typed errors, such as
// *tensor.ShapeError; texts, plain errors and runtime errors are defects.
func ofPanic(p any) ending {
	var skipped *skipError
	var fault runtime.Error
	err, ok := p.(error)
	switch {
	case !ok:
		return ending{crashed, fmt.Sprint(p)}
	case errors.As(err, &skipped):
		return ending{unusable, skipped.reason}
	case errors.As(err, &fault) || !typed(err):
		return ending{crashed, err.Error()}
	}
	return ending{refused, err.Error()}
}

// typed reports whether an error is of a type made for it, rather than one of errors or fmt.
func typed(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() != "errors" && t.PkgPath() != "fmt"
}

// judge records how a case ended that the reference refuses with the given text, or runs if that is
// empty. It reports whether there are results to compare.
func (rec *recorder) judge(end ending, refusal string) bool {
	switch {
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
		return rec.judge(ending{unusable, err.Error()}, refusal)
	}
	return rec.judge(ending{refused, err.Error()}, refusal)
}
