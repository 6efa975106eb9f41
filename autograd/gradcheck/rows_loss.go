package gradcheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

func init() {
	pairs := func(lo, hi float64, f func(tp *tape, x, t *variable, r autograd.Reduction) *variable) []row {
		var rs []row
		for _, c := range []struct {
			name string
			r    autograd.Reduction
		}{{"mean", autograd.Mean}, {"sum", autograd.Sum}, {"no reduction", autograd.None}} {
			rs = append(rs, row{name: c.name, inputs: uniform(lo, hi, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, t *variable) *variable { return f(tp, x, t, c.r) })})
		}
		return rs
	}
	rows["WithAddedLosses"] = []row{{name: "two", inputs: uniform(-1, 1, []int{3}), f: unary(func(tp *tape, x *variable) *variable {
		tp.AddLoss("squares", tp.Sum(tp.Mul(x, x)))
		tp.AddLoss("cubes", tp.Reshape(tp.Sum(tp.Mul(x, tp.Mul(x, x))), 1, 1))
		return tp.WithAddedLosses(tp.Sum(x))
	})}}
	rows["MSELoss"] = pairs(-1, 1, (*tape).MSELoss)
	rows["L1Loss"] = pairs(-1, 1, (*tape).L1Loss)
	for i := range rows["L1Loss"] {
		rows["L1Loss"][i].inputs = distinct([]int{4, 3}, []int{4, 3})
	}
	rows["HuberLoss"] = pairs(-1, 1, func(tp *tape, x, t *variable, r autograd.Reduction) *variable { return tp.HuberLoss(x, t, 0.5, r) })
	rows["SmoothL1Loss"] = pairs(-1, 1, func(tp *tape, x, t *variable, r autograd.Reduction) *variable { return tp.SmoothL1Loss(x, t, 0.3, r) })
	weight, pos := tensor.FromSlice([]float64{0.5, 2, 1}, 3), tensor.FromSlice([]float64{3, 1, 0.2}, 3)
	rows["BCELoss"] = append(pairs(0.1, 0.9, func(tp *tape, x, t *variable, r autograd.Reduction) *variable { return tp.BCELoss(x, t, nil, r) }),
		row{name: "weighted", inputs: uniform(0.1, 0.9, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, t *variable) *variable {
			return tp.BCELoss(x, t, weight, autograd.Mean)
		})})
	rows["BCEWithLogits"] = append(pairs(-3, 3, func(tp *tape, x, t *variable, r autograd.Reduction) *variable {
		return tp.BCEWithLogits(x, t, autograd.BCEOptions[float64]{Reduction: r})
	}), row{name: "weighted", inputs: uniform(-2, 2, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, t *variable) *variable {
		return tp.BCEWithLogits(x, t, autograd.BCEOptions[float64]{Weight: weight, PosWeight: pos})
	})})
	rows["KLDiv"] = append(pairs(0.1, 1, func(tp *tape, x, t *variable, r autograd.Reduction) *variable { return tp.KLDiv(x, t, false, r) }),
		row{name: "logarithmic target, batch mean", inputs: uniform(-2, 0, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, t *variable) *variable {
			return tp.KLDiv(x, t, true, autograd.BatchMean)
		})})
	rows["SigmoidFocalLoss"] = append(pairs(-2, 2, func(tp *tape, x, t *variable, r autograd.Reduction) *variable {
		return tp.SigmoidFocalLoss(x, tp.Sigmoid(t), autograd.SigmoidFocalOptions{Alpha: 0.25, Gamma: 2, Reduction: r})
	}), row{name: "no alpha, no focus", inputs: uniform(-2, 2, []int{4, 3}, []int{4, 3}), f: binary(func(tp *tape, x, t *variable) *variable {
		return tp.SigmoidFocalLoss(x, t, autograd.SigmoidFocalOptions{Alpha: -1})
	})})
	rows["BinaryDiceLoss"] = append(pairs(0.1, 1, func(tp *tape, x, t *variable, r autograd.Reduction) *variable {
		return tp.BinaryDiceLoss(x, t, autograd.DiceOptions{Smooth: 1, P: 2, Reduction: r})
	}), row{name: "logits", inputs: uniform(0.1, 1, []int{2, 1, 2, 3}, []int{2, 1, 2, 3}), f: binary(func(tp *tape, x, t *variable) *variable {
		return tp.BinaryDiceLoss(x, t, autograd.DiceOptions{Smooth: 0.5, P: 3, FromLogits: true})
	})})
	labels := []int{0, 2, 1, 1, 0, 1, 2, 2}
	classes := func(name string, shape []int, f func(tp *tape, x *variable) *variable) row {
		return row{name: name, inputs: uniform(-2, 2, shape), f: unary(f)}
	}
	rows["NLLLoss"] = []row{
		classes("mean", []int{8, 3}, func(tp *tape, x *variable) *variable { return tp.NLLLoss(x, labels, autograd.NLLOptions[float64]{}) }),
		classes("weighted images, ignoring", []int{2, 3, 2, 2}, func(tp *tape, x *variable) *variable {
			return tp.NLLLoss(x, labels, autograd.NLLOptions[float64]{Weight: weight, HasIgnore: true, Ignore: 0})
		}),
		classes("no reduction", []int{2, 3, 2, 2}, func(tp *tape, x *variable) *variable {
			return tp.NLLLoss(x, labels, autograd.NLLOptions[float64]{Weight: weight, Reduction: autograd.None})
		}),
		classes("sum", []int{8, 3}, func(tp *tape, x *variable) *variable {
			return tp.NLLLoss(x, labels, autograd.NLLOptions[float64]{Reduction: autograd.Sum})
		}),
	}
	rows["FocalLoss"] = []row{
		classes("mean", []int{8, 3}, func(tp *tape, x *variable) *variable {
			return tp.FocalLoss(x, labels, autograd.FocalOptions[float64]{Gamma: 2})
		}),
		classes("weighted images", []int{2, 3, 2, 2}, func(tp *tape, x *variable) *variable {
			return tp.FocalLoss(x, labels, autograd.FocalOptions[float64]{Gamma: 1.5, Alpha: weight, Reduction: autograd.None})
		}),
		classes("no focus", []int{8, 3}, func(tp *tape, x *variable) *variable {
			return tp.FocalLoss(x, labels, autograd.FocalOptions[float64]{Reduction: autograd.Sum})
		}),
	}
}
