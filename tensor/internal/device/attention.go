package device

// AttentionSizes are the numbers of the kernels of the family attention: see Sizes and Places
// there.
type AttentionSizes struct {
	Items, Heads, Queries, Keys int
	Group                       int // keys that follow each other, 1 where all do so evenly
	D, DV                       int // columns of queries and keys, and of values
	Causal                      bool

	Y, Q, K, V                 AttentionPlaces
	Add, Blocked               [4]int          // strides of the masks
	GradQ, GradK, GradV, GradY AttentionPlaces // of the gradients
}

// AttentionPlaces are the strides of an operand [items, heads, rows, columns].
type AttentionPlaces struct{ Item, Head, Row, Inner, Column int }

// Numbers returns them in the order in which kernels read them.
func (s *AttentionSizes) Numbers() []int {
	causal := 0
	if s.Causal {
		causal = 1
	}
	n := []int{s.Items, s.Heads, s.Queries, s.Keys, s.Group, s.D, s.DV, causal}
	place := func(p AttentionPlaces) { n = append(n, p.Item, p.Head, p.Row, p.Inner, p.Column) }
	place(s.Y)
	place(s.Q)
	place(s.K)
	place(s.V)
	n = append(append(n, s.Add[:]...), s.Blocked[:]...)
	place(s.GradQ)
	place(s.GradK)
	place(s.GradV)
	place(s.GradY)
	return n
}

// Size is a block for each of so many queries or keys, with enough threads to score that many of
// the others, or to sum that many columns.
func (s *AttentionSizes) Size(rows, others int) Size {
	return Lines(rows, max(min(others, Threads/2), s.D, s.DV), 1)
}
