//go:build amd64 && !purego

package kernel

func csrAVX2(c *CSR[float32]) {
	*c = CSR[float32]{CSRVec: csrVecAVX2, CSRPack: csrPackAVX2, CSRTile: csrTileAVX2, CSRDots: csrDotsAVX2}
}

// csrAVX512 leaves CSRVec, which has scalar sums, as it is.
func csrAVX512(c *CSR[float32]) {
	c.CSRPack, c.CSRTile, c.CSRDots = csrPackAVX512, csrTileAVX512, csrDotsAVX512
}

//go:noescape
func csrVecAVX2(y []float32, ptr, col []int32, val, x []float32, alpha, beta float32)

//go:noescape
func csrPackAVX2(dst, x []float32, stride, rows, tiles int)

//go:noescape
func csrPackAVX512(dst, x []float32, stride, rows, tiles int)

//go:noescape
func csrTileAVX2(y []float32, stride int, ptr, col []int32, val, x []float32, beta float32)

//go:noescape
func csrTileAVX512(y []float32, stride int, ptr, col []int32, val, x []float32, beta float32)

//go:noescape
func csrDotsAVX2(g []float32, ptr, col []int32, dy []float32, stride int, x []float32, panel, tiles int)

//go:noescape
func csrDotsAVX512(g []float32, ptr, col []int32, dy []float32, stride int, x []float32, panel, tiles int)
