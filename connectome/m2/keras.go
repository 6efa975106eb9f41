package m2

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// KerasTensor is a parameter, or the part of one that belongs to a neuron, under the name and in
// the layout of the published Keras program: dense kernels [in, out], convolution kernels [height,
// width, in, out], those of the attention [d, heads, key_dim] and [heads, key_dim, d]. Ours are
// [out, in], [out, in, height, width], [heads*key_dim, d] and [d, heads*key_dim].
type KerasTensor[T tensor.Float] struct {
	Name  string           // "enc.conv1.kernel", "tn.inter.54.bias", "dec.bn.moving_mean"
	Param *autograd.Var[T] // what it is a view of
	// FanIn and FanOut are those of kernels, as Keras counts them for its initialisers, else 0.
	FanIn, FanOut int

	view func(*tensor.Tensor[T]) *tensor.Tensor[T]
}

// Value returns the view of the parameter in Keras' layout. Copy it with tensor.Copy, from or to.
func (k *KerasTensor[T]) Value() *tensor.Tensor[T] { return k.view(k.Param.Value) }

// Grad is Value for the gradient; it is nil if there is none.
func (k *KerasTensor[T]) Grad() *tensor.Tensor[T] {
	if k.Param.Grad() == nil {
		return nil
	}
	return k.view(k.Param.Grad())
}

// Keras lists all parameters and buffers of the encoder, the decoder, the normalisations and, if it
// is the published one, the core.
func (a *Autoencoder[T]) Keras() []KerasTensor[T] {
	var l kerasList[T]
	e, d := a.Encoder, a.Decoder
	l.conv("enc.conv1", e.Conv1)
	l.conv("enc.conv2", e.Conv2)
	l.conv("enc.conv3", e.Conv3)
	l.dense("enc.dense", e.Dense)
	l.norm("s_init", a.SInit)
	if p, published := a.Core.(*Published[T]); published {
		p.keras(&l)
	}
	if a.NormE != nil {
		l.norm("norm_e", a.NormE)
	}
	l.norm("norm_x", a.NormX)
	l.dense("dec.dense1", d.Dense1)
	l.dense("dec.dense2", d.Dense2)
	l.dense("dec.dense3", d.Dense3)
	l.dense("dec.dense4", d.Dense4)
	l.add("dec.bn.gamma", d.BN.Weight)
	l.add("dec.bn.beta", d.BN.Bias)
	l.add("dec.bn.moving_mean", d.BN.RunningMean)
	l.add("dec.bn.moving_variance", d.BN.RunningVar)
	l.conv("dec.conv1", d.Conv1)
	l.conv("dec.conv2", d.Conv2.Conv)
	l.conv("dec.conv3", d.Conv3.Conv)
	l.conv("dec.out", d.Out.Conv)
	return l
}

func (p *Published[T]) keras(l *kerasList[T]) {
	for i, u := range p.Live.Interneurons {
		l.unit(fmt.Sprintf("tn.inter.%d", u.Vertex), p.InterWeight, p.InterBias, i)
	}
	for i, m := range p.Live.Motors {
		l.unit(fmt.Sprintf("tn.motor.%d", m.Vertex), p.MotorWeight, p.MotorBias, i)
	}
	a := p.Attention
	l.project("mha.query", a.Query, a.Heads)
	l.project("mha.key", a.Key, a.Heads)
	l.project("mha.value", a.Value, a.Heads)
	d, heads, keyDim := a.Out.Weight.Value.Dim(0), a.Heads, a.Out.Weight.Value.Dim(1)/a.Heads
	l.kernel("mha.out.kernel", a.Out.Weight, heads*keyDim, heads*d, func(t *tensor.Tensor[T]) *tensor.Tensor[T] {
		return t.Reshape(d, heads, keyDim).Permute(1, 2, 0)
	})
	l.add("mha.out.bias", a.Out.Bias)
	l.norm("tn.norm", p.Norm)
}

type kerasList[T tensor.Float] []KerasTensor[T]

// add lists a parameter that has the same layout on both sides.
func (l *kerasList[T]) add(name string, p *autograd.Var[T]) {
	*l = append(*l, KerasTensor[T]{Name: name, Param: p, view: func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t }})
}

func (l *kerasList[T]) kernel(name string, p *autograd.Var[T], fanIn, fanOut int, view func(*tensor.Tensor[T]) *tensor.Tensor[T]) {
	*l = append(*l, KerasTensor[T]{Name: name, Param: p, FanIn: fanIn, FanOut: fanOut, view: view})
}

func (l *kerasList[T]) norm(name string, n *nn.LayerNorm[T]) {
	l.add(name+".gamma", n.Weight)
	l.add(name+".beta", n.Bias)
}

func (l *kerasList[T]) dense(name string, d *nn.Linear[T]) {
	out, in := d.Weight.Value.Dim(0), d.Weight.Value.Dim(1)
	l.kernel(name+".kernel", d.Weight, in, out, func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.T() })
	l.add(name+".bias", d.Bias)
}

func (l *kerasList[T]) conv(name string, c *nn.Conv2d[T]) {
	s := c.Weight.Shape()
	l.kernel(name+".kernel", c.Weight, s[1]*s[2]*s[3], s[0]*s[2]*s[3], func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.Permute(2, 3, 1, 0) })
	l.add(name+".bias", c.Bias)
}

// unit lists row i of grouped parameters, weight [units, d, d] and bias [units, d].
func (l *kerasList[T]) unit(name string, weight, bias *autograd.Var[T], i int) {
	d := weight.Value.Dim(1)
	l.kernel(name+".kernel", weight, d, d, func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.Slice(0, i, i+1, 1).Squeeze(0).T() })
	*l = append(*l, KerasTensor[T]{Name: name + ".bias", Param: bias, view: func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.Slice(0, i, i+1, 1).Squeeze(0) }})
}

// project lists a projection onto heads. Keras' initialiser takes the axes of its kernel [d, heads,
// key_dim] for a convolution's: d*heads in, d*key_dim out.
func (l *kerasList[T]) project(name string, p *nn.Linear[T], heads int) {
	d, keyDim := p.Weight.Value.Dim(1), p.Weight.Value.Dim(0)/heads
	l.kernel(name+".kernel", p.Weight, d*heads, d*keyDim, func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.Reshape(heads, keyDim, d).Permute(2, 0, 1) })
	*l = append(*l, KerasTensor[T]{Name: name + ".bias", Param: p.Bias, view: func(t *tensor.Tensor[T]) *tensor.Tensor[T] { return t.Reshape(heads, keyDim) }})
}
