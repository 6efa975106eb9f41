package kernel

// RowSumSquares returns the sum of (x[i]-shift)^2, in four interleaved partial sums.
func RowSumSquares[T Float](x []T, shift T) T {
	var s0, s1, s2, s3 T
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := x[0]-shift, x[1]-shift, x[2]-shift, x[3]-shift
		s0 += a * a
		s1 += b * b
		s2 += c * c
		s3 += d * d
	}
	for _, v := range x {
		s0 += (v - shift) * (v - shift)
	}
	return (s0 + s2) + (s1 + s3)
}

// AddSquares computes dst[i] += (x[i]-shift[i])^2; a nil shift stands for zeros.
func AddSquares[T Float](dst, x, shift []T) {
	x = x[:len(dst)]
	if shift == nil {
		for i, v := range x {
			dst[i] += v * v
		}
		return
	}
	shift = shift[:len(dst)]
	for i, v := range x {
		dst[i] += (v - shift[i]) * (v - shift[i])
	}
}
