// Command digits makes data/digits.bin.gz, the embedded 8x8 digits, from the table that the PyPI
// package scikit-learn ships:
//
//	pip download scikit-learn==1.9.1 --no-deps
//	unzip -p scikit_learn-1.9.1-*.whl sklearn/datasets/data/digits.csv.gz > digits.csv.gz
//	go run ./data/derive/digits digits.csv.gz data/digits.bin.gz
//
// The table is the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C.
// Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0): 1,797 lines of 64 numbers of 0 to 16
// and a label of 0 to 9. The result holds, gzipped, 65 bytes an image in the same order: 64 values
// by rows, then the label.
package main
