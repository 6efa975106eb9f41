// Package connectome holds wiring diagrams of nervous systems: typed directed multigraphs of
// neurons joined by chemical synapses (directed, with a count) and gap junctions (undirected), the
// embedded hermaphrodite of Caenorhabditis elegans, and readers and writers for the usual file
// formats.
//
// # The graph
//
// A Graph is a list of neurons and a list of edges between their indices. It is kept in a normal
// form, so that equal graphs have equal fields: at most one edge a layer and ordered pair (a
// repeated pair is one edge with the summed weight), every gap junction stored once with Pre <=
// Post, loops kept, edges sorted by (Layer, Pre, Post). New makes this form and Validate checks it.
// A pair may carry a chemical synapse and a gap junction at once: these are parallel edges. Weights
// are positive and finite; in the embedded worm they count synapses.
//
// Computation uses the exports: CSR (one layer as a sparse matrix; the row is the receiving neuron
// for Incoming) and Project (a simple graph without weights, loops or parallel edges).
//
// # The worm
//
// Canonical is the default: 279 neurons, 2194 chemical arcs with 6394 synapses, 514 gap-junction
// pairs and 3 loops with 890 junctions (Varshney et al. 2011). Shipped is the graph that the
// published Elegans-AI models were trained on: the same topology with the attributes of 172
// vertices displaced and the chemical weights undercounted. Use it only to reproduce results of
// those models. embedded/README.md states origin and licence.
//
// # Roles
//
// A neuron's Role may be Unknown, which says that no role was recorded. The published models treat
// such a neuron as an interneuron; Graph.RoleOf does the same, while Neuron.Role keeps the
// distinction. Two role sets are offered by name, see RoleSet.
//
// # Files
//
// GraphML, JSON, edge lists (TSV or CSV, with a table of neurons beside them) and labelled
// adjacency matrices (TSV or CSV) are read by Read* from an io.Reader and by Load from a path,
// written by Write* and Save. Readers refuse bad input with one line that names file, line and
// reason; what they can mend without guessing (a gap junction listed in both directions, a repeated
// pair) they mend and report as a Defect. What a file holds and a graph does not (columns,
// attributes, ports) is counted in a Defect too: nothing is dropped in silence. Save writes to a
// temporary file and renames it.
//
// The text is UTF-8, or UTF-16 with a byte order mark; GraphML may declare an encoding of one byte
// a character. Files are read as a stream, and a graph that would take more memory than one input
// may (a quarter of what is free, or ELEGANS_MEMORY) is refused when it reaches that: there is no
// limit of another kind below 2^31 neurons. Reading takes about 90 bytes an edge.
//
// Load, Save and the long operations of the packages below this one take a context, with which they
// stop and, through WithProgress, report.
//
// # Ownership, determinism, errors
//
// A Graph may be read by several goroutines at once. Functions that return a graph return a fresh
// one that the caller owns. Everything is deterministic. Malformed files and graphs are reported as
// error values; an index out of range panics as it does for a slice.
package connectome
