package autograd_test

import (
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestAddedLosses: what modules add is minimised with the loss of the step, and forgotten by Reset.
func TestAddedLosses(t *testing.T) {
	tp := autograd.NewTape[float64]()
	w := autograd.NewParam("w", tensor.FromSlice([]float64{2, 3}, 2))
	for range 2 { // the second step finds nothing of the first
		tp.Reset()
		if n := len(tp.AddedLosses()); n != 0 {
			t.Fatalf("%d added losses after Reset", n)
		}
		loss := tp.Sum(w)
		if tp.WithAddedLosses(loss) != loss {
			t.Error("without added losses the loss is another variable")
		}
		tp.AddLoss("squares", tp.Sum(tp.Mul(w, w)))
		tp.AddLoss("first", tp.Slice(w, 0, 0, 1, 1)) // [1], not a scalar
		w.ZeroGrad()
		total := tp.WithAddedLosses(loss)
		if got, want := total.Value.Item(), 5.0+13+2; got != want {
			t.Errorf("total %v, expected %v", got, want)
		}
		tp.Backward(total)
		if g := w.Grad().Data(); g[0] != 1+4+1 || g[1] != 1+6 {
			t.Errorf("gradient %v, expected [6 7]", g)
		}
		if l := tp.AddedLosses(); len(l) != 2 || l[0].Name != "squares" || l[1].Name != "first" {
			t.Errorf("added losses %v", l)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a loss of two elements was accepted")
		}
	}()
	tp.AddLoss("two", w)
}
