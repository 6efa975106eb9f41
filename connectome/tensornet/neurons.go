package tensornet

import (
	"strconv"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// Neurons says where in a model the neurons of a connectome network are: which marks of the tape
// (autograd.Tape.Mark) hold their results, and which parameters are theirs. Models that have such a
// network return it from a method Neurons, for who looks into them.
type Neurons[T tensor.Float] struct {
	Layers []NeuronLayers[T]
	// Motors are the vertices in the order of the keys of an attention.
	Motors []int
	// Copies are what goes before the vertex in the marks of single neurons, "tn.motor.", which
	// repeat a part of the stacked results.
	Copies []string
	// Places are the marks under which parameters belong whose own paths do not say so.
	Places map[*autograd.Var[T]]string
	// Network is the network itself; nil if it is not of this package.
	Network *Network[T]
}

// NeuronLayers are the layers of some neurons, stacked: the i-th part along the first axis of each
// parameter and of each marked result belongs to Vertex[i].
type NeuronLayers[T tensor.Float] struct {
	Vertex  []int
	Params  []*autograd.Var[T] // nil if the neurons share theirs, or they do not train
	Results []string           // marks of what they hold, the last one at the end
}

// Neurons describes the network as a part of a model that marks its results under path.
func (n *Network[T]) Neurons(path string) *Neurons[T] {
	l := NeuronLayers[T]{Vertex: make([]int, n.Wiring.Neurons)}
	for i := range l.Vertex {
		l.Vertex[i] = i
	}
	for round := range n.Config.Rounds {
		l.Results = append(l.Results, nn.Join(path, "round"+strconv.Itoa(round+1)))
	}
	if n.Config.UnitWeights == UnitOwn && n.Weight.RequiresGrad() {
		l.Params = []*autograd.Var[T]{n.Weight, n.Bias}
	}
	return &Neurons[T]{Layers: []NeuronLayers[T]{l}, Motors: n.Wiring.Motor, Network: n}
}

// NeuronsOf returns the neurons of a model that has a connectome network, and nil for others.
func NeuronsOf[T tensor.Float](model nn.Module[T]) *Neurons[T] {
	if m, ok := model.(interface{ Neurons() *Neurons[T] }); ok {
		return m.Neurons()
	}
	return nil
}

// NetworkOf returns the network within a model that has one of this package, and nil for others.
func NetworkOf[T tensor.Float](model nn.Module[T]) *Network[T] {
	if n := NeuronsOf(model); n != nil {
		return n.Network
	}
	return nil
}
