package optim

import (
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestAMSGradKeepsItsMaximum gives a large gradient and then none: the second update is divided by
// the root of the first average of squares, which is the larger.
func TestAMSGradKeepsItsMaximum(t *testing.T) {
	for _, n := range []int{1, 67} {
		p := autograd.NewParam("p", tensor.New[float64](n))
		o := Adam([]*autograd.Var[float64]{p}, AdamOptions{LR: 1, Betas: [2]float64{0.5, 0.5}, AMSGrad: true})
		for _, g := range []float64{1, 0} {
			tensor.Fill(p.GradSum(), g)
			o.Step()
			o.ZeroGrad()
		}
		// m is 0.5 and 0.25, v is 0.5 and 0.25, the largest v 0.5 both times.
		want := -1/0.5*0.5/(math.Sqrt(0.5)/math.Sqrt(0.5)) - 1/0.75*0.25/(math.Sqrt(0.5)/math.Sqrt(0.75))
		for i, v := range p.Value.Data() {
			if math.Abs(v-want) > 1e-14 {
				t.Errorf("element %d of %d is %v after two steps, want %v", i, n, v, want)
			}
		}
	}
}

// TestEMAOwnsItsMemory: what was restored, and what averages were made from, does not change with
// the averages, nor they with it.
func TestEMAOwnsItsMemory(t *testing.T) {
	p := autograd.NewParam("p", tensor.FromSlice([]float64{1, 2}, 2))
	params := []*autograd.Var[float64]{p}
	first := NewEMA(params, 0.5)
	p.Value.Data()[0] = 100
	if got := first.State(nil).Tensors["0"].Data(); !slices.Equal(got, []float64{1, 2}) {
		t.Errorf("averages %v follow the parameters", got)
	}
	st := State[float64]{map[string]*tensor.Tensor[float64]{"0": tensor.FromSlice([]float64{3, 4}, 2)}, map[string]float64{"updates": 1}}
	second := NewEMA(params, 0.5)
	for _, e := range []*EMA[float64]{first, second} {
		if err := e.SetState(st, nil); err != nil {
			t.Fatal(err)
		}
	}
	first.Update()
	if got := st.Tensors["0"].Data(); !slices.Equal(got, []float64{3, 4}) {
		t.Errorf("an update changed the state that was restored: %v", got)
	}
	if got := second.State(nil).Tensors["0"].Data(); !slices.Equal(got, []float64{3, 4}) {
		t.Errorf("an update changed other averages that were restored from the same state: %v", got)
	}
	st.Tensors["0"].Data()[1] = -1
	if got := second.State(nil).Tensors["0"].Data(); !slices.Equal(got, []float64{3, 4}) {
		t.Errorf("the averages follow the state that was restored: %v", got)
	}
}
