package parallel_test

import (
	"fmt"

	"elegans/tensor/internal/parallel"
)

// double is the body of a loop: a struct of its operands.
type double struct{ dst, src []int }

func (b *double) Do(lo, hi int) {
	for i := lo; i < hi; i++ {
		b.dst[i] = 2 * b.src[i]
	}
}

func ExampleFor() {
	src := []int{1, 2, 3, 4, 5}
	dst := make([]int, len(src))
	parallel.For(len(src), 2, double{dst, src}) // chunks of two, on any number of goroutines
	fmt.Println(dst)
	// Output: [2 4 6 8 10]
}
