package format

import (
	"fmt"

	"elegans/internal/quote"
)

// Error says that a file is not what it should be. Its text is one line: file, place, what was
// found, what was expected.
type Error struct {
	File     string // path or other name of the input; may be empty
	Where    string // place in it: "offset 8", "record 12", "line 3", `tensor "w"`; may be empty
	Found    string
	Expected string // may be empty where Found says it all
	Err      error  // the cause, if another error is; may be nil
}

// Error reads like "digits.csv: line 3: 63 fields, expected 65". It is one line of moderate length
// without control characters, whatever the file put into it.
func (e *Error) Error() string {
	s := e.Found
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.File != "" {
		s = quote.Name(e.File) + ": " + s
	}
	if e.Expected != "" {
		s += ", expected " + e.Expected
	}
	return quote.Line(s)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an Error; found and expected are taken as they are.
func New(file, where, found, expected string) *Error {
	return &Error{File: file, Where: where, Found: found, Expected: expected}
}

// Wrap returns an Error whose Found is the text of err.
func Wrap(file, where string, err error) *Error {
	return &Error{File: file, Where: where, Found: err.Error(), Err: err}
}

// Offset names a place in a binary file.
func Offset(n int64) string { return fmt.Sprintf("offset %d", n) }
