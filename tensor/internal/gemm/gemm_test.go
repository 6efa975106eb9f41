package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"elegans/internal/allocs"
	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// eachSet runs a test under every kernel set that this processor has, with -short under the one in
// use.
func eachSet(t *testing.T, f func(t *testing.T)) {
	old := kernel.Of[float32]().Name
	t.Cleanup(func() { _ = kernel.Use(old) })
	for _, name := range []string{"go", "avx2", "avx512"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != old {
				t.Skip("-short: the set in use is enough")
			}
			if err := kernel.Use(name); err != nil {
				t.Skip(err)
			}
			f(t)
		})
	}
}

func withWorkers(t testing.TB, n int) {
	old := parallel.Workers()
	parallel.SetWorkers(n)
	t.Cleanup(func() { parallel.SetWorkers(old) })
}

// layout is a way in which a matrix lies in storage.
type layout string

const (
	rowMajor  layout = "n" // rows of exactly the right length
	padded    layout = "p" // longer rows
	transpose layout = "t"
	strided   layout = "s" // neither rows nor columns adjacent
	aligned   layout = "a" // rows 4096 bytes apart
)

var layouts = []layout{rowMajor, padded, transpose, strided, aligned}

// strides returns the row and column strides of a rows by cols matrix and the number of elements
// that it spans.
func (l layout) strides(rows, cols int) (row, col, n int) {
	switch l {
	case rowMajor:
		row, col = cols, 1
	case padded:
		row, col = cols+5, 1
	case transpose:
		row, col = 1, rows+3
	case strided:
		row, col = 3*cols+1, 3
	case aligned:
		row, col = (cols+1023)/1024*1024, 1
	}
	if rows == 0 || cols == 0 {
		return row, col, 0
	}
	return row, col, (rows-1)*row + (cols-1)*col + 1
}

type number = kernel.Float

func random[T number](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

func operand[T number](r *rand.Rand, l layout, rows, cols int) Operand[T] {
	row, col, n := l.strides(rows, cols)
	return Operand[T]{Data: random[T](r, n), Row: row, Col: col}
}

// reference is the triple loop in float64, with the sum of magnitudes that bounds the rounding
// error.
func reference[T number](p *Product[T], batch, i, j int) (value, magnitude float64) {
	a := p.A.Data[p.Batch.offset(&p.Batch.A, batch):]
	b := p.B.Data[p.Batch.offset(&p.Batch.B, batch):]
	for k := range p.K {
		v := float64(a[i*p.A.Row+k*p.A.Col]) * float64(b[k*p.B.Row+j*p.B.Col])
		value += v
		magnitude += math.Abs(v)
	}
	value *= float64(p.Alpha)
	if p.Beta != 0 {
		c := p.C[p.Batch.offset(&p.Batch.C, batch)+i*p.CRow+j]
		value += float64(p.Beta) * float64(c)
		magnitude += math.Abs(float64(c))
	}
	if e := p.Epilogue.ColBias; e != nil {
		value += float64(e[p.Batch.offset(&p.Batch.ColBias, batch)+j])
	}
	if e := p.Epilogue.RowBias; e != nil {
		value += float64(e[p.Batch.offset(&p.Batch.RowBias, batch)+i])
	}
	if p.Epilogue.Act != nil {
		x := []T{T(value)}
		p.Epilogue.Act(x, x)
		value = float64(x[0])
	}
	return value, magnitude + math.Abs(value)
}

// verify compares the C that run computes with the reference, and checks that nothing between the
// rows of C changes.
func verify[T number](t *testing.T, p Product[T], run func(p Product[T])) {
	t.Helper()
	eps := 0x1p-24
	if _, ok := any(*new(T)).(float64); ok {
		eps = 0x1p-53
	}
	before := p.C
	p.C = slices.Clone(before)
	touched := make([]bool, len(p.C))
	run(p)
	after := p.C
	p.C = before
	for batch := range p.Batch.Len() {
		off := p.Batch.offset(&p.Batch.C, batch)
		for i := range p.M {
			for j := range p.N {
				at := off + i*p.CRow + j
				touched[at] = true
				want, size := reference(&p, batch, i, j)
				if got := float64(after[at]); !(math.Abs(got-want) <= eps*(size+1)*math.Sqrt(float64(p.K)+16)) {
					t.Fatalf("product %d of M %d N %d K %d alpha %v beta %v: C[%d,%d] = %v, want %v", batch, p.M, p.N, p.K, p.Alpha, p.Beta, i, j, got, want)
				}
			}
		}
	}
	for i, seen := range touched {
		if !seen && after[i] != before[i] && !(math.IsNaN(float64(after[i])) && math.IsNaN(float64(before[i]))) {
			t.Fatalf("M %d N %d K %d: element %d, outside of C, changed", p.M, p.N, p.K, i)
		}
	}
}

var sizes = []int{1, 2, 3, 5, 8, 13, 16, 17, 31, 33, 64, 65}

func TestRun(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		t.Run("f32", testRun[float32])
		t.Run("f64", testRun[float64])
	})
}

func testRun[T number](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	pick := func(x []int) int { return x[r.IntN(len(x))] }
	trial := func(m, n, k int, la, lb layout) {
		crow := n + r.IntN(2)*7
		p := Product[T]{M: m, N: n, K: k, A: operand[T](r, la, m, k), B: operand[T](r, lb, k, n), C: random[T](r, (m-1)*crow+n), CRow: crow,
			Alpha: []T{1, 1, -0.5}[r.IntN(3)], Beta: []T{0, 1, 0.25}[r.IntN(3)]}
		if p.Beta == 0 { // whatever was there must vanish
			p.C[r.IntN(len(p.C))] = T(math.NaN())
		}
		if r.IntN(3) == 0 {
			p.Epilogue.ColBias = random[T](r, n)
		}
		if r.IntN(3) == 0 {
			p.Epilogue.RowBias = random[T](r, m)
		}
		if r.IntN(3) == 0 {
			p.Epilogue.Act = relu[T]
		}
		verify(t, p, Run)
	}
	for _, la := range layouts {
		for _, lb := range layouts {
			for range 15 {
				trial(pick(sizes), pick(sizes), pick(sizes), la, lb)
			}
			trial(pick(sizes), pick(sizes), 0, la, lb)
			trial(1, pick(sizes), 400+pick(sizes), la, lb)
			trial(pick(sizes), 1, 400+pick(sizes), la, lb)
			if !testing.Short() || la == lb {
				trial(40, 70, 400+pick(sizes), la, lb)
				trial(70, 150+pick(sizes), pick(sizes), la, lb)
			}
		}
	}
}

func relu[T number](dst, x []T) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func TestRunLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	r := rand.New(rand.NewPCG(2, 2))
	for _, s := range [][3]int{{300, 500, 800}, {37, 2100, 770}, {1500, 40, 401}, {2, 3000, 500}, {1, 1003, 1005}, {1003, 1, 1005}} {
		m, n, k := s[0], s[1], s[2]
		for _, l := range []layout{transpose, padded} {
			verify(t, Product[float32]{M: m, N: n, K: k, A: operand[float32](r, rowMajor, m, k), B: operand[float32](r, l, k, n),
				C: random[float32](r, m*n), CRow: n, Alpha: 1.5, Beta: 0.5, Epilogue: Epilogue[float32]{Act: relu[float32]}}, Run)
			verify(t, Product[float32]{M: m, N: n, K: k, A: operand[float32](r, transpose, m, k), B: operand[float32](r, l, k, n),
				C: random[float32](r, m*n), CRow: n, Alpha: 1}, Run)
		}
	}
}

// batched returns a product over two batch axes of which one is shared by A and the other by B; the
// matrices interleave, as in an array [rows, batch, columns].
func batched[T number](r *rand.Rand, m, n, k int) Product[T] {
	const x, y = 3, 5
	p := Product[T]{M: m, N: n, K: k, Alpha: 1, CRow: x * y * n, C: random[T](r, m*x*y*n)}
	p.A = Operand[T]{Data: random[T](r, m*x*k), Row: x * k, Col: 1}
	p.B = Operand[T]{Data: random[T](r, y*k*n), Row: n, Col: 1}
	p.Batch = Batch{Axes: 2, Dims: [MaxBatch]int{x, y}, A: [MaxBatch]int{k, 0}, B: [MaxBatch]int{0, k * n}, C: [MaxBatch]int{y * n, n}}
	p.Epilogue.ColBias = random[T](r, x*n)
	p.Batch.ColBias = [MaxBatch]int{n, 0}
	p.Epilogue.RowBias = random[T](r, y*m)
	p.Batch.RowBias = [MaxBatch]int{0, m}
	return p
}

func TestBatch(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 3))
		for _, s := range [][3]int{{1, 1, 1}, {7, 9, 11}, {40, 33, 20}, {1, 50, 60}, {50, 1, 60}} {
			verify(t, batched[float32](r, s[0], s[1], s[2]), Run)
			verify(t, batched[float64](r, s[0], s[1], s[2]), Run)
		}
	})
}

// matrixPacker is an implicit operand that is a matrix after all.
type matrixPacker struct {
	m        Operand[float32]
	operandA bool
	batch    int // distance between products
}

func (m *matrixPacker) Pack(dst []float32, width, batch, k0, k1, j0, j1 int) {
	for p := k0; p < k1; p++ {
		for j := j0; j < j1; j++ {
			row, col := p, j
			if m.operandA {
				row, col = j, p
			}
			dst[(p-k0)*width+j-j0] = m.m.Data[batch*m.batch+row*m.m.Row+col*m.m.Col]
		}
	}
}

func TestPacker(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 5))
		for _, s := range [][3]int{{5, 7, 9}, {100, 70, 500}, {3, 333, 41}, {333, 3, 41}, {1, 77, 50}, {77, 1, 50}} {
			m, n, k := s[0], s[1], s[2]
			p := Product[float32]{M: m, N: n, K: k, Alpha: 1, C: random[float32](r, 2*m*n), CRow: n}
			p.A = Operand[float32]{Data: random[float32](r, 2*m*k), Row: k, Col: 1}
			p.B = Operand[float32]{Data: random[float32](r, 2*k*n), Row: 1, Col: k}
			p.Batch = Batch{Axes: 1, Dims: [MaxBatch]int{2}, A: [MaxBatch]int{m * k}, B: [MaxBatch]int{k * n}, C: [MaxBatch]int{m * n}}
			pa, pb := &matrixPacker{p.A, true, m * k}, &matrixPacker{p.B, false, k * n}
			verify(t, p, func(q Product[float32]) { q.A = Operand[float32]{Packer: pa}; Run(q) })
			verify(t, p, func(q Product[float32]) { q.B = Operand[float32]{Packer: pb}; Run(q) })
			verify(t, p, func(q Product[float32]) {
				q.A, q.B = Operand[float32]{Packer: pa}, Operand[float32]{Packer: pb}
				Run(q)
			})
		}
	})
}

func TestNonFiniteValuesSpread(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, s := range [][3]int{{40, 40, 40}, {1, 40, 40}, {40, 1, 40}} {
			m, n, k := s[0], s[1], s[2]
			for _, v := range []float64{math.NaN(), math.Inf(1)} {
				a, b, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
				for i := range a {
					a[i] = 1
				}
				a[m/2*k+k-1] = float32(v) // row m/2 of A; B is 0: NaN * 0 and Inf * 0 are NaN
				Run(Product[float32]{M: m, N: n, K: k, A: Operand[float32]{Data: a, Row: k, Col: 1}, B: Operand[float32]{Data: b, Row: n, Col: 1}, C: c, CRow: n, Alpha: 1})
				for i, x := range c {
					if isNaN := x != x; isNaN != (i/n == m/2) {
						t.Fatalf("%dx%dx%d, %v in row %d of A: C[%d,%d] = %v", m, n, k, v, m/2, i/n, i%n, x)
					}
				}
			}
		}
	})
}

func TestSameBitsForEveryWorkerCount(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 6))
		for _, s := range [][4]int{{200, 700, 900}, {1, 5000, 900}, {5000, 1, 900}, {900, 30, 2000}, {64, 64, 5000}, {3, 5000, 900}, {16, 1000, 5000}} {
			m, n, k := s[0], s[1], s[2]
			if kernel.Of[float32]().Name == "go" {
				m, n, k = (m+7)/8, (n+7)/8, (k+7)/8
			}
			for _, l := range []layout{rowMajor, transpose} {
				p := Product[float32]{M: m, N: n, K: k, A: operand[float32](r, l, m, k), B: operand[float32](r, l, k, n), CRow: n, Alpha: 1}
				var want []float32
				for _, w := range []int{1, 2, 3, 8} {
					withWorkers(t, w)
					p.C = make([]float32, m*n)
					Run(p)
					if want == nil {
						want = p.C
					}
					if !slices.Equal(want, p.C) {
						t.Fatalf("%dx%dx%d: %d workers give other bits than one", m, n, k, w)
					}
				}
			}
		}
	})
}

// TestNear runs products of small matrices A, which stay in the L2 cache, and large ones B, stored
// column after column, of which the next columns are prefetched.
func TestNear(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		const m, n, k, products = 40, 2503, 130, 3
		r := rand.New(rand.NewPCG(9, 9))
		p := Product[float32]{M: m, N: n, K: k, Alpha: 1, Beta: 1, C: random[float32](r, products*m*n), CRow: n,
			A:     Operand[float32]{Data: random[float32](r, products*m*k), Row: k, Col: 1},
			B:     Operand[float32]{Data: random[float32](r, products*k*n), Row: 1, Col: k},
			Batch: Batch{Axes: 1, Dims: [MaxBatch]int{products}, A: [MaxBatch]int{m * k}, B: [MaxBatch]int{k * n}, C: [MaxBatch]int{m * n}}}
		if !p.staysNear() {
			t.Skip("the L2 cache holds B")
		}
		withWorkers(t, 1)
		verify(t, p, Run)
		start := p.C
		var want []float32
		for _, w := range []int{1, 2, 3, 8} {
			withWorkers(t, w)
			p.C = slices.Clone(start)
			Run(p)
			if want == nil {
				want = p.C
			}
			if !slices.Equal(want, p.C) {
				t.Fatalf("%d workers give other bits than one", w)
			}
		}
	})
}

// TestRowsDoNotDependOnTheirMatrix: a sample's result must not depend on the batch it is in, beyond
// the choice between matrix and vector.
func TestRowsDoNotDependOnTheirMatrix(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const n, k = 75, 600
	a, b := random[float32](r, 200*k), random[float32](r, k*n)
	whole := make([]float32, 200*n)
	run := func(c []float32, m int) {
		Run(Product[float32]{M: m, N: n, K: k, A: Operand[float32]{Data: a, Row: k, Col: 1}, B: Operand[float32]{Data: b, Row: n, Col: 1}, C: c, CRow: n, Alpha: 1})
	}
	run(whole, 200)
	for _, m := range []int{2, 3, 14, 29, 100, 199} {
		c := make([]float32, m*n)
		run(c, m)
		if !slices.Equal(c, whole[:m*n]) {
			t.Errorf("the first %d rows differ from those of the whole product", m)
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	withWorkers(t, 2)
	r := rand.New(rand.NewPCG(8, 8))
	p := Product[float32]{M: 200, N: 300, K: 400, A: operand[float32](r, transpose, 200, 400), B: operand[float32](r, rowMajor, 400, 300),
		C: make([]float32, 200*300), CRow: 300, Alpha: 1, Epilogue: Epilogue[float32]{ColBias: make([]float32, 300), Act: relu[float32]}}
	q := batched[float32](r, 30, 40, 50)
	v := Product[float32]{M: 1, N: 900, K: 900, A: operand[float32](r, rowMajor, 1, 900), B: operand[float32](r, rowMajor, 900, 900),
		C: make([]float32, 900), CRow: 900, Alpha: 1}
	u := v
	u.B = operand[float32](r, transpose, 900, 900)
	step := func() { Run(p); Run(q); Run(v); Run(u) }
	for range 20 {
		step()
	}
	if n := allocs.PerStep(20, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func TestShortSlicesPanic(t *testing.T) {
	p := Product[float32]{M: 3, N: 4, K: 5, A: Operand[float32]{Data: make([]float32, 15), Row: 5, Col: 1},
		B: Operand[float32]{Data: make([]float32, 20), Row: 4, Col: 1}, C: make([]float32, 12), CRow: 4, Alpha: 1}
	for name, spoil := range map[string]func(p *Product[float32]){
		"A":    func(p *Product[float32]) { p.A.Data = p.A.Data[:14] },
		"B":    func(p *Product[float32]) { p.B.Data = p.B.Data[:19] },
		"C":    func(p *Product[float32]) { p.C = p.C[:11] },
		"bias": func(p *Product[float32]) { p.Epilogue.ColBias = make([]float32, 3) },
		"batch": func(p *Product[float32]) {
			p.Batch = Batch{Axes: 1, Dims: [MaxBatch]int{2}, C: [MaxBatch]int{1}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			q := p
			spoil(&q)
			Run(q)
		})
	}
	Run(p)
}

func ExampleRun() {
	c := make([]float64, 4)
	Run(Product[float64]{M: 2, N: 2, K: 3, Alpha: 1,
		A: Operand[float64]{Data: []float64{1, 2, 3, 4, 5, 6}, Row: 3, Col: 1},
		// [3, 2], stored column after column
		B: Operand[float64]{Data: []float64{1, 0, 1, 0, 1, 1}, Row: 1, Col: 3},
		C: c, CRow: 2,
		Epilogue: Epilogue[float64]{ColBias: []float64{10, 20}},
	})
	fmt.Println(c)
	// Output: [14 25 20 31]
}
