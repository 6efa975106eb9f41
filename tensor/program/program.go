package program

import (
	"fmt"

	"elegans/tensor"
)

// Program is a straight-line program: values 0 to inputs-1 are given, and step i defines value
// inputs+i from earlier ones. Run runs it forward, Backward backward.
type Program struct {
	inputs  int
	steps   []Step
	outputs []int
	units   int

	levels []level
	slots  int   // values in memory at a time if none is kept for a backward pass
	slot   []int // [steps]: the place of each step's value among these

	gradSlots int
	gradSlot  []int // [steps]: the place of the gradient of each step's value
	// The backward pass writes a gradient where it is the first to reach it, and adds to it later.
	firstA     []bool  // [steps]: step i is the first for its operand A
	firstB     []bool  // [steps]: and for its operand B
	firstOut   []bool  // [outputs]: output j is the first for its value
	byUnit     [][]int // [units]: the linear steps of each unit
	rowsOfUnit []bool  // [units]: some step normalises with the unit's gain and shift
}

// Step defines one value.
type Step struct {
	Kind Kind
	A, B int  // the operands; only Add and Mul have a B
	Unit int  // the unit whose weight and bias (Linear) or gain and shift (Norm) are used
	Norm bool // with layer normalisation: see the package comment
}

// Kind is the operation of a step: see the package comment.
type Kind uint8

// The operations.
const (
	Linear Kind = iota // weight a + bias
	Act                // activation(norm(a))
	Add                // norm(a + b)
	Mul                // norm(a * b), element by element
)

// level is a set of linear steps that do not depend on each other, and the steps that need
// their results and no later linear step.
type level struct {
	linear  []int    // ascending
	rows    []int    // ascending
	sources []source // the operands of the linear steps
}

// source is a value with the linear steps of one level that use it.
type source struct {
	value int
	steps []int
	first bool // see Program.firstA
}

// New returns the program of these steps. Its outputs are a list of values, in which a value may
// stand more than once. Every step must be used by a later step or be an output. units is the
// number of units that the steps refer to.
//
// It panics with a *tensor.ShapeError if a step refers to a value that is not defined before it.
func New(inputs int, steps []Step, outputs []int, units int) *Program {
	p := &Program{inputs: inputs, steps: steps, outputs: outputs, units: units, byUnit: make([][]int, units), rowsOfUnit: make([]bool, units)}
	used := make([]bool, inputs+len(steps))
	for i, s := range steps {
		if !p.operandsDefined(i) || s.Unit < 0 || s.Unit >= units {
			tensor.PanicShape("program.New", fmt.Sprintf("step %d of %d, %+v, refers to what does not exist (%d inputs, %d units)", i, len(steps), s, inputs, units))
		}
		used[s.A] = true
		if s.binary() {
			used[s.B] = true
		}
		if s.Kind == Linear {
			p.byUnit[s.Unit] = append(p.byUnit[s.Unit], i)
		}
		p.rowsOfUnit[s.Unit] = p.rowsOfUnit[s.Unit] || s.Norm
	}
	for _, v := range outputs {
		if v < 0 || v >= len(used) {
			tensor.PanicShape("program.New", fmt.Sprintf("output %d is no value, there are %d", v, len(used)))
		}
		used[v] = true
	}
	for i, u := range used[inputs:] {
		if !u {
			tensor.PanicShape("program.New", fmt.Sprintf("nothing uses step %d", i))
		}
	}
	p.sortIntoLevels()
	p.assignSlots()
	p.assignGradSlots()
	return p
}

func (s *Step) binary() bool { return s.Kind == Add || s.Kind == Mul }

func (p *Program) operandsDefined(i int) bool {
	s := &p.steps[i]
	return s.A >= 0 && s.A < p.inputs+i && (!s.binary() || s.B >= 0 && s.B < p.inputs+i)
}

// Steps returns the number of steps.
func (p *Program) Steps() int { return len(p.steps) }

// Linear returns the number of steps of kind Linear.
func (p *Program) Linear() int {
	n := 0
	for _, l := range p.levels {
		n += len(l.linear)
	}
	return n
}

// Slots returns the number of matrices [rows, width] that Run needs for values: one for each step
// if they are kept for a backward pass, else as many as are in use at a time.
func (p *Program) Slots(keep bool) int {
	if keep {
		return len(p.steps)
	}
	return p.slots
}

// GradSlots returns the number of matrices [rows, width] that Backward needs for gradients.
func (p *Program) GradSlots() int { return p.gradSlots }

func (p *Program) sortIntoLevels() {
	depth := make([]int, p.inputs+len(p.steps))
	for i, s := range p.steps {
		l := depth[s.A]
		if s.binary() {
			l = max(l, depth[s.B])
		}
		if s.Kind == Linear {
			l++
		}
		depth[p.inputs+i] = l
		for len(p.levels) <= l {
			p.levels = append(p.levels, level{})
		}
		at := &p.levels[l]
		if s.Kind != Linear {
			at.rows = append(at.rows, i)
			continue
		}
		at.linear = append(at.linear, i)
		j := 0
		for j < len(at.sources) && at.sources[j].value != s.A {
			j++
		}
		if j == len(at.sources) {
			at.sources = append(at.sources, source{value: s.A})
		}
		at.sources[j].steps = append(at.sources[j].steps, i)
	}
}

// slotList hands out the lowest free numbers.
type slotList struct {
	free []int
	size int
}

func (l *slotList) take() int {
	if n := len(l.free); n > 0 {
		s := l.free[n-1]
		l.free = l.free[:n-1]
		return s
	}
	l.size++
	return l.size - 1
}

func (l *slotList) put(s int) { l.free = append(l.free, s) }

// assignSlots gives every value a place that no other value uses between its definition and its
// last use, in the order of work.
func (p *Program) assignSlots() {
	uses := make([]int, p.inputs+len(p.steps))
	for _, s := range p.steps {
		uses[s.A]++
		if s.binary() {
			uses[s.B]++
		}
	}
	for _, v := range p.outputs {
		uses[v]++ // read at the end
	}
	p.slot = make([]int, len(p.steps))
	var list slotList
	release := func(v int) {
		if uses[v]--; uses[v] == 0 && v >= p.inputs {
			list.put(p.slot[v-p.inputs])
		}
	}
	for _, l := range p.levels {
		for _, i := range l.linear { // in parallel: results must not take the place of operands
			p.slot[i] = list.take()
		}
		for _, i := range l.linear {
			release(p.steps[i].A)
		}
		for _, i := range l.rows {
			p.slot[i] = list.take()
			release(p.steps[i].A)
			if p.steps[i].binary() {
				release(p.steps[i].B)
			}
		}
	}
	p.slots = list.size
}

// assignGradSlots does the same for gradients. They are in use from the first contribution, in the
// reverse order of work, until the step that defines the value. Those of linear steps stay, because
// the gradients of the weights are computed at the end.
func (p *Program) assignGradSlots() {
	p.gradSlot = make([]int, len(p.steps))
	p.firstA, p.firstB, p.firstOut = make([]bool, len(p.steps)), make([]bool, len(p.steps)), make([]bool, len(p.outputs))
	touched := make([]bool, p.inputs+len(p.steps))
	var list slotList
	touch := func(v int) (first bool) {
		if touched[v] || v < p.inputs { // gradients of inputs are the caller's, who has set them
			return false
		}
		touched[v] = true
		p.gradSlot[v-p.inputs] = list.take()
		return true
	}
	for j, v := range p.outputs {
		p.firstOut[j] = touch(v)
	}
	for l := len(p.levels) - 1; l >= 0; l-- {
		at := &p.levels[l]
		for j := len(at.rows) - 1; j >= 0; j-- {
			i := at.rows[j]
			p.firstA[i] = touch(p.steps[i].A)
			if p.steps[i].binary() {
				p.firstB[i] = touch(p.steps[i].B)
			}
			list.put(p.gradSlot[i])
		}
		for j := range at.sources {
			at.sources[j].first = touch(at.sources[j].value)
		}
	}
	p.gradSlots = list.size
}
