package leaky

import (
	"cmp"
	"slices"
	"unsafe"

	"elegans/tensor"
	"elegans/tensor/internal/kernel"
)

// sliced is a sparse matrix in the form of kernel.Sliced.
type sliced[T tensor.Float] struct {
	row   []int32
	plain bool // row[i] = i, as far as there are rows
	parts []part[T]
	ahead int // bytes that are prefetched; 0 for a matrix that a cache holds
}

// part holds some entries of every row. Where the states of all neurons are too many for a near
// cache, a row is cut in several parts, in order of its columns: those of one part are near each
// other in all rows, whichever they are, as far as the columns are spread evenly. A part is run
// through for all rows before the next one, with the states that it asks for at hand. (Cutting at
// columns instead would leave rows of different lengths, and slices filled up.)
type part[T tensor.Float] struct {
	ptr, col []int32
	val      []T
}

const height = kernel.SliceRows

// nearBytes is what a part should ask for: most of a first-level cache. leastEntries of a row make
// up for reading and writing its sum in each part.
const nearBytes, leastEntries = 24 << 10, 16

// partsOf returns how many parts a row has. It depends on the matrix alone.
func partsOf[T tensor.Float](m *tensor.CSR[T]) int {
	states := m.Cols * int(unsafe.Sizeof(*new(T)))
	return max(1, min((states+nearBytes-1)/nearBytes, m.NNZ()/max(1, m.Rows)/leastEntries))
}

// partOf returns the entries lo to hi-1 of row r that part i of so many has.
func partOf[T tensor.Float](m *tensor.CSR[T], r int32, i, count int) (lo, hi int32) {
	first, length := m.RowPtr[r], int(m.RowPtr[r+1]-m.RowPtr[r])
	return first + int32(length*i/count), first + int32(length*(i+1)/count)
}

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
	s := sliced[T]{plain: true, parts: make([]part[T], partsOf(m))}
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
	s.row = row
	count := len(s.parts)
	if count > 1 {
		m = sortedRows(m)
	}
	for i := range count {
		s.parts[i] = slicesOf(m, row, i, count)
	}
	if len(m.Col)*(4+int(unsafe.Sizeof(*new(T)))) > farBytes {
		s.ahead = aheadBytes
	}
	return s
}

// A matrix of more than farBytes lies in memory and is prefetched aheadBytes ahead.
const farBytes, aheadBytes = 32 << 20, 1024

// slicesOf brings a part of so many into slices.
func slicesOf[T tensor.Float](m *tensor.CSR[T], row []int32, number, count int) part[T] {
	p := part[T]{ptr: make([]int32, 1, len(row)/height+1)}
	size := int32(0)
	for first := 0; first < len(row); first += height {
		longest := int32(0)
		for _, r := range row[first : first+height] {
			lo, hi := partOf(m, r, number, count)
			longest = max(longest, hi-lo)
		}
		size += longest
		p.ptr = append(p.ptr, size)
	}
	p.col, p.val = make([]int32, height*int(size)), make([]T, height*int(size))
	for i, r := range row {
		at, end := height*int(p.ptr[i/height])+i%height, height*int(p.ptr[i/height+1])
		filler := r
		if i < m.Rows {
			for k, hi := partOf(m, r, number, count); k < hi; k++ {
				p.col[at], p.val[at] = m.Col[k], m.Val[k]
				filler, at = m.Col[k], at+height
			}
		}
		for ; at < end; at += height {
			p.col[at] = filler
		}
	}
	return p
}

// sortedRows returns the matrix with the columns of each row in ascending order; entries that occur
// several times stay in order.
func sortedRows[T tensor.Float](m *tensor.CSR[T]) *tensor.CSR[T] {
	sorted := *m
	sorted.Col, sorted.Val = make([]int32, len(m.Col)), make([]T, len(m.Val))
	order := make([]int32, 0, m.Cols)
	for r := range m.Rows {
		lo, hi := m.RowPtr[r], m.RowPtr[r+1]
		order = order[:0]
		for k := lo; k < hi; k++ {
			order = append(order, k)
		}
		if !slices.IsSorted(m.Col[lo:hi]) {
			slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(m.Col[a], m.Col[b]) })
		}
		for i, k := range order {
			sorted.Col[int(lo)+i], sorted.Val[int(lo)+i] = m.Col[k], m.Val[k]
		}
	}
	return &sorted
}

// slices returns how many there are.
func (s *sliced[T]) slices() int { return len(s.row) / height }

// entries returns how many the longest part has, with those that are filled up.
func (s *sliced[T]) entries() int {
	most := 0
	for i := range s.parts {
		most = max(most, len(s.parts[i].col))
	}
	return most
}

// add adds the product of the slices lo to hi-1 of a part with x to y.
func (s *sliced[T]) add(k *kernel.Set[T], part int, y, x []T, lo, hi int) {
	p := &s.parts[part]
	at := height * int(p.ptr[lo])
	k.SlicedVec(y, p.ptr[lo:hi+1], s.row[height*lo:], p.col[at:], p.val[at:], x, s.ahead)
}
