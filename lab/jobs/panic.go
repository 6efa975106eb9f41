package jobs

import "fmt"

// PanicError is what Run panics with when a goroutine of it did: the value, and the stack of that
// goroutine, which is no longer there.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is the value in words.
func (e *PanicError) Error() string { return fmt.Sprint(e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
