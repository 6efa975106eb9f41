package measure_test

import (
	"fmt"

	"elegans/connectome"
	"elegans/connectome/measure"
)

func Example() {
	worm := connectome.Canonical()
	dir := worm.Directed(connectome.Chemical, connectome.Gap)
	giant := measure.Induced(dir, measure.StrongComponents(dir)[0])
	fmt.Printf("density %.4f, reciprocity %.3f\n", measure.Density(dir), measure.Reciprocity(dir))
	fmt.Printf("%d neurons in the giant component, %.3f hops apart, diameter %d\n", giant.Len(), measure.Paths(giant).Mean, measure.Paths(giant).Diameter)
	fmt.Printf("role assortativity %.3f\n", measure.RoleAssortativity(dir, measure.Roles(worm)))
	// Output:
	// density 0.0385, reciprocity 0.470
	// 274 neurons in the giant component, 2.872 hops apart, diameter 7
	// role assortativity 0.191
}

func ExampleShortestPaths() {
	paths, pairs := measure.ShortestPaths(connectome.Shipped(), 2, true)
	share, expected := paths.Homophily()
	fmt.Printf("%d paths between %d pairs, homophilic %.3f (expected %.3f)\n", paths.Total(), pairs, share, expected)
	// Output: 46737 paths between 21775 pairs, homophilic 0.365 (expected 0.318)
}

func ExampleSpectralRadius() {
	r, err := measure.SpectralRadius(connectome.Canonical(), false, false, connectome.Chemical)
	fmt.Printf("%.4f %v\n", r, err)
	// Output: 29.9171 <nil>
}
