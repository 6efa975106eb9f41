// Package recipe is the description of a training run as JSON, and what follows from it: the data, the model and the trainer.
//
// A Config names everything that decides a result: data set, split, normalisation, model, optimiser, schedule, augmentation, seeds. The same Config gives the
// same run bit for bit. It is what the user writes for `elegans train --config`, what is kept in a run's folder and what every checkpoint carries, so that a
// checkpoint alone suffices to evaluate it.
//
// Parse refuses unknown fields and wrong types, Complete refuses values out of range; both name the field. Nothing here prints.
package recipe
