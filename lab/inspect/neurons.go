package inspect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/connectome/tensornet"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// Neurons says what reaches the neurons of a connectome network.
type Neurons struct {
	Layers int `json:"layers"` // neurons that compute something: those with a layer of weights
	// "weights": gradients are those of the neurons' weights; "results": those of what they hold,
	// where the weights are shared or frozen
	By      string `json:"by"`
	Reached int    `json:"reached"` // layers that receive a gradient other than exactly 0

	Neurons []Neuron `json:"neurons"`         // all of them, in the order of the graph
	Reading *Reading `json:"motor,omitempty"` // how an attention reads the motor neurons
}

// Neuron is a layer of its own.
type Neuron struct {
	Name     string `json:"name"`
	Vertex   int    `json:"vertex"`
	Role     string `json:"role"`
	Gradient Number `json:"gradient"` // norm
	Stats           // of what it holds in the end
}

// Reading is the share of attention that each motor neuron gets, over all heads and images.
type Reading struct {
	Layer  string  `json:"layer"`
	Motors []Motor `json:"motors"` // by falling share
	// motors whose weight is exactly 0 in every head and image
	Unattended int `json:"unattended"`
}

// Motor is a motor neuron that an attention reads.
type Motor struct {
	Name   string `json:"name"`
	Vertex int    `json:"vertex"`
	Share  Number `json:"share"`
}

// network is what a connectome network tells about its neurons.
type network[T tensor.Float] struct {
	layers []layers[T]
	motors []int    // vertices in the order of the keys of an attention; nil if there is none
	copies []string // what goes before the vertex in the marks of single neurons
	at     map[*autograd.Var[T]]string
}

// layers are the layers of some neurons, stacked: the i-th part along the first axis of each
// parameter and of each marked result belongs to vertex[i].
type layers[T tensor.Float] struct {
	vertex  []int
	params  []*autograd.Var[T] // nil if the neurons share theirs, or they do not train
	results []string           // marks of what they hold, the last one at the end
}

// networkOf returns the connectome network within a model of the zoo, nil if there is none.
func networkOf[T tensor.Float](model nn.Module[T]) *network[T] {
	switch m := model.(type) {
	case *zoo.Worm[T]:
		return worm(m.Net, "net")
	case *m2.Autoencoder[T]:
		switch core := m.Core.(type) {
		case *m2.WormCore[T]:
			return worm(core.Net, "tn.net")
		case *m2.Published[T]:
			return published(core)
		}
	}
	return nil
}

// worm describes a network whose marks lie under path.
func worm[T tensor.Float](n *tensornet.Network[T], path string) *network[T] {
	l := layers[T]{vertex: make([]int, n.Wiring.Neurons)}
	for i := range l.vertex {
		l.vertex[i] = i
	}
	for round := range n.Config.Rounds {
		l.results = append(l.results, nn.Join(path, "round"+strconv.Itoa(round+1)))
	}
	if n.Config.UnitWeights == "own" && n.Weight.RequiresGrad() {
		l.params = []*autograd.Var[T]{n.Weight, n.Bias}
	}
	return &network[T]{layers: []layers[T]{l}, motors: n.Wiring.Motor}
}

// published describes the published network of the autoencoder.
func published[T tensor.Float](p *m2.Published[T]) *network[T] {
	inter := layers[T]{params: []*autograd.Var[T]{p.InterWeight, p.InterBias}, results: []string{"tn.inter"}}
	for _, u := range p.Live.Interneurons {
		inter.vertex = append(inter.vertex, u.Vertex)
	}
	motor := layers[T]{params: []*autograd.Var[T]{p.MotorWeight, p.MotorBias}, results: []string{"tn.stack"}}
	for _, m := range p.Live.Motors {
		motor.vertex = append(motor.vertex, m.Vertex)
	}
	n := &network[T]{
		layers: []layers[T]{inter, motor}, motors: motor.vertex, copies: []string{"tn.inter.", "tn.motor."},
		at: map[*autograd.Var[T]]string{p.MotorWeight: "tn.stack", p.MotorBias: "tn.stack"},
	}
	for i := range n.layers {
		if l := &n.layers[i]; !l.params[0].RequiresGrad() {
			l.params = nil
		}
	}
	return n
}

// places returns the layers that hold parameters whose own names do not say so.
func (net *network[T]) places() map[*autograd.Var[T]]string {
	if net == nil {
		return nil
	}
	return net.at
}

// copied reports whether a mark is the result of a single neuron, which the stack of all results
// holds too.
func (net *network[T]) copied(mark string) bool {
	return net != nil && slices.ContainsFunc(net.copies, func(prefix string) bool {
		vertex, ok := strings.CutPrefix(mark, prefix)
		_, err := strconv.Atoi(vertex)
		return ok && err == nil
	})
}

// report follows the gradients to every neuron.
func (net *network[T]) report(g *connectome.Graph, marks []autograd.Mark[T], attentions []Attention) *Neurons {
	r := &Neurons{By: "weights"}
	for _, l := range net.layers {
		if l.params == nil {
			r.By = "results"
		}
	}
	for _, l := range net.layers {
		for i, v := range l.vertex {
			n := Neuron{Name: g.Neurons[v].Name, Vertex: v, Role: g.RoleOf(v).String(), Stats: l.stats(i, marks)}
			if r.By == "weights" {
				n.Gradient = Number(l.weightGradient(i))
			} else {
				n.Gradient = Number(l.resultGradient(i, marks))
			}
			if n.Gradient != 0 {
				r.Reached++
			}
			r.Neurons = append(r.Neurons, n)
		}
	}
	r.Layers = len(r.Neurons)
	slices.SortStableFunc(r.Neurons, func(a, b Neuron) int { return cmp.Compare(a.Vertex, b.Vertex) })
	for _, a := range attentions {
		if a.Keys%len(net.motors) == 0 {
			r.Reading = readingOf(a, g, net.motors)
		}
	}
	return r
}

// weightGradient returns the norm of the gradient of the i-th neuron's parameters.
func (l *layers[T]) weightGradient(i int) float64 {
	var g [][]T
	for _, p := range l.params {
		if p.Grad() != nil {
			g = append(g, l.part(p.Grad(), i))
		}
	}
	return norm(g...)
}

// resultGradient returns the norm of the gradient of all that the i-th neuron held.
func (l *layers[T]) resultGradient(i int, marks []autograd.Mark[T]) float64 {
	var g [][]T
	for _, m := range marks {
		if m.Var.Grad() != nil && slices.Contains(l.results, m.Name) {
			g = append(g, l.part(m.Var.Grad(), i))
		}
	}
	return norm(g...)
}

// stats describes what the i-th neuron held last.
func (l *layers[T]) stats(i int, marks []autograd.Mark[T]) Stats {
	last := l.results[len(l.results)-1]
	at := slices.IndexFunc(marks, func(m autograd.Mark[T]) bool { return m.Name == last })
	return statsOf(l.part(marks[at].Var.Value, i))
}

// part returns the i-th part of a contiguous tensor along its first axis.
func (l *layers[T]) part(t *tensor.Tensor[T], i int) []T {
	size := t.Len() / len(l.vertex)
	return t.Data()[i*size : (i+1)*size]
}

// readingOf sums the shares of the keys of each motor neuron: one, or as many for each as the
// attention has key heads, side by side.
func readingOf(a Attention, g *connectome.Graph, motors []int) *Reading {
	r := &Reading{Layer: a.Layer}
	each := a.Keys / len(motors)
	for i, v := range motors {
		share := Number(0)
		for _, s := range a.Share[i*each : (i+1)*each] {
			share += s
		}
		r.Motors = append(r.Motors, Motor{g.Neurons[v].Name, v, share})
		if share == 0 {
			r.Unattended++
		}
	}
	slices.SortStableFunc(r.Motors, func(a, b Motor) int { return cmp.Compare(b.Share, a.Share) })
	return r
}
