package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"testing"

	"elegans/tensor"
	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

// lossRow bounds a term of a loss and its derivatives.
type lossRow struct {
	a, b   float64
	domain domain
	// absolute bounds for float64, relative to the largest of 1, |x|, |t| and |x*t|, or to the
	// result where it is more; float32 is computed in float64 and then rounded
	value, slope float64
}

// domain says which numbers a term is meant for.
type domain int

const (
	probable domain = iota // x and t within [0, 1]
	classes                // t within [0, 1]
	positive               // t from 0 on
	moderate               // no infinite e^t
	anything
)

// lossRows bounds the terms of losses, in the order of their numbers.
var lossRows = []lossRow{
	tensor.LossSquared:       {domain: anything, value: 8e-16, slope: 4e-16},
	tensor.LossAbsolute:      {domain: anything, value: 2e-16},
	tensor.LossHuber:         {a: 1.5, b: 0.7, domain: anything, value: 6e-16, slope: 4e-16},
	tensor.LossEntropy:       {domain: probable, value: 6e-16, slope: 1e-15},
	tensor.LossLogitEntropy:  {domain: classes, value: 1e-15, slope: 1e-15},
	tensor.LossDivergence:    {domain: positive, value: 6e-16, slope: 6e-16},
	tensor.LossLogDivergence: {domain: moderate, value: 2e-15, slope: 2e-15},
	tensor.LossSigmoidFocal:  {a: 0.25, b: 2, domain: classes, value: 2e-15, slope: 2e-15},
}

// lossPoints returns x, t and the parameter of elements.
func lossPoints[T kernel.Float](seed uint64, d domain) (x, t, p []T) {
	unit := []float64{0, 1e-30, 1e-8, 0.25, 0.5, 1 - 0x1p-20, 1}
	special := []float64{0, math.Copysign(0, -1), 1e-30, -0.7, 1, -1, 1.5, -1.5, 20, -20, 87, -87, 100, -100, math.Inf(1), math.Inf(-1), math.NaN()}
	xs, ts := special, special
	switch d {
	case probable:
		xs, ts = unit, unit
	case classes:
		ts = unit
	case moderate:
		xs, ts = special[:10], special[:10]
	case positive:
		ts = []float64{0, 1e-30, 0.5, 1, 3, 100}
	}
	add := func(a, b float64) {
		x, t, p = append(x, T(a)), append(t, T(b)), append(p, T(float64(len(p)%5)/2))
	}
	for _, a := range xs {
		for _, b := range ts {
			add(a, b)
		}
	}
	r := rand.New(rand.NewPCG(seed, 2))
	for range 3000 {
		a, b := r.NormFloat64()*4, r.NormFloat64()*2
		if d == probable {
			a = r.Float64()
		}
		if d == probable || d == classes {
			b = r.Float64()
		}
		if d == positive {
			b = r.ExpFloat64()
		}
		add(a, b)
	}
	return x, t, p
}

// TestLossFunc compares the terms of losses: package tensor in float64, and in the type of the
// elements with the processor, against the device.
func TestLossFunc(t *testing.T) {
	functions, err := os.ReadFile("kernels/functions.cuh")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`(?m)^  LOSS_\w+,`).FindAll(functions, -1)); n != len(lossRows) {
		t.Errorf("%d rows in lossRows for %d terms", len(lossRows), n)
	}
	for kind, r := range lossRows {
		kind := tensor.LossKind(kind)
		t.Run(fmt.Sprint("float32/", kind), func(t *testing.T) { testLossFunc[float32](t, kind, r) })
		t.Run(fmt.Sprint("float64/", kind), func(t *testing.T) { testLossFunc[float64](t, kind, r) })
	}
}

func testLossFunc[T kernel.Float](t *testing.T, kind tensor.LossKind, r lossRow) {
	x, target, p := lossPoints[T](uint64(kind), r.domain)
	n := len(x)
	f := tensor.LossFunc{Kind: kind, A: float64(T(r.a)), B: float64(T(r.b))}
	vector := func(v []float64) *tensor.Tensor[float64] { return tensor.FromSlice(v, n) }
	x64, t64, p64 := vector(inDouble(x)), vector(inDouble(target)), vector(inDouble(p))
	want, dx, dt := tensor.New[float64](n), tensor.New[float64](n), tensor.New[float64](n)
	tensor.PointLoss(f, want, x64, t64, nil, p64, 1)
	tensor.PointLossGrad(f, dx, dt, vector(ones[float64](n)), x64, t64, nil, p64, 1)

	open(t, Options{Staged: true})
	d, none, size := device.Active(), device.In[T](nil), device.Int(n)
	number, a, b, scale := device.Int(int(kind)), device.Double(f.A), device.Double(f.B), device.Double(1)
	got, gx, gt := make([]T, n), make([]T, n), make([]T, n)
	device.Launch[T](d, "loss", "point_loss", device.Each(n), device.Out(got), device.In(x), device.In(target), none, device.In(p), size,
		number, a, b, scale)
	device.Launch[T](d, "loss", "point_loss_grad", device.Each(n), device.InOut(gx), device.InOut(gt), device.In(ones[T](1)), device.In(x),
		device.In(target), none, device.In(p), size, device.Int(1), number, a, b, scale)
	at := func(i int) string { return fmt.Sprintf("x %v, t %v, p %v", x[i], target[i], p[i]) }
	for _, c := range []struct {
		name  string
		got   []T
		want  []float64
		bound float64
	}{{"value", got, want.Data(), r.value}, {"derivative by x", gx, dx.Data(), r.slope}, {"derivative by t", gt, dt.Data(), r.slope}} {
		relative, wantRelative := make([]T, n), make([]float64, n)
		for i, w := range c.want {
			size := max(1, math.Abs(float64(x[i])), math.Abs(float64(target[i])), math.Abs(float64(x[i]*target[i])), math.Abs(w))
			if math.IsInf(size, 0) || size != size {
				size = 1
			}
			if rounded := float64(T(w)); math.IsInf(rounded, 0) {
				size = 1
			}
			relative[i], wantRelative[i] = T(float64(c.got[i])/size), w/size
		}
		b := bound{ulp: 2, abs: c.bound} // result and quotient are rounded
		if !isDouble[T]() {
			b.abs = 0
		}
		judge(t, c.name, relative, wantRelative, b, at)
	}
}
