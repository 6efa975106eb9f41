package m2

import (
	"elegans/autograd"
	"elegans/connectome/tensornet"
)

// Neurons says where the neurons of the core are; it returns nil for a core without any.
func (a *Autoencoder[T]) Neurons() *tensornet.Neurons[T] {
	switch core := a.Core.(type) {
	case *WormCore[T]:
		return core.Net.Neurons("tn.net")
	case *Published[T]:
		return core.neurons()
	}
	return nil
}

func (p *Published[T]) neurons() *tensornet.Neurons[T] {
	inter := tensornet.NeuronLayers[T]{Params: []*autograd.Var[T]{p.InterWeight, p.InterBias}, Results: []string{"tn.inter"}}
	for _, u := range p.Live.Interneurons {
		inter.Vertex = append(inter.Vertex, u.Vertex)
	}
	motor := tensornet.NeuronLayers[T]{Params: []*autograd.Var[T]{p.MotorWeight, p.MotorBias}, Results: []string{"tn.stack"}}
	for _, m := range p.Live.Motors {
		motor.Vertex = append(motor.Vertex, m.Vertex)
	}
	n := &tensornet.Neurons[T]{
		Layers: []tensornet.NeuronLayers[T]{inter, motor}, Motors: motor.Vertex, Copies: []string{"tn.inter.", "tn.motor."},
		Places: map[*autograd.Var[T]]string{p.MotorWeight: "tn.stack", p.MotorBias: "tn.stack"},
	}
	for i := range n.Layers {
		if l := &n.Layers[i]; !l.Params[0].RequiresGrad() {
			l.Params = nil
		}
	}
	return n
}
