package tensor

import "elegans/tensor/internal/device"

// deviceGroupedGrad is GroupedLinearGrad as operations over all groups, with dz in memory.
func deviceGroupedGrad[T Float](act UnaryOp, d GroupedLinearGrads[T], dy, y, x, weight *Tensor[T]) {
	s := device.Borrow[T](device.Active(), y.Len())
	defer s.Release()
	dz := FromSlice(s.Data, y.Shape()...)
	MapGrad(act, dz, dy, y, y, 1, 0, 0)
	if d.Bias != nil {
		db := d.Bias.Reshape(y.Dim(0), y.Dim(2))
		if d.BetaB == 0 {
			Fill(db, 0)
		}
		SumRows(db, dz)
	}
	if d.Weight != nil {
		LinearGradWeight(d.Weight, dz, x, d.BetaW)
	}
	if d.X != nil {
		GroupedMatMul(d.X, dz, weight, 1, d.BetaX)
	}
}
