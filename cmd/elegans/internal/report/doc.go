// Package report writes the results of the main job into a folder: index.html, which needs nothing beside it, and the same numbers for programs.
//
//	index.html          the report
//	results.json        one object a run: network, seed, parameters, accuracy, loss, seconds, ...
//	results.csv         the same as a table
//	curves.csv          loss and accuracy after every epoch of every run
//	worm.safetensors    the checkpoint of the first worm, for `elegans eval` and `elegans predict`
//
// Every file is replaced atomically.
package report
