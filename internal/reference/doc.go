// Package reference finds the recorded values that tests compare with.
//
// They lie in testdata/reference, are part of the repository, and are compared in every clone: a
// file that is missing fails the test that asks for it, and Compared fails a test that found fewer
// cases than it was written for. Data sets that the repository may not or need not hold, such as
// MNIST, are optional: a test that asks for one and does not find it is skipped, with one line that
// says how to provide it.
//
// The package serves tests only and imports nothing of this module.
package reference
