package gemm

import (
	"testing"

	"elegans/tensor/internal/kernel"
)

// TestPlanIsFair cuts the products of a layer of a vision transformer (64 images of 65 tokens, 192
// features, four times as many hidden units): no goroutine waits long for the others' last block.
func TestPlanIsFair(t *testing.T) {
	k := &kernel.Of[float32]().Gemm
	for _, workers := range []int{2, 3, 4} {
		for _, s := range [][3]int{{4160, 576, 192}, {4160, 768, 192}, {4160, 192, 768}, {4160, 192, 192}, {576, 192, 4160}, {768, 192, 4160}} {
			p := dense[float32](s[0], s[1], s[2], rowMajor, rowMajor)
			g := plan(&p, k, workers)
			blocks := g.rows * g.cols
			turns := ceil(blocks, workers)
			if blocks < workers || float64(turns*workers) > 1.1*float64(blocks) {
				t.Errorf("%v: %d blocks for %d goroutines", s, blocks, workers)
			}
		}
	}
}
