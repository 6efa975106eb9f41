// Command elegans-cuda is the command elegans with CUDA devices: elegans --device cuda starts it.
//
// It is a module of its own, so that the ordinary program needs no cgo and no CUDA. Importing
// gorgonia.org/cu ends a process that finds no driver or no device, with a message of its own.
package main

import (
	"elegans/cmd/elegans/internal/cli"
	"elegans/tensor/cuda"
)

func main() {
	cli.Main(func(ordinal int, staged bool) (func() error, error) {
		d, err := cuda.Open(ordinal, cuda.Options{Staged: staged})
		if err != nil {
			return nil, err
		}
		return d.Close, nil
	})
}
