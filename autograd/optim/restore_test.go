package optim

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/tensor"
)

// TestRestoredGoesOn stops every method after some steps, puts its state into a new optimiser, and
// goes on: the parameters are those of a run that was not stopped. The momentum was changed on the
// way, as a schedule does.
func TestRestoredGoesOn(t *testing.T) {
	forVariants(t, func(t *testing.T, name, options string) {
		a, b := param[float64]("p", 1, 20), param[float64]("p", 1, 20)
		whole, first := build(t, name, options, a), build(t, name, options, b)
		step := func(k int, o *Optimizer[float64], p *autograd.Var[float64]) {
			setGrads(k, p)
			o.Step()
		}
		for k := range 4 {
			for _, o := range []*Optimizer[float64]{whole, first} {
				if _, has := o.Momentum(); has && k == 2 && name != "sgd" {
					o.SetMomentum(.7)
				}
			}
			step(k, whole, a)
			step(k, first, b)
		}
		st := first.State(labels(first.Params()))
		// as through a file
		text, err := json.Marshal(st.Numbers)
		if err != nil {
			t.Fatal(err)
		}
		kept := State[float64]{Tensors: map[string]*tensor.Tensor[float64]{}, Numbers: map[string]float64{}}
		if err := json.Unmarshal(text, &kept.Numbers); err != nil {
			t.Fatal(err)
		}
		for n, v := range st.Tensors {
			kept.Tensors[n] = v.Clone()
		}
		second := build(t, name, options, b)
		if err := second.SetState(kept, labels(second.Params())); err != nil {
			t.Fatal(err)
		}
		for _, v := range kept.Tensors { // belongs to the caller again
			tensor.Fill(v, math.NaN())
		}
		for k := 4; k < 9; k++ {
			step(k, whole, a)
			step(k, second, b)
		}
		if !slices.Equal(a.Value.Data(), b.Value.Data()) {
			t.Errorf("%v, uninterrupted %v", b.Value.Data(), a.Value.Data())
		}
	})
}

// TestRestoredAverage: an average that was restored keeps nothing of the tensors it came from, and
// counts on.
func TestRestoredAverage(t *testing.T) {
	p := param[float64]("p", 1, 5)
	params := []*autograd.Var[float64]{p}
	e := NewEMA(params, .5)
	tensor.Fill(p.Value, 3)
	e.Update()
	e.Update()
	st := e.State(labels(params))
	kept := State[float64]{Tensors: map[string]*tensor.Tensor[float64]{"p": st.Tensors["p"].Clone()}, Numbers: st.Numbers}
	again := NewEMA(params, .5)
	if err := again.SetState(kept, labels(params)); err != nil {
		t.Fatal(err)
	}
	tensor.Fill(kept.Tensors["p"], math.NaN())
	again.Update()
	e.Update()
	got, want := again.State(labels(params)), e.State(labels(params))
	if !slices.Equal(got.Tensors["p"].Data(), want.Tensors["p"].Data()) || got.Numbers["updates"] != 3 {
		t.Errorf("%v after %v updates, expected %v after 3", got.Tensors["p"].Data(), got.Numbers["updates"], want.Tensors["p"].Data())
	}
}

// TestRestoredPlateau stops the schedule at every report, in its patience as well as in its
// cooldown.
func TestRestoredPlateau(t *testing.T) {
	build := func() *Plateau {
		s, err := NewSchedule("plateau", 1, []byte(`{"patience": 1, "factor": 0.5, "cooldown": 2, "mode": "max"}`))
		if err != nil {
			t.Fatal(err)
		}
		return s.(*Plateau)
	}
	metrics := []float64{.5, .4, .4, .4, .4, .4, .4, .4, .9, .1, .1, .1, .1, .1, .1}
	rates := func(s *Plateau, from int) (lr []float64) {
		for _, m := range metrics[from:] {
			s.Report(m)
			lr = append(lr, s.At(0).LR)
		}
		return lr
	}
	want := rates(build(), 0)
	for stop := range metrics {
		first, second := build(), build()
		for _, m := range metrics[:stop] {
			first.Report(m)
		}
		if err := second.SetState(first.State()); err != nil {
			t.Fatal(err)
		}
		if got := rates(second, stop); !slices.Equal(got, want[stop:]) {
			t.Errorf("stopped after %d reports: %v, uninterrupted %v", stop, got, want[stop:])
		}
	}
}

// TestGroupsOfRprop: the first step of a group is as long as its rate says.
func TestGroupsOfRprop(t *testing.T) {
	p, q := param[float64]("p", 1, 3), param[float64]("q", 1, 3)
	o := Rprop([]*autograd.Var[float64]{p}, RpropOptions{LR: .1, Etas: [2]float64{.5, 1.2}, StepSizes: [2]float64{1e-6, 50}})
	o.AddGroup(Group[float64]{Params: []*autograd.Var[float64]{q}, LRScale: .5})
	before := []float64{p.Value.Data()[0], q.Value.Data()[0]}
	tensor.Fill(p.GradSum(), 1)
	tensor.Fill(q.GradSum(), 1)
	o.Step()
	for i, want := range []float64{.1, .05} {
		if got := before[i] - []*autograd.Var[float64]{p, q}[i].Value.Data()[0]; math.Abs(got-want) > 1e-12 {
			t.Errorf("group %d moved by %v, expected %v", i, got, want)
		}
	}
}

// TestClipValueBothSides limits large numbers of either sign.
func TestClipValueBothSides(t *testing.T) {
	p := autograd.NewParam("p", tensor.New[float64](5))
	copy(p.GradSum().Data(), []float64{-9, -.5, 0, .5, 9})
	ClipValue([]*autograd.Var[float64]{p}, 2)
	if got := p.Grad().Data(); !slices.Equal(got, []float64{-2, -.5, 0, .5, 2}) {
		t.Errorf("%v", got)
	}
}
