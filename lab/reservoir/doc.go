// Package reservoir puts echo-state networks to work on tasks.
//
// A Recipe describes a network and how its readout is fitted. Evaluate trains it on a task once for
// each of several seeds, which draw the weights and the series anew, and says how well it does:
//
//	fit       to the part Train, once for each penalty
//	choose    the penalty with the best score on Validate
//	measure   on Test, once, beside a baseline that has no reservoir
//
// Nothing is chosen on the part Test. The numbers do not depend on how many runs are made at a
// time.
package reservoir
