package crosscheck

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// opsAttention registers attention, embeddings and vector similarities.
func opsAttention[T tensor.Float](r registry[T]) {
	r.add("embedding", func(c *Case[T]) {
		c.Out(c.Tape.Embedding(c.Var("weight"), c.Ints("ids"), paddingOf(c, c.Shape("weight")[0]), c.Shape("ids")...))
	})
	r.add("normalize", func(c *Case[T]) {
		c.Out(c.Tape.Normalize(c.Var("x"), c.Float("p", 2), c.AttrInt("dim", 1), T(c.Float("eps", 1e-12))))
	})
	r.add("cosine_similarity", func(c *Case[T]) {
		c.Out(c.Tape.CosineSimilarity(c.Var("a"), c.Var("b"), c.AttrInt("dim", 1), T(c.Float("eps", 1e-8))))
	})
	r.add("sdpa", func(c *Case[T]) {
		c.Ignore("mask") // the type of the argument says the same
		o := autograd.AttentionOptions[T]{Causal: c.Bool("is_causal", false)}
		if c.String("scale", "1/sqrt(d)") != "1/sqrt(d)" {
			skip("attribute \"scale\" is not 1/sqrt(d)")
		}
		if c.Has("mask") {
			if c.IsMask("mask") { // true: may attend
				o.Blocked = tensor.New[T](c.Shape("mask")...)
				for i, allowed := range c.Bools("mask") {
					if !allowed {
						o.Blocked.Data()[i] = 1
					}
				}
			} else {
				o.Add = c.Var("mask")
			}
		}
		y, _ := c.Tape.ScaledDotProductAttention(c.Var("q"), c.Var("k"), c.Var("v"), o)
		c.Out(y)
	})
	r.add("multihead_attention", func(c *Case[T]) {
		c.batchFirst()
		if query := c.Var("query"); query.Value.Dims() > 0 {
			c.Same("embed_dim", query.Value.Dim(-1))
		}
		if c.Bool("self", !c.Has("key")) == c.Has("key") {
			skip("attribute \"self\" says otherwise than the arguments")
		}
		m := attentionOf(c, "", c.AttrInt("num_heads", 1))
		o := autograd.AttentionOptions[T]{KeyBlocked: c.OptTensor("key_padding_mask")}
		if c.Has("attn_mask") && !c.IsMask("attn_mask") {
			o.Add = c.Var("attn_mask")
		} else {
			o.Blocked = c.OptTensor("attn_mask") // true: blocked
		}
		query := c.Var("query")
		key, value := query, query
		if c.Has("key") {
			key, value = c.Var("key"), c.Var("value")
		}
		y, w := m.Attend(c.Tape, query, key, value, o)
		c.Out(y, c.Tape.Mean(w, 1))
	})
	r.add("transformer_encoder_layer", func(c *Case[T]) {
		c.batchFirst()
		c.Same("d_model", c.Var("linear1.weight").Value.Dim(-1))
		c.Same("dim_feedforward", c.Var("linear1.weight").Value.Dim(0))
		act, err := nn.Activation[T](c.String("activation", "relu"))
		if err != nil {
			skip("%v", err)
		}
		l := &nn.TransformerEncoderLayer[T]{
			SelfAttn: attentionOf(c, "self_attn.", c.AttrInt("nhead", 1)),
			Linear1:  linearOf(c, "linear1."), Linear2: linearOf(c, "linear2."),
			Norm1: normOf(c, "norm1."), Norm2: normOf(c, "norm2."),
			Act: act, NormFirst: c.Bool("norm_first", false),
		}
		c.Out(l.Forward(c.Tape, c.Var("x")))
	})
}

// batchFirst skips a case whose sequences are [length, batch, features].
func (c *Case[T]) batchFirst() {
	if !c.Bool("batch_first", true) {
		skip("attribute \"batch_first\" is false, expected sequences [batch, length, features]")
	}
}

// paddingOf reads the padding of an embedding of n rows, which counts from the end if it is
// negative.
func paddingOf[T tensor.Float](c *Case[T], n int) int {
	if !c.HasAttr("padding_idx") {
		return autograd.NoPadding
	}
	padding := c.AttrInt("padding_idx", 0)
	if padding < 0 && padding+n >= 0 {
		return padding + n
	}
	if padding < 0 {
		return n // which is no row either
	}
	return padding
}

// attentionOf makes a layer of the arguments whose names begin with prefix.
func attentionOf[T tensor.Float](c *Case[T], prefix string, heads int) *nn.MultiheadAttention[T] {
	return &nn.MultiheadAttention[T]{
		InProjWeight: c.Var(prefix + "in_proj_weight"), InProjBias: c.Opt(prefix + "in_proj_bias"),
		OutProj: linearOf(c, prefix+"out_proj."), Heads: heads,
	}
}

func linearOf[T tensor.Float](c *Case[T], prefix string) *nn.Linear[T] {
	return &nn.Linear[T]{Weight: c.Var(prefix + "weight"), Bias: c.Opt(prefix + "bias")}
}

func normOf[T tensor.Float](c *Case[T], prefix string) *nn.LayerNorm[T] {
	return &nn.LayerNorm[T]{Weight: c.Var(prefix + "weight"), Bias: c.Opt(prefix + "bias"), Eps: T(c.Float("layer_norm_eps", 1e-5))}
}
