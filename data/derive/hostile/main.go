package main

import (
	"fmt"
	"os"
	"path/filepath"

	"elegans/data/internal/hostile"
)

// sizes are those of the files that are not to unfold to 8 GiB.
var sizes = map[string]int64{
	"cifar-10-binary.tar.gz": 6 << 30,
	"rows.csv.gz":            260e6 * 4,
	"tabs.csv":               120e6,
	"tabs.csv.gz":            120e6,
	"idx":                    4095 << 20,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: hostile DIR")
		os.Exit(2)
	}
	for _, f := range hostile.Files() {
		size, ok := sizes[f.Name]
		if !ok {
			size = 8 << 30
		}
		path := filepath.Join(os.Args[1], f.Name)
		if err := f.Write(path, size); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", f.Name, err)
			os.Exit(1)
		}
		fmt.Printf("%s\t%s\n", f.Source, path)
	}
}
