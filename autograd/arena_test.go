package autograd_test

import (
	"testing"

	"elegans/autograd"
)

// TestStandIn: a large block that was given back serves a request of at least half its size, and
// keeps its own capacity.
func TestStandIn(t *testing.T) {
	const block = 1 << 17
	tp := autograd.NewTape[float32]()
	first := tp.NewTensor(block)
	place := &first.Data()[0]
	for _, c := range []struct {
		n    int
		same bool
	}{{block, true}, {block - 1, true}, {block / 2, true}, {block, true}, {block/2 - 64, false}, {100, false}, {block + 1, false}, {block/2 + 1, true}, {block, true}} {
		tp.Free(first)
		other := tp.NewTensor(c.n)
		if len(other.Data()) != c.n {
			t.Fatalf("%d elements wanted, %d given", c.n, len(other.Data()))
		}
		if same := &other.Data()[0] == place; same != c.same {
			t.Errorf("%d elements in the block of %d: %v, want %v", c.n, block, same, c.same)
		}
		if c.same {
			first = other
		} else {
			first = tp.NewTensor(block)
			if &first.Data()[0] != place {
				t.Fatalf("the block of %d got lost after a request of %d", block, c.n)
			}
		}
	}
	// The block goes back to its own class, not to that of the request which it served.
	for range 2 {
		tp.Reset()
		a, b := tp.NewTensor(block), tp.NewTensor(block/2)
		if &a.Data()[0] == &b.Data()[0] {
			t.Fatal("one block was given twice")
		}
	}
}
