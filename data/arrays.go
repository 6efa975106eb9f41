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
	pair := func(x, y string) (*Dataset, error) {
		images, err := read(x)
		if err != nil {
			return nil, err
		}
		labels, err := read(y)
		if err != nil {
			return nil, err
		}
		return fromArrays(o, images, labels, fmt.Sprintf("%s of %s", x, filepath.Base(o.Dir)))
	}
	if has("x") && !has("x_train") {
		d, err := pair("x", "y")
		if err != nil {
			return Sets{}, err
		}
		return o.divide(d), nil
	}
	if s.Train, err = pair("x_train", "y_train"); err != nil {
		return Sets{}, err
	}
	if s.Test, err = pair("x_test", "y_test"); err != nil {
		return Sets{}, err
	}
	// A class may be missing from one of the parts.
	if len(s.Test.classes) > len(s.Train.classes) {
		s.Train.classes = s.Test.classes
	}
	s.Test.classes = s.Train.classes
	return s, nil
}

func fromArrays(o *Options, images, labels *npy.Array, what string) (*Dataset, error) {
	shape := images.Shape()
	if len(shape) < 2 || len(shape) > 4 || images.Len() == 0 {
		return nil, format.New(o.Dir, what, fmt.Sprintf("shape %v", shape), "[N, n], [N, H, W] or [N, C, H, W] without an empty axis")
	}
	n := shape[0]
	l, err := labels.Int64s()
	if err != nil {
		return nil, err
	}
	if len(l) != n {
		return nil, format.New(o.Dir, what, fmt.Sprintf("%d labels", len(l)), fmt.Sprintf("%d, one for each image", n))
	}
	y := make([]int, n)
	top := 0
	for i, v := range l {
		if v < 0 || v >= maxClass {
			return nil, format.New(o.Dir, fmt.Sprintf("%s: label %d", what, i), fmt.Sprint(v), fmt.Sprintf("0 to %d", maxClass-1))
		}
		y[i] = int(v)
		top = max(top, y[i])
	}
	classes := make([]string, top+1)
	for i := range classes {
		classes[i] = strconv.Itoa(i)
	}
	c, h, w := 1, 0, 0
	last := len(shape) == 4 && o.ChannelsLast
	switch {
	case last:
		h, w, c = shape[1], shape[2], shape[3]
	case len(shape) == 4:
		c, h, w = shape[1], shape[2], shape[3]
	case len(shape) == 3:
		h, w = shape[1], shape[2]
	default:
		if c, h, w, err = o.form(o.Dir, shape[1]); err != nil {
			return nil, err
		}
	}
	if b, ok := images.Bytes(); ok && !last && o.Range == [2]float64{} && maxByte(b) > 1 {
		return FromBytes("npy", what, classes, b, 255, y, c, h, w)
	}
	x, err := npy.ToTensor[float32](images)
	if err != nil {
		return nil, err
	}
	if err := o.scale(o.Dir, x.Data()); err != nil {
		return nil, err
	}
	if last {
		x = x.Permute(0, 3, 1, 2).Clone()
	}
	return FromTensor("npy", what, classes, tensor.FromSlice(x.Data(), n, c, h, w), y)
}

func maxByte(b []byte) (m byte) {
	for _, v := range b {
		m = max(m, v)
	}
	return m
}
