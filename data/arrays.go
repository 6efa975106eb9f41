package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"elegans/data/internal/format"
	"elegans/data/npy"
	"elegans/tensor"
)

// loadNPY reads arrays of images and labels from Options.Dir: an NPZ file with the arrays x_train,
// y_train, x_test and y_test, or x and y; or a folder with NPY files of these names. Images are [N,
// H, W], [N, C, H, W] (see Options.ChannelsLast) or [N, n] (see Options.Shape); labels are whole
// numbers, [N].
func loadNPY(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("an NPZ file, or a folder with x_train.npy, y_train.npy, x_test.npy and y_test.npy (or x.npy and y.npy)"); err != nil {
		return Sets{}, err
	}
	if isDir(o.Dir) {
		return loadArrays(o, func(name string) bool {
			_, err := os.Stat(filepath.Join(o.Dir, name+".npy"))
			return err == nil
		}, func(name string) (*npy.Array, error) {
			return npy.ReadFileContext(ctx, filepath.Join(o.Dir, name+".npy"))
		})
	}
	a, err := npy.OpenArchive(o.Dir)
	if err != nil {
		return Sets{}, err
	}
	defer a.Close()
	return loadArrays(o, func(name string) bool { return slices.Contains(a.Names(), name) },
		func(name string) (*npy.Array, error) { return a.ReadContext(ctx, name) })
}

func loadArrays(o *Options, has func(string) bool, read func(string) (*npy.Array, error)) (s Sets, err error) {
	pair := func(x, y string) (*arrayPart, error) {
		images, err := read(x)
		if err != nil {
			return nil, err
		}
		labels, err := read(y)
		if err != nil {
			return nil, err
		}
		return newArrayPart(o, images, labels, fmt.Sprintf("%s of %s", x, filepath.Base(o.Dir)))
	}
	if has("x") && !has("x_train") {
		p, err := pair("x", "y")
		if err != nil {
			return Sets{}, err
		}
		if err := o.settle(o.Dir, p.extent()); err != nil {
			return Sets{}, err
		}
		d, err := p.dataset(o)
		if err != nil {
			return Sets{}, err
		}
		return o.divide(d), nil
	}
	train, err := pair("x_train", "y_train")
	if err != nil {
		return Sets{}, err
	}
	test, err := pair("x_test", "y_test")
	if err != nil {
		return Sets{}, err
	}
	// A class may be missing from one of the parts.
	train.classes = max(train.classes, test.classes)
	test.classes = train.classes
	both, other := train.extent(), test.extent()
	both.aboveOne, both.fractions = both.aboveOne || other.aboveOne, both.fractions || other.fractions
	if err := o.settle(o.Dir, both); err != nil {
		return Sets{}, err
	}
	if s.Train, err = train.dataset(o); err != nil {
		return Sets{}, err
	}
	s.Test, err = test.dataset(o)
	return s, err
}

// arrayPart is a part of a data set in arrays, before its scale is known.
type arrayPart struct {
	what    string
	bytes   []byte    // values of images [N, C, H, W] that are bytes; nil otherwise
	values  []float32 // of the others
	c, h, w int
	last    bool // the values are [N, H, W, C]
	labels  []int
	classes int
}

func newArrayPart(o *Options, images, labels *npy.Array, what string) (*arrayPart, error) {
	shape := images.Shape()
	if len(shape) < 2 || len(shape) > 4 || images.Len() == 0 {
		return nil, format.New(o.Dir, what, fmt.Sprintf("shape %v", shape), "[N, n], [N, H, W] or [N, C, H, W] without an empty axis")
	}
	l, err := labels.Int64s()
	if err != nil {
		return nil, err
	}
	if len(l) != shape[0] {
		return nil, format.New(o.Dir, what, fmt.Sprintf("%d labels", len(l)), fmt.Sprintf("%d, one for each image", shape[0]))
	}
	p := &arrayPart{what: what, labels: make([]int, len(l))}
	for i, v := range l {
		if v < 0 || v >= maxClass {
			return nil, format.New(o.Dir, fmt.Sprintf("%s: label %d", what, i), fmt.Sprint(v), fmt.Sprintf("0 to %d", maxClass-1))
		}
		p.labels[i] = int(v)
		p.classes = max(p.classes, int(v)+1)
	}
	p.c = 1
	p.last = len(shape) == 4 && o.ChannelsLast
	switch {
	case p.last:
		p.h, p.w, p.c = shape[1], shape[2], shape[3]
	case len(shape) == 4:
		p.c, p.h, p.w = shape[1], shape[2], shape[3]
	case len(shape) == 3:
		p.h, p.w = shape[1], shape[2]
	default:
		if p.c, p.h, p.w, err = o.form(o.Dir, shape[1]); err != nil {
			return nil, err
		}
	}
	if b, ok := images.Bytes(); ok && !p.last {
		p.bytes = b
		return p, nil
	}
	x, err := npy.ToTensor[float32](images)
	if err != nil {
		return nil, err
	}
	p.values = x.Data()
	return p, nil
}

func (p *arrayPart) extent() (e extent) {
	e.addBytes(p.bytes)
	e.add(p.values)
	return e
}

// dataset returns the part in the scale that the options name.
func (p *arrayPart) dataset(o *Options) (*Dataset, error) {
	classes := make([]string, p.classes)
	for i := range classes {
		classes[i] = strconv.Itoa(i)
	}
	if p.bytes != nil && o.Range[0] == 0 && o.Range[1] == float64(uint8(o.Range[1])) {
		if v := maxByte(p.bytes); float64(v) > o.Range[1] {
			return nil, format.New(o.Dir, p.what, fmt.Sprint(v), fmt.Sprintf("%g to %g", o.Range[0], o.Range[1]))
		}
		return FromBytes("npy", p.what, classes, p.bytes, uint8(o.Range[1]), p.labels, p.c, p.h, p.w)
	}
	for _, b := range p.bytes {
		p.values = append(p.values, float32(b))
	}
	if err := o.scale(o.Dir, p.values); err != nil {
		return nil, err
	}
	x := tensor.FromSlice(p.values, len(p.labels), p.c, p.h, p.w)
	if p.last {
		x = tensor.FromSlice(p.values, len(p.labels), p.h, p.w, p.c).Permute(0, 3, 1, 2).Clone()
	}
	d, err := FromTensor("npy", p.what, classes, x, p.labels)
	if err == nil {
		d.ends = o.Range
	}
	return d, err
}

func maxByte(b []byte) (m byte) {
	for _, v := range b {
		m = max(m, v)
	}
	return m
}
