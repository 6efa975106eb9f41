package tensornet

import (
	"elegans/autograd"
	"elegans/tensor"
)

// orderedProgram is a compiled program with the places of its operands, which are filled in anew at
// each run.
type orderedProgram[T tensor.Float] struct {
	*ordered
	linears int // linear steps
	units   []tensor.ProgramUnit[T]
	grads   tensor.ProgramGrads[T]
}

// program returns the program for so many time steps; it compiles on first use.
func (n *Published[T]) program(times int) *orderedProgram[T] {
	if p := n.programs[times]; p != nil {
		return p
	}
	o, err := compileOrdered(n.graph, &n.Config, times)
	if err != nil {
		// NewPublished has compiled the same graph, and found that later time steps bring nothing
		// new
		panic(err)
	}
	p := &orderedProgram[T]{ordered: o, units: make([]tensor.ProgramUnit[T], len(o.live))}
	p.grads.Units, p.grads.Overwrite = make([]tensor.ProgramUnit[T], len(o.live)), make([]bool, len(o.live))
	p.linears = o.program.Linear()
	n.programs[times] = p
	return p
}

// bind looks up the parameters of the units.
func (p *orderedProgram[T]) bind(units []unit[T]) {
	for i, v := range p.live {
		u := &units[v]
		p.units[i] = tensor.ProgramUnit[T]{Weight: values(u.Weight), Bias: values(u.Bias), Gain: values(u.Gain), Shift: values(u.Shift)}
	}
}

// run sends x [times, batch, d] through the graph and returns the values of the motor neurons,
// [times, batch, motors, d]. It is one differentiable operation.
func (n *Published[T]) run(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	times, batch, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	p := n.program(times)
	p.bind(n.units)
	need := autograd.Needs(x, n.Slope)
	for _, v := range p.live {
		u := &n.units[v]
		need = need || autograd.Needs(u.Weight, u.Bias, u.Gain, u.Shift)
	}
	y := tp.NewResult(need, times, batch, len(n.Motors), d)
	o := orderedOp[T]{n: n, p: p, x: x, y: y, act: n.act}
	if n.Slope != nil {
		o.act.Slope = n.Slope.Value.Data()
	}
	if o.act.Kind == tensor.ActRReLU {
		if tp.Training {
			o.act.Key = tp.NextKey()
		} else {
			o.act = tensor.Activation[T]{Op: tensor.OpLeakyReLU, A: tensor.RReLUSlope}
		}
	}
	keep := y.RequiresGrad()
	o.m.Values = tp.NewTensor(p.program.Slots(keep), batch, d)
	if keep {
		o.m.Mean, o.m.Rstd = tp.NewTensor(p.program.Steps(), batch), tp.NewTensor(p.program.Steps(), batch)
	}
	tensor.RunProgram(p.program, y.Value, x.Value, p.units, o.act, normEps, o.m)
	if !keep {
		tp.Free(o.m.Values)
	}
	tp.CountMACs(p.linears * batch * d * d)
	autograd.Record(tp, o)
	return y
}

type orderedOp[T tensor.Float] struct {
	n    *Published[T]
	p    *orderedProgram[T]
	x, y *autograd.Var[T]
	act  tensor.Activation[T]
	m    tensor.ProgramMemory[T]
}

func (o *orderedOp[T]) Backward(tp *autograd.Tape[T]) {
	p := o.p
	to := p.grads
	for i, v := range p.live {
		u, g := &o.n.units[v], &to.Units[i]
		g.Weight = nil
		if u.Weight.RequiresGrad() && p.linear[i] {
			w, beta := u.Weight.GradTarget()
			g.Weight, to.Overwrite[i] = w.Data(), beta == 0
		}
		g.Bias = nil
		if p.linear[i] {
			g.Bias = wanted(u.Bias)
		}
		g.Gain, g.Shift = wanted(u.Gain), wanted(u.Shift)
	}
	to.Slope = wanted(o.n.Slope)
	if o.x.RequiresGrad() {
		to.X = o.x.GradSum()
	}
	grads := tp.NewTensor(p.program.GradSlots(), o.x.Value.Dim(1), o.x.Value.Dim(2))
	p.bind(o.n.units)
	tensor.RunProgramGrad(p.program, to, o.y.GradSum(), o.x.Value, p.units, o.act, normEps, o.m, grads)
	tp.Free(grads)
}

// wanted returns the gradient of an optional parameter to add to, or nil if it is not wanted.
func wanted[T tensor.Float](v *autograd.Var[T]) []T {
	if v == nil || !v.RequiresGrad() {
		return nil
	}
	return v.GradSum().Data()
}
