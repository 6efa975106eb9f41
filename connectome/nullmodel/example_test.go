package nullmodel_test

import (
	"context"
	"fmt"

	"elegans/connectome"
	"elegans/connectome/measure"
	"elegans/connectome/nullmodel"
	"elegans/tensor"
)

func ExampleDegreePreserving() {
	worm := connectome.Canonical()
	control, report, err := nullmodel.DegreePreserving(context.Background(), worm, nullmodel.DefaultSwaps, tensor.NewKey(7, "control"))
	if err != nil {
		fmt.Println(err)
		return
	}
	in, _ := worm.Degrees(connectome.Chemical)
	inControl, _ := control.Degrees(connectome.Chemical)
	fmt.Println("same degrees:", fmt.Sprint(in) == fmt.Sprint(inControl))
	fmt.Println("at least 10 swaps an edge:", report.Chemical.Accepted >= 10*report.Chemical.Edges, report.Gap.Accepted >= 10*report.Gap.Edges)
	// Output:
	// same degrees: true
	// at least 10 swaps an edge: true true
}

func ExampleErdosRenyi() {
	worm := connectome.Canonical()
	random, err := nullmodel.ErdosRenyi(context.Background(), nullmodel.Matched(worm), tensor.NewKey(7, "control"))
	if err != nil {
		fmt.Println(err)
		return
	}
	chem := func(g *connectome.Graph) *connectome.Projection { return g.Directed(connectome.Chemical) }
	fmt.Println("arcs:", chem(worm).Edges(), chem(random).Edges())
	fmt.Printf("clustering: worm %.2f, random %.2f\n", measure.Clustering(chem(worm)), measure.Clustering(chem(random)))
	// Output:
	// arcs: 2194 2194
	// clustering: worm 0.21, random 0.03
}

func ExampleRing() {
	spec, err := nullmodel.Sized(10, 2, 2, 10, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	ring, err := nullmodel.Ring(context.Background(), spec, tensor.NewKey(1, "ring"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(measure.Paths(ring.Directed(connectome.Chemical)).Diameter)
	// Output: 9
}
