package leaky

import (
	"slices"

	"elegans/tensor"
	"elegans/tensor/internal/kernel"
)

// sliced is a sparse matrix in the form of kernel.Sliced.
type sliced[T tensor.Float] struct {
	ptr, row, col []int32
	val           []T
	plain         bool // row[i] = i, as far as there are rows
}

const height = kernel.SliceRows

// slicedOf brings a matrix into slices. Rows that differ in length are sorted by it, so that little
// is filled up. What is filled up names a neuron that the row, or nobody but itself, hears: if that
// neuron's state is no longer finite, the row's is not either.
func slicedOf[T tensor.Float](m *tensor.CSR[T]) sliced[T] {
	n := m.Rows
	length := func(r int32) int32 { return m.RowPtr[r+1] - m.RowPtr[r] }
	row := make([]int32, n, n+height)
	for i := range row {
		row[i] = int32(i)
	}
	s := sliced[T]{plain: true}
	for i := 1; i < n && s.plain; i++ {
		s.plain = length(int32(i)) == length(0)
	}
	if !s.plain {
		slices.SortStableFunc(row, func(a, b int32) int { return int(length(b) - length(a)) })
		for lo := 0; lo < n; lo += height {
			slices.Sort(row[lo:min(lo+height, n)])
		}
	}
	for first := n &^ (height - 1); len(row)%height != 0; {
		row = append(row, row[first])
	}
	s.row, s.ptr = row, make([]int32, 1, len(row)/height+1)
	size := int32(0)
	for lo := 0; lo < len(row); lo += height {
		longest := int32(0)
		for _, r := range row[lo : lo+height] {
			longest = max(longest, length(r))
		}
		size += longest
		s.ptr = append(s.ptr, size)
	}
	s.col, s.val = make([]int32, height*int(size)), make([]T, height*int(size))
	for i, r := range row {
		at, end := height*int(s.ptr[i/height])+i%height, height*int(s.ptr[i/height+1])
		filler := r
		if i < n {
			for k := m.RowPtr[r]; k < m.RowPtr[r+1]; k++ {
				s.col[at], s.val[at] = m.Col[k], m.Val[k]
				filler, at = m.Col[k], at+height
			}
		}
		for ; at < end; at += height {
			s.col[at] = filler
		}
	}
	return s
}

// slices returns how many there are.
func (s *sliced[T]) slices() int { return len(s.ptr) - 1 }

// add adds the product of the slices lo to hi-1 with x to y.
func (s *sliced[T]) add(k *kernel.Set[T], y, x []T, lo, hi int) {
	at := height * int(s.ptr[lo])
	k.SlicedVec(y, s.ptr[lo:hi+1], s.row[height*lo:], s.col[at:], s.val[at:], x)
}
