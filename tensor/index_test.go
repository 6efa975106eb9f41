package tensor_test

import (
	"testing"

	"elegans/tensor"
)

// TestEmbeddingGradWide adds rows so wide that goroutines share them by blocks of columns, one of
// them partial. An id may occur again, and a negative one has no row.
func TestEmbeddingGradWide(t *testing.T) {
	const width = 600
	ids := []int{2, -1, 0, 2, 2}
	dw, dy := tensor.Full[float32](1, 4, width), tensor.New[float32](len(ids), width)
	for i := range ids {
		for j := range width {
			dy.Set(float32(width*i+j), i, j)
		}
	}
	tensor.EmbeddingGrad(dw, dy, ids)
	for v := range 4 {
		for j := range width {
			want := float32(1)
			for i, id := range ids {
				if id == v {
					want += dy.At(i, j)
				}
			}
			if got := dw.At(v, j); got != want {
				t.Fatalf("row %d, column %d: %v, want %v", v, j, got, want)
			}
		}
	}
}
