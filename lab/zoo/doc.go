// Package zoo builds named models from descriptions that can be stored in a checkpoint.
//
// A Spec says all about a model: its name, the images that it reads, the seed of its weights, and
// the configuration of its family. Two models of equal descriptions are equal bit for bit.
//
//	model, err := zoo.Build[float32](zoo.Spec{
//		Model: "worm", Input: [3]int{1, 8, 8}, Classes: 10, Seed: 1,
//		Config: zoo.WormConfig{Network: tensornet.Config{Width: 16, Rounds: 4}},
//	})
//
// # Families
//
// A Family is everything that is known of a model: configuration, defaults, task, construction, the
// wiring that it is built on, and the options that a command line offers. It lies in one file,
// which registers it. Entries lists all families, each with a line about it. Other modules register
// families of their own with Register.
//
// # Wirings
//
// The wiring of a model is a Graph: a connectome by name or file, or a control made from it, like
// a rewiring that keeps the degrees of all neurons. The SHA-256 of its source becomes part of the
// description, so that a model is not rebuilt on a graph that has changed.
//
// # Size
//
// Build refuses models of more than 2^27 parameters before it takes memory for those in excess.
package zoo
