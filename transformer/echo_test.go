package transformer_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/internal/allocs"
	"elegans/tensor"
	"elegans/transformer"
)

// TestEchoGradients compares the gradients of all parameters and of the tokens, which go through
// frozen reservoirs, with central differences: sequences of one length, and of several, among them
// 0 and 1.
func TestEchoGradients(t *testing.T) {
	for name, m := range sequencers(t) {
		for _, lengths := range [][]int{nil, {4, 0, 1}} {
			t.Run(fmt.Sprint(name, lengths), func(t *testing.T) {
				shake(m)
				f := func(tp *autograd.Tape[float64], in []*autograd.Var[float64]) []*autograd.Var[float64] {
					return []*autograd.Var[float64]{m.Run(tp, in[0], lengths)}
				}
				o := gradcheck.Options{Key: tensor.NewKey(2, "dropout"), Params: nn.Trainable[float64](m)}
				r, err := gradcheck.Check(f, o, sequences(3, 4))
				if err != nil {
					t.Fatal(err)
				}
				if r.Checked == 0 {
					t.Error("nothing was checked")
				}
			})
		}
	}
}

// TestNothingBehindTheEndCounts: results and gradients of sequences are those of each alone,
// whatever lies behind their ends.
func TestNothingBehindTheEndCounts(t *testing.T) {
	lengths := []int{4, 0, 1, 3}
	x := sequences(4, 4)
	for i, n := range lengths {
		if n < 4 {
			tensor.Fill(x.Slice(0, i, i+1, 1).Slice(1, n, 4, 1), math.NaN())
		}
	}
	for name, m := range sequencers(t) {
		t.Run(name, func(t *testing.T) {
			shake(m)
			params := nn.Trainable[float64](m)
			gradient := func(x *tensor.Tensor[float64], lengths []int) (y, dx *tensor.Tensor[float64]) {
				tp := autograd.NewTape[float64]()
				tp.Training = false // dropout draws for all sequences together
				in := tp.Variable(x)
				out := m.Run(tp, in, lengths)
				tp.Backward(tp.Sum(tp.Square(out)))
				if dx = in.Grad(); dx == nil { // nothing of the result depends on it
					dx = tensor.New[float64](x.Shape()...)
				}
				return out.Value.Clone(), dx.Clone()
			}
			zero := func() {
				for _, p := range params {
					p.ZeroGrad()
				}
			}
			zero()
			y, dx := gradient(x, lengths)
			var together []*tensor.Tensor[float64]
			for _, p := range params {
				together = append(together, p.Grad().Clone())
			}
			zero()
			for i, n := range lengths {
				alone, dxAlone := gradient(x.Slice(0, i, i+1, 1).Contiguous().Clone(), []int{n})
				near(t, fmt.Sprint("result ", i), y.Slice(0, i, i+1, 1).Contiguous(), alone)
				near(t, fmt.Sprint("gradient of tokens ", i), dx.Slice(0, i, i+1, 1).Contiguous(), dxAlone)
				if n == 0 {
					continue
				}
				// And without padding at all.
				short, dxShort := gradient(x.Slice(0, i, i+1, 1).Slice(1, 0, n, 1).Contiguous().Clone(), nil)
				if y.Dims() == 3 {
					alone = alone.Slice(1, 0, n, 1).Contiguous()
				}
				near(t, fmt.Sprint("result without padding ", i), alone, short)
				near(t, fmt.Sprint("gradient without padding ", i), dxAlone.Slice(1, 0, n, 1).Contiguous(), dxShort)
			}
			zero()
			for i, n := range lengths {
				gradient(x.Slice(0, i, i+1, 1).Contiguous().Clone(), []int{n})
			}
			for i, p := range params {
				near(t, fmt.Sprint("gradient of parameter ", i), together[i], p.Grad())
			}
			for i, n := range lengths {
				if n < 4 && tensor.Sum(dx.Slice(0, i, i+1, 1).Slice(1, n, 4, 1).Contiguous()) != 0 {
					t.Errorf("sequence %d has a gradient behind its end", i)
				}
			}
		})
	}
}

// TestEmptySequences: no sequences, and none that have tokens.
func TestEmptySequences(t *testing.T) {
	for name, m := range sequencers(t) {
		for _, shape := range [][2]int{{0, 4}, {2, 0}} {
			t.Run(fmt.Sprint(name, shape), func(t *testing.T) {
				tp := autograd.NewTape[float64]()
				x := tp.Variable(sequences(shape[0], shape[1]))
				y := m.Forward(tp, x)
				tp.Backward(tp.Sum(y))
				for i, v := range y.Value.Data() {
					if math.IsNaN(v) {
						t.Errorf("result %d is %v", i, v)
					}
				}
				if y.Value.Dim(0) != shape[0] {
					t.Errorf("result of shape %v", y.Shape())
				}
			})
		}
	}
}

// TestEchoSteps: no allocation a step, and the same bits for every number of workers.
func TestEchoSteps(t *testing.T) {
	defer tensor.SetWorkers(tensor.Workers())
	for name, m := range sequencers(t) {
		t.Run(name, func(t *testing.T) {
			tp, x, lengths := autograd.NewTape[float64](), sequences(33, 7), make([]int, 33)
			for i := range lengths {
				lengths[i] = i % 8
			}
			params := nn.Trainable[float64](m)
			var dx *autograd.Var[float64]
			step := func() {
				tp.Reset()
				tp.SetKey(tensor.NewKey(3, "dropout"))
				tp.Training = true
				for _, p := range params {
					p.ZeroGrad()
				}
				dx = tp.Variable(x)
				tp.Backward(tp.Sum(tp.Square(m.Run(tp, dx, lengths))))
			}
			var first []float64
			for _, workers := range []int{1, 2, 3, 8} {
				tensor.SetWorkers(workers)
				step()
				got := slices.Clone(dx.Grad().Data())
				for _, p := range params {
					got = append(got, p.Grad().Data()...)
				}
				if first == nil {
					first = got
				}
				if !slices.Equal(first, got) {
					t.Errorf("other gradients with %d workers", workers)
				}
			}
			tensor.SetWorkers(1)
			step()
			if a := allocs.PerStep(3, step); a != 0 {
				t.Errorf("%v allocations a step", a)
			}
		})
	}
}

// TestLengthsThatCannotBe panic with what was wrong.
func TestLengthsThatCannotBe(t *testing.T) {
	c := memories(t)["last"]
	c.Dim = 3 // so that its layer takes the same sequences
	for name, m := range map[string]transformer.Sequencer[float64]{
		"mixer": newMixer(t, echoes(t)["both"]), "memory": newMemory(t, memories(t)["last"]), "layer": newMemory(t, c).Layers[0],
		"readout": newReadout(t, reservoir("random")),
	} {
		for _, lengths := range [][]int{{1}, {1, 5}, {-1, 1}} {
			func() {
				defer func() {
					if _, ok := recover().(*tensor.ShapeError); !ok {
						t.Errorf("%s took the lengths %v of 2 sequences of 4", name, lengths)
					}
				}()
				tp := autograd.NewTape[float64]()
				m.Run(tp, tp.Input(sequences(2, 4)), lengths)
			}()
		}
	}
}
