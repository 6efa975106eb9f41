package m2

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"elegans/autograd"
	"elegans/internal/allocs"
	"elegans/tensor"
)

// composedJointAttention is the joint attention made of existing operations: what the fused one is
// compared with.
func composedJointAttention[T tensor.Float](tp *autograd.Tape[T], query, memory, wk, bk, wv, bv *autograd.Var[T], heads int) *autograd.Var[T] {
	motors, batch, d := memory.Value.Dim(0), memory.Value.Dim(1), query.Value.Dim(1)/heads
	pairs := func(w, b *autograd.Var[T]) *autograd.Var[T] {
		return tp.Reshape(tp.Permute(tp.Linear(memory, w, b), 1, 0, 2), batch, motors*heads, d)
	}
	k, v := pairs(wk, bk), pairs(wv, bv)
	s := tp.MulScalar(tp.MatMul(tp.Reshape(query, batch, heads, d), tp.Transpose(k, 1, 2)), 1/math.Sqrt(float64(d)))
	return tp.Reshape(tp.MatMul(tp.Softmax(s, -1), v), batch, heads*d)
}

type jointShape struct{ motors, batch, in, heads, d int }

// jointInputs returns query, memory and the parameters. Queries are uniform in [-spread, spread),
// the memory in [-1, 1) but for the first two motors, which are long times as large.
func jointInputs(s jointShape, spread, long float64) []*tensor.Tensor[float64] {
	k := tensor.NewKey(7, "joint attention")
	width := s.heads * s.d
	shapes := [][]int{{s.batch, width}, {s.motors, s.batch, s.in}, {width, s.in}, {width}, {width, s.in}, {width}}
	var ts []*tensor.Tensor[float64]
	for i, shape := range shapes {
		bound := 1.0
		if i == 0 {
			bound = spread
		}
		t := tensor.Uniform[float64](k.Sub("input", uint64(i)), -bound, bound, shape...)
		for j, v := range t.Data() {
			if i == 1 && j < 2*s.batch*s.in {
				v *= long
			}
			t.Data()[j] = float64(float32(v))
		}
		ts = append(ts, t)
	}
	return ts
}

type jointAttend[T tensor.Float] func(tp *autograd.Tape[T], query, memory, wk, bk, wv, bv *autograd.Var[T], heads int) *autograd.Var[T]

// runJoint returns the context and the gradients of all inputs, as float64.
func runJoint[T tensor.Float](f jointAttend[T], in []*tensor.Tensor[float64], heads int) []*tensor.Tensor[float64] {
	tp := autograd.NewTape[T]()
	var vs []*autograd.Var[T]
	for _, t := range in {
		c := tensor.New[T](t.Shape()...)
		for i, v := range t.Data() {
			c.Data()[i] = T(v)
		}
		vs = append(vs, tp.Variable(c))
	}
	y := f(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], heads)
	dy := tensor.Uniform[T](tensor.NewKey(8, "cotangent"), -1, 1, y.Shape()...)
	tp.BackwardFrom([]*autograd.Var[T]{y}, []*tensor.Tensor[T]{dy})
	out := []*tensor.Tensor[float64]{widen(y.Value)}
	for _, v := range vs {
		out = append(out, widen(v.Grad()))
	}
	return out
}

func widen[T tensor.Float](t *tensor.Tensor[T]) *tensor.Tensor[float64] {
	w := tensor.New[float64](t.Shape()...)
	for i, v := range t.Data() {
		w.Data()[i] = float64(v)
	}
	return w
}

var jointOutputs = []string{"context", "dquery", "dmemory", "dwk", "dbk", "dwv", "dbv"}

// farthest returns the largest difference of two tensors relative to the largest magnitude of the
// second, but at least relative to floor.
func farthest(a, b *tensor.Tensor[float64], floor float64) float64 {
	diff, size := 0.0, floor
	for i, v := range b.Data() {
		diff, size = math.Max(diff, math.Abs(a.Data()[i]-v)), math.Max(size, math.Abs(v))
	}
	return diff / size
}

// everyKernelSet runs f under each set that the processor has.
func everyKernelSet(t *testing.T, f func(t *testing.T)) {
	active, sets := tensor.Kernels()
	t.Cleanup(func() { _ = tensor.UseKernels(active) })
	for _, set := range sets {
		if err := tensor.UseKernels(set); err != nil {
			t.Fatal(err)
		}
		t.Run(set, f)
	}
}

var jointShapes = []jointShape{{1, 1, 3, 1, 2}, {4, 2, 5, 3, 2}, {3, 1, 8, 17, 5}, {9, 5, 24, 32, 32}, {5, 130, 12, 6, 4}, {40, 3, 16, 20, 3}, {2, 2, 7, 4, 40}}

func TestJointAttentionAgainstComposed(t *testing.T) {
	everyKernelSet(t, func(t *testing.T) {
		for _, s := range jointShapes {
			for _, c := range []struct{ spread, long, tol32 float64 }{{0.5, 1, 2e-5}, {4, 1, 1e-4}, {1, 30, 1e-3}, {100, 1e4, 1e-3}} {
				in := jointInputs(s, c.spread, c.long)
				want := runJoint(composedJointAttention[float64], in, s.heads)
				got64 := runJoint(jointAttention[float64], in, s.heads)
				got32 := runJoint(jointAttention[float32], in, s.heads)
				for i, name := range jointOutputs {
					if d := farthest(got64[i], want[i], 1e-3); !(d < 1e-10) {
						t.Errorf("%+v, queries to %v, %v times as long: float64 %s is off by %.2g", s, c.spread, c.long, name, d)
					}
					if d := farthest(got32[i], want[i], 1e-3*c.long*c.spread); !(d < c.tol32) {
						t.Errorf("%+v, queries to %v, %v times as long: float32 %s is off by %.2g", s, c.spread, c.long, name, d)
					}
				}
			}
		}
	})
}

// everything is the joint attention without leaving anything out.
func everything[T tensor.Float](tp *autograd.Tape[T], query, memory, wk, bk, wv, bv *autograd.Var[T], heads int) *autograd.Var[T] {
	tp.KeepMarks = true
	return jointAttention(tp, query, memory, wk, bk, wv, bv, heads)
}

func TestJointAttentionSkipsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := jointShape{rapid.IntRange(1, 12).Draw(t, "motors"), rapid.IntRange(1, 5).Draw(t, "batch"), rapid.IntRange(1, 20).Draw(t, "in"), rapid.IntRange(1, 20).Draw(t, "heads"), rapid.IntRange(1, 9).Draw(t, "d")}
		in := jointInputs(s, math.Pow(10, rapid.Float64Range(-1, 3).Draw(t, "spread")), math.Pow(10, rapid.Float64Range(0, 8).Draw(t, "long")))
		same := func(kind string, got, want []*tensor.Tensor[float64]) {
			for i, name := range jointOutputs {
				if !slices.Equal(got[i].Data(), want[i].Data()) {
					t.Fatalf("%s %s depends on what is left out: by %.3g", kind, name, farthest(got[i], want[i], 0))
				}
			}
		}
		same("float32", runJoint(jointAttention[float32], in, s.heads), runJoint(everything[float32], in, s.heads))
		same("float64", runJoint(jointAttention[float64], in, s.heads), runJoint(everything[float64], in, s.heads))
	})
}

// TestJointAttentionSkipsInLongSums is the same for vectors so long that a product of few rows is
// computed as dot products, in another order: with more items than that the bits are the same, with
// fewer the context agrees to rounding.
func TestJointAttentionSkipsInLongSums(t *testing.T) {
	everyKernelSet(t, func(t *testing.T) {
		for _, batch := range []int{1, 3, 17} {
			in := jointInputs(jointShape{30, batch, 40, 6, 4}, 100, 1e4)
			got, want := runJoint(jointAttention[float32], in, 6), runJoint(everything[float32], in, 6)
			if d := farthest(got[0], want[0], 0); !(d < 1e-6) {
				t.Errorf("batch %d: the context depends on what is left out: by %.3g", batch, d)
			}
			for i, name := range jointOutputs {
				if batch > 16 && !slices.Equal(got[i].Data(), want[i].Data()) {
					t.Errorf("batch %d: %s depends on what is left out: by %.3g", batch, name, farthest(got[i], want[i], 0))
				}
			}
		}
	})
}

// TestJointAttentionOneHot checks that a softmax that is one-hot to the last bit has no gradient in
// queries and keys, and reaches only the motors that are attended to.
func TestJointAttentionOneHot(t *testing.T) {
	everyKernelSet(t, func(t *testing.T) {
		s := jointShape{10, 4, 16, 20, 8}
		out := runJoint(jointAttention[float32], jointInputs(s, 100, 1e8), s.heads)
		for _, i := range []int{1, 3, 4} {
			for _, v := range out[i].Data() {
				if v != 0 {
					t.Fatalf("%s holds %v", jointOutputs[i], v)
				}
			}
		}
		dm := out[2].Data()
		for i, v := range dm {
			if m := i / (s.batch * s.in); m >= 2 && (v != 0 || math.Signbit(v)) {
				t.Fatalf("the gradient of motor %d, which is not attended to, holds %v", m, v)
			}
		}
		if slices.Max(dm) == 0 {
			t.Fatal("no motor has a gradient")
		}
	})
}

func TestJointAttentionWorkers(t *testing.T) {
	workers := tensor.Workers()
	defer tensor.SetWorkers(workers)
	for _, c := range []struct {
		batch int
		long  float64
	}{{9, 1}, {9, 1e6}, {2, 1}, {1, 1e6}} {
		in := jointInputs(jointShape{20, c.batch, 64, 20, 16}, 1, c.long)
		var first []*tensor.Tensor[float64]
		for _, n := range []int{1, 2, 3, 8} {
			tensor.SetWorkers(n)
			out := runJoint(jointAttention[float32], in, 20)
			if n == 1 {
				first = out
			}
			for i, name := range jointOutputs {
				if !slices.Equal(out[i].Data(), first[i].Data()) {
					t.Errorf("%d workers, %+v: %s differs from that of one worker", n, c, name)
				}
			}
		}
	}
}

// TestJointAttentionTwice runs the backward pass twice, which needs the keys and values again that
// have given their places to gradients.
func TestJointAttentionTwice(t *testing.T) {
	s := jointShape{6, 3, 10, 5, 4}
	tp := autograd.NewTape[float64]()
	var vs []*autograd.Var[float64]
	for _, x := range jointInputs(s, 2, 3) {
		vs = append(vs, autograd.NewParam("", x))
	}
	loss := tp.Sum(tp.Square(jointAttention(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], s.heads)))
	tp.Backward(loss)
	var once []*tensor.Tensor[float64]
	for _, v := range vs {
		once = append(once, v.Grad().Clone())
	}
	tp.Backward(loss)
	for i, v := range vs {
		for j, g := range v.Grad().Data() {
			if w := 2 * once[i].Data()[j]; !(math.Abs(g-w) <= 1e-12*(1+math.Abs(w))) {
				t.Fatalf("the second pass makes %s %v of %v", jointOutputs[i+1], g, once[i].Data()[j])
			}
		}
	}
}

func TestJointAttentionMarks(t *testing.T) {
	s := jointShape{4, 3, 6, 5, 2}
	tp := autograd.NewTape[float64]()
	tp.KeepMarks = true
	var vs []*autograd.Var[float64]
	for _, x := range jointInputs(s, 3, 2) {
		vs = append(vs, tp.Variable(x))
	}
	y := jointAttention(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], s.heads)
	tp.Backward(tp.Sum(y))
	marks := map[string]*tensor.Tensor[float64]{}
	for _, m := range tp.Marks() {
		marks[m.Name] = m.Var.Value
	}
	key := tp.Linear(vs[1], vs[2], vs[3]).Value
	value := tp.Linear(vs[1], vs[4], vs[5]).Value
	pairs := func(x *tensor.Tensor[float64]) *tensor.Tensor[float64] {
		return x.Reshape(s.motors, s.batch, s.heads*s.d).Permute(1, 0, 2).Contiguous().Reshape(s.batch, s.motors*s.heads, s.d)
	}
	scores := vs[0].Value.Reshape(s.batch, s.heads, s.d).MatMul(pairs(key).Transpose(1, 2))
	for i := range scores.Data() {
		scores.Data()[i] /= math.Sqrt(float64(s.d))
	}
	weights := tensor.New[float64](scores.Shape()...)
	tensor.Softmax(weights, scores, -1)
	received := tensor.New[float64](s.batch, s.motors)
	for i, w := range weights.Data() {
		received.Data()[i/(s.heads*s.motors*s.heads)*s.motors+i/s.heads%s.motors] += w / float64(s.heads)
	}
	for name, want := range map[string]*tensor.Tensor[float64]{"key": key, "value": value, "scores": scores, "attention": weights, "attention.motors": received} {
		got := marks[name]
		if got == nil || got.Len() != want.Len() {
			t.Fatalf("mark %q is missing or of another size: %v", name, got)
		}
		if d := farthest(got, want.Reshape(got.Shape()...), 1); !(d <= 1e-12) {
			t.Errorf("mark %q is off by %.2g", name, d)
		}
	}
}

// TestJointAttentionAllocatesNothing forces two workers: the measurement sets GOMAXPROCS to 1.
func TestJointAttentionAllocatesNothing(t *testing.T) {
	workers := tensor.Workers()
	defer tensor.SetWorkers(workers)
	tensor.SetWorkers(2)
	for _, long := range []float64{1, 1e8} {
		tp := autograd.NewTape[float32]()
		var vs []*autograd.Var[float32]
		for _, x := range jointInputs(jointShape{8, 16, 24, 20, 8}, 3, long) {
			p := tensor.New[float32](x.Shape()...)
			for i, v := range x.Data() {
				p.Data()[i] = float32(v)
			}
			vs = append(vs, autograd.NewParam("", p))
		}
		step := func() {
			tp.Reset()
			y := jointAttention(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], 20)
			tp.Backward(tp.Sum(y))
		}
		step()
		step()
		if n := allocs.PerStep(5, step); n > 0 {
			t.Errorf("a step allocates %v times", n)
		}
	}
}

// TestJointAttentionOfNothing runs a batch without items, which has gradients of 0.
func TestJointAttentionOfNothing(t *testing.T) {
	for i, g := range runJoint(jointAttention[float32], jointInputs(jointShape{3, 0, 4, 5, 2}, 1, 1), 5) {
		if !tensor.IsZero(g) {
			t.Errorf("%s holds %v", jointOutputs[i], g)
		}
	}
}

func TestJointAttentionShapes(t *testing.T) {
	for i, bad := range [][]int{{3, 21}, {4, 4, 6}, {20, 5}, {19}, {20, 7}, {21}} {
		t.Run(fmt.Sprint(bad), func(t *testing.T) {
			tp := autograd.NewTape[float32]()
			in := [][]int{{3, 20}, {4, 3, 6}, {20, 6}, {20}, {20, 6}, {20}}
			in[i] = bad
			var vs []*autograd.Var[float32]
			for _, s := range in {
				vs = append(vs, tp.Input(tensor.New[float32](s...)))
			}
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Error("no ShapeError")
				}
			}()
			jointAttention(tp, vs[0], vs[1], vs[2], vs[3], vs[4], vs[5], 5)
		})
	}
}
