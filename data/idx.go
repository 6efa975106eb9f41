package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"elegans/data/internal/elem"
	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
)

// readIDX reads a file of unsigned bytes in the IDX format of Y. LeCun's MNIST page: the magic
// number 0x000008nn for nn axes, each length as four bytes, big-endian, then the values.
func readIDX(in *input, axes int) (shape []int, values []byte, err error) {
	h, err := in.readSome(4)
	if err != nil {
		return nil, nil, err
	}
	if got, want := binary.BigEndian.Uint32(h), uint32(0x0800+axes); got != want {
		return nil, nil, format.New(in.name, format.Offset(0), fmt.Sprintf("magic number %#08x", got), fmt.Sprintf("%#08x (unsigned bytes, %d axes)", want, axes))
	}
	if h, err = in.readSome(int64(4 * axes)); err != nil {
		return nil, nil, err
	}
	for ; len(h) > 0; h = h[4:] {
		shape = append(shape, int(binary.BigEndian.Uint32(h)))
	}
	n, ok := elem.Count(shape, 1, math.MaxInt64)
	if !ok {
		return nil, nil, format.New(in.name, format.Offset(4), fmt.Sprintf("shape %v", shape), fmt.Sprintf("at most %d values", math.MaxInt64))
	}
	if err := memory.Need(fmt.Sprintf("%s: values of shape %v", quote.Name(in.name), shape), float64(n)); err != nil {
		return nil, nil, err
	}
	values, err = in.readExactly(n)
	return shape, values, err
}

// loadIDX reads one pair of files, given by the beginning of their names ("train", "t10k").
func loadIDX(ctx context.Context, o *Options, dir, part, name, provenance string, classes []string) (*Dataset, error) {
	read := func(kind string, axes int) (string, []int, []byte, error) {
		path, err := findIDX(o, dir, fmt.Sprintf("%s-%s", part, kind), axes)
		if err != nil {
			return "", nil, nil, err
		}
		in, err := openInput(ctx, o, path)
		if err != nil {
			return "", nil, nil, err
		}
		defer in.Close()
		shape, values, err := readIDX(in, axes)
		return path, shape, values, err
	}
	_, shape, pixels, err := read("images", 3)
	if err != nil {
		return nil, err
	}
	path, count, raw, err := read("labels", 1)
	if err != nil {
		return nil, err
	}
	if count[0] != shape[0] {
		return nil, format.New(path, format.Offset(4), fmt.Sprintf("%d labels", count[0]), fmt.Sprintf("%d, one for each image", shape[0]))
	}
	if shape[0] == 0 || shape[1] == 0 || shape[2] == 0 {
		return nil, format.New(path, format.Offset(4), fmt.Sprintf("images of shape %v", shape), "no axis of length 0")
	}
	labels := make([]int, len(raw))
	for i, l := range raw {
		if int(l) >= len(classes) {
			return nil, format.New(path, format.Offset(int64(8+i)), fmt.Sprintf("label %d", l), fmt.Sprintf("0 to %d", len(classes)-1))
		}
		labels[i] = int(l)
	}
	return FromBytes(name, provenance, classes, pixels, 255, labels, 1, shape[1], shape[2])
}

// findIDX finds a file under the spellings in use: train-images-idx3-ubyte,
// train-images.idx3-ubyte, each also with .gz. The first that is there is read; others are noted.
func findIDX(o *Options, dir, stem string, axes int) (string, error) {
	var found []string
	first := ""
	for _, sep := range []string{"-", "."} {
		for _, end := range []string{".gz", ""} {
			path := filepath.Join(dir, fmt.Sprintf("%s%sidx%d-ubyte%s", stem, sep, axes, end))
			if first == "" {
				first = path
			}
			if st, err := os.Stat(path); err == nil && !st.IsDir() {
				found = append(found, path)
			}
		}
	}
	if len(found) == 0 {
		return "", &fs.PathError{Op: "open", Path: first + " (or without .gz)", Err: fs.ErrNotExist}
	}
	for _, path := range found[1:] {
		o.note("%s is not used, since %s is there", quote.Name(path), quote.Name(filepath.Base(found[0])))
	}
	return found[0], nil
}
