package program

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/tensor"
	"elegans/tensor/internal/kernel"
)

// draw returns a random program in which every step is used.
func draw(t *rapid.T, inputs, units int) *Program {
	n := rapid.IntRange(1, 14).Draw(t, "steps")
	steps := make([]Step, n)
	used := make([]bool, inputs+n)
	for i := range steps {
		s := Step{
			Kind: Kind(rapid.IntRange(0, 3).Draw(t, "kind")),
			A:    rapid.IntRange(0, inputs+i-1).Draw(t, "a"), B: rapid.IntRange(0, inputs+i-1).Draw(t, "b"),
			Unit: rapid.IntRange(0, units-1).Draw(t, "unit"), Norm: rapid.Bool().Draw(t, "norm"),
		}
		s.Norm = s.Norm && s.Kind != Linear
		used[s.A], steps[i] = true, s
		if s.binary() {
			used[s.B] = true
		}
	}
	outputs := []int{inputs + n - 1, rapid.IntRange(0, inputs+n-1).Draw(t, "output")}
	for v, u := range used {
		if !u && v >= inputs {
			outputs = append(outputs, v)
		}
	}
	if len(outputs)%2 == 1 {
		outputs = append(outputs, outputs[0])
	}
	return New(inputs, steps, outputs, units)
}

// testCase is a program with operands.
type testCase struct {
	p           *Program
	rows, width int
	x           *tensor.Tensor[float64]
	units       []Unit[float64]
	act         Activation[float64]
	cotangent   []float64
}

func newCase(p *Program, rows, width int, act Activation[float64], seed uint64) *testCase {
	r := rand.New(rand.NewPCG(seed, 1))
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = 2*r.Float64() - 1
		}
		return v
	}
	c := &testCase{p: p, rows: rows, width: width, x: tensor.FromSlice(draw(p.inputs*rows*width), p.inputs, rows, width), act: act, cotangent: draw(len(p.outputs) * rows * width)}
	for range p.units {
		c.units = append(c.units, Unit[float64]{draw(width * width), draw(width), draw(width), draw(width)})
	}
	return c
}

const eps = 0.1 // large, so that differences of short rows stay well conditioned

// run runs the program, keeping its values or not.
func (c *testCase) run(keep bool) (out *tensor.Tensor[float64], m Memory[float64]) {
	m.Values = tensor.New[float64](c.p.Slots(keep), c.rows, c.width)
	if keep {
		m.Mean, m.Rstd = tensor.New[float64](c.p.Steps(), c.rows), tensor.New[float64](c.p.Steps(), c.rows)
	}
	out = tensor.New[float64](2, c.rows, len(c.p.outputs)/2, c.width)
	Run(c.p, out, c.x, c.units, c.act, eps, m)
	return out, m
}

// plain runs the program step by step from the definitions.
func (c *testCase) plain() []float64 {
	values := make([][]float64, c.p.inputs)
	size := c.rows * c.width
	for v := range values {
		values[v] = c.x.Data()[v*size : (v+1)*size]
	}
	for i, s := range c.p.steps {
		y, a := make([]float64, size), values[s.A]
		u := c.units[s.Unit]
		norm := func(y, x []float64) {
			copy(y, x)
			if !s.Norm {
				return
			}
			mean, variance := 0.0, 0.0
			for _, v := range x {
				mean += v / float64(c.width)
			}
			for _, v := range x {
				variance += (v - mean) * (v - mean) / float64(c.width)
			}
			for j, v := range x {
				y[j] = (v-mean)/math.Sqrt(variance+eps)*u.Gain[j] + u.Shift[j]
			}
		}
		for r := range c.rows {
			y, a := y[r*c.width:(r+1)*c.width], a[r*c.width:(r+1)*c.width]
			switch s.Kind {
			case Linear:
				for o := range y {
					y[o] = u.Bias[o]
					for p, v := range a {
						y[o] += u.Weight[o*c.width+p] * v
					}
				}
			case Act:
				norm(y, a)
				c.plainAct(y, i*size+r*c.width)
			default:
				z := make([]float64, c.width)
				for j, b := range values[s.B][r*c.width : (r+1)*c.width] {
					z[j] = a[j] * b
					if s.Kind == Add {
						z[j] = a[j] + b
					}
				}
				norm(y, z)
			}
		}
		values = append(values, y)
	}
	half := len(c.p.outputs) / 2
	var out []float64
	for g := range 2 {
		for r := range c.rows {
			for _, v := range c.p.outputs[g*half : (g+1)*half] {
				out = append(out, values[v][r*c.width:(r+1)*c.width]...)
			}
		}
	}
	return out
}

func (c *testCase) plainAct(y []float64, at int) {
	sum := 0.0
	for i, v := range y {
		switch c.act.Kind {
		case Unary:
			y[i] = math.Tanh(v)
		case Softmax:
			y[i] = math.Exp(v)
			sum += y[i]
		case PReLU:
			y[i] = math.Max(v, 0) + c.act.Slope[0]*math.Min(v, 0)
		case RReLU:
			y[i] = math.Max(v, 0) + c.act.rreluSlope(at+i)*math.Min(v, 0)
		}
	}
	if c.act.Kind == Softmax {
		for i := range y {
			y[i] /= sum
		}
	}
}

// loss is the sum of the outputs times the cotangent, by the definitions.
func (c *testCase) loss() float64 {
	sum := 0.0
	for i, v := range c.plain() {
		sum += v * c.cotangent[i]
	}
	return sum
}

// TestProgram compares random programs with their definitions, and their gradients with
// differences.
func TestProgram(t *testing.T) {
	acts := []Activation[float64]{{Op: tensor.OpTanh}, {Kind: Softmax}, {Kind: PReLU, Slope: []float64{0.3}}, {Kind: RReLU, Key: tensor.NewKey(5, "test")}}
	rapid.Check(t, func(t *rapid.T) {
		p := draw(t, rapid.IntRange(1, 2).Draw(t, "inputs"), 3)
		c := newCase(p, rapid.SampledFrom([]int{1, 2, 7}).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "width"),
			acts[rapid.IntRange(0, 3).Draw(t, "act")], rapid.Uint64().Draw(t, "seed"))
		want := c.plain()
		out, m := c.run(true)
		short, _ := c.run(false)
		for i, v := range want {
			if !(math.Abs(out.Data()[i]-v) <= 1e-9*(1+math.Abs(v))) {
				t.Fatalf("output element %d is %v, want %v", i, out.Data()[i], v)
			}
			if out.Data()[i] != short.Data()[i] {
				t.Fatalf("output element %d is %v, without kept values %v", i, out.Data()[i], short.Data()[i])
			}
		}

		to := Grads[float64]{X: tensor.New[float64](c.x.Shape()...), Overwrite: []bool{false, true, false}, Slope: []float64{0}}
		for u := range p.units {
			w := make([]float64, c.width*c.width)
			if to.Overwrite[u] {
				for i := range w {
					w[i] = math.NaN()
				}
			}
			to.Units = append(to.Units, Unit[float64]{w, make([]float64, c.width), make([]float64, c.width), make([]float64, c.width)})
		}
		Backward(p, to, tensor.FromSlice(c.cotangent, out.Shape()...), c.x, c.units, c.act, eps, m, tensor.New[float64](p.GradSlots(), c.rows, c.width))
		check := func(name string, x, got []float64) {
			for i := range x {
				const h = 1e-5
				x0 := x[i]
				x[i] = x0 + h
				up := c.loss()
				x[i] = x0 - h
				down := c.loss()
				x[i] = x0
				want, sides := (up-down)/(2*h), math.Abs(up+down-2*c.loss())/h
				if !(math.Abs(got[i]-want) <= 1e-5*(1+math.Abs(want))+sides) {
					// sides: a kink of PReLU or RReLU is near
					t.Fatalf("gradient %d of %s is %v, differences give %v", i, name, got[i], want)
				}
			}
		}
		check("x", c.x.Data(), to.X.Data())
		for u, unit := range c.units {
			check("weight", unit.Weight, to.Units[u].Weight)
			check("bias", unit.Bias, to.Units[u].Bias)
			check("gain", unit.Gain, to.Units[u].Gain)
			check("shift", unit.Shift, to.Units[u].Shift)
		}
		if c.act.Kind == PReLU {
			check("slope", c.act.Slope, to.Slope)
		}
	})
}

// TestSlots: values share places when they are not kept.
func TestSlots(t *testing.T) {
	chain := make([]Step, 20)
	for i := range chain {
		chain[i] = Step{Kind: Act, A: i}
	}
	p := New(1, chain, []int{20}, 1)
	if p.Slots(false) != 2 || p.Slots(true) != 20 || p.GradSlots() != 2 {
		t.Errorf("%d slots, %d when kept, %d for gradients; want 2, 20 and 2", p.Slots(false), p.Slots(true), p.GradSlots())
	}
}

func TestMisuse(t *testing.T) {
	for want, f := range map[string]func(){
		"refers to what does not exist": func() { New(1, []Step{{Kind: Act, A: 1}}, []int{1}, 1) },
		"nothing uses step 0":           func() { New(1, []Step{{Kind: Act}, {Kind: Act}}, []int{2}, 1) },
		"output 3 is no value":          func() { New(1, []Step{{Kind: Act}}, []int{3}, 1) },
		"a unit has other parameters": func() {
			p := New(1, []Step{{Kind: Linear}}, []int{1}, 1)
			Run(p, tensor.New[float64](1, 2, 1, 3), tensor.New[float64](1, 2, 3), []Unit[float64]{{}}, Activation[float64]{}, 1, Memory[float64]{Values: tensor.New[float64](1, 2, 3)})
		},
		"of at least one row": func() {
			p := New(1, []Step{{Kind: Act}}, []int{1}, 1)
			Run(p, tensor.New[float64](1, 0, 1, 3), tensor.New[float64](1, 0, 3), []Unit[float64]{{}}, Activation[float64]{}, 1, Memory[float64]{Values: tensor.New[float64](1, 0, 3)})
		},
	} {
		func() {
			defer func() {
				r := recover()
				if e, ok := r.(*tensor.ShapeError); !ok || !strings.Contains(e.Error(), want) {
					t.Errorf("panic %v, want a ShapeError with %q", r, want)
				}
			}()
			f()
		}()
	}
}

// TestUnknownActivationKind: a kind that apply does not know must not pass as nothing.
func TestUnknownActivationKind(t *testing.T) {
	f := Activation[float64]{Kind: RReLU + 1}
	for name, call := range map[string]func(){
		"apply": func() { f.apply(kernel.Of[float64](), make([]float64, 1), make([]float64, 1), 1, 0) },
		"grad": func() {
			f.grad(kernel.Of[float64](), make([]float64, 1), make([]float64, 1), make([]float64, 1), make([]float64, 1), 1, 0, 0)
		},
	} {
		func() {
			defer func() {
				if e, ok := recover().(*tensor.UsageError); !ok || e.Op != "program.Activation" {
					t.Errorf("%s: panic %v, want a UsageError", name, e)
				}
			}()
			call()
		}()
	}
}
