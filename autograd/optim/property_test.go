package optim

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"elegans/autograd"
	"elegans/tensor"

	"pgregory.net/rapid"
)

func drawParam(t *rapid.T, name string) *autograd.Var[float64] {
	x := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 20).Draw(t, name)
	return autograd.NewParam(name, tensor.FromSlice(x, len(x)))
}

func drawGrad(t *rapid.T, p *autograd.Var[float64]) {
	g := p.GradSum().Data()
	copy(g, rapid.SliceOfN(rapid.Float64Range(-100, 100), len(g), len(g)).Draw(t, "grad of "+p.Label))
}

// An update is elementwise: a parameter cut in two moves exactly as the whole does.
func TestUpdateIsElementwise(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.SampledFrom(variants).Draw(rt, "variant")
		whole := drawParam(rt, "p")
		n := whole.Value.Len()
		cut := rapid.IntRange(0, n).Draw(rt, "cut")
		x := slices.Clone(whole.Value.Data())
		a, b := autograd.NewParam("a", tensor.FromSlice(x[:cut], cut)), autograd.NewParam("b", tensor.FromSlice(x[cut:], n-cut))
		one, two := build(t, v.name, v.options, whole), build(t, v.name, v.options, a, b)
		for range 4 {
			drawGrad(rt, whole)
			copy(a.GradSum().Data(), whole.Grad().Data()[:cut])
			copy(b.GradSum().Data(), whole.Grad().Data()[cut:])
			one.Step()
			two.Step()
		}
		if !slices.Equal(x, whole.Value.Data()) {
			rt.Fatalf("%v in one piece, %v in two", whole.Value.Data(), x)
		}
	})
}

func TestClipNormLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		params := []*autograd.Var[float64]{drawParam(rt, "a"), drawParam(rt, "b"), drawParam(rt, "without gradient")}
		drawGrad(rt, params[0])
		drawGrad(rt, params[1])
		before := slices.Concat(params[0].Grad().Data(), params[1].Grad().Data())
		p := rapid.SampledFrom([]float64{1, 2, 3.5, math.Inf(1)}).Draw(rt, "p")
		limit := rapid.Float64Range(0.01, 300).Draw(rt, "limit")
		norm := ClipNorm(params, limit, p)
		after := slices.Concat(params[0].Grad().Data(), params[1].Grad().Data())
		if now := GradNorm(params, p); now > limit*(1+1e-12) {
			rt.Fatalf("norm %v after clipping to %v", now, limit)
		}
		factor := 1.0
		if norm+1e-6 > limit {
			factor = limit / (norm + 1e-6)
		}
		for i := range before {
			if math.Abs(after[i]-factor*before[i]) > 1e-12*math.Abs(before[i]) {
				rt.Fatalf("element %d: %v became %v, want %v", i, before[i], after[i], factor*before[i])
			}
		}
	})
}

func TestNormOfUselessGradients(t *testing.T) {
	p := param[float32]("p", 1, 10)
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		for _, kind := range []float64{1, 2, 3, math.Inf(1)} {
			setGrads(0, p)
			p.Grad().Data()[9] = bad
			if n := GradNorm([]*autograd.Var[float32]{p}, kind); !math.IsNaN(n) && !math.IsInf(n, 1) {
				t.Errorf("norm %v of a gradient with %v", n, bad)
			}
		}
	}
}

func TestEMALaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawParam(rt, "p")
		e := NewEMA([]*autograd.Var[float64]{p}, rapid.Float64Range(0, 0.999).Draw(rt, "decay"))
		low, high := slices.Clone(p.Value.Data()), slices.Clone(p.Value.Data())
		for range 5 {
			drawGrad(rt, p) // serves as the next value
			copy(p.Value.Data(), p.Grad().Data())
			for i, x := range p.Value.Data() {
				low[i], high[i] = min(low[i], x), max(high[i], x)
			}
			e.Update()
		}
		now := slices.Clone(p.Value.Data())
		e.Swap()
		for i, x := range p.Value.Data() {
			if slack := 1e-13 * max(-low[i], high[i]); x < low[i]-slack || x > high[i]+slack {
				rt.Fatalf("average %v outside of [%v, %v]", x, low[i], high[i])
			}
		}
		e.Swap()
		if !slices.Equal(now, p.Value.Data()) {
			rt.Fatal("two swaps changed the parameters")
		}
		restored := NewEMA([]*autograd.Var[float64]{p}, 0.5)
		if err := restored.SetState(thaw(t, e.State(nil)), nil); err != nil {
			rt.Fatal(err)
		}
		if !slices.Equal(restored.shadow[0].Data(), e.shadow[0].Data()) || restored.updates != e.updates {
			rt.Fatal("the restored averages differ")
		}
	})
}

// TestScheduleBounds: no schedule leaves the range between its extremes.
func TestScheduleBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(4, 200).Draw(rt, "steps")
		low, high := 0.1, 1.0
		s := rapid.SampledFrom([]Schedule{
			&Cosine{Base: high, Steps: n, Min: low}, &CosineRestarts{Base: high, First: n, Mult: 1, Min: low}, &CosineRestarts{Base: high, First: n, Mult: 3, Min: low},
			&Linear{Base: high, Start: low, End: 1, Steps: n}, &Constant{Base: high, Factor: low, Steps: n}, &WarmupLinear{Base: high, Steps: 10},
			&Cyclic{Low: low, High: high, Up: n, Down: 3, Mode: "triangular2"}, &Cyclic{Low: low, High: high, Up: 3, Down: n, Mode: "exp_range", Gamma: 0.9},
			&OneCycle{Max: high, Steps: n, Warmup: 0.4, Div: 5, FinalDiv: 2, Anneal: "cos"}, &OneCycle{Max: high, Steps: n, Warmup: 0.4, Div: 5, FinalDiv: 2, Anneal: "linear", ThreePhase: true},
		}).Draw(rt, "schedule")
		k := rapid.IntRange(0, 1000).Draw(rt, "k")
		if r := s.At(k).LR; !(r >= low-1e-12 && r <= high+1e-12) {
			rt.Fatalf("%+v at step %d: %v", s, k, r)
		}
	})
}

func FuzzNewSchedule(f *testing.F) {
	for _, s := range ScheduleNames() {
		f.Add(s, `{}`)
	}
	f.Add("cosine", `{"T_max": 10}`)
	f.Add("cosine_restarts", `{"T_0": 3, "T_mult": 2}`)
	f.Add("one_cycle", `{"max_lr": 1, "total_steps": 9, "three_phase": true}`)
	f.Add("sequential", `{"parts": [["linear", {}], ["multistep", {"milestones": [1, 2]}]], "milestones": [4]}`)
	f.Fuzz(func(t *testing.T, name, options string) {
		s, err := NewSchedule(name, 0.1, json.RawMessage(options))
		if err != nil {
			return
		}
		for _, k := range []int{0, 1, 2, 10, 1000, 1 << 40} {
			if r := s.At(k); math.IsNaN(r.LR) {
				t.Errorf("%s %s: NaN at step %d", name, options, k)
			}
		}
	})
}

func FuzzNew(f *testing.F) {
	for _, v := range variants {
		f.Add(v.name, v.options)
	}
	f.Fuzz(func(t *testing.T, name, options string) {
		p := param[float64]("p", 1, 3)
		o, err := New(name, []*autograd.Var[float64]{p}, json.RawMessage(options))
		if err != nil {
			return
		}
		setGrads(0, p)
		o.Step()
	})
}
