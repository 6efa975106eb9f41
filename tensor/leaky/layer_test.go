package leaky_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/tensor"
	"elegans/tensor/leaky"
)

// problem is a layer with inputs and a gradient of its states.
type problem[T tensor.Float] struct {
	layer        leaky.Layer[T]
	x, start, dy *tensor.Tensor[T]
}

func activation(name string) tensor.Activation {
	a, err := tensor.ActivationOf(name)
	if err != nil {
		panic(err)
	}
	return a
}

// draw makes a problem of the given sizes.
func draw[T tensor.Float](k tensor.Key, batch, steps, n, inputs int, sparse bool, leaks int, act string) problem[T] {
	r := k.Rand()
	p := problem[T]{
		layer: leaky.Layer[T]{
			Input: tensor.Uniform[T](k.Sub("input"), -1, 1, n, inputs), Bias: tensor.Uniform[T](k.Sub("bias"), -1, 1, n),
			Activation: activation(act),
		},
		x:     tensor.Uniform[T](k.Sub("x"), -1, 1, batch, steps, inputs),
		start: tensor.Uniform[T](k.Sub("start"), -1, 1, batch, n),
		dy:    tensor.Uniform[T](k.Sub("dy"), -1, 1, batch, steps, n),
	}
	if leaks > 0 {
		p.layer.Leak = tensor.Uniform[T](k.Sub("leak"), .2, 1, leaks)
	}
	if !sparse {
		p.layer.W.Dense = tensor.Normal[T](k.Sub("w"), 0, .8/math.Sqrt(float64(n)), n, n)
		return p
	}
	ptr := []int32{0}
	var col []int32
	for range n {
		at := r.Perm(n)[:r.IntN(min(n, 6)+1)]
		slices.Sort(at)
		for _, c := range at {
			col = append(col, int32(c))
		}
		ptr = append(ptr, int32(len(col)))
	}
	p.layer.W.Sparse = tensor.NewCSR(n, n, ptr, col, make([]T, len(col)))
	p.layer.Values = tensor.Normal[T](k.Sub("w"), 0, .5, len(col)).Data()
	return p
}

// naive runs one step after the other in float64, by the definition.
func naive[T tensor.Float](p problem[T]) []float64 {
	batch, steps, n := p.dy.Dim(0), p.dy.Dim(1), p.dy.Dim(2)
	l := p.layer
	w := l.W.Dense
	if s := l.W.Sparse; s != nil {
		full := *s
		full.Val = l.Values
		w = full.Dense()
	}
	out := make([]float64, batch*steps*n)
	z := tensor.New[float64](n)
	for b := range batch {
		s := make([]float64, n)
		for i := range s {
			s[i] = float64(p.start.At(b, i))
		}
		last := steps
		if l.Lengths != nil {
			last = l.Lengths[b]
		}
		for t := range last {
			for i := range n {
				v := float64(l.Bias.At(i))
				for j := range n {
					v += float64(w.At(i, j)) * s[j]
				}
				for k := range p.x.Dim(2) {
					v += float64(l.Input.At(i, k)) * float64(p.x.At(b, t, k))
				}
				z.Set(v, i)
			}
			if !l.Activation.Identity {
				tensor.Map(l.Activation.Op, z, z, l.Activation.A, l.Activation.B)
			}
			for i := range n {
				a := 1.0
				if l.Leak != nil {
					a = float64(l.Leak.Data()[min(i, l.Leak.Len()-1)])
				}
				s[i] = (1-a)*s[i] + a*z.At(i)
			}
			copy(out[(b*steps+t)*n:], s)
		}
	}
	return out
}

// run returns the states and all gradients.
func run[T tensor.Float](p problem[T]) (states *tensor.Tensor[T], g leaky.Gradients[T]) {
	states = tensor.Full(T(math.NaN()), p.dy.Shape()...)
	leaky.Forward(states, p.start, p.x, p.layer)
	g = leaky.Gradients[T]{
		X: tensor.New[T](p.x.Shape()...), Start: tensor.New[T](p.start.Shape()...),
		Input: tensor.New[T](p.layer.Input.Shape()...), Bias: tensor.New[T](p.layer.Bias.Shape()...),
	}
	if p.layer.Leak != nil {
		g.Leak = tensor.New[T](p.layer.Leak.Len())
	}
	if p.layer.W.Dense != nil {
		g.Dense = tensor.New[T](p.layer.W.Dense.Shape()...)
	} else {
		g.Values = tensor.New[T](len(p.layer.Values))
	}
	leaky.Backward(g, p.dy, states, p.start, p.x, p.layer)
	return states, g
}

func all[T tensor.Float](states *tensor.Tensor[T], g leaky.Gradients[T]) []T {
	var list []T
	for _, t := range []*tensor.Tensor[T]{states, g.X, g.Start, g.Values, g.Dense, g.Input, g.Bias, g.Leak} {
		if t != nil {
			list = append(list, t.Data()...)
		}
	}
	return list
}

// TestForwardIsTheDefinition draws sizes below, at and above those at which the way of computing
// changes.
func TestForwardIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		batch, steps, n := rapid.IntRange(0, 70).Draw(r, "batch"), rapid.IntRange(0, 5).Draw(r, "steps"), rapid.IntRange(1, 40).Draw(r, "n")
		k := tensor.NewKey(rapid.Uint64().Draw(r, "seed"), "layer")
		leaks := rapid.SampledFrom([]int{0, 1, n}).Draw(r, "leaks")
		act := rapid.SampledFrom([]string{"tanh", "identity", "sigmoid", "gelu"}).Draw(r, "activation")
		p := draw[float64](k, batch, steps, n, rapid.IntRange(0, 4).Draw(r, "inputs"), rapid.Bool().Draw(r, "sparse"), leaks, act)
		if rapid.Bool().Draw(r, "unequal") {
			p.layer.Lengths = rapid.SliceOfN(rapid.IntRange(0, steps), batch, batch).Draw(r, "lengths")
		}
		states, _ := run(p)
		for i, want := range naive(p) {
			if got := states.Data()[i]; !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
				r.Fatalf("state %d is %v, want %v", i, got, want)
			}
		}
	})
}

// TestPaddingIsNotLookedAt puts NaN behind the end of every sequence.
func TestPaddingIsNotLookedAt(t *testing.T) {
	for _, batch := range []int{3, 6, 40} {
		for _, sparse := range []bool{true, false} {
			p := draw[float64](tensor.NewKey(1, "padding"), batch, 5, 7, 2, sparse, 7, "tanh")
			p.layer.Lengths = make([]int, batch)
			for b := range p.layer.Lengths {
				p.layer.Lengths[b] = b % 6
			}
			clean := all(run(p))
			for b, length := range p.layer.Lengths {
				p.x.Slice(0, b, b+1, 1).Slice(1, length, 5, 1).Zero()
				for t := length; t < 5; t++ {
					p.x.Set(math.NaN(), b, t, 0)
					p.dy.Set(math.NaN(), b, t, 3)
				}
			}
			if got := all(run(p)); !slices.Equal(got, clean) {
				t.Errorf("%d sequences, sparse %v: padding changes the result", batch, sparse)
			}
		}
	}
}

// TestWorkersDoNotMatter wants the same states and gradients, bit by bit.
func TestWorkersDoNotMatter(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	for _, batch := range []int{2, 20, 300} {
		for _, sparse := range []bool{true, false} {
			p := draw[float32](tensor.NewKey(2, "workers"), batch, 6, 65, 3, sparse, 65, "tanh")
			var first []float32
			for _, w := range []int{1, 2, 3, 8} {
				tensor.SetWorkers(w)
				got := all(run(p))
				if first == nil {
					first = got
				}
				if !slices.Equal(got, first) {
					t.Errorf("%d sequences, sparse %v: %d workers give another result", batch, sparse, w)
				}
			}
		}
	}
}

// TestBlocksAreApart: among so many sequences that one goroutine takes several blocks of them, each
// begins at its own start and has the gradients that it has among few.
func TestBlocksAreApart(t *testing.T) {
	const batch, few = 300, 20
	for _, sparse := range []bool{true, false} {
		p := draw[float64](tensor.NewKey(3, "blocks"), batch, 4, 9, 2, sparse, 9, "tanh")
		states, g := run(p)
		for i, want := range naive(p) {
			if got := states.Data()[i]; math.Abs(got-want) > 1e-12 {
				t.Fatalf("sparse %v: state %d is %v, want %v", sparse, i, got, want)
			}
		}
		for lo := 0; lo < batch; lo += few {
			cut := func(x *tensor.Tensor[float64]) *tensor.Tensor[float64] { return x.Slice(0, lo, lo+few, 1).Contiguous() }
			part := p
			part.x, part.start, part.dy = cut(p.x), cut(p.start), cut(p.dy)
			_, want := run(part)
			for _, c := range [][2]*tensor.Tensor[float64]{{cut(g.X), want.X}, {cut(g.Start), want.Start}} {
				for i, v := range c[1].Data() {
					if got := c[0].Data()[i]; math.Abs(got-v) > 1e-12 {
						t.Fatalf("sparse %v, sequences from %d on: gradient %d is %v, want %v", sparse, lo, i, got, v)
					}
				}
			}
		}
	}
}

// TestFloat32FollowsFloat64 compares every gradient with that of the same numbers in float64.
func TestFloat32FollowsFloat64(t *testing.T) {
	for _, batch := range []int{1, 40} {
		for _, act := range []string{"tanh", "gelu"} {
			p := draw[float32](tensor.NewKey(3, "float32"), batch, 20, 30, 2, true, 30, act)
			q := problem[float64]{
				layer: leaky.Layer[float64]{
					Input: tensor.Convert[float64](p.layer.Input), Bias: tensor.Convert[float64](p.layer.Bias), Leak: tensor.Convert[float64](p.layer.Leak),
					Activation: p.layer.Activation,
				},
				x: tensor.Convert[float64](p.x), start: tensor.Convert[float64](p.start), dy: tensor.Convert[float64](p.dy),
			}
			s := p.layer.W.Sparse
			q.layer.W.Sparse = tensor.NewCSR(s.Rows, s.Cols, s.RowPtr, s.Col, make([]float64, s.NNZ()))
			for _, v := range p.layer.Values {
				q.layer.Values = append(q.layer.Values, float64(v))
			}
			got, want := all(run(p)), all(run(q))
			for i, w := range want {
				if d := math.Abs(float64(got[i]) - w); d > 5e-4*max(1, math.Abs(w)) {
					t.Fatalf("%d sequences, %s: number %d is %v, in float64 %v", batch, act, i, got[i], w)
				}
			}
		}
	}
}

// TestSmallLeak compares the gradients of a leak of .001, which divides differences of states.
func TestSmallLeak(t *testing.T) {
	p := draw[float64](tensor.NewKey(4, "leak"), 5, 50, 8, 2, true, 1, "tanh")
	p.layer.Leak.Data()[0] = 1e-3
	_, g := run(p)
	loss := func(x *tensor.Tensor[float64]) float64 {
		q := p
		q.x = x
		states := tensor.New[float64](p.dy.Shape()...)
		leaky.Forward(states, q.start, q.x, q.layer)
		return tensor.Dot(states, p.dy)
	}
	for i := range 20 {
		up, down := p.x.Clone(), p.x.Clone()
		up.Data()[i] += 1e-4
		down.Data()[i] -= 1e-4
		want, got := (loss(up)-loss(down))/2e-4, g.X.Data()[i]
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("gradient of input %d is %g, central difference %g", i, got, want)
		}
	}
}

// TestWrongShapes wants a *tensor.ShapeError that names the function.
func TestWrongShapes(t *testing.T) {
	for what, change := range map[string]func(p *problem[float64]){
		"no weights":            func(p *problem[float64]) { p.layer.W.Sparse = nil },
		"two kinds of weights":  func(p *problem[float64]) { p.layer.W.Dense = tensor.New[float64](5, 5) },
		"values":                func(p *problem[float64]) { p.layer.Values = p.layer.Values[1:] },
		"input weights":         func(p *problem[float64]) { p.layer.Input = tensor.New[float64](5, 3) },
		"drives":                func(p *problem[float64]) { p.layer.Input = nil },
		"bias":                  func(p *problem[float64]) { p.layer.Bias = tensor.New[float64](4) },
		"leak":                  func(p *problem[float64]) { p.layer.Leak = tensor.New[float64](2) },
		"start":                 func(p *problem[float64]) { p.start = tensor.New[float64](5) },
		"number of lengths":     func(p *problem[float64]) { p.layer.Lengths = []int{1} },
		"a length above T":      func(p *problem[float64]) { p.layer.Lengths = []int{3, 5} },
		"a negative length":     func(p *problem[float64]) { p.layer.Lengths = []int{3, -1} },
		"inputs without a time": func(p *problem[float64]) { p.x = tensor.New[float64](2, 2) },
	} {
		p := draw[float64](tensor.NewKey(5, "shapes"), 2, 4, 5, 2, true, 5, "tanh")
		change(&p)
		func() {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Errorf("%s: no ShapeError", what)
				}
			}()
			leaky.Forward(tensor.New[float64](2, 4, 5), p.start, p.x, p.layer)
		}()
	}
}

func BenchmarkLayer(b *testing.B) {
	for _, c := range []struct{ n, batch int }{{100, 1}, {100, 32}, {300, 1}, {300, 32}, {300, 128}, {1000, 32}} {
		for _, sparse := range []bool{true, false} {
			p := draw[float32](tensor.NewKey(1, "bench"), c.batch, 100, c.n, 4, sparse, 1, "tanh")
			states := tensor.New[float32](p.dy.Shape()...)
			name := fmt.Sprintf("n=%d/batch=%d/sparse=%v", c.n, c.batch, sparse)
			report := func(b *testing.B) {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100*c.batch)/1e3, "us/step")
			}
			b.Run(name+"/forward", func(b *testing.B) {
				for range b.N {
					leaky.Forward(states, p.start, p.x, p.layer)
				}
				report(b)
			})
			frozen := leaky.Gradients[float32]{X: tensor.New[float32](p.x.Shape()...)}
			b.Run(name+"/backward of inputs", func(b *testing.B) {
				for range b.N {
					leaky.Backward(frozen, p.dy, states, p.start, p.x, p.layer)
				}
				report(b)
			})
			_, g := run(p)
			b.Run(name+"/backward of all", func(b *testing.B) {
				for range b.N {
					leaky.Backward(g, p.dy, states, p.start, p.x, p.layer)
				}
				report(b)
			})
		}
	}
}
