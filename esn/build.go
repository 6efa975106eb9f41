package esn

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"elegans/internal/memory"
	"elegans/tensor"
)

// Build returns the reservoirs that a Config describes, for so many inputs and, if there is
// feedback, outputs. The weights are drawn and scaled in float64 and then converted.
//
// Input weights are stored [K, N] and seen as [N, K], so that one row is multiplied as many are: in
// the same order, with the same bits.
func Build[T tensor.Float](c Config, inputs, outputs int) (*Deep[T], error) {
	d, _, err := c.build(inputs, outputs)
	if err != nil {
		return nil, err
	}
	return convertDeep[T](d), nil
}

// group returns the number of neurons of each group of each layer, 0 without a reservoir. It
// refuses what cannot be built, before anything is.
func (c *Config) group(inputs, outputs int) (int, error) {
	if err := c.Validate(); err != nil {
		return 0, err
	}
	if !c.hasReservoir() && inputs > 0 {
		return 0, nil
	}
	if inputs < 0 || outputs < 0 || inputs == 0 && (c.FeedbackScale == 0 || outputs == 0) {
		return 0, fmt.Errorf("esn: %d inputs and %d outputs with a feedback_scale of %v, expected an input, or feedback", inputs, outputs, c.FeedbackScale)
	}
	n := c.Neurons
	if c.Topology == "connectome" {
		if err := c.Connectome.load(); err != nil {
			return 0, err
		}
		if n = c.Connectome.Graph.Len(); c.Neurons != 0 && c.Neurons != n {
			return 0, fmt.Errorf("esn: neurons %d, expected the %d of the connectome, or 0", c.Neurons, n)
		}
		if n == 0 {
			return 0, fmt.Errorf("esn: the connectome has no neurons")
		}
	}
	return n, c.need(n, inputs)
}

// build returns the reservoirs and, for each group of a layer, its number of neurons.
func (c *Config) build(inputs, outputs int) (*Deep[float64], int, error) {
	n, err := c.group(inputs, outputs)
	if err != nil || n == 0 {
		return &Deep[float64]{}, 0, err
	}
	d := &Deep[float64]{}
	for l := range c.Layers {
		r, err := c.layer(l, n, inputs, outputs)
		if err != nil {
			return nil, 0, err
		}
		if l > 0 && c.InputToAllLayers {
			d.Skip = append(d.Skip, nil)
			if inputs > 0 {
				if d.Skip[l-1], err = c.inputWeights(l, n, inputs); err != nil {
					return nil, 0, err
				}
			}
		}
		d.Layers = append(d.Layers, r)
	}
	return d, n, nil
}

// need asks for the memory of the weights.
func (c *Config) need(n, inputs int) error {
	size, groups, layers := float64(n), float64(c.Groups), float64(c.Layers)
	entries := size * float64(c.degree(n)) * 2 // with their columns and those of the transpose
	switch c.Topology {
	case "dense", "orthogonal":
		entries = 3 * size * size
	case "connectome":
		entries = float64(2 * len(c.Connectome.Graph.Edges))
	}
	bytes := 8 * groups * layers * (entries + size*float64(inputs) + size*size*groups*(layers-1)/layers)
	return memory.Need(fmt.Sprintf("a reservoir of %d layers of %d groups of %d neurons", c.Layers, c.Groups, n), bytes)
}

// layer builds one layer.
func (c *Config) layer(l, n, inputs, outputs int) (*Reservoir[float64], error) {
	op, slope, err := c.activationOf()
	if err != nil {
		return nil, err
	}
	all := n * c.Groups
	r := &Reservoir[float64]{Activation: op, Slope: slope}
	if r.W, err = c.recurrent(l, n); err != nil {
		return nil, err
	}
	if leak := c.Leak.draw(all, c.key("leak", l, 0)); leak.Len() > 1 || leak.At(0) != 1 {
		r.Leak = leak
	}
	if c.BiasScale > 0 {
		r.Bias = tensor.Uniform[float64](c.key("bias", l, 0), -c.BiasScale, c.BiasScale, all)
	}
	if c.FeedbackScale > 0 && outputs > 0 {
		r.Feedback = tensor.Uniform[float64](c.key("feedback", l, 0), -c.FeedbackScale, c.FeedbackScale, outputs, all).Transpose(0, 1)
	}
	switch {
	case l > 0:
		r.Input, err = c.between(l, all)
	case inputs > 0:
		r.Input, err = c.inputWeights(l, n, inputs)
	}
	return r, err
}

// recurrent returns the scaled weights of a layer: those of its groups along the diagonal.
func (c *Config) recurrent(l, n int) (Weights[float64], error) {
	t, err := topologyOf(c.Topology)
	if err != nil {
		return Weights[float64]{}, err
	}
	var m entries
	for g := range c.Groups {
		w, err := t.weights(c, n, c.key("recurrent", l, g))
		if err != nil {
			return w, err
		}
		if err := c.scaleWeights(w, t); err != nil {
			return w, err
		}
		if c.Groups == 1 {
			return w, nil
		}
		block := matrixOf(w)
		for i := range n {
			for k := block.ptr[i]; k < block.ptr[i+1]; k++ {
				m.add(g*n+i, g*n+block.col[k], block.val[k])
			}
		}
	}
	return sparseOf(build[float64](n*c.Groups, m))
}

// scaleWeights brings recurrent weights to their scale.
func (c *Config) scaleWeights(w Weights[float64], t Topology) error {
	var values []float64
	if w.Sparse != nil {
		values = w.Sparse.Val
	} else {
		values = w.Dense.Data()
	}
	scaling := c.Scaling
	if scaling == "" {
		scaling = t.Scaling
	}
	size, err := 1.0, error(nil)
	switch scaling {
	case SpectralRadiusScaling:
		size, err = SpectralRadius(w)
	case SpectralNormScaling:
		size, err = SpectralNorm(w)
	}
	switch {
	case err != nil:
		return err
	case c.Scale == 0:
		clear(values)
	case size > 0:
		floats.Scale(c.Scale/size, values)
	case len(values) > 0 && scaling == SpectralRadiusScaling:
		return fmt.Errorf("esn: the topology %s has no cycles, so that its spectral radius is 0 and cannot be scaled to %v: set scaling to %s or %s",
			c.Topology, c.Scale, SpectralNormScaling, NoScaling)
	default:
		return fmt.Errorf("esn: the topology %s has no connections, so that its %s is 0 and cannot be scaled to %v: set scaling to %s, or scale to 0",
			c.Topology, scaling, c.Scale, NoScaling)
	}
	return nil
}

// inputWeights returns Win [N, K] of a layer, as a view of [K, N].
func (c *Config) inputWeights(l, n, inputs int) (*tensor.Tensor[float64], error) {
	names := c.InputNeurons
	if len(names) == 0 {
		names = topologies[c.Topology].Inputs
	}
	if len(names) == 0 {
		names = []string{"all"}
	}
	chosen, err := c.Select(names, n)
	if err != nil {
		return nil, fmt.Errorf("input_neurons: %w", err)
	}
	draw := c.InputWeights
	if draw == "" {
		draw = UniformDraw
	}
	w := tensor.New[float64](inputs, n*c.Groups)
	row := make([]float64, n)
	for g := range c.Groups {
		key := c.key("input", l, g)
		for k := range inputs {
			draw.fill(row, key.Sub("weights", uint64(k)))
			mask := key.Sub("density", uint64(k))
			for _, i := range chosen {
				if c.InputDensity == 1 || mask.Float64(uint64(i)) < c.InputDensity {
					w.Set(c.InputScale*row[i], k, g*n+i)
				}
			}
		}
	}
	return w.Transpose(0, 1), nil
}

// between returns the weights [N, N] from a layer to the next, as a view of their transpose.
func (c *Config) between(l, n int) (*tensor.Tensor[float64], error) {
	w := tensor.Uniform[float64](c.key("layers", l, 0), -1, 1, n, n)
	general := blas64.General{Rows: n, Cols: n, Stride: n, Data: w.Data()}
	vector := func(x []float64) blas64.Vector { return blas64.Vector{N: n, Inc: 1, Data: x} }
	norm, err := largestSingular(n, n, n*n,
		func(y, x []float64) { blas64.Gemv(blas.NoTrans, 1, general, vector(x), 0, vector(y)) },
		func(y, x []float64) { blas64.Gemv(blas.Trans, 1, general, vector(x), 0, vector(y)) })
	if err != nil {
		return nil, err
	}
	if norm > 0 {
		floats.Scale(c.LayerScale/norm, w.Data())
	}
	return w.Transpose(0, 1), nil
}

// convertDeep returns reservoirs in another type. Views stay views.
func convertDeep[T tensor.Float](d *Deep[float64]) *Deep[T] {
	out := &Deep[T]{}
	for _, r := range d.Layers {
		next := &Reservoir[T]{
			Input: convertView[T](r.Input), Feedback: convertView[T](r.Feedback), Bias: convertView[T](r.Bias), Leak: convertView[T](r.Leak),
			Activation: r.Activation, Slope: T(r.Slope),
		}
		if s := r.W.Sparse; s != nil {
			next.W.Sparse = tensor.NewCSR(s.Rows, s.Cols, s.RowPtr, s.Col, tensor.Convert[T](tensor.FromSlice(s.Val, len(s.Val))).Data())
		} else {
			next.W.Dense = tensor.Convert[T](r.W.Dense)
		}
		out.Layers = append(out.Layers, next)
	}
	for _, s := range d.Skip {
		out.Skip = append(out.Skip, convertView[T](s))
	}
	return out
}

// convertView is tensor.Convert for a tensor, its transpose or nil, laid out as it is.
func convertView[T tensor.Float](t *tensor.Tensor[float64]) *tensor.Tensor[T] {
	switch {
	case t == nil:
		return nil
	case t.Dims() == 2:
		return tensor.Convert[T](t.Transpose(0, 1).Contiguous()).Transpose(0, 1)
	}
	return tensor.Convert[T](t)
}
