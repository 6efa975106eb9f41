package tensor

import "fmt"

// Program is a straight-line program over values, which are matrices [rows, width], in static
// single assignment: values 0 to inputs-1 are given, and step i defines value inputs+i from earlier
// ones. It runs forward (RunProgram) and backward (RunProgramGrad) as one operation, so that
// thousands of small steps cost what their arithmetic costs.
//
// # Order of work
//
// Linear steps are matrix products, which are best done for all rows at once; the other steps work
// on each row alone, and are best done for a few rows that stay in the cache. So steps are sorted
// into levels: the level of a value is the number of linear steps on the longest way to it. A level
// computes its linear steps as one parallel loop over the steps, and then all its other steps as
// one parallel loop over blocks of rows.
type Program struct {
	inputs  int
	steps   []Step
	outputs []int
	units   int

	levels []programLevel
	slots  int   // values in memory at a time if none is kept for a backward pass
	slot   []int // of each step's value among these

	gradSlots int
	gradSlot  []int // of each step's value
	// step i is the first of the backward pass to add to the gradient of its operand A
	firstA     []bool
	firstB     []bool
	firstOut   []bool // output j is the first of its value
	byUnit     [][]int
	rowsOfUnit []bool // unit normalises
}

// Step defines one value.
type Step struct {
	Kind StepKind
	A, B int  // the operands; B of StepAdd and StepMul only
	Unit int  // whose weight and bias (StepLinear) or gain and shift (Norm) are used
	Norm bool // with layer normalisation, see StepKind
}

// StepKind is the operation of a step. norm is the layer normalisation of a row with the gain and
// shift of the step's unit if the step has Norm, else the identity.
type StepKind uint8

// The operations.
const (
	StepLinear StepKind = iota // weight a + bias, for each row a
	StepAct                    // act(norm(a)), with the activation of the program
	StepAdd                    // norm(a + b)
	StepMul                    // norm(a * b), element by element
)

// programLevel is a set of linear steps that do not depend on each other, and the steps that need
// their results and no later linear step.
type programLevel struct {
	linear  []int           // ascending
	rows    []int           // ascending
	sources []programSource // the operands of the linear steps
}

// programSource is a value with the linear steps of one level that use it.
type programSource struct {
	value int
	steps []int
	first bool // see Program.firstA
}

// NewProgram returns the program of these steps. Its outputs are a list of values in which a value
// may stand more than once. Every step must be used by a later step or be an output. units is the
// number of units that the steps refer to. It panics if a step refers to a value that is not
// defined before it.
func NewProgram(inputs int, steps []Step, outputs []int, units int) *Program {
	p := &Program{inputs: inputs, steps: steps, outputs: outputs, units: units, byUnit: make([][]int, units), rowsOfUnit: make([]bool, units)}
	used := make([]bool, inputs+len(steps))
	for i, s := range steps {
		if !p.operandsDefined(i) || s.Unit < 0 || s.Unit >= units {
			PanicShape("NewProgram", fmt.Sprintf("step %d of %d, %+v, refers to what does not exist (%d inputs, %d units)", i, len(steps), s, inputs, units))
		}
		used[s.A] = true
		if s.binary() {
			used[s.B] = true
		}
		if s.Kind == StepLinear {
			p.byUnit[s.Unit] = append(p.byUnit[s.Unit], i)
		}
		p.rowsOfUnit[s.Unit] = p.rowsOfUnit[s.Unit] || s.Norm
	}
	for _, v := range outputs {
		if v < 0 || v >= len(used) {
			PanicShape("NewProgram", fmt.Sprintf("output %d is no value, there are %d", v, len(used)))
		}
		used[v] = true
	}
	for i, u := range used[inputs:] {
		if !u {
			PanicShape("NewProgram", fmt.Sprintf("nothing uses step %d", i))
		}
	}
	p.sortIntoLevels()
	p.assignSlots()
	p.assignGradSlots()
	return p
}

func (s *Step) binary() bool { return s.Kind == StepAdd || s.Kind == StepMul }

func (p *Program) operandsDefined(i int) bool {
	s := &p.steps[i]
	return s.A >= 0 && s.A < p.inputs+i && (!s.binary() || s.B >= 0 && s.B < p.inputs+i)
}

// Steps returns the number of steps.
func (p *Program) Steps() int { return len(p.steps) }

// Linear returns the number of steps of kind StepLinear.
func (p *Program) Linear() int {
	n := 0
	for _, l := range p.levels {
		n += len(l.linear)
	}
	return n
}

// Slots returns the number of matrices [rows, width] that RunProgram needs for values: one for each
// step if they are kept for a backward pass, else as many as are in use at a time.
func (p *Program) Slots(keep bool) int {
	if keep {
		return len(p.steps)
	}
	return p.slots
}

// GradSlots returns the number of matrices [rows, width] that RunProgramGrad needs for gradients.
func (p *Program) GradSlots() int { return p.gradSlots }

func (p *Program) sortIntoLevels() {
	level := make([]int, p.inputs+len(p.steps))
	for i, s := range p.steps {
		l := level[s.A]
		if s.binary() {
			l = max(l, level[s.B])
		}
		if s.Kind == StepLinear {
			l++
		}
		level[p.inputs+i] = l
		for len(p.levels) <= l {
			p.levels = append(p.levels, programLevel{})
		}
		at := &p.levels[l]
		if s.Kind != StepLinear {
			at.rows = append(at.rows, i)
			continue
		}
		at.linear = append(at.linear, i)
		j := 0
		for j < len(at.sources) && at.sources[j].value != s.A {
			j++
		}
		if j == len(at.sources) {
			at.sources = append(at.sources, programSource{value: s.A})
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

// assignGradSlots does the same for gradients, which are in use from the first contribution in the
// reverse order of work until the step that defines the value. Those of linear steps stay, because
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
		level := &p.levels[l]
		for j := len(level.rows) - 1; j >= 0; j-- {
			i := level.rows[j]
			p.firstA[i] = touch(p.steps[i].A)
			if p.steps[i].binary() {
				p.firstB[i] = touch(p.steps[i].B)
			}
			list.put(p.gradSlot[i])
		}
		for j := range level.sources {
			level.sources[j].first = touch(level.sources[j].value)
		}
	}
	p.gradSlots = list.size
}
