//go:build amd64 && !purego

package kernel

func csrAVX2(c *CSR[float32]) { *c = CSR[float32]{csrVecAVX2, csrMatAVX2, csrDotsAVX2} }

// csrAVX512 leaves CSRVec, which has scalar sums, as it is.
func csrAVX512(c *CSR[float32]) { c.CSRMat, c.CSRDots = csrMatAVX512, csrDotsAVX512 }

//go:noescape
func csrVecAVX2(y []float32, ptr, col []int32, val, x []float32, alpha, beta float32)

//go:noescape
func csrMatAVX2(y []float32, col []int32, val, x []float32, stride int, beta float32)

//go:noescape
func csrMatAVX512(y []float32, col []int32, val, x []float32, stride int, beta float32)

//go:noescape
func csrDotsAVX2(g []float32, col []int32, dy, x []float32, stride int)

//go:noescape
func csrDotsAVX512(g []float32, col []int32, dy, x []float32, stride int)
