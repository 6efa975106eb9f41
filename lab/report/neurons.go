package report

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html/template"
	"slices"

	"elegans/connectome"
	"elegans/connectome/draw"
	"elegans/connectome/tensornet"
	"elegans/lab/experiment"
)

// neurons are pictures of the subject's connectome, by role and by activation.
type neurons struct {
	Count, Sensory, Motor, Rounds, Images int
	Somata                                bool // whether the neurons lie where their cell bodies do
	ByRole, ByValue                       template.HTML
	Most                                  []string // most active neurons
}

// mostActive is the number of neurons that are named.
const mostActive = 8

func newNeurons(res *experiment.Result) (*neurons, error) {
	a := res.Activation
	if a == nil {
		return nil, nil
	}
	n := &neurons{Count: a.Graph.Len(), Images: res.Sets.Test.Len()}
	if net := tensornet.NetworkOf(res.Runs[0].Model); net != nil {
		n.Sensory, n.Motor, n.Rounds = len(net.Wiring.Sensory), len(net.Wiring.Motor), net.Config.Rounds
	}
	n.Somata = slices.ContainsFunc(a.Graph.Neurons, func(n connectome.Neuron) bool { return n.HasSoma })
	order := make([]int, len(a.Values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a.Values[i], a.Values[j]) })
	rank := make([]float64, len(order))
	for r, i := range order {
		// Most neurons are about equally active, so that ranks show more than values.
		rank[i] = float64(r) / float64(max(len(order)-1, 1))
	}
	unit := fmt.Sprintf("rank by activation, from the least active neuron (%.2f) to the most active one (%.2f)",
		slices.Min(a.Values), slices.Max(a.Values))
	for _, p := range []struct {
		into *template.HTML
		o    draw.Options
	}{
		{&n.ByRole, draw.Options{Width: 1200}},
		{&n.ByValue, draw.Options{Width: 1200, Values: rank, Unit: unit, NoEdges: true}},
	} {
		var b bytes.Buffer
		if err := draw.SVG(context.Background(), &b, a.Graph, p.o); err != nil {
			return nil, err
		}
		*p.into = template.HTML(b.String())
	}
	slices.Reverse(order)
	for _, i := range order[:min(mostActive, len(order))] {
		n.Most = append(n.Most, fmt.Sprintf("%s (%s, %.2f)", a.Graph.Neurons[i].Name, a.Graph.RoleOf(i), a.Values[i]))
	}
	return n, nil
}
