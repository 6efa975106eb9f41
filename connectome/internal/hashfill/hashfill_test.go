package hashfill

import "testing"

// TestReference compares with numbers that were computed by other programs.
func TestReference(t *testing.T) {
	for name, want := range map[string]uint64{"a": 0xaf63dc4c8601ec8c, "input": 0x1ebbae8f5810b65b} {
		if got := fnv1a(name); got != want {
			t.Errorf("hash of %q is %#x, want %#x", name, got, want)
		}
	}
	for name, want := range map[string][]float64{
		"input":         {-0.8995324373245239, -0.23772478103637695, -0.9461307525634766},
		"unit.0.weight": {0.1785663366317749, 0.18891048431396484},
	} {
		s := New(4242, name)
		for i, u := range want {
			if got := s.At(i); got != u {
				t.Errorf("number %d of %q is %v, want %v", i, name, got, u)
			}
		}
	}
}
