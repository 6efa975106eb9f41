// Package esn holds echo-state networks: a recurrent network of fixed weights, the reservoir, turns
// a sequence into states, and a readout of these states is all that is trained.
//
// # Where to begin
//
// A Config says what the reservoir is: its topology, which may be the worm's connectome, its size,
// scales, leaks, layers. NewNetwork builds it and gives it a readout.
//
//	net, err := esn.NewNetwork[float64](esn.Defaults(), inputs, outputs, nil)
//	err = net.Fit(sequences)          // of any lengths; FitMore goes on with more of them
//	y, err := net.Predict(u)          // [T, M] from [T, K], from the zero state
//	y, err := net.Generate(u, steps)  // goes on alone: each output is the next input
//	err = net.Save("net.safetensors") // Load, LoadStream
//
//	s := net.Stream()                 // row by row, without allocation, with the same bits
//	y, err := s.Step(row)
//	err = s.Learn(target)             // a readout that learns online
//
// Below that are the pieces, which can be used alone: Reservoir and Deep, which run matrices that
// the caller brings; Random, Ring, FromGraph and others, which make such matrices; SpectralRadius;
// Ridge, Moments, RLS and LMS; the measures of memory and processing capacity.
//
// # Shapes
//
// Rows are time. A sequence is [T, K], its states are [T, N], its targets [T, M]. Row t of the
// states is the state after row t of the input was read. Matrices are [to, from]: W[i, j] leads
// from neuron j to neuron i.
//
//	T  steps            u    input [T, K]               W    recurrent weights [N, N]
//	K  inputs           x    states [T, N]              Win  input weights [N, K]
//	N  neurons          y    outputs, targets [T, M]    Wfb  feedback weights [N, M]
//	M  outputs          f    activation                 b    bias [N]
//	F  features         a    leak [1] or [N]            Wout weights of a readout [F, M]
//
// The features are what a readout sees: the states, or some of them, and on request their squares,
// the features of an NVAR and the input, in this order.
//
// # Equations
//
//	x[t] = (1-a) x[t-1] + a f(W x[t-1] + Win u[t] + b + Wfb y[t-1]) + noise[t],  x[-1] = y[-1] = 0
//	y[t] = Wout' x[t] + c
//
// after H. Jaeger, The "echo state" approach to analysing and training recurrent neural networks,
// GMD report 148, 2001, with the leak of Jaeger, Lukoševičius, Popovici and Siewert, Neural
// Networks 20, 2007. A radius of W is a true spectral radius: the largest modulus of its
// eigenvalues.
//
// # Defaults
//
// Those of a Config; the reasons are with its fields. Each can be changed in Go and in JSON.
//
//	seed 1                 topology random           neurons 100          degree 10
//	rewiring 0.1           weights normal            spectral radius 0.9  leak 1
//	activation tanh        input_weights uniform     input_scale 1        input_density 1
//	input_neurons all      bias_scale 0.1            feedback_scale 0     noise 0
//	groups 1, layers 1     layer_scale 1             readout_neurons all  washout 100
//	connectome.file canonical (the worm), .count count, .layers both, .signs transmitter
//
// and those of the readouts:
//
//	ridge   penalty 1e-8, times the mean sum of squares of the features; intercept not penalised
//	rls     alpha 1e-3, forgetting 1, with a constant
//	lms     rate 0.001, with a constant
//	softmax           penalty 1, on standardised features
//	ridge_classifier  penalty 1, on standardised features
//	module            one hidden layer of 64, 100 epochs of AdamW on standardised features
//
// Readouts lists all kinds that there are.
//
// # Where the nodes of reservoirpy are
//
//	Reservoir                    Config and NewNetwork; Reservoir for matrices of one's own
//	  units, lr, sr              Neurons, Leak, Scale
//	  rc_connectivity            Density
//	  input_scaling              InputScale
//	  input_connectivity         InputDensity
//	  bias_scaling               BiasScale
//	  fb_scaling                 FeedbackScale
//	  noise_in, noise_rc         InputNoise, StateNoise, which are there while fitting only
//	  activation, seed           Activation, Seed
//	IPReservoir                  Network.Adapt; Plasticity for matrices of one's own
//	NVAR                         Config.NVAR; NVAR for the features alone
//	Ridge                        RidgeReadout; Ridge and Moments without a network
//	  several ridge values       RidgeReadout.Path and Take; Moments.Path without a network
//	RLS, LMS                     RLSReadout, LMSReadout; RLS and LMS without a network
//	FORCE                        RLSReadout with FeedbackScale and Stream.Learn; Force
//	ScikitLearnNode              RidgeClassifier, SoftmaxReadout, ModuleReadout
//	Input, Output, Concat        arguments and results; the options Readout... of Config
//	model = a >> b >> c          Config.Layers, Config.Groups; Deep
//	model <<= b                  Config.FeedbackScale
//	fit(X, Y, warmup)            Network.Fit with Config.Washout
//	partial_fit                  Network.FitMore, Stream.Learn
//	run, call                    Network.Predict, Stream.Step
//	reset, from_state            Stream.Reset, Stream.SetState
//	force_teachers               in Network.Fit; Stream.SetOutput in a stream
//	workers                      tensor.SetWorkers; results do not depend on it
//	mat_gen: uniform, normal     Draw
//	mat_gen: bernoulli           SignDraw
//	mat_gen: ring, orthogonal    Topologies
//	observables.spectral_radius  SpectralRadius, which asks for enough Ritz values
//	observables.memory_capacity  MemoryCapacity, with squared correlations
//	observables.nrmse, rsquare   task.Compare, with the right divisor
//	hyper.research               elegans esn search
//	pickle                       Network.Save, Stream.Save
//
// Its datasets are in package task, which has them by the usual definitions: narma (Narma),
// mackey_glass (MackeyGlass), lorenz (Lorenz63), lorenz96 (Lorenz96), henon_map, logistic_map,
// doublescroll, multiscroll (Chen), rossler, rabinovich_fabrikant, kuramoto_sivashinsky,
// multiple_superimposed_oscillators, santafe_laser and japanese_vowels (from the files of their
// packages); to_forecasting is Forecast.
//
// # Gradients
//
// Reservoir.Layer makes a layer of a network that is trained by gradient: frozen, or with weights,
// leak and scalings trained by backpropagation through time. ReservoirOf leads back.
//
// # Measures
//
// What a reservoir is worth: Deep.Memory and Deep.Processing (memory capacity, information
// processing capacity), Deep.Quality (kernel quality and generalisation rank). Whether its states
// are functions of its input: Deep.EchoStates, Deep.Lyapunov, Deep.Consistency. Reservoir.Stack and
// Network.Reservoir give the stack.
//
// # State, chance and errors
//
// A run begins with the zero state unless it is told another, so that nothing leaks from one
// sequence into the next. Every random matrix and all noise are drawn from a tensor.Key: the same
// Config gives the same numbers on every machine, and for every number of goroutines.
//
// An input or a target that is not finite is refused with its row and column, before anything is
// changed. What a file or a configuration says wrong is one line a fault.
package esn
