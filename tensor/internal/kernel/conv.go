package kernel

// Conv holds the kernels of convolution.
type Conv[T Float] struct {
	// Width is the number of elements that Gather copies at a time.
	Width int

	// Gather writes rows of ld elements, each made of short pieces of src that are shifted as a whole from row to row:
	//
	//	for r, shift := range rows {
	//		for _, b := range blocks {
	//			copy(dst[r*ld+b.Dst:], src[shift+b.Src:][:Width])
	//		}
	//	}
	//
	// Copies are made in this order, so a piece may run into what later ones overwrite. All of them must lie within the slices; it is not checked.
	Gather func(dst []T, ld int, src []T, rows []int32, blocks []Block)
}

// Block is a piece of a row of Gather, in elements.
type Block struct{ Src, Dst int32 }

func goConv[T Float]() Conv[T] { return Conv[T]{Width: goWidth, Gather: gatherGo[T]} }

const goWidth = 4

func gatherGo[T Float](dst []T, ld int, src []T, rows []int32, blocks []Block) {
	for r, shift := range rows {
		d, s := dst[r*ld:], src[shift:]
		for _, b := range blocks {
			*(*[goWidth]T)(d[b.Dst:]) = *(*[goWidth]T)(s[b.Src:])
		}
	}
}
