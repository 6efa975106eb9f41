package esn

import (
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"elegans/tensor"
)

// small returns a reservoir of n neurons with one input and the radius .9.
func small(t *testing.T, n, degree int, seed uint64) *Reservoir[float64] {
	t.Helper()
	w, err := Random[float64](n, degree, tensor.NewKey(seed, "w"))
	if err != nil {
		t.Fatal(err)
	}
	radius, err := SpectralRadius(Weights[float64]{Sparse: w})
	if err != nil {
		t.Fatal(err)
	}
	floats.Scale(.9/math.Max(radius, 1e-3), w.Val)
	return &Reservoir[float64]{
		W: Weights[float64]{Sparse: w}, Input: tensor.Uniform[float64](tensor.NewKey(seed, "in"), -1, 1, n, 1),
		Leak: tensor.Uniform[float64](tensor.NewKey(seed, "leak"), .1, 1, n), Activation: Tanh,
	}
}

func noise(steps int, seed uint64) *tensor.Tensor[float64] {
	return tensor.Uniform[float64](tensor.NewKey(seed, "u"), -1, 1, steps, 1)
}

// TestPieces runs a sequence whole and in pieces that hand on their states.
func TestPieces(t *testing.T) {
	r, u := small(t, 40, 6, 1), noise(100, 2)
	whole, err := r.Run(u, Options[float64]{})
	if err != nil {
		t.Fatal(err)
	}
	var o Options[float64]
	for _, cut := range [][2]int{{0, 1}, {1, 1}, {1, 37}, {37, 100}} {
		x, err := r.Run(u.Slice(0, cut[0], cut[1], 1), o)
		if err != nil {
			t.Fatal(err)
		}
		for s := range x.Dim(0) {
			if !floats.Equal(rowOf(x, s), rowOf(whole, cut[0]+s)) {
				t.Fatalf("row %d differs between the whole and its pieces", cut[0]+s)
			}
		}
		if n := x.Dim(0); n > 0 {
			o.Start = tensor.FromSlice(rowOf(x, n-1), r.Size())
		}
	}
}

// TestSparseAndDense runs the same weights in both forms, and in float32.
func TestSparseAndDense(t *testing.T) {
	r, u := small(t, 60, 7, 3), noise(50, 4)
	x, err := r.Run(u, Options[float64]{})
	if err != nil {
		t.Fatal(err)
	}
	d := *r
	d.W = Weights[float64]{Dense: r.W.Sparse.Dense()}
	y, err := d.Run(u, Options[float64]{})
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(x.Data(), y.Data(), 1e-13) {
		t.Error("dense weights give other states than sparse ones")
	}
	single := &Reservoir[float32]{
		W: Weights[float32]{Dense: tensor.Convert[float32](d.W.Dense)}, Input: tensor.Convert[float32](r.Input),
		Leak: tensor.Convert[float32](r.Leak), Activation: Tanh,
	}
	z, err := single.Run(tensor.Convert[float32](u), Options[float32]{})
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(x.Data(), tensor.Convert[float64](z).Data(), 1e-5) {
		t.Error("float32 gives other states than float64")
	}
}

// TestWorkers runs a reservoir that is large enough to be shared.
func TestWorkers(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	w, err := Random[float64](2000, 50, tensor.NewKey(5, "w"))
	if err != nil {
		t.Fatal(err)
	}
	floats.Scale(.1, w.Val)
	r := &Reservoir[float64]{W: Weights[float64]{Sparse: w}, Input: tensor.Uniform[float64](tensor.NewKey(5, "in"), -1, 1, 2000, 1), Activation: Tanh}
	var first *tensor.Tensor[float64]
	for _, workers := range []int{1, 2, 3, 8} {
		tensor.SetWorkers(workers)
		x, err := r.Run(noise(20, 6), Options[float64]{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = x
		} else if !floats.Equal(first.Data(), x.Data()) {
			t.Errorf("%d workers give other bits than 1", workers)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	r := small(t, 10, 3, 7)
	bad := noise(5, 8)
	bad.Set(math.NaN(), 3, 0)
	leak := *r
	leak.Leak = tensor.FromSlice([]float64{1.5}, 1)
	for _, c := range []struct {
		r    *Reservoir[float64]
		u    *tensor.Tensor[float64]
		o    Options[float64]
		want string
	}{
		{r, bad, Options[float64]{}, "input row 3, column 0 is NaN"},
		{r, tensor.New[float64](5), Options[float64]{}, "[steps, inputs]"},
		{r, tensor.New[float64](5, 2), Options[float64]{}, "input of shape [5 2]"},
		{r, noise(5, 1), Options[float64]{Start: tensor.New[float64](9)}, "start of shape [9]"},
		{r, noise(5, 1), Options[float64]{Feedback: tensor.New[float64](5, 1)}, "no feedback weights"},
		{r, noise(5, 1), Options[float64]{Noise: tensor.New[float64](4, 10)}, "noise of shape [4 10]"},
		{&leak, noise(5, 1), Options[float64]{}, "leak 0 is 1.5"},
	} {
		if _, err := c.r.Run(c.u, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if x, err := r.Run(tensor.New[float64](0, 1), Options[float64]{}); err != nil || x.Dim(0) != 0 {
		t.Errorf("an empty sequence: %v", err)
	}
}

// TestSpectralRadius compares random matrices with the eigenvalues of LAPACK's dense algorithm.
func TestSpectralRadius(t *testing.T) {
	sizes := []int{1, 2, 7, 65, 90, 150}
	if !testing.Short() {
		sizes = append(sizes, 260, 400)
	}
	for seed := range uint64(6) {
		for _, n := range sizes {
			w, err := Random[float64](n, min(n, 2+int(seed)*3), tensor.NewKey(seed, "w", uint64(n)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := SpectralRadius(Weights[float64]{Sparse: w})
			if err != nil {
				t.Fatal(err)
			}
			var e mat.Eigen
			if !e.Factorize(mat.NewDense(n, n, w.Dense().Data()), mat.EigenNone) {
				t.Fatal("no eigenvalues")
			}
			want := 0.0
			for _, v := range e.Values(nil) {
				want = max(want, cmplx.Abs(v))
			}
			if math.Abs(got-want) > 1e-9*max(want, 1e-3) {
				t.Errorf("seed %d, %d neurons: %v, want %v", seed, n, got, want)
			}
		}
	}
	if _, err := SpectralRadius(Weights[float64]{Dense: tensor.Full(math.NaN(), 2, 2)}); err == nil {
		t.Error("weights that are NaN have a radius")
	}
}

// TestRings knows the eigenvalues without computing them.
func TestRings(t *testing.T) {
	for _, n := range []int{1, 2, 63, 64, 65, 300} {
		ring, err := Ring[float64](n, .7)
		if err != nil {
			t.Fatal(err)
		}
		line, err := DelayLine[float64](n, .7)
		if err != nil {
			t.Fatal(err)
		}
		for want, w := range map[float64]*tensor.CSR[float64]{.7: ring, 0: line} {
			if got, err := SpectralRadius(Weights[float64]{Sparse: w}); err != nil || math.Abs(got-want) > 1e-12 {
				t.Errorf("%d neurons: %v, %v, want %v", n, got, err, want)
			}
		}
	}
	q, err := Orthogonal[float64](80, 1, tensor.NewKey(1, "q"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := SpectralRadius(Weights[float64]{Dense: q}); err != nil || math.Abs(got-1) > 1e-10 {
		t.Errorf("an orthogonal matrix has the radius %v, %v, want 1", got, err)
	}
	p := tensor.New[float64](80, 80)
	tensor.MatMul(p, q, q.Transpose(0, 1).Contiguous())
	for i := range 80 {
		for j := range 80 {
			if want := float64(b2i(i == j)); math.Abs(p.At(i, j)-want) > 1e-13 {
				t.Fatalf("Q Qᵀ has %v at %d, %d", p.At(i, j), i, j)
			}
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestMemoryOfDelayLine measures a network that remembers N inputs and no more.
func TestMemoryOfDelayLine(t *testing.T) {
	const n = 30
	w, err := DelayLine[float64](n, 1)
	if err != nil {
		t.Fatal(err)
	}
	in := tensor.New[float64](n, 1)
	in.Set(1, 0, 0)
	r := &Reservoir[float64]{W: Weights[float64]{Sparse: w}, Input: in, Activation: tensor.OpMulScalar, Slope: 1}
	u := noise(3000, 9)
	x, err := r.Run(u, Options[float64]{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := MemoryCapacity(x, u.Data(), lags(0, 60), 100, 2000, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range c {
		if k < n && v < 1-1e-9 || k >= n && v > .02 {
			t.Errorf("lag %d: capacity %v", k, v)
		}
	}
}

// TestMomentsInPieces fits rows together and in pieces, far from 0.
func TestMomentsInPieces(t *testing.T) {
	x := tensor.Normal[float64](tensor.NewKey(1, "x"), 1e4, 1, 200, 5)
	y := tensor.Normal[float64](tensor.NewKey(1, "y"), -1e4, 1, 200, 2)
	whole, err := Ridge(x, y, 0, .1, Centred)
	if err != nil {
		t.Fatal(err)
	}
	s := NewMoments(5, 2)
	for _, cut := range [][2]int{{0, 1}, {1, 90}, {90, 90}, {90, 200}} {
		if err := s.Add(x.Slice(0, cut[0], cut[1], 1), y.Slice(0, cut[0], cut[1], 1), 0); err != nil {
			t.Fatal(err)
		}
	}
	pieces, err := s.Ridge(.1, Centred)
	if err != nil || s.Rows() != 200 {
		t.Fatal(s.Rows(), err)
	}
	if !floats.EqualApprox(whole.Weight.Data(), pieces.Weight.Data(), 1e-9) {
		t.Errorf("weights %v in pieces, %v together", pieces.Weight.Data(), whole.Weight.Data())
	}
	for _, penalty := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := s.Ridge(penalty, Centred); err == nil {
			t.Errorf("penalty %v was taken", penalty)
		}
	}
	if err := s.Add(x, y, -1); err == nil {
		t.Error("a washout of -1 was taken")
	}
	if _, err := NewMoments(5, 2).Ridge(1, Centred); err == nil {
		t.Error("no rows made a readout")
	}
}

// TestSingularRidge fits states of which one is the double of another: the shortest solution.
func TestSingularRidge(t *testing.T) {
	x := tensor.New[float64](50, 2)
	y := tensor.New[float64](50, 1)
	for i := range 50 {
		v := float64(i)
		x.Set(v, i, 0)
		x.Set(2*v, i, 1)
		y.Set(5*v+1, i, 0)
	}
	l, err := Ridge(x, y, 0, 0, Centred)
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(l.Weight.Data(), []float64{1, 2}, 1e-9) || math.Abs(l.Bias.At(0)-1) > 1e-8 {
		t.Errorf("weights %v and bias %v, want 1, 2 and 1", l.Weight.Data(), l.Bias.Data())
	}
}

// rowOf returns row t of a matrix.
func rowOf(x *tensor.Tensor[float64], t int) []float64 {
	n := x.Len() / x.Dim(0)
	return x.Data()[t*n : (t+1)*n]
}

func lags(from, to int) (list []int) {
	for k := from; k <= to; k++ {
		list = append(list, k)
	}
	return list
}
