// Package report writes the result of a comparison into a folder.
//
//	index.html           the report, which needs nothing beside it
//	results.json         networks, runs, baselines, comparisons and verdict, as experiment.Summary
//	results.csv          the runs as a table
//	curves.csv           loss and accuracy after every epoch of every run
//	worm.safetensors     the checkpoint of the subject's first run, under the subject's name
//
// The files have the same form for every comparison. The page consists of parts, and a part is
// there if the result has what it shows:
//
//	table            always
//	contrasts        if there is a control
//	curves           if a run has an epoch
//	neurons          with the part experiment.Activation
//	misreads         if the networks classify
//	reconstructions  with the part experiment.Samples
//
// A new part is a struct that a function makes from the result, nil if there is nothing to show, a
// template of its name in parts.html, and a line in page.html.
//
// Names and texts of a comparison are plain text and are escaped. Every file is replaced
// atomically.
package report
