package gradcheck

import (
	"elegans/autograd/nn"
	"elegans/tensor"
)

// layer returns a row for a module, of which all parameters are differentiated too; they are moved
// away from symmetric initial values.
func layer(name string, m nn.Module[float64], shape ...int) row {
	params := nn.Vars(nn.Params(m))
	for i, p := range params {
		if p.RequiresGrad() {
			tensor.FillUniform(p.Value, tensor.NewKey(3, "parameters", uint64(i)), -1, 1)
		}
	}
	return row{name: name, f: unary(m.Forward), inputs: uniform(-1, 1, shape), opts: Options{Params: params}}
}

func init() {
	k := tensor.NewKey(2, "layers")
	rows["nn.Linear"] = []row{layer("bias", nn.NewLinear[float64](k, 4, 3, true), 2, 4), layer("no bias", nn.NewLinear[float64](k, 4, 3, false), 2, 4)}
	rows["nn.GroupedLinear"] = []row{layer("bias", nn.NewGroupedLinear[float64](k, 2, 4, 3, true), 2, 3, 4)}
	rows["nn.LayerNorm"] = []row{layer("two axes", nn.NewLayerNorm[float64](2, 3), 4, 2, 3)}
	rows["nn.RMSNorm"] = []row{layer("vectors", nn.NewRMSNorm[float64](3), 4, 3)}
	rows["nn.GroupNorm"] = []row{layer("two groups", nn.NewGroupNorm[float64](2, 4), 2, 4, 3)}
	rows["nn.BatchNorm"] = []row{layer("training", nn.NewBatchNorm[float64](3), 4, 3)}
	rows["nn.Sequential"] = []row{layer("two layers", nn.Sequential[float64]{nn.NewLinear[float64](k, 4, 3, true), nn.NewLayerNorm[float64](3)}, 2, 4)}
	rows["nn.Func"] = []row{layer("flatten", nn.Sequential[float64]{nn.Flatten[float64](), nn.NewLinear[float64](k, 4, 3, true)}, 3, 2, 2)}
}
