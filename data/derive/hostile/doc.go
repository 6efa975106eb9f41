// Command hostile writes the files of package data/internal/hostile into a folder, in the sizes
// that were measured: some 50 MB on the disk that unfold to 8 GiB each. It prints a line for each:
// the data set that reads it, and its path.
//
//	go run ./data/derive/hostile DIR
package main
