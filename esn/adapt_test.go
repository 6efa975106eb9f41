package esn_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"elegans/esn"
	"elegans/tensor"
)

// TestAdaptIsPlasticity compares the weights of an adapted network without leak with the gains and
// biases of Plasticity, which the reference values hold to.
func TestAdaptIsPlasticity(t *testing.T) {
	for _, act := range []string{"tanh", "sigmoid"} {
		for _, top := range []string{"random", "dense"} {
			c := esn.Defaults()
			c.Neurons, c.Activation, c.Topology = 25, act, top
			n, err := esn.NewNetwork[float64](c, 2, 1, nil)
			check(err)
			before := n.Reservoir().Layers[0]
			w := before.W.Dense
			if w == nil {
				w = before.W.Sparse.Dense()
			}
			p, err := esn.NewPlasticity(esn.Plasticity{W: w, Input: before.Input.Contiguous(), Constant: before.Bias.Data(), Leak: 1,
				Logistic: act == "sigmoid", Mu: .3, Sigma: .4, Rate: .002})
			check(err)
			s := sequence(200, 2, 1, 1)
			for range 2 {
				p.Reset()
				for i := range 200 {
					p.Step(s.Input.Data()[2*i : 2*i+2])
				}
			}
			check(n.Adapt([]esn.Sequence{{Input: s.Input}}, esn.Adaptation{Mean: .3, Deviation: .4, Rate: .002, Epochs: 2}))
			after := n.Reservoir().Layers[0]
			now := after.W.Dense
			if now == nil {
				now = after.W.Sparse.Dense()
			}
			for i, g := range p.Gain {
				if math.Abs(g-1) < 1e-3 {
					t.Fatalf("the gain of neuron %d is still %v", i, g)
				}
				near := func(what string, got, want float64) {
					if math.Abs(got-want) > 1e-12 {
						t.Fatalf("%s, %s: %s of neuron %d is %v, want %v", act, top, what, i, got, want)
					}
				}
				for j := range 25 {
					near("weight", now.At(i, j), g*w.At(i, j))
				}
				near("input weight", after.Input.At(i, 1), g*before.Input.At(i, 1))
				near("bias", after.Bias.At(i), g*before.Bias.At(i)+p.Bias[i])
			}
		}
	}
}

// TestAdaptReachesItsAim looks at the states of networks of several kinds before and after, and
// saves, loads and streams what came of it.
func TestAdaptReachesItsAim(t *testing.T) {
	for _, name := range []string{"random", "dense", "deep", "deep and wide", "feedback", "worm"} {
		t.Run(name, func(t *testing.T) {
			c, inputs, outputs := configOf(name)
			if name == "worm" { // motor neurons that hear nobody have nothing to adapt
				c.InputNeurons = nil
			}
			c.Leak, c.BiasScale = esn.Fixed(1), 0
			n, err := esn.NewNetwork[float64](c, inputs, outputs, nil)
			check(err)
			s := sequence(3000, inputs, outputs, 1)
			off := func() float64 {
				if c.FeedbackScale > 0 {
					return 0
				}
				x, err := n.States(s.Input)
				check(err)
				sum, size := 0.0, x.Dim(1)
				for i := range size {
					column := make([]float64, 0, 2000)
					for at := 1000; at < 3000; at++ {
						column = append(column, x.At(at, i))
					}
					mean, deviation := stat.MeanStdDev(column, nil)
					sum += math.Abs(mean-.1) + math.Abs(deviation-.3)
				}
				return sum / float64(size)
			}
			before := off()
			check(n.Adapt([]esn.Sequence{s}, esn.Adaptation{Mean: .1, Deviation: .3, Rate: .001, Epochs: 5}))
			after := off()
			t.Logf("off by %.3f before, %.3f after", before, after)
			if before > 0 && !(after < before/2) {
				t.Errorf("means and deviations were off by %v, and are by %v", before, after)
			}
			check(n.Fit([]esn.Sequence{s}))
			path := filepath.Join(t.TempDir(), "net")
			check(n.Save(path))
			again, err := esn.Load[float64](path)
			check(err)
			u := s.Input.Slice(0, 0, 50, 1).Contiguous()
			want, err := n.Predict(u)
			check(err)
			got, err := again.Stream().Run(u)
			check(err)
			if !slices.Equal(got.Data(), want.Data()) {
				t.Error("the loaded network differs")
			}
		})
	}
}

// TestAdaptFaults leaves the network as it was.
func TestAdaptFaults(t *testing.T) {
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	s := sequence(300, 1, 1, 1)
	check(n.Fit([]esn.Sequence{s}))
	want, err := n.Predict(s.Input)
	check(err)
	bad := sequence(5, 1, 1, 1)
	bad.Input.Set(math.NaN(), 3, 0)
	good := esn.DefaultAdaptation()
	for _, k := range []struct {
		s    esn.Sequence
		a    esn.Adaptation
		want string
	}{
		{s, esn.Adaptation{Mean: 0, Deviation: 0, Rate: 1, Epochs: 1}, "expected a positive mean of sigmoid neurons and deviation of others"},
		{s, esn.Adaptation{Deviation: .1, Rate: math.NaN(), Epochs: 1}, "rate NaN"},
		{s, esn.Adaptation{Deviation: .01, Rate: 10, Epochs: 3}, "the rate of 10 is too high"},
		{bad, good, "input row 3, column 0 is NaN"},
		{esn.Sequence{Input: tensor.New[float64](3, 2)}, good, "input of shape [3 2], expected [T, 1]"},
	} {
		if err := n.Adapt([]esn.Sequence{k.s}, k.a); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("error %v, want %s", err, k.want)
		}
	}
	got, err := n.Predict(s.Input)
	check(err)
	if !slices.Equal(got.Data(), want.Data()) {
		t.Error("a refused adaptation changed the network")
	}
	c.Activation = "relu"
	n, err = esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	if err := n.Adapt([]esn.Sequence{s}, good); err == nil || !strings.Contains(err.Error(), "relu neurons, expected tanh or sigmoid") {
		t.Errorf("relu neurons: %v", err)
	}
}
