package transformer_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/data/safetensors"
	"elegans/esn"
	"elegans/internal/reference"
	"elegans/tensor"
	"elegans/tensor/leaky"
	"elegans/transformer"
)

// recorded are the tensors of a case that testdata/peers/echo_layers.py has written.
type recorded struct {
	t    *testing.T
	file *safetensors.File
	name string
}

func (r recorded) get(name string) *tensor.Tensor[float64] {
	r.t.Helper()
	v, err := safetensors.Get[float64](r.file, r.name+"/"+name)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// names lists what is recorded under a prefix, without it.
func (r recorded) names(prefix string) (list []string) {
	for _, name := range r.file.Names() {
		if rest, ok := strings.CutPrefix(name, r.name+"/"+prefix); ok {
			list = append(list, rest)
		}
	}
	return list
}

// compare runs m, whose frozen weights are those of the case, with its learned weights, and
// compares results and gradients. exact has what is recorded as one learned parameter and is
// another here.
func (r recorded) compare(m transformer.Sequencer[float64], lengths []int) {
	params := map[string]*autograd.Var[float64]{}
	for _, p := range nn.Params[float64](m) {
		if p.RequiresGrad() {
			params[p.Path] = p.Var
		}
	}
	learned := r.names("g.")
	if len(learned) != len(params) || len(learned) == 0 {
		r.t.Errorf("%d parameters are recorded, the model has %d", len(learned), len(params))
	}
	for _, name := range learned {
		if params[name] == nil {
			r.t.Fatalf("the model has no parameter %s", name)
		}
		tensor.Copy(params[name].Value, r.get("w."+name))
		params[name].ZeroGrad()
	}
	tp := autograd.NewTape[float64]()
	x := tp.Variable(r.get("x"))
	y := m.Run(tp, x, lengths)
	tp.BackwardFrom([]*autograd.Var[float64]{y}, []*tensor.Tensor[float64]{r.get("cotangent")})
	worst := 0.0
	check := func(what string, got, want *tensor.Tensor[float64]) {
		most, off := 1e-3, 0.0
		for i, w := range want.Data() {
			most, off = max(most, math.Abs(w)), max(off, math.Abs(got.Data()[i]-w))
		}
		worst = max(worst, off/most)
		if !slices.Equal(got.Shape(), want.Shape()) || !(off <= 1e-12*most) {
			r.t.Errorf("%s of shape %v, off by %.2g of %.2g, want shape %v", what, got.Shape(), off, most, want.Shape())
		}
	}
	check("result", y.Value, r.get("y"))
	check("gradient of the input", x.Grad(), r.get("gx"))
	for _, name := range learned {
		check("gradient of "+name, params[name].Grad(), r.get("g."+name))
	}
	r.t.Logf("largest difference %.2g of the largest element", worst)
}

// TestEchoReference compares the echo-state transformers with programs in PyTorch that follow their
// equations word for word.
func TestEchoReference(t *testing.T) {
	file, err := safetensors.Open(reference.Path(t, "echo/echo.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cases := 0
	for _, direction := range []transformer.Direction{transformer.Forward, transformer.Backward, transformer.Both} {
		t.Run(string(direction), func(t *testing.T) {
			r := recorded{t, file, "mixer-" + string(direction)}
			c := transformer.EchoConfig{Reservoir: reservoir("random"), Direction: direction}
			c.Reservoir.Neurons = 7
			if direction == transformer.Both {
				c.Inputs = 3
			}
			m, err := transformer.NewEchoMixer[float64](tensor.NewKey(1, "mixer"), c, 4)
			if err != nil {
				t.Fatal(err)
			}
			act, err := tensor.ActivationOf("tanh")
			if err != nil {
				t.Fatal(err)
			}
			m.Reservoir = nn.NewEchoState(leaky.Weights[float64]{Dense: r.get("w.w")}, r.get("w.input"), r.get("w.bias"), r.get("w.leak"), act)
			r.compare(m, []int{5, 0, 1})
		})
		cases++
	}
	t.Run("est", func(t *testing.T) {
		r := recorded{t, file, "est"}
		c := transformer.EchoTransformerConfig{Inputs: 3, Outputs: 2, Dim: 4, Depth: 2, Units: 3, Hidden: 5, Reservoir: reservoir("random")}
		c.Reservoir.Neurons, c.Reservoir.Leak = 6, esn.Fixed(1)
		m, err := transformer.NewEchoTransformer[float64](tensor.NewKey(1, "est"), c)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range m.Layers {
			frozen := func(name string) *tensor.Tensor[float64] {
				return r.get([]string{"w.layers.0.memory.", "w.layers.1.memory."}[i] + name)
			}
			tensor.Copy(l.Memory.Input.Value, frozen("input"))
			tensor.Copy(l.Memory.Bias.Value, frozen("bias"))
			w := frozen("w")
			n := w.Dim(0)
			ptr, col := make([]int32, n+1), make([]int32, n*n)
			for k := range col {
				col[k], ptr[k/n+1] = int32(k%n), int32(k+1)
			}
			l.Memory.Pattern = tensor.NewCSR(n, n, ptr, col, w.Data())
			l.Memory.Weight = autograd.NewBuffer("weight", w.Reshape(n*n))
		}
		r.compare(m, nil)
	})
	reference.Compared(t, "echo", cases+1, 4)
}
