package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elegans/data/internal/format"
	"elegans/data/npy"
	"elegans/internal/quote"
)

// arrayNames are the names that the arrays of a data set may have, without regard to case: those of
// Keras and those of MedMNIST.
var arrayNames = []struct{ images, labels string }{{"x_%s", "y_%s"}, {"%s_images", "%s_labels"}}

// arrayParts are the names of the parts in names of arrays.
var arrayParts = [][]string{{"train"}, {"val", "valid", "validation"}, {"test"}}

// loadNPY reads arrays of images and labels from Options.Dir: an NPZ file with the arrays x_train
// and y_train, perhaps x_val and y_val, and perhaps x_test and y_test (or train_images and
// train_labels, and so on), or x and y; or a folder with NPY files of these names. Images are [N,
// H, W], [N, C, H, W] or [N, H, W, C] (see Options.Layout), or [N, n] (see Options.Shape); labels
// are whole numbers, [N] or [N, 1].
func loadNPY(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("an NPZ file, or a folder with x_train.npy, y_train.npy, x_test.npy and y_test.npy (or x.npy and y.npy)"); err != nil {
		return Sets{}, err
	}
	if !isDir(o.Dir) {
		a, err := npy.OpenArchive(o.Dir)
		if err != nil {
			return Sets{}, err
		}
		defer a.Close()
		return o.loadArrays(ctx, a.Names(), a.Others(), func(name string) (*npy.Array, error) { return a.ReadContext(ctx, name) })
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return Sets{}, err
	}
	var names, others []string
	for _, e := range entries {
		if stem, ok := strings.CutSuffix(e.Name(), ".npy"); ok {
			names = append(names, stem)
		} else {
			others = append(others, e.Name())
		}
	}
	return o.loadArrays(ctx, names, others, func(name string) (*npy.Array, error) {
		return npy.ReadFileContext(ctx, filepath.Join(o.Dir, name+".npy"))
	})
}

// arrayPair is the names of the arrays of a part; empty ones stand for a part that is not there.
type arrayPair struct{ images, labels string }

// arrayPairs finds the arrays of the training, validation and test part, or, alone, of the whole.
// What is missing of a pair has the name that is expected.
func (o *Options) arrayPairs(names []string) (pairs []arrayPair, err error) {
	find := func(want string) (string, error) {
		found := ""
		for _, n := range names {
			if !strings.EqualFold(n, want) {
				continue
			}
			if found != "" {
				return "", format.New(o.Dir, "", fmt.Sprintf("the arrays %s and %s", quote.Text(found), quote.Text(n)), "one of them")
			}
			found = n
		}
		return found, nil
	}
	pair := func(images, labels string) (p arrayPair, err error) {
		if p.images, err = find(images); err != nil || p.images == "" {
			return p, err
		}
		if p.labels, err = find(labels); p.labels == "" {
			p.labels = labels
		}
		return p, err
	}
	for _, form := range arrayNames {
		pairs = make([]arrayPair, len(arrayParts))
		for i, spellings := range arrayParts {
			for _, part := range spellings {
				p, err := pair(fmt.Sprintf(form.images, part), fmt.Sprintf(form.labels, part))
				if err != nil {
					return nil, err
				}
				if p.images != "" && pairs[i].images != "" {
					return nil, format.New(o.Dir, "", fmt.Sprintf("the arrays %s and %s", quote.Text(pairs[i].images), quote.Text(p.images)), "one of them")
				}
				if p.images != "" {
					pairs[i] = p
				}
			}
		}
		if pairs[0].images != "" {
			return pairs, nil
		}
	}
	whole, err := pair("x", "y")
	if err == nil && whole.images == "" {
		err = format.New(o.Dir, "", "arrays "+quote.Names(names), "x_train and y_train, or x and y")
	}
	return []arrayPair{whole}, err
}

func (o *Options) loadArrays(ctx context.Context, names, others []string, read func(string) (*npy.Array, error)) (Sets, error) {
	pairs, err := o.arrayPairs(names)
	if err != nil {
		return Sets{}, err
	}
	for _, p := range pairs {
		names = slices.DeleteFunc(names, func(n string) bool { return n == p.images || n == p.labels })
	}
	o.noteNames(o.Dir, "array is not used", "arrays are not used", names)
	o.noteNames(o.Dir, "entry that is no array is not used", "entries that are no arrays are not used", others)
	parts := make([]*arrayPart, len(pairs))
	var e extent
	classes := 0
	for i, p := range pairs {
		if p.images == "" {
			continue
		}
		images, err := read(p.images)
		if err != nil {
			return Sets{}, err
		}
		labels, err := read(p.labels)
		if err != nil {
			return Sets{}, err
		}
		if parts[i], err = newArrayPart(o, images, labels, fmt.Sprintf("%s of %s", quote.Name(p.images), quote.Name(filepath.Base(o.Dir)))); err != nil {
			return Sets{}, err
		}
		e.join(parts[i].values.extent())
		classes = max(classes, parts[i].classes) // a class may be missing from one of the parts
	}
	if err := o.settle(o.Dir, e); err != nil {
		return Sets{}, err
	}
	sets := make([]*Dataset, len(arrayParts))
	for i, p := range parts {
		if p == nil {
			continue
		}
		sets[i], err = p.values.dataset(o, "npy", o.Dir, p.what, numbered(classes), p.labels, p.c, p.h, p.w)
		if err != nil {
			return Sets{}, err
		}
	}
	switch s := (Sets{Train: sets[0], Valid: sets[1], Test: sets[2]}); {
	case len(pairs) == 1:
		return o.divide(ctx, s.Train)
	case s.Test == nil:
		return o.withoutTest(ctx, s, pairs[0].images)
	default:
		return s, nil
	}
}

// arrayPart is a part of a data set in arrays, before its scale is known.
type arrayPart struct {
	what    string
	values  values // [N, C, H, W]
	c, h, w int
	labels  []int
	classes int
}

func newArrayPart(o *Options, images, labels *npy.Array, what string) (*arrayPart, error) {
	shape := images.Shape()
	if len(shape) < 2 || len(shape) > 4 || images.Len() == 0 {
		return nil, format.New(o.Dir, what, fmt.Sprintf("shape %v", shape), "[N, n], [N, H, W], [N, C, H, W] or [N, H, W, C] without an empty axis")
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
	last := false
	switch len(shape) {
	case 4:
		if last, err = o.channelsLast(shape, what); err != nil {
			return nil, err
		}
		if p.c, p.h, p.w = shape[1], shape[2], shape[3]; last {
			p.h, p.w, p.c = shape[1], shape[2], shape[3]
		}
	case 3:
		p.c, p.h, p.w = 1, shape[1], shape[2]
	default:
		if p.c, p.h, p.w, err = o.rowForm(o.Dir, shape[1]); err != nil {
			return nil, err
		}
		last = o.Layout == ChannelsLast
	}
	if p.values.bytes = images.ToBytes(); p.values.bytes == nil {
		x, err := npy.ToTensor[float32](images)
		if err != nil {
			return nil, err
		}
		p.values.floats = x.Data()
	}
	if last && p.c > 1 {
		p.values.toPlanes(p.c, p.h, p.w)
	}
	return p, nil
}

// channelsLast reports whether an array of four axes is [N, H, W, C]. Where Options.Layout does not
// say, it is if the last axis can be channels (up to four) and neither of the two before it; a note
// says so.
func (o *Options) channelsLast(shape []int, what string) (bool, error) {
	const channels = 4
	switch o.Layout {
	case ChannelsFirst:
		return false, nil
	case ChannelsLast:
		return true, nil
	}
	last := shape[3] <= channels && shape[1] > channels && shape[2] > channels
	if last {
		o.note("%s: shape %v is read as [N, H, W, C] (--channels-last says so, --no-channels-last the other)", what, shape)
	}
	return last, nil
}
