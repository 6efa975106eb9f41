package m2

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
)

// Published is the live part of the published network (see Live): x [batch, d] -> y [batch, d].
//
//	interneuron  I_i = elu(W_i x + b_i) * x^(k_i - 1)
//	motor        M_j = elu(W_j I_source(j) + b_j)   or   elu(W_j x + b_j)
//	output       y   = LayerNorm tn.norm (attention of x to the stack of all M_j)
//
// The attention has one softmax for each query head over all pairs of a motor and a key head: see
// package jointattention.
type Published[T tensor.Float] struct {
	Live Live
	// [interneurons, d, d], in the order of Live.Interneurons
	InterWeight *autograd.Var[T] `nn:"tn.inter.weight"`
	InterBias   *autograd.Var[T] `nn:"tn.inter.bias"` // [interneurons, d]
	// [motors, d, d], in the order of Live.Motors
	MotorWeight *autograd.Var[T]   `nn:"tn.motor.weight"`
	MotorBias   *autograd.Var[T]   `nn:"tn.motor.bias"` // [motors, d]
	Attention   *JointAttention[T] `nn:"mha"`           // of the code to the motors
	Norm        *nn.LayerNorm[T]   `nn:"tn.norm"`

	power  []int // of the interneurons
	code   []int // -1 for each interneuron: all read x
	source []int // of the motors
}

func newPublished[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*Published[T], error) {
	live, err := LiveUnits(g)
	if err != nil {
		return nil, err
	}
	d, heads := c.Width, c.Heads
	if heads == 0 {
		heads = len(live.Motors)
	}
	p := &Published[T]{
		Live: live, Attention: newJointAttention[T](k.Sub("mha"), d, heads, c.KeyDim), Norm: newLayerNorm[T](d),
		InterWeight: glorot[T](k.Sub("inter"), d, d, len(live.Interneurons), d, d), InterBias: zeros[T](len(live.Interneurons), d),
		MotorWeight: glorot[T](k.Sub("motor"), d, d, len(live.Motors), d, d), MotorBias: zeros[T](len(live.Motors), d),
	}
	for _, u := range live.Interneurons {
		p.power, p.code = append(p.power, u.Power), append(p.code, -1)
	}
	for _, m := range live.Motors {
		p.source = append(p.source, m.Source)
	}
	return p, nil
}

// Forward sends codes x [batch, d] through the network.
func (p *Published[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	inter := mulPowers(tp, eluUnits(tp, x, nil, p.InterWeight, p.InterBias, p.code), x, p.power)
	tp.Mark("tn.inter", inter)
	motor := eluUnits(tp, x, inter, p.MotorWeight, p.MotorBias, p.source)
	tp.Mark("tn.stack", motor)
	p.markUnits(tp, inter, motor)
	outer := tp.Enter("mha")
	y := p.Attention.Attend(tp, x, motor)
	tp.Mark("out", y)
	tp.Leave(outer)
	y = p.Norm.Forward(tp, y)
	tp.Mark("tn.norm", y)
	return y
}

// markUnits names what every unit holds, as copies that nothing but the observer reads.
func (p *Published[T]) markUnits(tp *autograd.Tape[T], inter, motor *autograd.Var[T]) {
	if !tp.KeepMarks {
		return
	}
	for i, u := range p.Live.Interneurons {
		tp.Mark(fmt.Sprintf("tn.inter.%d", u.Vertex), tp.Squeeze(tp.Slice(inter, 0, i, i+1, 1), 0))
	}
	for i, m := range p.Live.Motors {
		tp.Mark(fmt.Sprintf("tn.motor.%d", m.Vertex), tp.Squeeze(tp.Slice(motor, 0, i, i+1, 1), 0))
	}
}
