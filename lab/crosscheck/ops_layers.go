package crosscheck

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// maxParameters bounds the parameters that the constructor of a layer draws.
const maxParameters = 1 << 24

// opsLayers registers the layers of package nn by their names there, made by their constructors
// from the attributes of PyTorch's, with the arguments of a case as parameters.
func opsLayers[T tensor.Float](r registry[T]) {
	key := func() tensor.Key { return tensor.NewKey(0, "crosscheck").Within(maxParameters) }
	type conv struct {
		in, out, kernel int
		o               tensor.ConvOptions
	}
	convOf := func(c *Case[T]) conv {
		return conv{c.AttrInt("in_channels", 1), c.AttrInt("out_channels", 1), c.AttrInt("kernel_size", 1), convOptions(&c.Attrs)}
	}
	r.add("nn.Linear", func(c *Case[T]) {
		l := nn.NewLinear[T](key(), c.AttrInt("in_features", 1), c.AttrInt("out_features", 1), c.Bool("bias", true))
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.Conv1d", func(c *Case[T]) {
		o := convOf(c)
		l := nn.NewConv1d[T](key(), o.in, o.out, o.kernel, c.Has("bias"), autograd.Conv1dOptions{
			Stride: o.o.Stride[1], Padding: o.o.Padding[1], Dilation: o.o.Dilation[1], Groups: o.o.Groups})
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.Conv2d", func(c *Case[T]) {
		o := convOf(c)
		l := nn.NewConv2d[T](key(), o.in, o.out, [2]int{o.kernel, o.kernel}, c.Has("bias"), o.o)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.ConvTranspose2d", func(c *Case[T]) {
		o := convOf(c)
		l := nn.NewConvTranspose2d[T](key(), o.in, o.out, [2]int{o.kernel, o.kernel}, c.Has("bias"), o.o)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.LayerNorm", func(c *Case[T]) {
		shape := c.AttrInts("normalized_shape")
		c.need("nn.LayerNorm", shape...)
		l := nn.NewLayerNorm[T](shape...)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.RMSNorm", func(c *Case[T]) {
		shape := c.AttrInts("normalized_shape")
		if len(shape) != 1 {
			skip("normalized_shape %v, expected one axis", shape)
		}
		c.need("nn.RMSNorm", shape...)
		l := nn.NewRMSNorm[T](shape[0])
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.GroupNorm", func(c *Case[T]) {
		channels := c.AttrInt("num_channels", 1)
		c.need("nn.GroupNorm", channels)
		l := nn.NewGroupNorm[T](c.AttrInt("num_groups", 1), channels)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.BatchNorm", func(c *Case[T]) {
		channels := c.AttrInt("num_features", 1)
		c.need("nn.BatchNorm", channels)
		l := nn.NewBatchNorm[T](channels)
		c.take(l)
		c.Tape.Training = true
		defer func() { c.Tape.Training = false }()
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.Embedding", func(c *Case[T]) {
		n := c.AttrInt("num_embeddings", 1)
		l := nn.NewEmbedding[T](key(), n, c.AttrInt("embedding_dim", 1), paddingOf(c, n))
		c.take(l)
		c.Out(l.Lookup(c.Tape, c.Ints("ids"), c.Shape("ids")...))
	})
	r.add("nn.MultiheadAttention", func(c *Case[T]) {
		l := nn.NewMultiheadAttention[T](key(), c.AttrInt("embed_dim", 1), c.AttrInt("num_heads", 1))
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.TransformerEncoderLayer", func(c *Case[T]) {
		l := nn.NewTransformerEncoderLayer[T](key(), c.AttrInt("d_model", 1), c.AttrInt("nhead", 1), c.AttrInt("dim_feedforward", 1), c.Bool("norm_first", false))
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	sizes := func(c *Case[T]) (in, hidden, layers int) {
		return c.AttrInt("input_size", 1), c.AttrInt("hidden_size", 1), c.AttrInt("num_layers", 1)
	}
	r.add("nn.LSTM", func(c *Case[T]) {
		in, hidden, layers := sizes(c)
		l := nn.NewLSTM[T](key(), in, hidden, layers)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.GRU", func(c *Case[T]) {
		in, hidden, layers := sizes(c)
		l := nn.NewGRU[T](key(), in, hidden, layers)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
	r.add("nn.RNN", func(c *Case[T]) {
		in, hidden, layers := sizes(c)
		l := nn.NewRNN[T](key(), in, hidden, layers)
		c.take(l)
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
}

// take gives a layer the parameters that the case has as arguments, by their paths, and takes their
// gradients for those of the arguments.
func (c *Case[T]) take(layer any) {
	params, err := nn.Walk[T](layer)
	if err != nil {
		panic(err)
	}
	for _, p := range params {
		if !p.RequiresGrad() { // running statistics
			continue
		}
		v := c.Tensor(p.Path)
		if !tensor.SameShape(v, p.Value) {
			tensor.PanicShape("crosscheck.take", "parameter "+p.Path+" of the case and of the layer differ", v.Shape(), p.Shape())
		}
		tensor.Copy(p.Value, v)
		c.vars[p.Path] = p.Var
	}
}
