// Package published computes what the two PyTorch programs of the authors of the Elegans-AI papers
// compute (Bardozzo et al., Neurocomputing 584:127598, 2024; arXiv 2304.13538): tensor networks
// made from a connectome. "Published" in this module always means those programs, with whatever
// they really do. Both take all options of the originals under the names that they have there:
//
//	torch-eager       the network that builds its layers once and runs them in order
//	torch-functional  the network that applies functions to parameters; takes sequences too
//
// The documentation of the unexported type rules, in variants.go, lists where their documentation
// and their code disagree. They were trained on connectome.Shipped.
//
// # What is computed
//
// Signals pass connection by connection in a fixed order, and each replaces the value of the neuron
// that it reaches: by a matrix product the first time, by an elementwise product or sum later. A
// value is a vector of d = embedding_dim numbers for each example; u -> v is the connection.
//
//	h_v = act(norm_v(W_v h_u + b_v))     if no signal has reached v yet
//	h_v = norm_v(h_u * h_v)              else, or one of
//	      norm_v(h_u + h_v),   norm_v(act(W_v h_u + b_v) + h_v)
//	y   = norm(A(x, h of all motor neurons))
//
// # Differences from the sound network
//
// Package tensornet sums over all synapses of a neuron at once and sends signals along every
// synapse for a number of rounds. Here the result depends on the order of the connections, and what
// a neuron receives after its own turn reaches nothing: on the shipped worm 129 of 279 units of
// torch-eager and 184 of 268 of torch-functional have no gradient. Synapse counts and transmitters
// are not used. Without normalisation the products, of up to 138,123 factors, overflow.
//
// Such products amplify rounding: in float64 two correct programs differ by up to 1e-9 in a value
// after hundreds of merges, and their gradients by more.
//
// # Compilation
//
// The two variants differ in rules, not in code. A graph and a Config compile to a straight-line
// program in static single assignment without its dead steps, which runs as one differentiable
// operation. The attention or pooling behind it is composed of the tape's operations.
package published
