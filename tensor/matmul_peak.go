package tensor

import "elegans/tensor/internal/kernel"

// PeakGFLOPS measures the rate of one core in the multiply-add instructions of the named kernel set
// with nothing else to do, in thousand million floating-point operations a second: the bound that
// MatMul is judged by. It takes some 20 ms, and returns 0 for a set that this processor cannot run.
func PeakGFLOPS[T Float](set string) float64 { return kernel.PeakGFLOPS[T](set) }
