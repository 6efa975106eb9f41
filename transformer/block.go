package transformer

import (
	"cmp"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Order says where the normalisations of a block stand; see the package comment.
type Order string

// The orders.
const (
	OrderPre       Order = "pre"
	OrderPost      Order = "post"
	OrderPublished Order = "published"
)

// Block mixes tokens, then channels, each with a residual connection and a layer normalisation: x
// [B, n, E] -> [B, n, E]. Order says in which order; see the package comment.
type Block[T tensor.Float] struct {
	Norm1    *nn.LayerNorm[T]
	Tokens   nn.Module[T] // the token mixer: tokens exchange what they hold
	Norm2    *nn.LayerNorm[T]
	Channels nn.Module[T] // the channel mixer: each token by itself
	Order    Order
	// DropPath is the probability with which an example skips a mixer in training (stochastic
	// depth, Huang et al. 2016).
	DropPath float64

	// TokensName and ChannelsName are the names of the mixers in the paths of parameters: "attn"
	// and "mlp" if empty.
	TokensName, ChannelsName string
}

// Parts names the parts as timm does.
func (b *Block[T]) Parts() []nn.Part {
	return []nn.Part{
		{Name: "norm1", Value: b.Norm1}, {Name: b.tokensName(), Value: b.Tokens},
		{Name: "norm2", Value: b.Norm2}, {Name: b.channelsName(), Value: b.Channels},
	}
}

func (b *Block[T]) tokensName() string   { return cmp.Or(b.TokensName, "attn") }
func (b *Block[T]) channelsName() string { return cmp.Or(b.ChannelsName, "mlp") }

// Forward maps x [B, n, E] to [B, n, E].
func (b *Block[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	x = b.mix(tp, x, b.tokensName(), b.Tokens, b.Norm1)
	return b.mix(tp, x, b.channelsName(), b.Channels, b.Norm2)
}

// stepBytes counts normalisations and sums beside the mixers.
func (b *Block[T]) stepBytes(batch, tokens int) float64 {
	features := b.Norm1.Weight.Value.Len()
	own := numbers[T](4*batch*tokens, features)
	return own + mixerBytes(b.Tokens, batch, tokens, features) + stepBytes(b.Channels, batch, tokens)
}

// mix is one half of the block: a mixer with its residual connection and normalisation.
func (b *Block[T]) mix(tp *autograd.Tape[T], x *autograd.Var[T], name string, m nn.Module[T], norm *nn.LayerNorm[T]) *autograd.Var[T] {
	branch := func(h *autograd.Var[T]) *autograd.Var[T] {
		return dropPath(tp, run(tp, name, m, h), b.DropPath)
	}
	switch b.Order {
	case OrderPost:
		return norm.Forward(tp, tp.Add(x, branch(x)))
	case OrderPublished:
		h := norm.Forward(tp, x)
		return tp.Add(h, branch(h))
	}
	return tp.Add(x, branch(norm.Forward(tp, x)))
}

// run is m.Forward, with the name of m before those of its marks, and a mark of its result.
func run[T tensor.Float](tp *autograd.Tape[T], name string, m nn.Module[T], x *autograd.Var[T]) *autograd.Var[T] {
	outer := tp.Enter(name)
	y := m.Forward(tp, x)
	tp.Leave(outer)
	tp.Mark(name, y)
	return y
}

// dropPath sets whole examples of x [B, ..] to 0 with probability p in training, and scales the
// others by 1/(1-p).
func dropPath[T tensor.Float](tp *autograd.Tape[T], x *autograd.Var[T], p float64) *autograd.Var[T] {
	if p == 0 || !tp.Training {
		return x
	}
	var shape [tensor.MaxDims]int
	for i := range shape {
		shape[i] = 1
	}
	shape[0] = x.Value.Dim(0)
	ones := tp.NewTensor(shape[:x.Value.Dims()]...)
	tensor.Fill(ones, 1)
	return tp.Mul(x, tp.Dropout(tp.Input(ones), p))
}
