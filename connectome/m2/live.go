package m2

import (
	"fmt"

	"elegans/connectome"
)

// Live is the part of the published network that reaches its output.
//
// The published program walks over the edges of the graph and builds a layer or a product for each,
// 476 and 1820 of them on the shipped worm. Most are dead: what a later edge replaces, or nothing
// reads. What is left depends on the graph as follows, where an edge is any chemical synapse or
// either direction of a gap junction, without loops, and parallel ones count once:
//
//   - every sensory neuron holds the code x;
//   - an interneuron that k > 0 sensory neurons reach holds elu(W x + b) * x^(k-1);
//   - a motor neuron that such interneurons reach holds elu(W h + b), where h is what the one
//     of the highest index holds;
//   - a motor neuron that only sensory neurons reach holds elu(W x + b); others are left out.
//
// Only interneurons that some motor neuron reads are live.
type Live struct {
	Interneurons []Interneuron // ascending vertices
	Motors       []Motor       // ascending vertices
}

// Interneuron is a layer with products by the code.
type Interneuron struct {
	Vertex int // index in the graph
	Power  int // k-1: number of factors x
}

// Motor is a layer whose result the attention sees.
type Motor struct {
	Vertex int // index in the graph
	Source int // index in Live.Interneurons of what it reads, or -1 for x
}

// LiveUnits finds the live part of a graph. The error says what is missing if there is none.
func LiveUnits(g *connectome.Graph) (Live, error) {
	if g == nil || g.Len() == 0 {
		return Live{}, fmt.Errorf("m2: the graph has no neurons")
	}
	sensory, motor := g.WithRole(connectome.Sensory), g.WithRole(connectome.Motor)
	if len(sensory) == 0 || len(motor) == 0 {
		return Live{}, fmt.Errorf("m2: graph %q of %d neurons has %d sensory and %d motor neurons, expected at least one of each",
			g.Name, g.Len(), len(sensory), len(motor))
	}
	// from.Adj[v]: where the edges to v start, ascending
	from := g.Directed(connectome.Chemical, connectome.Gap).Reverse()
	sensors := func(v int) int {
		n := 0
		for _, u := range from.Adj[v] {
			if g.RoleOf(u) == connectome.Sensory {
				n++
			}
		}
		return n
	}
	const fromCode, unreached = -1, -2
	read := map[int]int{} // by motor: the interneuron that it reads, or fromCode
	isRead := map[int]bool{}
	for _, m := range motor {
		source := unreached
		if sensors(m) > 0 {
			source = fromCode
		}
		for _, u := range from.Adj[m] {
			if g.RoleOf(u) == connectome.Inter && sensors(u) > 0 {
				source = u
			}
		}
		if source != unreached {
			read[m] = source
			isRead[source] = true
		}
	}
	if len(read) == 0 {
		return Live{}, fmt.Errorf("m2: graph %q: none of its %d motor neurons is reached from its %d sensory neurons, directly or through one interneuron",
			g.Name, len(motor), len(sensory))
	}
	var l Live
	place := map[int]int{fromCode: fromCode}
	for _, v := range g.WithRole(connectome.Inter) {
		if isRead[v] {
			place[v] = len(l.Interneurons)
			l.Interneurons = append(l.Interneurons, Interneuron{v, sensors(v) - 1})
		}
	}
	for _, m := range motor {
		if source, reached := read[m]; reached {
			l.Motors = append(l.Motors, Motor{m, place[source]})
		}
	}
	return l, nil
}

// Dense returns the number of layers.
func (l Live) Dense() int { return len(l.Interneurons) + len(l.Motors) }

// Multiply returns the number of products by the code.
func (l Live) Multiply() int {
	n := 0
	for _, u := range l.Interneurons {
		n += u.Power
	}
	return n
}
