// Package esn holds echo-state networks: a recurrent network of fixed weights, the reservoir, turns
// a sequence into states, and a readout that is linear in these states is all that is trained.
//
// # Shapes
//
// Rows are time. A sequence is [T, K], its states are [T, N], its targets [T, M]. Row t of the
// states is the state after row t of the input was read. Matrices are [to, from]: W[i, j] leads
// from neuron j to neuron i.
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
// # Where the nodes of reservoirpy are
//
//	Reservoir            Reservoir, and Deep for a stack of them
//	Input, Output        arguments and results of Reservoir.Run
//	Ridge                Ridge, with Moments where rows come in pieces
//	RLS, LMS, FORCE      RLS, LMS, Force
//	IPReservoir          Plasticity
//	NVAR                 NVAR
//	ScikitLearnNode      SoftmaxReadout, RidgeClassifier; ModuleReadout for any module of package nn
//	spectral_radius      SpectralRadius, which asks for enough Ritz values
//	datasets             package task
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
// A run begins with the zero state unless Options.Start says otherwise, so that nothing leaks from
// one sequence into the next. Every random matrix is drawn from a tensor.Key: the same key gives
// the same matrix on every machine.
package esn
