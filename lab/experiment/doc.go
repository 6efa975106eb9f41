// Package experiment trains several kinds of networks several times each and says whether they
// differ by more than the scatter of the runs.
//
// A Comparison has arms. The first is the subject, the others are its controls. An arm describes
// the run of every seed as a recipe.Config, so anything that a recipe can say can be compared:
// wirings, models, optimisers. A seed draws new weights, a new order of the batches and, where the
// arm says so, a new graph. The test set is read once a run, after its last step.
//
// Runs are executed side by side, one goroutine each, and the operations within are not divided any
// further. The numbers do not depend on how many run at a time.
//
// # Statistics
//
// One run is one observation: the share of test images, or of pixels of test images, that it gets
// right. The subject is compared with each control by Welch's test, and the p values are adjusted
// by Holm's method for the number of controls; see package stats. The intervals speak about new
// weights and graphs on these test images. They say nothing about other images.
//
// # What is kept
//
// Without Dir nothing is written. With it every run has a folder there, NAME-SEED, as a training
// that `elegans train` makes. A comparison that was stopped goes on where it was, bit for bit: runs
// that were finished are recalled, the others are resumed. A folder whose runs have another
// configuration, or have seen other images, is refused with a *FolderError that says what differs.
// So is one in which a result no longer agrees with its checksum, with the run's name, with its log
// or with what the checkpoint scores. One comparison at a time may use a folder.
//
// # Parts
//
// Some comparisons want more than scores. Parts are measured when all runs are done: Activation of
// the subject's neurons, Baselines that need no training, Samples of reconstructed images.
//
// # Known comparisons
//
// Presets lists those that the command line knows by name. Digits is the main job: the worm's
// network, rewirings, random graphs and a perceptron on the embedded digits. Autoencoders compares
// what stands between the encoder and the decoder of an autoencoder.
package experiment
