// Package report writes the results of the main job into a folder: index.html, which needs nothing
// beside it, and the same numbers for programs.
//
//	index.html          the report
//	results.json        one object a run: network, seed, parameters, accuracy, loss, seconds, ...
//	results.csv         the same as a table
//	curves.csv          loss and accuracy after every epoch of every run
//	worm.safetensors    the checkpoint of the first worm, for `elegans eval` and `elegans predict`
//
// The report of the comparison of autoencoders has no checkpoint of its own, since its runs keep
// theirs in runs/, and its results.json is one object with runs, baselines, comparisons and
// verdict.
//
// Every file is replaced atomically.
package report
