package crosscheck

import (
	"slices"

	"elegans/autograd"
	"elegans/tensor"
)

// opsRows registers matrix products, softmax and the normalisations.
func opsRows[T tensor.Float](r registry[T]) {
	r.add("matmul", binary((*autograd.Tape[T]).MatMul))
	r.add("linear", func(c *Case[T]) { c.Out(c.Tape.Linear(c.Var("x"), c.Var("weight"), c.Opt("bias"))) })
	r.add("grouped_linear", func(c *Case[T]) { c.Out(c.Tape.GroupedLinear(c.Var("x"), c.Var("weight"), c.Opt("bias"))) })
	r.add("spmm", spmm[T])
	r.add("softmax", func(c *Case[T]) { c.Out(c.Tape.Softmax(c.Var("x"), c.AttrInt("dim", -1))) })
	r.add("log_softmax", func(c *Case[T]) { c.Out(c.Tape.LogSoftmax(c.Var("x"), c.AttrInt("dim", -1))) })
	r.add("logsumexp", func(c *Case[T]) { c.Out(c.Tape.LogSumExp(c.Var("x"), c.AttrInts("dim"), c.Bool("keepdim", false))) })
	r.add("cross_entropy", func(c *Case[T]) {
		o := entropyOptions(c)
		// PyTorch's default label to ignore.
		o.HasIgnore, o.Ignore = true, c.AttrInt("ignore_index", -100)
		c.Out(c.Tape.CrossEntropy(c.Var("input"), c.Ints("target"), o))
	})
	r.add("cross_entropy_soft", func(c *Case[T]) { c.Out(c.Tape.CrossEntropySoft(c.Var("input"), c.Var("target"), entropyOptions(c))) })

	r.add("layer_norm", func(c *Case[T]) {
		c.Out(c.Tape.LayerNorm(c.Var("x"), c.Opt("weight"), c.Opt("bias"), normalizedAxes(c), T(c.Float("eps", 1e-5))))
	})
	r.add("rms_norm", func(c *Case[T]) {
		c.Out(c.Tape.RMSNorm(c.Var("x"), c.Opt("weight"), normalizedAxes(c), T(c.Float("eps", epsilon[T]()))))
	})
	r.add("group_norm", func(c *Case[T]) {
		c.Out(c.Tape.GroupNorm(c.Var("x"), c.Opt("weight"), c.Opt("bias"), c.AttrInt("num_groups", 1), T(c.Float("eps", 1e-5))))
	})
	r.add("instance_norm", func(c *Case[T]) {
		c.Out(c.Tape.InstanceNorm(c.Var("x"), c.Opt("weight"), c.Opt("bias"), T(c.Float("eps", 1e-5))))
	})
	r.add("batch_norm", func(c *Case[T]) {
		mean, variance := c.OptTensor("running_mean"), c.OptTensor("running_var")
		c.Out(c.Tape.BatchNorm(c.Var("x"), c.Opt("weight"), c.Opt("bias"), mean, variance, c.Bool("training", false), T(c.Float("momentum", 0.1)), T(c.Float("eps", 1e-5))))
		c.OutTensor(mean)
		c.OutTensor(variance)
	})
}

// spmm is the product of a sparse matrix, whose entries are sorted by row and column, or of its
// transpose.
func spmm[T tensor.Float](c *Case[T]) {
	rows, cols := c.AttrInt("rows", 0), c.AttrInt("cols", 0)
	row, col, values := c.Ints("row"), c.Ints("col"), c.Var("values")
	if len(row) != len(col) || values.Value.Len() != len(row) || min(rows, cols) < 0 || max(rows, cols) > 1<<20 {
		skip("%d rows, %d columns and %d values of %d x %d", len(row), len(col), values.Value.Len(), rows, cols)
	}
	ptr, at := make([]int32, rows+1), make([]int32, len(col))
	for i, r := range row {
		if r < 0 || r >= rows || i > 0 && r < row[i-1] {
			skip("entry %d lies in row %d of %d, expected sorted rows", i, r, rows)
		}
		ptr[r+1]++
		at[i] = int32(col[i])
	}
	for r := range rows {
		ptr[r+1] += ptr[r]
	}
	s := tensor.NewCSR(rows, cols, ptr, at, make([]T, len(row)))
	if c.Bool("transposed", false) {
		c.Out(c.Tape.SpMMT(s, c.Var("x"), values))
	} else {
		c.Out(c.Tape.SpMM(s, c.Var("x"), values))
	}
}

// normalizedAxes returns the number of axes of normalized_shape, which must be the last of x.
func normalizedAxes[T tensor.Float](c *Case[T]) int {
	shape, x := c.AttrInts("normalized_shape"), c.Var("x").Shape()
	if len(shape) > len(x) || !slices.Equal(shape, x[len(x)-len(shape):]) {
		tensor.PanicShape("crosscheck.normalized_shape", "want the last axes", shape, x)
	}
	return len(shape)
}

func entropyOptions[T tensor.Float](c *Case[T]) autograd.CrossEntropyOptions[T] {
	o := autograd.CrossEntropyOptions[T]{Weight: c.OptTensor("weight"), LabelSmoothing: T(c.Float("label_smoothing", 0))}
	switch c.Choice("reduction", "mean", "sum", "none") {
	case "sum":
		o.Reduction = autograd.Sum
	case "none":
		o.Reduction = autograd.None
	}
	return o
}

// epsilon is the distance from 1 to the next number, PyTorch's default for RMS normalisation.
func epsilon[T tensor.Float]() float64 {
	one := T(1)
	if _, ok := any(one).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}
