package esn

import (
	"encoding/json"
	"fmt"
	"math"

	"elegans/internal/choice"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Draw is the distribution of weights.
type Draw string

// The distributions. Each has no more than the scale that it is multiplied with.
const (
	NormalDraw  Draw = "normal"   // mean 0, deviation 1
	UniformDraw Draw = "uniform"  // in [-1, 1)
	SignDraw    Draw = "sign"     // -1 or 1
	Constant    Draw = "constant" // 1
	// Kept are the weights that a connectome has. It is for recurrent weights only.
	Kept Draw = "kept"
)

// fill draws values, each from its place under the key; "" stands for normal.
func (d Draw) fill(values []float64, key tensor.Key) {
	for i := range values {
		at := uint64(i)
		switch d {
		case NormalDraw, "":
			values[i] = key.Normal(at)
		case UniformDraw:
			values[i] = 2*key.Float64(at) - 1
		case SignDraw:
			values[i] = math.Copysign(1, key.Float64(at)-.5)
		case Constant:
			values[i] = 1
		}
	}
}

func (d Draw) validate(name string, allowed ...Draw) error {
	return choice.Complete(choice.Of(name, &d, allowed...))
}

// redraw replaces recurrent weights unless they are to be kept.
func (c *Config) redraw(values []float64, key tensor.Key) {
	kept := Kept
	if c.Topology != "connectome" {
		kept = NormalDraw // as the topologies draw them
	}
	if c.Weights != "" && c.Weights != kept {
		c.Weights.fill(values, key.Sub("weights"))
	}
}

// Range is a number, or two between which one is drawn for every neuron, uniformly. In JSON it is
// the number or an array of the two.
type Range struct{ Low, High float64 }

// Fixed is the range of one number.
func Fixed(v float64) Range { return Range{v, v} }

// String says what it is in words.
func (r Range) String() string {
	if r.Low == r.High {
		return fmt.Sprint(r.Low)
	}
	return fmt.Sprintf("%v to %v", r.Low, r.High)
}

// MarshalJSON writes a number, or an array of two.
func (r Range) MarshalJSON() ([]byte, error) {
	if r.Low == r.High {
		return json.Marshal(r.Low)
	}
	return json.Marshal([2]float64{r.Low, r.High})
}

// UnmarshalJSON reads a number, or an array of two.
func (r *Range) UnmarshalJSON(b []byte) error {
	var v float64
	if json.Unmarshal(b, &v) == nil {
		*r = Fixed(v)
		return nil
	}
	var two []float64
	if err := json.Unmarshal(b, &two); err != nil || len(two) != 2 {
		return fmt.Errorf("found %s, expected a number or an array of two", quote.Line(string(b)))
	}
	*r = Range{two[0], two[1]}
	return nil
}

// draw returns one value for all of n neurons, or one each.
func (r Range) draw(n int, key tensor.Key) *tensor.Tensor[float64] {
	if r.Low == r.High {
		return tensor.FromSlice([]float64{r.Low}, 1)
	}
	t := tensor.New[float64](n)
	for i := range t.Data() {
		t.Data()[i] = r.Low + (r.High-r.Low)*key.Float64(uint64(i))
	}
	return t
}
