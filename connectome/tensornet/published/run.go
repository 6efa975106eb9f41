package published

import (
	"sync"

	"elegans/autograd"
	"elegans/tensor"
	"elegans/tensor/program"
)

// normEps stands inside the root of a unit's layer normalisation.
const normEps = 1e-5

// compiled is a compiled graph. It does not change, so that several calls may run it at a time.
type compiled[T tensor.Float] struct {
	*ordered
	linears int // linear steps
	// free holds tables of operands that no call uses: a call takes one, so that it need not
	// allocate. Unlike a sync.Pool the list keeps what it is given.
	mu   sync.Mutex
	free []*operands[T]
}

// operands say where the parameters and gradients of a program's units lie during one call.
type operands[T tensor.Float] struct {
	units []program.Unit[T]
	grads program.Grads[T]
}

// programs are the compiled programs of a network by their number of time steps.
type programs[T tensor.Float] struct {
	mu    sync.Mutex
	times map[int]*compiled[T]
}

// program returns the program for so many time steps; it compiles on first use.
func (n *Network[T]) program(times int) *compiled[T] {
	n.programs.mu.Lock()
	defer n.programs.mu.Unlock()
	if p := n.programs.times[times]; p != nil {
		return p
	}
	o, err := compile(n.graph, &n.Config, times)
	if err != nil {
		// New has compiled the same graph, and found that later time steps bring nothing new.
		panic(err)
	}
	p := &compiled[T]{ordered: o, linears: o.program.Linear()}
	if n.programs.times == nil {
		n.programs.times = map[int]*compiled[T]{}
	}
	n.programs.times[times] = p
	return p
}

// bind returns a table with the parameters of the units. Give it back with release.
func (p *compiled[T]) bind(units []unit[T]) *operands[T] {
	var o *operands[T]
	p.mu.Lock()
	if last := len(p.free) - 1; last >= 0 {
		o, p.free = p.free[last], p.free[:last]
	}
	p.mu.Unlock()
	if o == nil {
		live := len(p.live)
		o = &operands[T]{units: make([]program.Unit[T], live)}
		o.grads.Units, o.grads.Overwrite = make([]program.Unit[T], live), make([]bool, live)
	}
	for i, v := range p.live {
		u := &units[v]
		o.units[i] = program.Unit[T]{Weight: autograd.Elements(u.Weight), Bias: autograd.Elements(u.Bias), Gain: autograd.Elements(u.Gain), Shift: autograd.Elements(u.Shift)}
	}
	return o
}

// release takes a table back. It forgets what the table names, so that a program keeps no
// parameters or gradients alive.
func (p *compiled[T]) release(o *operands[T]) {
	clear(o.units)
	clear(o.grads.Units)
	clear(o.grads.Overwrite)
	o.grads.X, o.grads.Slope = nil, nil
	p.mu.Lock()
	p.free = append(p.free, o)
	p.mu.Unlock()
}

// run sends x [times, batch, d], or [sensory neurons, batch, d] where each has its own, through the
// graph and returns the values of the motor neurons, [times, batch, motors, d], where times is 1 in
// the second case. It is one differentiable operation.
func (n *Network[T]) run(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	times, batch, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	if n.Config.EachSensor {
		times = 1
	}
	p := n.program(times)
	need := autograd.Needs(x, n.Slope)
	for _, v := range p.live {
		u := &n.units[v]
		need = need || autograd.Needs(u.Weight, u.Bias, u.Gain, u.Shift)
	}
	y := tp.NewResult(need, times, batch, len(n.Motors), d)
	o := runOp[T]{n: n, p: p, x: x, y: y, act: n.act}
	if n.Slope != nil {
		o.act.Slope = tensor.Operand(n.Slope.Value)
	}
	if o.act.Kind == program.RReLU {
		if tp.Training {
			o.act.Key = tp.NextKey()
		} else {
			o.act = program.Activation[T]{Op: tensor.OpLeakyReLU, A: program.RReLUSlope}
		}
	}
	keep := y.RequiresGrad()
	o.m.Values = tp.NewTensor(p.program.Slots(keep), batch, d)
	if keep {
		o.m.Mean, o.m.Rstd = tp.NewTensor(p.program.Steps(), batch), tp.NewTensor(p.program.Steps(), batch)
	}
	operands := p.bind(n.units)
	program.Run(p.program, y.Value, x.Value, operands.units, o.act, normEps, o.m)
	p.release(operands)
	if !keep {
		tp.Free(o.m.Values)
	}
	tp.CountMACs(p.linears * batch * d * d)
	autograd.Record(tp, o)
	return y
}

type runOp[T tensor.Float] struct {
	n    *Network[T]
	p    *compiled[T]
	x, y *autograd.Var[T]
	act  program.Activation[T]
	m    program.Memory[T]
}

func (o *runOp[T]) Backward(tp *autograd.Tape[T]) {
	p := o.p
	operands := p.bind(o.n.units)
	to := &operands.grads
	for i, v := range p.live {
		u, g := &o.n.units[v], &to.Units[i]
		if u.Weight.RequiresGrad() && p.linear[i] {
			w, beta := u.Weight.GradTarget()
			g.Weight, to.Overwrite[i] = tensor.Operand(w), beta == 0
		}
		if p.linear[i] {
			g.Bias = gradOf(u.Bias)
		}
		g.Gain, g.Shift = gradOf(u.Gain), gradOf(u.Shift)
	}
	to.Slope = gradOf(o.n.Slope)
	if o.x.RequiresGrad() {
		to.X = o.x.GradSum()
	}
	grads := tp.NewTensor(p.program.GradSlots(), o.x.Value.Dim(1), o.x.Value.Dim(2))
	program.Backward(p.program, *to, o.y.GradSum(), o.x.Value, operands.units, o.act, normEps, o.m, grads)
	tp.Free(grads)
	p.release(operands)
}

// gradOf returns the elements of the gradient of an optional parameter, or nil if it is not wanted.
func gradOf[T tensor.Float](v *autograd.Var[T]) []T {
	if d := autograd.Wanted(v); d != nil {
		return tensor.Operand(d)
	}
	return nil
}
