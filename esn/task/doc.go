// Package task holds the problems that reservoirs are tried on, and the measures of what they make
// of them, each with its exact definition: several libraries differ from the literature by an index
// or a step, and their figures from each other by more than the networks do.
//
// Row t of a series is time t; a series of one column is a slice. The functions that make a series
// return it whole. A Task makes a Problem of it: sequences to train, validate and test on, and what
// row t of an output stands for, since the alignment changes the result (see NARMA).
//
// Every task is a file of this package that registers itself; Names lists them and Get returns one.
package task
