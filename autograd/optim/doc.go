// Package optim updates parameters from their gradients, and varies the learning rate from step to
// step.
//
// An Optimizer holds parameters, the state that belongs to each of them, and a Rule: the update of
// one method. The methods are those of PyTorch, with its option names, defaults and conventions;
// each stands in a file of its own with its equations and source.
//
//	options := optim.AdamDefaults()
//	options.LR = 3e-4
//	opt := optim.Adam(nn.Trainable(model), options)
//	schedule, err := optim.NewSchedule("cosine", options.LR, json.RawMessage(`{"T_max": 1000}`))
//	for step := range 1000 {
//		optim.Apply(opt, schedule, step)
//		// ... forward, backward ...
//		optim.ClipNorm(opt.Params(), 1, 2)
//		opt.Step()
//		opt.ZeroGrad()
//	}
//
// In the equations p is the parameter, g its gradient, lr the learning rate, wd the weight decay, t
// = 1, 2, ... the number of the update of that parameter. State starts at zero unless said
// otherwise. First of all g is negated if Maximize is set, and wd*p is added to it unless the decay
// is decoupled.
//
// # Determinism
//
// Updates are elementwise: results do not depend on the number of workers. Coefficients are
// computed in float64 and rounded once to the element type. Step allocates nothing, except for the
// state of a parameter at its first update. A parameter without gradient is left alone, and its
// count of updates does not advance.
//
// # State
//
// State returns everything that must be saved for a run to continue bit for bit: tensors, which
// share memory with the optimiser, and numbers (update counts, the learning rate in force). An
// optimiser knows no names: State and SetState are given those of nn.Paths, or count. The
// hyper-parameters belong to the configuration and are not part of it. Numbers are float64 and
// survive encoding/json unchanged.
//
// # Errors
//
// Options from a file or a user go through New and NewSchedule, which return an *OptionError. The
// constructors of the methods (Adam, SGD, ...) panic with the same error. Other misuse, such as a
// parameter that is given twice, panics with a *tensor.UsageError. An optimiser must not be used by
// two goroutines at once.
package optim
