package inspect

import (
	"fmt"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/tensor"
)

// Layer is a result that the model marked, with the parameters whose paths begin with its name.
type Layer struct {
	Name string `json:"name"`
	// of the result for the whole batch; none for parameters without a marked result
	Shape []int `json:"shape,omitempty"`
	// scalars, running statistics and frozen ones included
	Parameters int     `json:"parameters"`
	Trainable  int     `json:"trainable"` // of these
	MACs       float64 `json:"macs"`      // multiply-accumulates an image
	*Stats     `json:",omitempty"`
	// norm of the gradient of the result; nil if none is computed: nothing before it trains, or it
	// is a copy for the eye
	Gradient *Number `json:"gradient,omitempty"`
	// norm of that of the parameters; nil if there are none that train
	Weights *Number `json:"weight_gradient,omitempty"`
	Tensors []Param `json:"tensors,omitempty"` // its parameters and running statistics
}

// Param names a parameter.
type Param struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Report is what Run found.
type Report struct {
	Images     int    `json:"images"`
	Loss       Number `json:"loss"`
	Parameters int    `json:"parameters"`
	Trainable  int    `json:"trainable"`
	// multiply-accumulates of the forward pass an image, the objective included
	MACs       float64     `json:"macs"`
	Layers     []Layer     `json:"layers"`
	Attentions []Attention `json:"attentions,omitempty"`
	Neurons    *Neurons    `json:"neurons,omitempty"`
}

// Run does one forward and backward pass in training mode. The graph names the neurons of a
// connectome network; it is nil for other models. Random numbers are drawn from the key.
func Run[T tensor.Float](model nn.Module[T], objective train.Objective[T], b train.Batch[T], g *connectome.Graph, k tensor.Key) (*Report, error) {
	params := nn.Params(model)
	for _, p := range params {
		p.ZeroGrad()
	}
	tp := autograd.NewTape[T]()
	tp.KeepMarks, tp.RetainGrad = true, true
	tp.SetKey(k)
	loss := objective.Loss(tp, b, &train.Metrics{})
	if len(tp.Marks()) == 0 {
		return nil, fmt.Errorf("the model marks no layer")
	}
	tp.Backward(tp.WithAddedLosses(loss))

	images := float64(b.Len())
	r := &Report{Images: b.Len(), Loss: Number(loss.Value.Data()[0]), MACs: float64(tp.MACs()) / images}
	marks, net := tp.Marks(), networkOf(model)
	for _, m := range marks {
		if net.copied(m.Name) || strings.Contains(m.Name, "attention.") {
			// what was derived from the weights of an attention
			continue
		}
		l := Layer{Name: m.Name, Shape: append([]int{}, m.Var.Shape()...), MACs: float64(m.MACs) / images}
		s := statsOf(m.Var.Value.Data())
		l.Stats = &s
		if m.Var.Grad() != nil {
			l.Gradient = gradNorm(m.Var)
		}
		r.Layers = append(r.Layers, l)
		if isAttention(m.Name) {
			r.Attentions = append(r.Attentions, attentionOf(m.Name, m.Var.Value))
		}
	}
	assign(r, params, net.places())
	if net != nil && g != nil {
		r.Neurons = net.report(g, marks, r.Attentions)
	}
	return r, nil
}

// gradNorm returns the norm of the gradients of some variables; one that was not reached counts as
// 0.
func gradNorm[T tensor.Float](vs ...*autograd.Var[T]) *Number {
	var g [][]T
	for _, v := range vs {
		if v.Grad() != nil {
			g = append(g, v.Grad().Data())
		}
	}
	n := Number(norm(g...))
	return &n
}

// assign counts every parameter for one layer: the one named in places, or the innermost one that
// it is part of by its path, else the first one within the module that it belongs to, else one made
// for that module.
func assign[T tensor.Float](r *Report, params []nn.Named[T], places map[*autograd.Var[T]]string) {
	of := map[int][]nn.Named[T]{}
	for _, p := range params {
		r.Parameters += p.Value.Len()
		if p.RequiresGrad() {
			r.Trainable += p.Value.Len()
		}
		path := p.Path
		if place, ok := places[p.Var]; ok {
			path = nn.Join(place, path)
		}
		i := r.owner(path)
		of[i] = append(of[i], p)
	}
	for i := range r.Layers {
		l := &r.Layers[i]
		var trained []*autograd.Var[T]
		for _, p := range of[i] {
			l.Parameters += p.Value.Len()
			l.Tensors = append(l.Tensors, Param{p.Path, append([]int{}, p.Shape()...)})
			if p.RequiresGrad() {
				l.Trainable += p.Value.Len()
				trained = append(trained, p.Var)
			}
		}
		if len(trained) > 0 {
			l.Weights = gradNorm(trained...)
		}
	}
}

// owner returns the layer of a parameter, and adds one if there is none.
func (r *Report) owner(path string) int {
	module := ""
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		module = path[:i]
	}
	best := -1
	for i, l := range r.Layers {
		if (l.Name == module || strings.HasPrefix(module, l.Name+".")) && (best < 0 || len(l.Name) > len(r.Layers[best].Name)) {
			best = i
		}
	}
	if best < 0 {
		best = slices.IndexFunc(r.Layers, func(l Layer) bool { return strings.HasPrefix(l.Name, module+".") })
	}
	if best < 0 {
		best = len(r.Layers)
		r.Layers = append(r.Layers, Layer{Name: module})
	}
	return best
}
