package data

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"sync"
)

// digitsGZ is made by data/derive/digits; origin, citation, licence and checksums: data/digits.md.
//
//go:embed digits.bin.gz
var digitsGZ []byte

// DigitsCount is the number of embedded digits.
const DigitsCount = 1797

const digitsProvenance = "Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak; UCI Machine Learning Repository, 1998; CC BY 4.0), the 1,797 images of the UCI " +
	"test part, 8x8, as shipped by scikit-learn"

// The split of Digits is part of the main job: changing it changes every published number.
const (
	digitsTestFraction = 0.2
	digitsSplitSeed    = 1998
)

// AllDigits returns the 1,797 embedded images of 1x8x8 in their original order. Values are
// sixteenths: the share of ink in a 4x4 block of the scanned bitmap.
var AllDigits = sync.OnceValue(func() *Dataset {
	d, err := readDigits(bytes.NewReader(digitsGZ))
	if err != nil {
		panic(err) // the embedded file is part of the program; a test reads it
	}
	return d
})

// Digits returns the fixed split of the embedded digits: 1,438 images to train on and 359 to test
// on, drawn once by a stratified Split with the seed 1998. scikit-learn's file holds the test part
// of the UCI set only, whose 13 writers appear on both sides here, so an accuracy measured on this
// split says nothing about new writers.
func Digits() Sets {
	train, test := AllDigits().Split(digitsTestFraction, digitsSplitSeed, true)
	return Sets{
		Train: train.describe("digits", digitsProvenance+"; training part of a fixed stratified split"),
		Test:  test.describe("digits", digitsProvenance+"; test part of a fixed stratified split"),
	}
}

func readDigits(r io.Reader) (*Dataset, error) {
	const size = 64
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("embedded digits: %w", err)
	}
	b := make([]byte, DigitsCount*(size+1))
	if _, err := io.ReadFull(z, b); err != nil {
		return nil, fmt.Errorf("embedded digits: %w", err)
	}
	pixels, labels := make([]uint8, 0, DigitsCount*size), make([]int, 0, DigitsCount)
	for ; len(b) > 0; b = b[size+1:] {
		pixels = append(pixels, b[:size]...)
		labels = append(labels, int(b[size]))
	}
	return FromBytes("digits", digitsProvenance, digitClasses(), pixels, 16, labels, 1, 8, 8)
}
