// Package experiment is the main job: the worm's network against its controls on the embedded
// digits.
//
// Every network is trained several times. A run draws new weights, a new order of the batches and,
// for the controls, a new graph, all from its seed; everything else is the same for all: data,
// split, optimiser, schedule, number of steps. The settings were not tuned for any of them apart.
// The test set is read once a run, after its last step.
//
// Runs are small, so they are executed side by side, one goroutine each, and the loops inside an
// operation do not divide any further. The numbers do not depend on how many run at a time.
//
// # Statistics
//
// The unit is a run: its accuracy on the test images is one observation. Intervals are Student's
// (95 %), over runs. The worm is compared with each control by Welch's test, two-sided, and the p
// values are adjusted by Holm's method for the number of controls. The intervals speak about new
// weights and graphs on these test images; they say nothing about other images, for which the
// standard error of an accuracy near .97 on 359 images is about .9 points.
//
// # Autoencoders
//
// DoAutoencoders compares in the same way what stands between the encoder and the decoder of an
// autoencoder: the worm, the worm untrained, rewirings of it, a dense layer of as many parameters,
// nothing. The recipe was sought with the worm in its place, which may favour it. An observation is
// the share of test pixels that a run gets right at its last epoch. These runs are long, so each
// keeps its folder, in which it goes on after an interruption. Principal components, the mean image
// and the empty image say what can be had without training.
package experiment
