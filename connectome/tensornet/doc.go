// Package tensornet compiles a connectome to a differentiable network: the tensor network that the
// Elegans-AI papers describe (Bardozzo et al., Neurocomputing 584:127598, 2024; arXiv 2304.13538),
// made sound. Every synapse takes part, and products stay finite. What the authors' programs
// compute instead is in package published.
//
// # The network
//
// Every neuron i is a tensor unit: it holds a state h_i, a vector of d numbers for each example,
// and a learned map W_i, b_i. Signals enter at the sensory neurons, travel along every synapse of
// the graph for a number of rounds, and leave at the motor neurons:
//
//	h_i(0) = x for a sensory neuron, 0 for the others
//	m_i(t) = combination over the synapses j -> i of a_ij and h_j(t-1)  [+ x if sensory]
//	h_i(t) = act(norm(W_i m_i(t) + b_i))                                 [+ h_i(t-1)]
//	y      = readout of h_j(rounds) over the motor neurons j
//
// The combination is a sum,
//
//	m_i = sum over j of a_ij h_j
//
// or a product that stays finite by construction (elementwise over the d components; see
// gateProduct for its kernel),
//
//	m_i = product over j of g_j^a_ij - 1,   g_j = exp(tanh(h_j)/2)
//
// in which a silent neuron (h_j = 0) contributes the factor 1, an excitatory synapse multiplies by
// a power of a gate between 0.6 and 1.65, and an inhibitory one divides by it.
//
// The coefficients a_ij come from the synapse counts: transformed (log1p by default), negative
// where the presynaptic neuron releases GABA and the synapse is chemical, and scaled so that every
// neuron receives a combination of norm 1 (Euclidean for the sum, so that the variance of
// independent signals is kept; absolute sum for the product, so that the exponents of a neuron add
// up to at most 1). They stay as they are or become trainable from there. Chemical synapses and gap
// junctions are scaled apart, each with its own gain.
//
// # Compilation
//
// A round is one product of a sparse matrix [neurons, neurons] with the states [neurons, batch*d],
// in which all synapses take part, and one grouped matrix product of neurons x [batch, d] x [d, d],
// whatever the graph. Any graph compiles that has a sensory and a motor neuron.
package tensornet
