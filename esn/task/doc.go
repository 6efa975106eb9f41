// Package task holds the time series that reservoirs are tried on, and the measures of what they
// make of them, each with its exact definition: several libraries differ from the literature by an
// index or a step, and their figures from each other by more than the networks do.
//
// Row t of a series is time t; a series of one column is a slice. Series that a network is to
// predict are returned whole: the caller says which row is predicted from which, since the
// alignment changes the result (see NARMA).
package task
