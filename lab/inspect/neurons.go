package inspect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
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

// network is where the neurons of a model are, with what they hold.
type network[T tensor.Float] struct{ *tensornet.Neurons[T] }

// networkOf returns the connectome network within a model, nil if there is none.
func networkOf[T tensor.Float](model nn.Module[T]) *network[T] {
	if n := tensornet.NeuronsOf(model); n != nil {
		return &network[T]{n}
	}
	return nil
}

// places returns the layers that hold parameters whose own names do not say so.
func (net *network[T]) places() map[*autograd.Var[T]]string {
	if net == nil {
		return nil
	}
	return net.Places
}

// copied reports whether a mark is the result of a single neuron, which the stack of all results
// holds too.
func (net *network[T]) copied(mark string) bool {
	return net != nil && slices.ContainsFunc(net.Copies, func(prefix string) bool {
		vertex, ok := strings.CutPrefix(mark, prefix)
		_, err := strconv.Atoi(vertex)
		return ok && err == nil
	})
}

// report follows the gradients to every neuron.
func (net *network[T]) report(g *connectome.Graph, marks []autograd.Mark[T], attentions []Attention) *Neurons {
	r := &Neurons{By: "weights"}
	for _, l := range net.Layers {
		if l.Params == nil {
			r.By = "results"
		}
	}
	for _, l := range net.Layers {
		for i, v := range l.Vertex {
			n := Neuron{Name: g.Neurons[v].Name, Vertex: v, Role: g.RoleOf(v).String(), Stats: stats(&l, i, marks)}
			if r.By == "weights" {
				n.Gradient = Number(weightGradient(&l, i))
			} else {
				n.Gradient = Number(resultGradient(&l, i, marks))
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
		if a.Keys%len(net.Motors) == 0 {
			r.Reading = readingOf(a, g, net.Motors)
		}
	}
	return r
}

// weightGradient returns the norm of the gradient of the i-th neuron's parameters.
func weightGradient[T tensor.Float](l *tensornet.NeuronLayers[T], i int) float64 {
	var g [][]T
	for _, p := range l.Params {
		if p.Grad() != nil {
			g = append(g, part(l, p.Grad(), i))
		}
	}
	return norm(g...)
}

// resultGradient returns the norm of the gradient of all that the i-th neuron held.
func resultGradient[T tensor.Float](l *tensornet.NeuronLayers[T], i int, marks []autograd.Mark[T]) float64 {
	var g [][]T
	for _, m := range marks {
		if m.Var.Grad() != nil && slices.Contains(l.Results, m.Name) {
			g = append(g, part(l, m.Var.Grad(), i))
		}
	}
	return norm(g...)
}

// stats describes what the i-th neuron held last.
func stats[T tensor.Float](l *tensornet.NeuronLayers[T], i int, marks []autograd.Mark[T]) Stats {
	last := l.Results[len(l.Results)-1]
	at := slices.IndexFunc(marks, func(m autograd.Mark[T]) bool { return m.Name == last })
	return statsOf(part(l, marks[at].Var.Value, i))
}

// part returns the i-th part of a contiguous tensor along its first axis.
func part[T tensor.Float](l *tensornet.NeuronLayers[T], t *tensor.Tensor[T], i int) []T {
	size := t.Len() / len(l.Vertex)
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
