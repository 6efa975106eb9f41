package data

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// Sets is a data set as its authors divided it, or as Options.TestFraction did. Where the files
// have no validation part, one is taken from Train with Split.
type Sets struct {
	Train, Test *Dataset
	// Valid is the validation part of files that have one, such as a folder val beside train; nil
	// otherwise.
	Valid *Dataset
	// Notes say what of the files is not used, or is read otherwise than one may expect: one line
	// for each kind, with a count and a few names.
	Notes []string
	// Whole is the set in one piece where Options.TestFraction divided it; nil where the files have
	// a division of their own.
	Whole *Dataset
}

// The values of Options.Layout.
const (
	ChannelsFirst = "channels_first"
	ChannelsLast  = "channels_last"
)

// Options of Load. The zero value loads the embedded digits or files that were downloaded before.
type Options struct {
	// Dir is the folder to read from; for folder, csv and npy it may be a file, and it must be
	// given. Empty means the cache.
	Dir string

	// Download permits fetching missing files into the cache; without it nothing touches the
	// network.
	Download bool
	// CacheDir replaces the default cache, the folder elegans below os.UserCacheDir.
	CacheDir string
	// Mirrors replaces the base addresses that the files are fetched from, tried in this order.
	Mirrors []string
	// Progress, if not nil, is told of a download's file and of the bytes that are there; total is
	// -1 while unknown.
	Progress func(file string, done, total int64)
	// Reading, if not nil, is told how far the reading of a large file has come, in bytes of the
	// file.
	Reading func(file string, done, total int64)

	// Height and Width are the size that the images of a folder are brought to; 0 keeps theirs,
	// which must then be equal.
	Height, Width int
	// Gray turns the images of a folder to one channel.
	Gray bool
	// Invert exchanges black and white in the images of a folder.
	Invert bool

	// LabelColumn is the column of a CSV file that holds the label; negative counts from the end
	// (-1 is the last). The zero value is the first.
	LabelColumn int
	// Shape is the form [C, H, W] of the rows of a CSV or NPY file. The zero value takes a square
	// of one channel where the number of values is a square, and otherwise [1, 1, n].
	Shape [3]int
	// Layout is ChannelsFirst or ChannelsLast: whether an array of four axes is [N, C, H, W] or
	// [N, H, W, C], and whether the values of a row follow each other in the order of [C, H, W] or
	// [H, W, C]. The zero value is ChannelsFirst for rows; of arrays it takes the one that the
	// lengths of the axes speak for, and notes it if that is the other.
	Layout string
	// Range gives the values of a CSV or NPY file that become 0 and 1. The zero value takes 0 and
	// 255 for whole numbers from 0 to 255 of which one is above 1, and 0 and 1 for values between
	// these, and refuses others. It is decided once, from all parts together; Dataset.Range tells.
	Range [2]float64

	// TestFraction is the share that becomes the test set where the files have no division of their
	// own; 0 means 0.2. Seed decides the division.
	TestFraction float64
	Seed         uint64

	notes []string // see Sets.Notes
}

// loaders gives the function of every name that Load knows. A new data set is a file with a source,
// or with a function that reads a format, and a row here.
var loaders = map[string]func(context.Context, *Options) (Sets, error){
	"digits":            func(context.Context, *Options) (Sets, error) { return Digits(), nil },
	mnist.name:          mnist.load,
	fashionMNIST.name:   fashionMNIST.load,
	cifar10Source.name:  cifar10Source.load,
	cifar100Source.name: cifar100Source.load,
	"folder":            loadFolder,
	"csv":               loadCSV,
	"npy":               loadNPY,
}

// Names returns the names that Load knows, sorted.
func Names() []string { return slices.Sorted(maps.Keys(loaders)) }

// Load returns the named data set: digits (embedded), mnist, fashion-mnist, cifar10, cifar100 (from
// Options.Dir, or from the cache, downloaded first if that is permitted), folder, csv or npy (from
// Options.Dir). Files in Dir are checked for form only; downloads are checked against pinned
// checksums. The context stops a download.
func Load(ctx context.Context, name string, o Options) (Sets, error) {
	load, ok := loaders[name]
	if !ok {
		return Sets{}, fmt.Errorf("data set %s: unknown, expected one of %s", quote.Text(name), strings.Join(Names(), ", "))
	}
	if o.Layout != "" && o.Layout != ChannelsFirst && o.Layout != ChannelsLast {
		return Sets{}, fmt.Errorf("data set %s: layout %s, expected %s or %s", quote.Text(name), quote.Text(o.Layout), ChannelsFirst, ChannelsLast)
	}
	if o.TestFraction == 0 {
		o.TestFraction = 0.2
	}
	if !(o.TestFraction > 0 && o.TestFraction < 1) {
		return Sets{}, fmt.Errorf("data set %q: test fraction %g, expected between 0 and 1", name, o.TestFraction)
	}
	s, err := load(ctx, &o)
	if err != nil {
		return Sets{}, fmt.Errorf("data set %s: %w", quote.Text(name), err)
	}
	s.Notes = append(o.notes, s.Notes...)
	return s, nil
}

// divide makes Sets of files that come as one piece.
func (o *Options) divide(ctx context.Context, d *Dataset) (Sets, error) {
	train, test, err := d.SplitContext(ctx, o.TestFraction, o.Seed, true)
	if err != nil {
		return Sets{}, err
	}
	return Sets{
		Whole: d,
		Train: train.describe(d.name, fmt.Sprintf("%s; training part of a stratified split with seed %d", d.provenance, o.Seed)),
		Test:  test.describe(d.name, fmt.Sprintf("%s; test part (%g) of a stratified split with seed %d", d.provenance, o.TestFraction, o.Seed)),
	}, nil
}

// needDir is the complaint of loaders that have no cache.
func (o *Options) needDir(what string) error {
	if o.Dir == "" {
		return errors.New("no folder given (--data-dir), expected " + what)
	}
	return nil
}
