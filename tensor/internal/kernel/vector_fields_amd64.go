//go:build amd64 && !purego

package kernel

//lint:file-ignore U1000 the constants are read by the assembly only

import "unsafe"

// Offsets of the fields that the assembly reads: in bytes for Drop, and in elements, which serves
// both types, for Adam and SGD.
const (
	dropThreshold = unsafe.Offsetof(Drop[float32]{}.Threshold)
	dropScale     = unsafe.Offsetof(Drop[float32]{}.Scale)
	dropBeta      = unsafe.Offsetof(Drop[float32]{}.Beta)

	adamBeta1     = unsafe.Offsetof(Adam[float32]{}.Beta1) / 4
	adamRest1     = unsafe.Offsetof(Adam[float32]{}.Rest1) / 4
	adamBeta2     = unsafe.Offsetof(Adam[float32]{}.Beta2) / 4
	adamRest2     = unsafe.Offsetof(Adam[float32]{}.Rest2) / 4
	adamStep      = unsafe.Offsetof(Adam[float32]{}.Step) / 4
	adamRootScale = unsafe.Offsetof(Adam[float32]{}.RootScale) / 4
	adamEps       = unsafe.Offsetof(Adam[float32]{}.Eps) / 4
	adamDecay     = unsafe.Offsetof(Adam[float32]{}.Decay) / 4
	adamL2        = unsafe.Offsetof(Adam[float32]{}.L2) / 4
	adamGradScale = unsafe.Offsetof(Adam[float32]{}.GradScale) / 4

	sgdMomentum  = unsafe.Offsetof(SGD[float32]{}.Momentum) / 4
	sgdRest      = unsafe.Offsetof(SGD[float32]{}.Rest) / 4
	sgdLR        = unsafe.Offsetof(SGD[float32]{}.LR) / 4
	sgdNesterov  = unsafe.Offsetof(SGD[float32]{}.Nesterov) / 4
	sgdDirect    = unsafe.Offsetof(SGD[float32]{}.Direct) / 4
	sgdL2        = unsafe.Offsetof(SGD[float32]{}.L2) / 4
	sgdGradScale = unsafe.Offsetof(SGD[float32]{}.GradScale) / 4
)
