package device

import (
	"maps"
	"sync"
)

// Tally says what ran where since the device became active or ResetTally: launches by the name of
// the kernel, and operations that stayed on the processor by their names.
type Tally struct {
	Launched map[string]int
	Stayed   map[string]int
}

type tally struct {
	mu    sync.Mutex
	count Tally
}

func (t *tally) launched(kernel string) { t.add(&t.count.Launched, kernel) }
func (t *tally) stayed(op string)       { t.add(&t.count.Stayed, op) }

func (t *tally) add(m *map[string]int, name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name]++
}

// Tally returns the counts so far.
func (t *tally) Tally() Tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Tally{maps.Clone(t.count.Launched), maps.Clone(t.count.Stayed)}
}

// ResetTally begins to count anew.
func (t *tally) ResetTally() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count = Tally{}
}
