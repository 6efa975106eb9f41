package allocs

import "testing"

var sink []byte

// TestPerStep: an allocation in some steps only, as of a list that grows, does not count, one in
// each step does.
func TestPerStep(t *testing.T) {
	calls := 0
	growing := func() {
		if calls++; calls < 10 {
			sink = make([]byte, 100)
		}
	}
	if n := PerStep(3, growing); n != 0 {
		t.Errorf("a list that grows at first: %v allocations a step", n)
	}
	if n := PerStep(3, func() { sink = make([]byte, 100) }); n != 1 {
		t.Errorf("one allocation in each step: %v", n)
	}
}
