// Package inspect looks into a model while it works on one batch: what every layer holds, what it
// costs, and whether a gradient reaches it.
//
// Run takes one forward and one backward pass of a training objective and reports on every result
// that the model marks (autograd.Tape.Mark): shape, parameters, multiply-accumulates an image,
// mean, deviation, largest absolute value, share of exact zeros, and the norms of the gradients of
// the result and of the layer's parameters. Attentions (marks whose names end in "attention") get
// their entropy and what share goes to each key. For connectome networks it adds which neurons'
// layers receive a gradient and which motor neurons are attended to.
//
// Sums run in float64, in the order of the elements, so the report is the same for every number of
// workers. The model and the batch are left as they were, but for running statistics of batch
// normalisation and the gradients of parameters.
package inspect
