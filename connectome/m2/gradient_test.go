package m2

import (
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// TestJointAttentionGradients compares with central differences.
func TestJointAttentionGradients(t *testing.T) {
	type variable = autograd.Var[float64]
	attend := func(tp *autograd.Tape[float64], in []*variable) []*variable {
		return []*variable{jointAttention(tp, in[0], in[1], in[2], in[3], in[4], in[5], 3)}
	}
	layer := newJointAttention[float64](tensor.NewKey(2, "joint attention"), 5, 3, 2)
	params, err := nn.Walk[float64](layer)
	if err != nil {
		t.Fatal(err)
	}
	shapes := [][]int{{2, 6}, {4, 2, 5}, {6, 5}, {6}, {6, 5}, {6}}
	for _, c := range []struct {
		name   string
		spread float64
		shapes [][]int
		f      gradcheck.Func
		opts   gradcheck.Options
	}{
		{"spread", 1, shapes, attend, gradcheck.Options{}},
		{"nearly one-hot", 5, shapes, attend, gradcheck.Options{}},
		{"one-hot", 40, shapes, attend, gradcheck.Options{Tolerance: 1e-5}},
		{"frozen memory", 1, shapes, attend, gradcheck.Options{Constant: []bool{false, true}}},
		{"frozen weights", 1, shapes, attend, gradcheck.Options{Constant: []bool{false, false, true, true, true, true}}},
		{"frozen query and keys", 1, shapes, attend, gradcheck.Options{Constant: []bool{true, true, true, true}}},
		{"layer", 1, [][]int{{2, 5}, {4, 2, 5}}, func(tp *autograd.Tape[float64], in []*variable) []*variable {
			return []*variable{layer.Attend(tp, in[0], in[1])}
		}, gradcheck.Options{Params: nn.Vars(params)}},
	} {
		k := tensor.NewKey(1, "gradient "+c.name)
		var in []*tensor.Tensor[float64]
		for i, s := range c.shapes {
			in = append(in, tensor.Uniform[float64](k.Sub("input", uint64(i)), -c.spread, c.spread, s...))
		}
		c.opts.Key = k
		twice := func(tp *autograd.Tape[float64], in []*variable) []*variable {
			return append(c.f(tp, in), c.f(tp, in)...)
		}
		for _, f := range []gradcheck.Func{c.f, twice} {
			if r, err := gradcheck.Check(f, c.opts, in...); err != nil || r.Checked == 0 {
				t.Errorf("%s: %d elements checked: %v", c.name, r.Checked, err)
			}
		}
	}
}
