package tensor

// Transposed returns the pattern of the transpose in compressed rows, and for each of its entries
// the place of its value in Val. The slices belong to the matrix; do not change them.
func (s *CSR[T]) Transposed() (rowPtr, col, place []int32) { return s.colPtr, s.row, s.place }
