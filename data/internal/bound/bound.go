// Package bound keeps what is taken for an input in proportion to the input: a number in a header
// takes no memory before the bytes are there, and a compressed file does not unfold without end.
package bound

import (
	"fmt"
	"io"
	"os"

	"elegans/internal/memory"
)

const (
	// Fold is how many times its size a compressed input may unfold to. Pictures and tables of
	// them stay below 20; the densest of deflate, zeros, is 1,032.
	Fold = 100
	// Free is what any input may unfold to.
	Free = 64 << 20

	// piece is what is read at once, so that a reader that looks at a context does so often.
	piece = 1 << 20
)

// Unfold returns an error if a compressed input of some bytes claims to hold, or turned out to
// hold, size bytes that are more than Free and more than Fold times as many. The variable
// ELEGANS_MEMORY permits as much as it says. The name of the input may be empty where the error is
// wrapped in one that has it.
func Unfold(what string, size, compressed int64) error {
	if size <= Free || size/Fold <= compressed {
		return nil
	}
	if os.Getenv(memory.Variable) != "" {
		limit, err := memory.Limit()
		if err != nil || size <= limit {
			return err
		}
	}
	return &unfoldError{what, size, compressed}
}

type unfoldError struct {
	what             string
	size, compressed int64
}

// Error names both sizes and the way to permit the larger one.
func (e *unfoldError) Error() string {
	what := e.what
	if what != "" {
		what += ": "
	}
	return fmt.Sprintf("%sunfolds to %s from %s, expected at most %d times as much (%s=SIZE permits more)",
		what, memory.Size(float64(e.size)), memory.Size(float64(e.compressed)), Fold, memory.Variable)
}

// Unwrap says what kind of error it is.
func (*unfoldError) Unwrap() error { return memory.ErrLimit }

// ReadFull returns the next n bytes of r, or fewer and the reason, io.EOF if r ends there. It takes
// memory for as many as hint says at once, and for more as they arrive. The hint is what the size
// of the input makes likely.
func ReadFull(r io.Reader, n, hint int64) ([]byte, error) {
	b := make([]byte, min(n, max(hint, 1<<12)))
	for have := int64(0); have < n; {
		if have == int64(len(b)) {
			grown := make([]byte, min(n, 2*have))
			copy(grown, b)
			b = grown
		}
		m, err := r.Read(b[have:min(have+piece, int64(len(b)))])
		if have += int64(m); err != nil && have < n {
			return b[:have], err
		}
	}
	return b, nil
}
