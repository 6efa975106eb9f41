// Package train runs the loop of training: batches, steps, metrics, validation, logs, checkpoints
// and resumption.
//
// A Trainer is told what to train (a module), on what (a Source of batches), towards what (an
// Objective) and how (an optimiser, a schedule, a Config). It prints nothing: it reports to a
// callback and writes files into one folder:
//
//	config.json            the configuration, of which a program can rebuild the model
//	epochs.csv, steps.csv  the logs
//	last.safetensors       what is needed to go on: parameters, optimiser, average, progress
//	best.safetensors       the parameters alone, at the best value of the monitored metric
//
// Both checkpoints open with any safetensors reader. A parameter is saved under its path in the
// model ("encoder.weight", see nn.Walk). The trainer settles the paths once, before the first step,
// so nothing that a callback does can change them. Epochs and steps count from 1 in the logs, in
// what callbacks are told and in errors.
//
// # Models
//
// A model is a struct with a Forward method: see the example. What is trained must be reached from
// its fields. A parameter that takes part in the loss or is held by the optimiser but is not
// reached stops the run with an error, since no checkpoint would hold it. Parameters that the loss
// does not reach are no error; Trainer.WithoutGradient lists them.
//
// # Resumption
//
// A run that was stopped in any way, also by SIGKILL, and resumed from last.safetensors computes
// bit for bit what an uninterrupted run computes, and its logs read the same: files are replaced
// atomically, all random numbers are functions of seed and step, the order of batches is a function
// of the epoch, and log lines beyond the checkpoint are dropped on resumption.
//
// A checkpoint carries a checksum over its whole content, which Load and Resume compare; files
// without one, of former or other programs, load as they are. Resume also wants the progress to be
// one that the run can have come to, config.json to describe the same run, epochs.csv to have a row
// for every epoch that is done, and best.safetensors to be whole. It names the file that is not,
// and changes nothing.
//
// # Failures
//
// A loss, gradient or parameter that becomes NaN or infinite stops the run with a *NonFiniteError
// that names the step and the parameter; the last good checkpoint stays. Cancelling the context
// saves a checkpoint after the current step, or before the validation that it interrupts, and
// returns ErrStopped. If that checkpoint cannot be written the error is another, and the one before
// it stays.
package train
