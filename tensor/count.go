package tensor

import "elegans/tensor/internal/device"

// CountAbove returns the number of elements of x, which must be contiguous, that are larger than a
// bound.
func CountAbove[T Float](x *Tensor[T], bound T) int {
	if d := device.Active(); d != nil {
		return int(deviceWhole(d, x.elements(), nil, wholeAbove, float64(bound), 0))
	}
	n := 0
	for _, v := range x.Data() {
		if v > bound {
			n++
		}
	}
	return n
}

// CountBothAbove returns the number of places at which x is larger than one bound and y, of the
// same shape, larger than another. Both must be contiguous.
func CountBothAbove[T Float](x *Tensor[T], boundX T, y *Tensor[T], boundY T) int {
	checkSame("CountBothAbove", x, y)
	if d := device.Active(); d != nil {
		return int(deviceWhole(d, x.elements(), y.elements(), wholeBothAbove, float64(boundX), float64(boundY)))
	}
	n, other := 0, y.Data()
	for i, v := range x.Data() {
		if v > boundX && other[i] > boundY {
			n++
		}
	}
	return n
}
