// Command hostile writes the files of package data/internal/hostile into a folder, in the sizes
// that were measured: 160 MB on the disk that would take up to 8 GiB each. It prints a line for
// each: the data set that reads it, and its path.
//
//	go run ./data/derive/hostile DIR
package main
