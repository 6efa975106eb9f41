// Package nulls asks whether the wiring of a nervous system makes another reservoir than chance
// would: it puts the network of a graph beside networks of graphs that null models draw from it, on
// tasks, over a range of spectral radii.
//
//	measure   every network, on every task, at every scale, for several seeds; the seeds are the
//	          same for all networks, so that these get the same series and input weights
//	choose    each network's own scale by the validation part
//	compare   test scores: at each scale, and at each network's own
//
// The unit is the graph. One wiring diagram stands against an ensemble, so the question is where in
// the ensemble it lies (stats.Rank), and seeds only make the measurement of each network finer. The
// p values of all tasks and null models are adjusted together. That nothing is found shows no
// equality: for that the difference has an interval, to be compared with a margin that was set
// before.
//
// A comparison at one scale can show either sign. The counts of synapses are positive but for the
// inhibiting neurons, so the eigenvalue that the scale divides by is that of the mean, and what is
// left for the rest depends on the structure. That is why the whole curve is reported.
package nulls
