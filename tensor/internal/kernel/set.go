package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// Float is the set of element types.
type Float interface{ float32 | float64 }

// Set is one implementation of every kernel for elements of type T.
type Set[T Float] struct {
	Name string // "go", "avx2" or "avx512"
	Vector[T]
	Rows[T]
	Columns[T]
	CSR[T]
	Recurrent[T]
	Gemm MicroKernel[T]
	Conv Conv[T]
	Pool Pool[T]
}

// level is a set for each element type.
type level struct {
	name string
	f32  *Set[float32]
	f64  *Set[float64]
}

// levels lists the sets that this processor can run, from the plainest to the best.
var levels = available()

var active atomic.Pointer[level]

// EnvKernel is the environment variable that forces a set by name.
const EnvKernel = "ELEGANS_KERNEL"

var envErr error

func init() {
	active.Store(&levels[len(levels)-1])
	if name := os.Getenv(EnvKernel); name != "" {
		if err := Use(name); err != nil {
			envErr = fmt.Errorf("%s=%q: %w", EnvKernel, name, err)
		}
	}
}

// EnvError returns the complaint about an unusable value of ELEGANS_KERNEL, which is otherwise
// ignored.
func EnvError() error { return envErr }

// Names lists the sets that this processor can run, from the plainest to the best.
func Names() []string {
	names := make([]string, len(levels))
	for i := range levels {
		names[i] = levels[i].name
	}
	return names
}

// Use makes the named set the active one. It is meant for start-up and tests: operations that are
// running while it is called may use either set.
func Use(name string) error {
	for i := range levels {
		if levels[i].name == name {
			active.Store(&levels[i])
			return nil
		}
	}
	return fmt.Errorf("no such kernel set on this processor and build, want one of %s", strings.Join(Names(), ", "))
}

// Of returns the active set for T.
func Of[T Float]() *Set[T] {
	l := active.Load()
	var s any = l.f32
	if _, ok := any(*new(T)).(float64); ok {
		s = l.f64
	}
	return s.(*Set[T])
}

// Named returns the named set for T, or nil if this processor cannot run it; tests use it to
// compare sets.
func Named[T Float](name string) *Set[T] {
	for i := range levels {
		if levels[i].name == name {
			var s any = levels[i].f32
			if _, ok := any(*new(T)).(float64); ok {
				s = levels[i].f64
			}
			return s.(*Set[T])
		}
	}
	return nil
}
