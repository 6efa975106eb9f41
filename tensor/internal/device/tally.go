package device

import "sync"

// Tally says what ran where since the device became active, or since it was last taken: launches by
// the name of the kernel, and operations that stayed on the processor by their names.
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

// TakeTally returns the counts so far and begins anew.
func (t *tally) TakeTally() Tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := t.count
	t.count = Tally{}
	return taken
}
