// Package nullmodel makes the graphs that a connectome is compared with: rewirings of a given graph
// and random or regular graphs of matched size.
//
// # What each keeps
//
//	DegreePreserving     in- and out-degree of every neuron in each layer, loops, weights, roles
//	ErdosRenyi           numbers of neurons, edges and loops a layer, weights as a multiset, roles
//	BarabasiAlbert       the same; few neurons get most edges
//	WattsStrogatz, Ring  the same; neighbours on a ring, with or without shortcuts
//	Complete             neurons and roles only: every ordered pair is joined
//	PublishedRewireEdges only the number of arcs: the control of the published models
//
// The neurons, with their names, roles and other attributes, are always those of the template in
// their order, so the counts of roles hold exactly; what changes is who is joined to whom. Chemical
// and gap layers are treated apart, and the gap layer stays undirected, except by
// PublishedRewireEdges.
//
// Register gives a null model a name, under which commands and configurations know it: Models lists
// those that there are. A new one is one new file that calls it from init; see ring.go.
//
// A comparison must say which of these it used: a motif can be rare against one and common against
// another.
//
// # Determinism and errors
//
// All randomness comes from a tensor.Key: the same key and template give the same graph on every
// machine. Impossible demands (more edges than pairs, a graph too rigid to be rewired) are returned
// as errors, and so is a control that would take more memory than one input may, before it takes
// it. Functions do not change their arguments and may be called at the same time. They end with the
// error of their context soon after that is done.
package nullmodel
