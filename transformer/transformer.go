package transformer

import (
	"strconv"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Transformer is a vision transformer or a model of its kind: images [B, C, H, W] -> logits [B,
// classes].
//
//	h = patches x                [B, n, E]
//	h = class token, h           [B, 1+n, E], where there is one
//	h = dropout(h + positions)
//	h = block h                  for every block
//	y = head(pool(norm h))       pool gives [B, E]
type Transformer[T tensor.Float] struct {
	Patches    nn.Module[T]     // images -> tokens [B, n, E]
	ClassToken *autograd.Var[T] // [1, 1, E]; nil for none
	Positions  *autograd.Var[T] // [1, n or more, E]: the first n count; nil for none
	Dropout    nn.Dropout[T]
	Blocks     []*Block[T]
	Norm       *nn.LayerNorm[T] // nil for none
	Pool       nn.Module[T]     // [B, n, E] -> [B, F]
	Head       nn.Module[T]     // [B, F] -> [B, classes]

	// Config is what New was asked for, complete. It describes parts that have been replaced since
	// no more.
	Config Config

	// PatchesName is the name of Patches in the paths of parameters: "patch_embed" if empty.
	PatchesName string
}

// Parts names the parts as timm does.
func (m *Transformer[T]) Parts() []nn.Part {
	return []nn.Part{
		{Name: "cls_token", Value: m.ClassToken}, {Name: "pos_embed", Value: m.Positions},
		{Name: m.patchesName(), Value: m.Patches}, {Name: "blocks", Value: m.Blocks}, {Name: "norm", Value: m.Norm},
		{Name: "pool", Value: m.Pool}, {Name: "head", Value: m.Head},
	}
}

func (m *Transformer[T]) patchesName() string {
	if m.PatchesName != "" {
		return m.PatchesName
	}
	return "patch_embed"
}

// New makes a model. Weights are drawn from the key.
func New[T tensor.Float](k tensor.Key, c Config) (*Transformer[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	m := &Transformer[T]{
		Config:    c,
		Patches:   NewPatchEmbed[T](k.Sub("patch_embed"), c.Image[0], c.Patch, c.Dim),
		Positions: newPositions[T](k, c.Positions, c.Tokens(), c.Dim),
		Dropout:   nn.Dropout[T]{P: c.Dropout},
		Pool:      newPool[T](k.Sub("pool"), c.Pooling, c.Dim),
		Head:      newLinear[T](k.Sub("head"), c.Dim, c.Classes),
	}
	if c.TokenMixer == TokenMixerMLP {
		m.PatchesName = "stem"
	}
	if c.ClassToken {
		m.ClassToken = autograd.NewParam("cls_token", tensor.New[T](1, 1, c.Dim))
	}
	for i := range c.Depth {
		b, err := newBlock[T](k.Sub("block"+strconv.Itoa(i)), c)
		if err != nil {
			return nil, err
		}
		if c.DropPath > 0 && c.Depth > 1 {
			b.DropPath = c.DropPath * float64(i) / float64(c.Depth-1)
		}
		if i > 0 && c.SharedChannels {
			b.Channels = m.Blocks[0].Channels
		}
		m.Blocks = append(m.Blocks, b)
	}
	if c.Order == OrderPre && !c.NoFinalNorm {
		m.Norm = newLayerNorm[T](c.Dim, c.Eps)
	}
	return m, nil
}

// newBlock makes a block of a complete configuration.
func newBlock[T tensor.Float](k tensor.Key, c Config) (*Block[T], error) {
	b := &Block[T]{
		Norm1: newLayerNorm[T](c.Dim, c.Eps), Norm2: newLayerNorm[T](c.Dim, c.Eps), Order: c.Order,
	}
	act, err := tensor.ActivationOf(c.Activation)
	if err != nil {
		return nil, err
	}
	if b.Channels, err = newChannels[T](k.Sub("mlp"), c, act); err != nil {
		return nil, err
	}
	if c.TokenMixer == TokenMixerMLP {
		tokens := NewFeedForward[T](k.Sub("mlp_tokens"), c.Tokens(), c.TokenHidden, act, c.Gating)
		tokens.Dropout = c.Dropout
		b.Tokens = TokenMLP[T]{tokens}
		b.TokensName, b.ChannelsName = "mlp_tokens", "mlp_channels"
		return b, nil
	}
	attention := NewAttention[T](k.Sub("attn"), c.Dim, c.Heads)
	attention.Dropout = c.Dropout
	b.Tokens = attention
	return b, nil
}

// newChannels makes the channel mixer: a feed-forward network or a mixture of some.
func newChannels[T tensor.Float](k tensor.Key, c Config, act tensor.Activation) (nn.Module[T], error) {
	if c.Experts == 0 {
		f := NewFeedForward[T](k, c.Dim, c.Hidden, act, c.Gating)
		f.Dropout = c.Dropout
		return f, nil
	}
	f := NewGroupedFeedForward[T](k.Sub("experts"), c.Experts, c.Dim, c.Hidden, act, c.Gating)
	f.Dropout = c.Dropout
	return newMixture[T](k, c, f)
}

// newMixture makes a mixture of experts for the tokens of a configuration.
func newMixture[T tensor.Float](k tensor.Key, c Config, experts Experts[T]) (nn.Module[T], error) {
	m, err := NewMoE[T](c.Dim, c.ExpertsChosen, experts)
	if err != nil {
		return nil, err
	}
	if m.Noisy = c.NoisyGating; !m.Noisy {
		// Without noise equal logits would send every row to the first experts.
		tensor.FillNormal(m.WGate.Value, k.Sub("w_gate"), 0, .02)
	}
	return m, nil
}

func newPool[T tensor.Float](k tensor.Key, p Pooling, features int) nn.Module[T] {
	switch p {
	case PoolingClass:
		return ClassPool[T]{}
	case PoolingAttention:
		return NewAttentionPool[T](k, features)
	}
	return MeanPool[T]{}
}

// Forward maps images [B, C, H, W] to logits [B, classes].
func (m *Transformer[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return run(tp, "head", m.Head, run(tp, "pool", m.Pool, m.Features(tp, x)))
}

// Features maps images [B, C, H, W] to the tokens [B, n, E] that the pool takes.
func (m *Transformer[T]) Features(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	h := run(tp, m.patchesName(), m.Patches, x)
	if m.ClassToken != nil {
		h = tp.Concat(1, tp.Expand(m.ClassToken, h.Value.Dim(0), 1, h.Value.Dim(2)), h)
	}
	if m.Positions != nil {
		h = tp.Add(h, tp.Slice(m.Positions, 1, 0, h.Value.Dim(1), 1))
	}
	h = m.Dropout.Forward(tp, h)
	for i, b := range m.Blocks {
		h = run(tp, blockNames.of(i), b, h)
	}
	if m.Norm != nil {
		h = run(tp, "norm", m.Norm, h)
	}
	return h
}

// blockNames are the names of the first blocks, so that a pass makes none.
var blockNames = numberedNames("blocks.")

// nameList holds a prefix with the numbers from 0 on.
type nameList struct {
	prefix string
	names  [64]string
}

func numberedNames(prefix string) *nameList {
	l := &nameList{prefix: prefix}
	for i := range l.names {
		l.names[i] = prefix + strconv.Itoa(i)
	}
	return l
}

func (l *nameList) of(i int) string {
	if i < len(l.names) {
		return l.names[i]
	}
	return l.prefix + strconv.Itoa(i)
}
