package kernel

// SliceRows is the number of rows of a slice.
const SliceRows = 8

// Lanes is the number of sequences that CSRLanes takes at a time.
const Lanes = 16

// Recurrent holds the kernels of recurrent layers, whose matrix is used for many steps and may
// therefore be brought into another form first: slices of eight rows, with entry j of each of the
// rows side by side (the ELLPACK form, sliced: A. Monakov, A. Lokhmotov and A. Avetisyan, HiPEAC
// 2010). So eight short rows fill a vector, of which none would alone.
type Recurrent[T Float] struct {
	// SlicedVec adds the product of a matrix with a vector:
	//
	//	y[row[8s+i]] += sum over ptr[s] <= k < ptr[s+1] of val[8k+i] * x[col[8k+i]]
	//	0 <= s < len(ptr)-1, 0 <= i < 8
	//
	// The sum of a row starts at 0 and takes its entries in ascending order. Within a slice rows
	// ascend; a slice that has fewer than eight repeats its first row behind them, with values of
	// 0. row, col and val begin with slice 0 and the entries from ptr[0] on.
	//
	// Columns and values are prefetched so many bytes ahead, if that is not 0: a matrix in slow
	// memory is read in two streams, which the processor alone does not keep busy.
	SlicedVec func(y []T, ptr, row, col []int32, val, x []T, ahead int)
	// MatVec adds the product of a dense matrix, whose rows lie stride apart, with a vector:
	// y[i] += sum over p of a[i*stride+p] * x[p]. The order of the sum depends on len(x) only.
	MatVec func(y, a []T, stride int, x []T)
	// CSRLanes is the product of a matrix in compressed rows with sixteen vectors side by side:
	//
	//	y[r*Lanes + j] = sum over ptr[r] <= k < ptr[r+1] of val[k] * x[col[k]*Lanes + j]
	//	0 <= j < Lanes
	//
	// The sum starts at 0 and takes the entries in ascending order.
	CSRLanes func(y []T, ptr, col []int32, val, x []T)
	// Leak moves a state towards y: y[i] = x[i] + a*(y[i] - x[i]).
	Leak func(y, x []T, a T)
	// LeakEach is Leak with an a of its own for every element.
	LeakEach func(y, x, a []T)
}

func goRecurrent[T Float]() Recurrent[T] {
	return Recurrent[T]{SlicedVec: slicedVecGo[T], MatVec: matVecGo[T], CSRLanes: csrLanesGo[T], Leak: leakGo[T], LeakEach: leakEachGo[T]}
}

func slicedVecGo[T Float](y []T, ptr, row, col []int32, val, x []T, _ int) {
	for s := range len(ptr) - 1 {
		var sum [SliceRows]T
		for k := SliceRows * int(ptr[s]-ptr[0]); k < SliceRows*int(ptr[s+1]-ptr[0]); k += SliceRows {
			for i, v := range val[k : k+SliceRows] {
				sum[i] += v * x[col[k+i]]
			}
		}
		for i, r := range row[SliceRows*s : SliceRows*(s+1)] {
			y[r] += sum[i]
		}
	}
}

func matVecGo[T Float](y, a []T, stride int, x []T) {
	for i := range y {
		var s T
		for p, v := range a[i*stride:][:len(x)] {
			s += v * x[p]
		}
		y[i] += s
	}
}

func csrLanesGo[T Float](y []T, ptr, col []int32, val, x []T) {
	for r := range len(ptr) - 1 {
		sum := (*[Lanes]T)(y[r*Lanes:])
		*sum = [Lanes]T{}
		for k := ptr[r]; k < ptr[r+1]; k++ {
			v := val[k]
			for j, w := range (*[Lanes]T)(x[int(col[k])*Lanes:]) {
				sum[j] += v * w
			}
		}
	}
}

func leakGo[T Float](y, x []T, a T) {
	for i, v := range x {
		y[i] = v + a*(y[i]-v)
	}
}

func leakEachGo[T Float](y, x, a []T) {
	for i, v := range x {
		y[i] = v + a[i]*(y[i]-v)
	}
}
