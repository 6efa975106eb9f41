package device

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Tally says what ran where since the device became active, or since it was last taken: launches by
// the name of the kernel, and operations that stayed on the processor by their names.
type Tally struct {
	Launched map[string]int `json:"launched,omitempty"`
	Stayed   map[string]int `json:"stayed,omitempty"`
}

// Where says in one word where the counted operations ran: "device", "partly" if some stayed on the
// processor, "processor" if all did; nothing was counted if it is empty.
func (t Tally) Where() string {
	switch {
	case len(t.Launched) > 0 && len(t.Stayed) > 0:
		return "partly"
	case len(t.Launched) > 0:
		return "device"
	case len(t.Stayed) > 0:
		return "processor"
	}
	return ""
}

// Add adds the counts of another tally.
func (t *Tally) Add(o Tally) {
	for name, n := range o.Launched {
		add(&t.Launched, name, n)
	}
	for name, n := range o.Stayed {
		add(&t.Stayed, name, n)
	}
}

func add(m *map[string]int, name string, n int) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name] += n
}

// String lists the kernels and, after "on the processor:", the operations that stayed, by name with
// their numbers.
func (t Tally) String() string {
	s := list(t.Launched)
	if len(t.Stayed) > 0 {
		s += " on the processor: " + list(t.Stayed)
	}
	return strings.TrimSpace(s)
}

func list(counts map[string]int) string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(counts)) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", name, counts[name])
	}
	return b.String()
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
	add(m, name, 1)
}

// TakeTally returns the counts so far and begins anew.
func (t *tally) TakeTally() Tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := t.count
	t.count = Tally{}
	return taken
}
