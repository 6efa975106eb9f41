// Package measure computes the basic graph measures of a connectome, each by one stated definition.
//
// Most functions take a connectome.Projection: a simple graph, directed or undirected, without
// loops, parallel edges and weights. Usual projections of a graph g are
//
//	dir   g.Directed(Chemical, Gap)  chemical arcs and both directions of the gap junctions
//	chem  g.Directed(Chemical)
//	gap   g.Simple(Gap)
//	und   g.Simple(Chemical, Gap)    an edge where dir has an arc in either direction
//
// Measures that use roles take them as a slice with one role a vertex (Roles), where Unknown counts
// as Inter.
//
// A share or mean over nothing (density of one vertex, reciprocity without arcs) is 0, never NaN,
// so that results can always be written as JSON. Functions allocate what they need and are safe to
// call at the same time on the same graph. Cost is at most one breadth-first search a vertex, O(n
// m), except for SpectralRadius, O(n^3). Summarize can be stopped by its context, and leaves out
// what is not linear if it is to be quick.
package measure
