package published

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"elegans/connectome"
	"elegans/tensor/program"
)

// ordered is a graph compiled by the rules of a published variant. The published networks let
// signals pass connection by connection, in a fixed order: a connection u -> v takes the value that
// neuron u has at that moment and replaces the value of v. So the network is a straight-line
// program, in which every replacement is a new value, and most of what the program computes never
// reaches a motor neuron.
type ordered struct {
	program *program.Program
	// neurons whose values are the outputs of each time step, in their order in the stack
	motors []int
	// neurons whose unit some connection of the program uses, dead connections included; ascending
	created []int
	// neurons whose unit takes part in the outputs, ascending: unit i of the program is that of
	// neuron live[i]
	live   []int
	linear []bool
	// connections passed over in the first time step, because their source has no value yet
	ignored int
	// the last time step reached no neuron for the first time, so that no later one will
	settled bool
}

// undefined is the value of a neuron that no signal has reached.
const undefined = -1

// compiler is the state of a compilation.
type compiler struct {
	c     *Config
	rules *rules
	lists [][][2]int // connections, for each token of the processing order

	// values that are given: one for each time step, or for each sensory neuron
	inputs  int
	steps   []program.Step // of units by neuron
	value   []int          // of each neuron: the number of its value in the program, or undefined
	created []bool
	ignored int
}

func newCompiler(g *connectome.Graph, c *Config, times int) *compiler {
	k := &compiler{
		c: c, rules: variants[c.Variant], inputs: times, value: make([]int, g.Len()), created: make([]bool, g.Len()),
	}
	if c.EachSensor {
		k.inputs = len(g.WithRole(connectome.Sensory))
	}
	k.lists = k.connections(g)
	for v := range k.value {
		k.value[v] = undefined
	}
	return k
}

// compile compiles a graph for signals of so many time steps (1 without recurrence). The
// configuration is complete.
func compile(g *connectome.Graph, c *Config, times int) (*ordered, error) {
	if err := checkGraph(g, c); err != nil {
		return nil, err
	}
	k, o := newCompiler(g, c, times), &ordered{}
	var outputs []int
	for t := range times {
		before := k.reached()
		k.pass(g, t)
		o.settled = k.reached() == before
		motors := slices.DeleteFunc(k.rules.stack(g), func(v int) bool { return k.value[v] == undefined })
		if t == 0 {
			o.motors, o.ignored = motors, k.ignored
		}
		if len(motors) != len(o.motors) {
			return nil, fmt.Errorf("published: recurrence_type %q: graph %q has motor neurons that a signal first reaches at time step %d, expected the same ones at all steps",
				c.RecurrenceType, g.Name, t)
		}
		for _, v := range motors {
			outputs = append(outputs, k.value[v])
		}
	}
	if len(o.motors) == 0 {
		return nil, fmt.Errorf("published: graph %q with processing_order %q: no motor neuron is reached from a sensory neuron",
			g.Name, c.ProcessingOrder)
	}
	for v, made := range k.created {
		if made {
			o.created = append(o.created, v)
		}
	}
	o.finish(k, outputs)
	return o, nil
}

// pass lets the signal of time step t through the graph.
func (k *compiler) pass(g *connectome.Graph, t int) {
	k.receive(g, t)
	for _, l := range k.lists {
		for _, p := range l {
			k.connect(p[0], p[1], pairType(g, p))
		}
	}
}

// reached returns the number of neurons that have a value.
func (k *compiler) reached() int {
	n := 0
	for _, v := range k.value {
		if v != undefined {
			n++
		}
	}
	return n
}

// checkGraph refuses graphs for which the published networks are not defined.
func checkGraph(g *connectome.Graph, c *Config) error {
	sensory, motor := len(g.WithRole(connectome.Sensory)), len(g.WithRole(connectome.Motor))
	if sensory == 0 || motor == 0 {
		return fmt.Errorf("published: graph %q has %d neurons, %d sensory and %d motor, expected at least one of each",
			g.Name, g.Len(), sensory, motor)
	}
	joined := make([]bool, g.Len())
	for _, e := range g.Edges {
		joined[e.Pre], joined[e.Post] = true, true
	}
	if v := slices.Index(joined, false); v >= 0 {
		return fmt.Errorf("published: graph %q: neuron %q has no edge; variant %q is not defined for such a graph",
			g.Name, g.Neurons[v].Name, c.Variant)
	}
	return nil
}

// connections returns the pairs of neurons of each token of the processing order: every ordered
// pair with at least one edge, by first and second neuron.
func (k *compiler) connections(g *connectome.Graph) [][][2]int {
	var pairs [][2]int
	for _, a := range g.Arcs() { // in that order
		if p := [2]int{a.Pre, a.Post}; len(pairs) == 0 || pairs[len(pairs)-1] != p {
			pairs = append(pairs, p)
		}
	}
	var lists [][][2]int
	for token := range strings.SplitSeq(k.c.ProcessingOrder, ",") {
		var l [][2]int
		for _, p := range pairs {
			kind := pairType(g, p)
			silent := kind[0] == 'I' && kind[1] != 'I' && k.rules.onlyRecordedInter && g.Neurons[p[0]].Role != connectome.Inter
			if slices.Contains(k.rules.tokens[token], kind) && !silent && !(slices.Contains(k.c.IgnoredSynapses, kind) && !slices.Contains(k.rules.neverIgnored, kind)) {
				l = append(l, p)
			}
		}
		lists = append(lists, l)
	}
	return lists
}

// pairType returns the letters of the roles of a connection's ends, as "SI".
func pairType(g *connectome.Graph, p [2]int) string {
	return g.RoleOf(p[0]).Letter() + g.RoleOf(p[1]).Letter()
}

// emit appends a step and returns its value.
func (k *compiler) emit(kind program.Kind, a, b, unit int, norm bool) int {
	k.created[unit] = true
	k.steps = append(k.steps, program.Step{Kind: kind, A: a, B: b, Unit: unit, Norm: norm})
	return k.inputs + len(k.steps) - 1
}

// unit emits act(norm(W s + b)), or act(W s + b).
func (k *compiler) unit(v, s int, norm bool) int {
	return k.emit(program.Act, k.emit(program.Linear, s, 0, v, false), 0, v, norm)
}

// again emits what stands for the unit v where it is applied to a signal that is added to a value:
// act(W s + b), or act(norm(s)), see rules.
func (k *compiler) again(v, s int) int {
	if k.rules.normForUnit && k.c.NormTensorUnit {
		return k.emit(program.Act, s, 0, v, true)
	}
	return k.unit(v, s, false)
}

// receive gives the signal of time step t to the sensory neurons. At the first step it is their
// value; later it is joined to the value that they have.
func (k *compiler) receive(g *connectome.Graph, t int) {
	norm := k.c.NormTensorUnit
	for i, v := range g.WithRole(connectome.Sensory) {
		if t == 0 {
			if k.value[v] = 0; k.c.EachSensor {
				k.value[v] = i
			}
			continue
		}
		s := k.emit(program.Add, k.again(v, t), t, v, norm)
		k.value[v] = k.emit(program.Add, s, k.value[v], v, norm)
	}
}

// connect passes the value of neuron u on to neuron v.
func (k *compiler) connect(u, v int, kind string) {
	s, old, norm := k.value[u], k.value[v], k.c.NormTensorUnit
	switch {
	case s == undefined:
		k.ignored++
	case old == undefined, k.rules.sensorsStart && old < k.inputs:
		k.value[v] = k.unit(v, s, norm)
	case slices.Contains(k.c.ReapplyUnitSynapses, kind):
		k.value[v] = k.emit(program.Add, k.again(v, s), old, v, norm)
	case k.c.SkipConnectionType == Add:
		k.value[v] = k.emit(program.Add, s, old, v, norm)
	default:
		k.value[v] = k.emit(program.Mul, s, old, v, norm)
	}
}

// finish drops the steps that no output needs, and numbers values and units anew.
func (o *ordered) finish(k *compiler, outputs []int) {
	needed := make([]bool, k.inputs+len(k.steps))
	for _, v := range outputs {
		needed[v] = true
	}
	for i := len(k.steps) - 1; i >= 0; i-- {
		if s := k.steps[i]; needed[k.inputs+i] {
			needed[s.A] = true
			needed[s.B] = needed[s.B] || s.Kind == program.Add || s.Kind == program.Mul
		}
	}
	number := make([]int, len(needed))
	for t := range k.inputs {
		number[t] = t
	}
	uses := make([]bool, len(k.value))
	linear := make([]bool, len(k.value))
	var steps []program.Step
	for i, s := range k.steps {
		if needed[k.inputs+i] {
			number[k.inputs+i] = k.inputs + len(steps)
			s.A, s.B = number[s.A], number[s.B]
			steps = append(steps, s)
			uses[s.Unit] = uses[s.Unit] || s.Norm || s.Kind == program.Linear
			linear[s.Unit] = linear[s.Unit] || s.Kind == program.Linear
		}
	}
	unit := make([]int, len(k.value))
	for v, u := range uses {
		if u {
			unit[v] = len(o.live)
			o.live, o.linear = append(o.live, v), append(o.linear, linear[v])
		}
	}
	for i := range steps {
		steps[i].Unit = unit[steps[i].Unit]
	}
	for i, v := range outputs {
		outputs[i] = number[v]
	}
	o.program = program.New(k.inputs, steps, outputs, len(o.live))
}

// motorsByIndex lists the motor neurons in ascending order.
func motorsByIndex(g *connectome.Graph) []int { return g.WithRole(connectome.Motor) }

// motorsByAppearance lists the motor neurons as the published file first names them in its list of
// edges, sources before targets. The file is sorted by the numbers of the cells.
func motorsByAppearance(g *connectome.Graph) []int {
	number := make([]int, g.Len())
	seen := map[int]bool{}
	for v := range number {
		n, err := strconv.Atoi(g.Neurons[v].ID)
		if err != nil || seen[n] { // no numbers: the order of the graph
			for v := range number {
				number[v] = v
			}
			break
		}
		number[v], seen[n] = n, true
	}
	arcs := g.Arcs()
	slices.SortStableFunc(arcs, func(a, b connectome.Edge) int {
		return cmp.Or(cmp.Compare(number[a.Pre], number[b.Pre]), cmp.Compare(number[a.Post], number[b.Post]))
	})
	var motors []int
	listed := make([]bool, g.Len())
	for _, a := range arcs {
		for _, v := range [2]int{a.Pre, a.Post} {
			if !listed[v] && g.RoleOf(v) == connectome.Motor {
				motors = append(motors, v)
			}
			listed[v] = true
		}
	}
	return motors
}
