package nullmodel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
	"elegans/tensor"
)

// Spec says what a generated graph must match.
type Spec struct {
	Name          string
	Neurons       []connectome.Neuron // names, roles and all other attributes
	Chemical, Gap Layer
}

// Layer is the size of one layer.
type Layer struct {
	Edges   int       // loops included
	Loops   int       // put on neurons drawn at random
	Weights []float64 // one an edge, dealt out at random; none for weight 1 everywhere
}

// Matched returns the sizes of a graph.
func Matched(g *connectome.Graph) Spec {
	s := Spec{Name: g.Name, Neurons: g.Clone().Neurons}
	for _, e := range g.Edges {
		l := s.layer(e.Layer)
		l.Edges++
		l.Weights = append(l.Weights, e.Weight)
		if e.Pre == e.Post {
			l.Loops++
		}
	}
	return s
}

// Sized returns a specification by numbers alone: n neurons, of which the first are sensory and the
// last motor, without loops and with weight 1.
func Sized(n, sensory, motor, chemical, gap int) (Spec, error) {
	if n < 0 || sensory < 0 || motor < 0 || sensory+motor > n || chemical < 0 || gap < 0 || n > connectome.MaxNeurons {
		return Spec{}, fmt.Errorf("%d neurons, %d sensory, %d motor, %d chemical and %d gap edges: not possible",
			n, sensory, motor, chemical, gap)
	}
	s := Spec{
		Name: "sized", Neurons: make([]connectome.Neuron, n), Chemical: Layer{Edges: chemical}, Gap: Layer{Edges: gap},
	}
	for i := range s.Neurons {
		s.Neurons[i] = connectome.Neuron{Name: "n" + strconv.Itoa(i), Role: connectome.Inter}
		if i < sensory {
			s.Neurons[i].Role = connectome.Sensory
		} else if i >= n-motor {
			s.Neurons[i].Role = connectome.Motor
		}
	}
	return s, nil
}

func (s *Spec) layer(l connectome.Layer) *Layer {
	if l == connectome.Gap {
		return &s.Gap
	}
	return &s.Chemical
}

// wiring draws the pairs of one layer, without loops: exactly m different ones of n vertices,
// ordered if directed, else with the smaller first.
type wiring func(step *meter.Meter, n, m int, directed bool, r *rand.Rand) ([][2]int, error)

// build wires both layers, adds loops and deals out weights. The vertices that wire numbers from 0
// are assigned to neurons at random, so that no neuron profits from its place in the list.
func (s Spec) build(ctx context.Context, kind string, key tensor.Key, wire wiring) (*connectome.Graph, error) {
	n := len(s.Neurons)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := need(kind, n, float64(s.Chemical.Edges)+float64(s.Gap.Edges)); err != nil {
		return nil, err
	}
	var edges []connectome.Edge
	for _, layer := range []connectome.Layer{connectome.Chemical, connectome.Gap} {
		l := s.layer(layer)
		directed := layer == connectome.Chemical
		pairs := n * (n - 1)
		if !directed {
			pairs /= 2
		}
		if l.Loops < 0 || l.Loops > n || l.Edges < l.Loops || l.Edges-l.Loops > pairs {
			return nil, fmt.Errorf("%s: %d %s edges with %d loops do not fit %d neurons",
				kind, l.Edges, layer, l.Loops, n)
		}
		if len(l.Weights) != 0 && len(l.Weights) != l.Edges {
			return nil, fmt.Errorf("%s: %d weights for %d %s edges", kind, len(l.Weights), l.Edges, layer)
		}
		r := key.Sub(kind + " " + layer.String()).Rand()
		step := meter.Start(ctx, kind+", "+layer.String()+" layer", "edges", int64(l.Edges))
		drawn, err := wire(step, n, l.Edges-l.Loops, directed, r)
		if err != nil {
			return nil, err
		}
		if len(drawn) != l.Edges-l.Loops {
			return nil, fmt.Errorf("%s: at most %d %s edges on %d neurons, %d wanted",
				kind, len(drawn), layer, n, l.Edges-l.Loops)
		}
		place, loops, weights := r.Perm(n), r.Perm(n), r.Perm(l.Edges)
		for i := range l.Edges {
			e := connectome.Edge{Layer: layer, Weight: 1}
			if i < len(drawn) {
				e.Pre, e.Post = place[drawn[i][0]], place[drawn[i][1]]
			} else {
				e.Pre = loops[i-len(drawn)]
				e.Post = e.Pre
			}
			if len(l.Weights) > 0 {
				e.Weight = l.Weights[weights[i]]
			}
			edges = append(edges, e)
		}
	}
	return connectome.New(s.Name+" "+kind, s.Neurons, edges)
}
