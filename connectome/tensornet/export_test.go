package tensornet

// CoefficientsForTest returns the fixed coefficients of the compiled matrix, to be changed in
// place.
func (n *Network[T]) CoefficientsForTest() []T { return n.matrix.Val }
