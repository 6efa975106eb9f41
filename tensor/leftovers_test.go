package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// close64 compares with values of float64, relative to their magnitudes.
func close64(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tol*(1+math.Abs(w))) {
			t.Fatalf("%s: element %d is %v, expected %v", what, i, got[i], w)
		}
	}
}

// TestSparseAfterLarger multiplies a few columns after many: what the buffers of the larger product
// held must not come back.
func TestSparseAfterLarger(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	s := randomCSR[float64](r, 30, 30, 120)
	for _, width := range []int{1, 5, 31, 33, 47} {
		for range 3 {
			big := Full(math.Inf(1), 30, 96)
			SpMM(New[float64](30, 96), s, nil, big, 0)
			SpMMGradValues(make([]float64, s.NNZ()), s, big, big)
			x, dy := Uniform[float64](NewKey(1, "x"), -1, 1, 30, width), Uniform[float64](NewKey(1, "dy"), -1, 1, 30, width)
			y := New[float64](30, width)
			SpMM(y, s, nil, x, 0)
			close64(t, "product", y.Data(), s.Dense().MatMul(x).Data(), 1e-12)
			g, all := make([]float64, s.NNZ()), dy.MatMul(x.T())
			SpMMGradValues(g, s, dy, x)
			want := make([]float64, s.NNZ())
			for row := range 30 {
				for k := s.RowPtr[row]; k < s.RowPtr[row+1]; k++ {
					want[k] = all.At(row, int(s.Col[k]))
				}
			}
			close64(t, "gradient of the values", g, want, 1e-12)
		}
	}
}

// TestLongProducts multiplies a few rows by matrices with long columns, and vectors with gaps by
// large matrices: in pieces, which add up.
func TestLongProducts(t *testing.T) {
	for _, c := range []struct{ m, k, n int }{{1, 9000, 3}, {2, 5000, 7}, {3, 4097, 5}, {1, 4096, 4}, {1, 700, 600}} {
		a := Uniform[float64](NewKey(1, "a"), -1, 1, c.m, c.k)
		b := Uniform[float64](NewKey(2, "b"), -1, 1, c.n, c.k)
		gaps := Uniform[float64](NewKey(3, "gaps"), -1, 1, c.k, 3)
		rows := Uniform[float64](NewKey(4, "rows"), -1, 1, c.k, c.n)
		dot := func(x func(q int) float64, y func(q int) float64) (s float64) {
			for q := range c.k {
				s += x(q) * y(q)
			}
			return s
		}
		for _, beta := range []float64{0, 1, .5} {
			y := Full(2.0, c.m, c.n)
			want := make([]float64, c.m*c.n)
			for i := range c.m {
				for j := range c.n {
					want[i*c.n+j] = 2*beta + 3*dot(func(q int) float64 { return a.At(i, q) }, func(q int) float64 { return b.At(j, q) })
				}
			}
			Gemm(y, a, b.T(), 3, beta)
			close64(t, "rows times columns", y.Data(), want, 1e-10)
		}
		// a column of a matrix, which has gaps, times rows that lie one after the other
		vector := gaps.Slice(1, 1, 2, 1).T()
		y, want := New[float64](1, c.n), make([]float64, c.n)
		for j := range want {
			want[j] = dot(func(q int) float64 { return gaps.At(q, 1) }, func(q int) float64 { return rows.At(q, j) })
		}
		Gemm(y, vector, rows, 1, 0)
		close64(t, "vector with gaps", y.Data(), want, 1e-10)
	}
}

// naiveConv is Conv in two dimensions as its comment says.
func naiveConv(x, w, bias *Tensor[float64], o ConvOptions) *Tensor[float64] {
	o = o.complete("test", 4)
	y := New[float64](ConvShape(nil, x.Shape(), w.Shape(), o)...)
	per := y.Dim(1) / o.Groups
	forEachIndex(y.Shape(), func(i []int) {
		sum := bias.At(i[1])
		for c := range w.Dim(1) {
			for a := range w.Dim(2) {
				for b := range w.Dim(3) {
					row, col := i[2]*o.Stride[0]+a*o.Dilation[0]-o.Padding[0], i[3]*o.Stride[1]+b*o.Dilation[1]-o.Padding[1]
					if row >= 0 && row < x.Dim(2) && col >= 0 && col < x.Dim(3) {
						sum += w.At(i[1], c, a, b) * x.At(i[0], i[1]/per*w.Dim(1)+c, row, col)
					}
				}
			}
		}
		y.Set(sum, i...)
	})
	return y
}

// TestConvolutionsOfOddForms compares convolutions whose two axes differ in everything, also padded
// beyond their kernels, with few and with many channels on either side.
func TestConvolutionsOfOddForms(t *testing.T) {
	for _, c := range []struct {
		in, out int
		kernel  [2]int
		o       ConvOptions
	}{
		{16, 2, [2]int{3, 3}, ConvOptions{Padding: [2]int{0, 3}}},
		{16, 2, [2]int{3, 3}, ConvOptions{Padding: [2]int{3, 0}}},
		{16, 3, [2]int{1, 3}, ConvOptions{Padding: [2]int{2, 1}}},
		{16, 3, [2]int{3, 1}, ConvOptions{Padding: [2]int{0, 1}}},
		{8, 2, [2]int{2, 3}, ConvOptions{Padding: [2]int{2, 5}, Dilation: [2]int{2, 1}}},
		{6, 4, [2]int{3, 2}, ConvOptions{Padding: [2]int{1, 2}, Stride: [2]int{2, 3}, Groups: 2}},
		{4, 6, [2]int{2, 5}, ConvOptions{Padding: [2]int{4, 1}, Stride: [2]int{1, 2}, Dilation: [2]int{3, 1}}},
		{1, 1, [2]int{1, 1}, ConvOptions{Padding: [2]int{1, 2}, Stride: [2]int{3, 1}}},
	} {
		groups := max(c.o.Groups, 1)
		for _, size := range [][2]int{{7, 9}, {8, 5}, {5, 20}} {
			x := Uniform[float64](NewKey(1, "x"), -1, 1, 2, c.in, size[0], size[1])
			w := Uniform[float64](NewKey(2, "w"), -1, 1, c.out, c.in/groups, c.kernel[0], c.kernel[1])
			bias := Uniform[float64](NewKey(3, "bias"), -1, 1, c.out)
			want := naiveConv(x, w, bias, c.o)
			y := Full(math.NaN(), want.Shape()...)
			Conv(y, x, w, bias, c.o)
			close64(t, "forward", y.Data(), want.Data(), 1e-12)
			// The gradient of the input is its transpose: <conv x, dy> = <x, gradient dy>.
			dy, dx := Uniform[float64](NewKey(4, "dy"), -1, 1, want.Shape()...), New[float64](x.Shape()...)
			ConvGradInput(dx, dy, w, 0, c.o)
			plain := naiveConv(x, w, New[float64](c.out), c.o)
			close64(t, "gradient of the input", []float64{Dot(x, dx)}, []float64{Dot(plain, dy)}, 1e-10)
			dw := New[float64](w.Shape()...)
			ConvGradWeight(dw, x, dy, 0, c.o)
			close64(t, "gradient of the weight", []float64{Dot(w, dw)}, []float64{Dot(plain, dy)}, 1e-10)
			// The transposed convolution adds its own bias to every channel.
			channels := Uniform[float64](NewKey(5, "bias"), -1, 1, c.in)
			back := New[float64](ConvTransposeShape(nil, dy.Shape(), w.Shape(), c.o)...)
			ConvTranspose(back, dy, w, channels, c.o)
			without := New[float64](back.Shape()...)
			ConvTranspose(without, dy, w, nil, c.o)
			plane := back.Dim(2) * back.Dim(3)
			for i := range without.Data() {
				without.Data()[i] += channels.Data()[i/plane%c.in]
			}
			close64(t, "transposed with bias", back.Data(), without.Data(), 1e-12)
		}
	}
}

// TestPoolingByDefinition compares pooling along one axis, in every form that PyTorch permits, with
// its definition.
func TestPoolingByDefinition(t *testing.T) {
	for n := 3; n <= 9; n++ {
		x := Uniform[float64](NewKey(uint64(n), "x"), -1, 1, 1, n)
		for kernel := 1; kernel <= 4; kernel++ {
			for stride := 1; stride <= 4; stride++ {
				for padding := 0; 2*padding <= kernel; padding++ {
					for dilation := 1; dilation <= 2; dilation++ {
						for _, ceil := range []bool{false, true} {
							o := PoolOptions{Kernel: [2]int{1, kernel}, Stride: [2]int{1, stride}, Padding: [2]int{0, padding}, Dilation: [2]int{1, dilation}, CeilMode: ceil}
							if n+2*padding < dilation*(kernel-1)+1 {
								continue
							}
							shape := PoolShape(nil, x.Shape(), o)
							most, mean, exclude := New[float64](shape...), New[float64](shape...), New[float64](shape...)
							MaxPool(most, x, o)
							if dilation == 1 {
								AvgPool(mean, x, o)
								o.ExcludePadding = true
								AvgPool(exclude, x, o)
							}
							for i := range shape[1] {
								largest, sum, inside, room := math.Inf(-1), 0., 0., 0.
								for k := range kernel {
									at := i*stride - padding + k*dilation
									if at < n+padding { // the last window ends with the padding
										room++
									}
									if at >= 0 && at < n {
										largest, sum, inside = max(largest, x.At(0, at)), sum+x.At(0, at), inside+1
									}
								}
								if most.At(0, i) != largest {
									t.Fatalf("%d elements, %+v: maximum %d is %v, expected %v", n, o, i, most.At(0, i), largest)
								}
								if dilation == 1 && (math.Abs(mean.At(0, i)-sum/room) > 1e-12 || math.Abs(exclude.At(0, i)-sum/inside) > 1e-12) {
									t.Fatalf("%d elements, %+v: means %d are %v and %v, expected %v and %v", n, o, i, mean.At(0, i), exclude.At(0, i), sum/room, sum/inside)
								}
							}
						}
					}
				}
			}
		}
	}
}

// TestWideLines works along the first axis of tensors with more columns than are worked on
// together.
func TestWideLines(t *testing.T) {
	for _, columns := range []int{63, 64, 65, 200} {
		x := Uniform[float64](NewKey(1, "x"), -3, 3, 2, 5, columns)
		soft, lse := New[float64](2, 5, columns), New[float64](2, columns)
		LogSumExp(lse, soft, x, 1)
		for o := range 2 {
			for j := range columns {
				sum := 0.
				for i := range 5 {
					sum += math.Exp(x.At(o, i, j))
				}
				if got := lse.At(o, j); math.Abs(got-math.Log(sum)) > 1e-12 {
					t.Fatalf("%d columns: result %d of item %d is %v, expected %v", columns, j, o, got, math.Log(sum))
				}
				if got := soft.At(o, 3, j); math.Abs(got-math.Exp(x.At(o, 3, j))/sum) > 1e-12 {
					t.Fatalf("%d columns: softmax %d of item %d is %v", columns, j, o, got)
				}
			}
		}
	}
}

// TestVarianceOfLinesWithGaps reduces tensors whose reduced axis is not the one that lies together,
// far from zero, where a forgotten shift shows.
func TestVarianceOfLinesWithGaps(t *testing.T) {
	x := Uniform[float64](NewKey(1, "x"), 100, 101, 7, 40)
	for name, v := range map[string]*Tensor[float64]{"every second": x.Slice(1, 0, 40, 2), "transposed twice": x.T().Slice(0, 1, 40, 3).T()} {
		got := New[float64](7)
		ReduceVariance(got, v, 1, 1)
		for i := range 7 {
			var line []float64
			for j := range v.Dim(1) {
				line = append(line, v.At(i, j))
			}
			if want := varianceOf(line); math.Abs(got.At(i)-want) > 1e-9 {
				t.Errorf("%s: variance of row %d is %v, expected %v", name, i, got.At(i), want)
			}
		}
	}
}

// TestResizeCorners: with agreeing corners the first and the last pixel stay what they are.
func TestResizeCorners(t *testing.T) {
	x := Uniform[float64](NewKey(1, "x"), -1, 1, 1, 3, 5)
	for _, size := range [][2]int{{6, 9}, {2, 2}, {3, 5}, {7, 4}, {1, 1}} {
		y := New[float64](1, size[0], size[1])
		Resize(y, x, ResizeOptions{Mode: BilinearCorners, Size: size})
		if size == [2]int{1, 1} {
			if y.At(0, 0, 0) != x.At(0, 0, 0) {
				t.Errorf("one pixel: %v", y.At(0, 0, 0))
			}
			continue
		}
		for _, corner := range [][4]int{{0, 0, 0, 0}, {0, size[1] - 1, 0, 4}, {size[0] - 1, 0, 2, 0}, {size[0] - 1, size[1] - 1, 2, 4}} {
			if got, want := y.At(0, corner[0], corner[1]), x.At(0, corner[2], corner[3]); math.Abs(got-want) > 1e-12 {
				t.Errorf("%v: corner %v is %v, expected %v", size, corner, got, want)
			}
		}
	}
}

// TestWeightedSmoothing compares the cross entropy of smoothed labels, with weights of the classes,
// with its formula.
func TestWeightedSmoothing(t *testing.T) {
	logits := Uniform[float64](NewKey(1, "x"), -2, 2, 4, 3)
	w := FromSlice([]float64{.5, 2, 3}, 3)
	labels := []int{0, 2, -1, 1}
	const e = .3
	p, terms := logits.Clone(), New[float64](4)
	total := CrossEntropy(terms, p, w, labels, e)
	if total != .5+3+2 {
		t.Errorf("sum of the weights %v", total)
	}
	for i, label := range labels {
		sum := 0.
		for c := range 3 {
			sum += math.Exp(logits.At(i, c))
		}
		want := 0.
		if label >= 0 {
			loss := func(c int) float64 { return math.Log(sum) - logits.At(i, c) }
			want = (1 - e) * w.At(label) * loss(label)
			for c := range 3 {
				want += e / 3 * w.At(c) * loss(c)
			}
		}
		if math.Abs(terms.At(i)-want) > 1e-12 {
			t.Errorf("term %d is %v, expected %v", i, terms.At(i), want)
		}
	}
}

// TestSumsOfEveryWorkerCount: sums, dot products and reductions have the same bits for every number
// of workers, for lengths around those at which they are cut. In float64 no rounding hides another
// order.
func TestSumsOfEveryWorkerCount(t *testing.T) {
	t.Run("float32", sumsOfEveryWorkerCount[float32])
	t.Run("float64", sumsOfEveryWorkerCount[float64])
}

func sumsOfEveryWorkerCount[T Float](t *testing.T) {
	defer SetWorkers(Workers())
	for _, n := range []int{1000, 70_000, 300_001} {
		x := Uniform[T](NewKey(1, "x"), -1, 1, n)
		m, wide := x.Slice(0, 0, n/8*8, 1).Reshape(8, n/8), x.Slice(0, 0, n/2*2, 1).Reshape(2, n/2)
		var want []float64
		for _, workers := range []int{1, 2, 3, 5, 16} {
			SetWorkers(workers)
			rows, columns, lines, all := New[T](8), New[T](n/8), New[T](2), New[T]()
			ReduceSum(rows, m, 1)
			ReduceSum(columns, m, 0)
			ReduceSum(lines, wide, 1)
			ReduceVariance(all, m, 0)
			got := []float64{Sum(x), SumSquares(x), Dot(x, x), float64(all.Item())}
			for _, part := range [][]T{rows.Data(), columns.Data(), lines.Data()} {
				for _, v := range part {
					got = append(got, float64(v))
				}
			}
			if want == nil {
				want = got
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%d elements, %d workers: number %d is %v, with one worker %v", n, workers, i, got[i], want[i])
				}
			}
		}
	}
}
