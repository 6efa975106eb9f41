// Package recipe is the description of a training run as JSON, and what follows from it: the data,
// the model and the trainer.
//
// A Config names everything that decides a result: data set, split, normalisation, model,
// optimiser, schedule, augmentation, seeds. The same Config gives the same run bit for bit. It is
// what the user writes for `elegans train --config`, what is kept in a run's folder and what every
// checkpoint carries, so that a checkpoint alone suffices to evaluate it.
//
// Open notes in the description what the data were: parts with checksums, scale, counts. A
// description that has such a record is compared with whatever is opened for it later: the same
// command gives the same run or an error, never a run on other images. OpenGiven opens other data
// for a trained model, and says so.
//
// Default gives every model a recipe of its own: classifiers that for small images, the published
// autoencoders the published one (Keras' Adam at a constant rate, batches of 128, images of ink and
// paper; but validation images taken from the training set, where theirs are the test set), the
// sound autoencoders one of ours.
//
// # Determinism
//
// Bit for bit means: on the same set of kernels, for any number of workers, in a program built for
// the same processors. A program built with GOAMD64=v3 or above is another in this respect, since
// the compiler then contracts products and sums of the plain Go loops into one rounding.
// Checkpoints name the kernels and the level; `elegans version` shows both. See package tensor.
//
// # Goroutines
//
// A Config may be read by several goroutines. The model of a run may be shared for inference
// (Score, Predict, Classify, Reconstruct), each call on its own, but a Run is for one goroutine,
// and nothing else may use its model while it trains.
//
// Parse refuses unknown fields and wrong types, Complete refuses values out of range; both name the
// field. Nothing here prints.
package recipe
