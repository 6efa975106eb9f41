package kernel

// Conv holds the kernels of convolution.
type Conv[T Float] struct {
	// Width is the number of elements that Gather and Scatter move at a time.
	Width int

	// Gather writes rows of ld elements, each made of short pieces of src that are shifted as a
	// whole from row to row:
	//
	//	for r, shift := range rows {
	//		for _, b := range blocks {
	//			copy(dst[r*ld+b.Dense:], src[shift+b.Sparse:][:Width])
	//		}
	//	}
	//
	// Copies are made in this order and are always Width long, so a piece may run into what later
	// ones overwrite. All of them must lie within the slices; it is not checked.
	Gather func(dst []T, ld int, src []T, rows []int32, blocks []Block)

	// Scatter is the transposed map, in which pieces end where they should:
	//
	//	for _, b := range blocks {
	//		for r, shift := range rows {
	//			for i := range b.Len {
	//				dst[shift+b.Sparse+i] += src[r*ld+b.Dense+i]
	//			}
	//		}
	//	}
	//
	// Reads of src and accesses of dst (which keeps its content) may extend to Width elements in
	// each block.
	Scatter func(dst, src []T, ld int, rows []int32, blocks []Block)
}

// Block is a piece of a row: where it begins in the packed row and in the image, and its length, at
// most Width.
type Block struct{ Sparse, Dense, Len int32 }

func goConv[T Float]() Conv[T] {
	return Conv[T]{Width: goWidth, Gather: gatherGo[T], Scatter: scatterGo[T]}
}

const goWidth = 4

func gatherGo[T Float](dst []T, ld int, src []T, rows []int32, blocks []Block) {
	for r, shift := range rows {
		d, s := dst[r*ld:], src[shift:]
		for _, b := range blocks {
			*(*[goWidth]T)(d[b.Dense:]) = *(*[goWidth]T)(s[b.Sparse:])
		}
	}
}

func scatterGo[T Float](dst, src []T, ld int, rows []int32, blocks []Block) {
	for _, b := range blocks {
		for r, shift := range rows {
			d := dst[shift+b.Sparse:][:b.Len]
			for i, v := range src[r*ld+int(b.Dense):][:b.Len] {
				d[i] += v
			}
		}
	}
}
