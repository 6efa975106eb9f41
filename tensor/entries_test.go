package tensor_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/tensor"
)

func TestWindowAndEntry(t *testing.T) {
	x := tensor.Arange[float64](0, 24).Reshape(4, 3, 2)
	w := tensor.Window(x, 1, 3)
	if !slices.Equal(w.Shape(), []int{2, 3, 2}) || w.At(1, 2, 1) != x.At(2, 2, 1) {
		t.Errorf("window %v", &w)
	}
	e := tensor.Entry(x, 2)
	if !slices.Equal(e.Shape(), []int{3, 2}) || e.At(1, 0) != x.At(2, 1, 0) {
		t.Errorf("entry %v", &e)
	}
	e.Set(-1, 0, 0)
	if x.At(2, 0, 0) != -1 {
		t.Error("an entry is a copy")
	}
	if empty := tensor.Window(x, 4, 4); empty.Len() != 0 {
		t.Errorf("an empty window has %d elements", empty.Len())
	}
	for name, f := range map[string]func(){
		"beyond the end":  func() { tensor.Window(x, 2, 5) },
		"turned round":    func() { tensor.Window(x, 2, 1) },
		"negative":        func() { tensor.Entry(x, -1) },
		"of a scalar":     func() { tensor.Entry(tensor.Scalar(1.0), 0) },
		"not contiguous":  func() { tensor.Entry(x.Permute(1, 0, 2), 0) },
		"duplicate shape": func() { tensor.AddToEntries(x, []int{0}, tensor.New[float64](3, 3)) },
		"index":           func() { tensor.AddToEntries(x, []int{4}, tensor.New[float64](3, 2)) },
		"norm":            func() { tensor.GroupedLayerNorm(x, x, x, x, x, x, 1) },
		"count":           func() { tensor.CountBothAbove(x, 0, tensor.New[float64](24), 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// TestAddToEntries compares both directions with their definition, element by element.
func TestAddToEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, rows, d := rapid.IntRange(1, 5).Draw(t, "n"), rapid.IntRange(0, 40).Draw(t, "rows"), rapid.IntRange(0, 40).Draw(t, "d")
		index := rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, n, rapid.ID[int]).Draw(t, "index")
		each := rapid.Bool().Draw(t, "each")
		columns := d
		if each {
			columns *= len(index)
		}
		dst := tensor.Normal[float32](tensor.NewKey(1, "test"), 0, 1, n, rows, d)
		x := tensor.Normal[float32](tensor.NewKey(2, "test"), 0, 1, rows, columns)
		want, wantX := dst.Clone(), x.Clone()
		for i, at := range index {
			for r := range rows {
				for c := range d {
					from := c
					if each {
						from += i * d
					}
					want.Set(want.At(at, r, c)+x.At(r, from), at, r, c)
					wantX.Set(wantX.At(r, from)+dst.At(at, r, c), r, from)
				}
			}
		}
		dx := x.Clone()
		tensor.AddToEntriesGrad(dx, dst, index)
		tensor.AddToEntries(dst, index, x)
		if !slices.Equal(dst.Data(), want.Data()) {
			t.Fatalf("forward: %v, want %v", dst, want)
		}
		if !slices.Equal(dx.Data(), wantX.Data()) {
			t.Fatalf("backward: %v, want %v", dx, wantX)
		}
	})
}

// TestGroupedLayerNorm compares with LayerNorm, group by group, and without gradients that are not
// wanted.
func TestGroupedLayerNorm(t *testing.T) {
	const groups, rows, n = 3, 5, 7
	draw := func(k tensor.Key, shape ...int) *tensor.Tensor[float64] {
		return tensor.Normal[float64](k, 0, 1, shape...)
	}
	x, weight, bias, dy := draw(tensor.NewKey(1, "test"), groups, rows, n), draw(tensor.NewKey(2, "test"), groups, n), draw(tensor.NewKey(3, "test"), groups, n), draw(tensor.NewKey(4, "test"), groups, rows, n)
	y, mean, rstd := draw(tensor.NewKey(5, "test"), groups, rows, n), draw(tensor.NewKey(6, "test"), groups, rows), draw(tensor.NewKey(7, "test"), groups, rows)
	tensor.GroupedLayerNorm(y, x, weight, bias, mean, rstd, 1e-5)
	dx, dweight, dbias := draw(tensor.NewKey(8, "test"), groups, rows, n), draw(tensor.NewKey(9, "test"), groups, n), draw(tensor.NewKey(10, "test"), groups, n)
	before := [...]*tensor.Tensor[float64]{dx.Clone(), dweight.Clone(), dbias.Clone()}
	tensor.GroupedLayerNormGrad(dx, dweight, dbias, dy, x, weight, mean, rstd)
	for g := range groups {
		xs, ws, bs, dys := tensor.Entry(x, g), tensor.Entry(weight, g), tensor.Entry(bias, g), tensor.Entry(dy, g)
		m, s, want := tensor.New[float64](rows), tensor.New[float64](rows), tensor.New[float64](rows, n)
		tensor.LayerNorm(want, &xs, &ws, &bs, m, s, 1e-5)
		if got := tensor.Entry(y, g); !slices.Equal(got.Data(), want.Data()) {
			t.Errorf("group %d: %v, want %v", g, &got, want)
		}
		wx, ww, wb := tensor.Entry(before[0], g), tensor.Entry(before[1], g), tensor.Entry(before[2], g)
		tensor.LayerNormGrad(&wx, &ww, &wb, &dys, &xs, &ws, m, s)
		for i, pair := range [][2]*tensor.Tensor[float64]{{dx, &wx}, {dweight, &ww}, {dbias, &wb}} {
			if got := tensor.Entry(pair[0], g); !slices.Equal(got.Data(), pair[1].Data()) {
				t.Errorf("group %d, gradient %d: %v, want %v", g, i, &got, pair[1])
			}
		}
	}
	alone := before[2].Clone()
	tensor.GroupedLayerNormGrad(nil, nil, alone, dy, x, weight, mean, rstd)
	if !slices.Equal(alone.Shape(), dbias.Shape()) {
		t.Error("the gradient of the bias alone")
	}
}

// TestGateLog compares the gradient with a central difference.
func TestGateLog(t *testing.T) {
	x := tensor.Normal[float64](tensor.NewKey(1, "test"), 0, 2, 50)
	y := tensor.New[float64](50)
	tensor.GateLog(y, x)
	dy, dx := tensor.Full[float64](1, 50), tensor.Full[float64](3, 50)
	tensor.GateLogGrad(dx, dy, y)
	for i, v := range x.Data() {
		const h = 1e-5
		want := 3 + (math.Tanh(v+h)-math.Tanh(v-h))/(4*h)
		if got := dx.At(i); math.Abs(got-want) > 1e-8 {
			t.Errorf("x = %v: %v, want %v", v, got, want)
		}
	}
}

func TestCounts(t *testing.T) {
	nan := math.NaN()
	x := tensor.FromSlice([]float64{1, 2, 3, nan, 2}, 5)
	y := tensor.FromSlice([]float64{5, 0, 5, 5, 5}, 5)
	if got := tensor.CountAbove(x, 1); got != 3 {
		t.Errorf("CountAbove: %d, want 3", got)
	}
	if got := tensor.CountBothAbove(x, 1, y, 4); got != 2 {
		t.Errorf("CountBothAbove: %d, want 2", got)
	}
	tensor.FillFunc(x, func(i int) float64 { return float64(i * i) })
	if !slices.Equal(x.Data(), []float64{0, 1, 4, 9, 16}) {
		t.Errorf("FillFunc: %v", x)
	}
}
