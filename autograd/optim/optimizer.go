package optim

import (
	"fmt"
	"slices"

	"elegans/autograd"
	"elegans/tensor"
)

// Rule is the update of one method. Its Update changes the parameter of a slot from its gradient.
type Rule[T tensor.Float] interface {
	// StateNames lists the names of the state tensors (of the parameter's shape) and of the state
	// numbers of each parameter.
	StateNames() (tensors, numbers []string)
	// Init sets the state of a new slot where it does not start at zero.
	Init(s *Slot[T])
	// Update performs update number s.Count of a parameter with the gradient g.
	Update(s *Slot[T], g *tensor.Tensor[T])
	// Momentum points to the coefficient that schedules with a momentum cycle (momentum, or the
	// first beta); nil if there is none.
	Momentum() *float64
}

// Slot is a parameter with its state.
type Slot[T tensor.Float] struct {
	Param   *autograd.Var[T]
	Tensors []*tensor.Tensor[T] // in the order of StateNames; nil before the first update
	Numbers []float64
	Count   int     // updates so far, the present one included
	LR      float64 // in force for the present update
	Decay   float64 // weight decay in force

	group int
}

// Group is a set of parameters that share deviations from the options of the optimiser.
type Group[T tensor.Float] struct {
	Params []*autograd.Var[T]
	// LRScale is a factor on the learning rate; 0 stands for 1. Schedules keep the proportion.
	LRScale       float64
	NoWeightDecay bool // as usual for biases and the parameters of normalisations
}

// Optimizer updates parameters by a rule.
type Optimizer[T tensor.Float] struct {
	rule   Rule[T]
	lr     float64
	decay  float64
	groups []Group[T]
	slots  []*Slot[T]
	params []*autograd.Var[T]
}

// NewOptimizer returns an optimiser for a rule, which may be one of your own. See Adam, SGD and the
// others for the rules here.
func NewOptimizer[T tensor.Float](rule Rule[T], params []*autograd.Var[T], lr, weightDecay float64) *Optimizer[T] {
	o := &Optimizer[T]{rule: rule, lr: lr, decay: weightDecay}
	o.AddGroup(Group[T]{Params: params})
	return o
}

// AddGroup adds parameters. It panics if the optimiser has one of them already: every step would
// update it twice.
func (o *Optimizer[T]) AddGroup(g Group[T]) {
	if g.LRScale == 0 {
		g.LRScale = 1
	}
	o.groups = append(o.groups, g)
	for _, p := range g.Params {
		if slices.Contains(o.params, p) {
			tensor.PanicUsage("optim.AddGroup", fmt.Sprintf("parameter %d, of shape %v, is given twice", slices.Index(o.params, p), p.Shape()))
		}
		o.slots = append(o.slots, &Slot[T]{Param: p, group: len(o.groups) - 1})
		o.params = append(o.params, p)
	}
}

// Params returns the parameters of all groups. The slice belongs to the optimiser.
func (o *Optimizer[T]) Params() []*autograd.Var[T] { return o.params }

// Step updates every parameter that has a gradient and is not frozen.
func (o *Optimizer[T]) Step() {
	for _, s := range o.slots {
		g := s.Param.Grad()
		if g == nil || !s.Param.RequiresGrad() {
			continue
		}
		if s.Tensors == nil {
			o.start(s)
		}
		group := &o.groups[s.group]
		s.Count++
		s.LR = o.lr * group.LRScale
		s.Decay = o.decay
		if group.NoWeightDecay {
			s.Decay = 0
		}
		o.rule.Update(s, g)
	}
}

// start makes the state of a slot.
func (o *Optimizer[T]) start(s *Slot[T]) {
	tensors, numbers := o.rule.StateNames()
	s.Tensors = make([]*tensor.Tensor[T], len(tensors))
	for i := range s.Tensors {
		s.Tensors[i] = tensor.NewResident[T](s.Param.Shape()...)
	}
	s.Numbers = make([]float64, len(numbers))
	s.LR = o.lr * o.groups[s.group].LRScale
	o.rule.Init(s)
}

// ZeroGrad forgets the gradients of all parameters.
func (o *Optimizer[T]) ZeroGrad() {
	for _, p := range o.params {
		p.ZeroGrad()
	}
}

// LR returns the learning rate.
func (o *Optimizer[T]) LR() float64 { return o.lr }

// SetLR sets the learning rate of the next steps; groups apply their LRScale to it.
func (o *Optimizer[T]) SetLR(lr float64) { o.lr = lr }

// Momentum returns the momentum, or the first beta of the methods derived from Adam; ok is false if
// the method has neither.
func (o *Optimizer[T]) Momentum() (m float64, ok bool) {
	if p := o.rule.Momentum(); p != nil {
		return *p, true
	}
	return 0, false
}

// SetMomentum sets what Momentum returns, and reports whether the method has it.
func (o *Optimizer[T]) SetMomentum(m float64) bool {
	p := o.rule.Momentum()
	if p != nil {
		*p = m
	}
	return p != nil
}

// StateTensor returns a state tensor of a parameter, such as the averaged parameters ("ax") of
// ASGD. It is nil before the first update.
func (o *Optimizer[T]) StateTensor(p *autograd.Var[T], name string) *tensor.Tensor[T] {
	tensors, _ := o.rule.StateNames()
	for _, s := range o.slots {
		if s.Param != p || s.Tensors == nil {
			continue
		}
		for i, n := range tensors {
			if n == name {
				return s.Tensors[i]
			}
		}
	}
	return nil
}
