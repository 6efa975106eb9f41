package recipe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"elegans/data"
)

// Sets are the parts of a data set that a run uses.
type Sets struct {
	Train, Valid, Test *data.Dataset // Valid is nil without a validation part
	// Notes are what the user should be told: one line each of what is not used.
	Notes []string
}

// Sum returns the SHA-256 of all images and labels, in hexadecimal: it tells files of the same form
// apart.
func (s *Sets) Sum() string {
	h := sha256.New()
	for _, d := range []*data.Dataset{s.Train, s.Valid, s.Test} {
		if d == nil {
			continue
		}
		c, height, w := d.Shape()
		pixels := make([]float32, c*height*w)
		var b []byte
		for i := range d.Len() {
			d.Pixels(pixels, i)
			b = binary.LittleEndian.AppendUint32(b[:0], uint32(d.Label(i)))
			for _, p := range pixels {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p))
			}
			h.Write(b)
		}
		fmt.Fprintf(h, "%d of %d %d %d;", d.Len(), c, height, w)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Source adjusts where the data of a Config come from without being part of the description.
type Source struct {
	Dir      string // replaces Config.Data.Dir
	Download bool
	Progress func(file string, done, total int64) // of downloads
	Reading  func(file string, done, total int64) // of large files
}

// Open loads the data and fills in what follows from them: form of the images, names of the
// classes, normalisation, record. What a description has of these already is compared with the
// data: labels are translated to the classes that it names, in their order, and data that are not
// those of its record give a *ChangedError.
func (c *Config) Open(ctx context.Context, from Source) (*Sets, error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	all, err := c.load(ctx, from)
	if err != nil {
		return nil, err
	}
	return c.arrange(ctx, all)
}

// load reads the data.
func (c *Config) load(ctx context.Context, from Source) (data.Sets, error) {
	o := data.Options{
		Dir: cmp.Or(from.Dir, c.Data.Dir), Download: from.Download, Progress: from.Progress, Reading: from.Reading,
		Height: c.Data.Size[0], Width: c.Data.Size[1], Gray: c.Data.Gray, Invert: c.Data.Invert,
		LabelColumn: c.Data.LabelColumn, Shape: c.Data.Shape, Layout: c.Data.Layout, Range: c.Data.Range, TestFraction: c.Data.TestFraction, Seed: c.Data.SplitSeed,
	}
	if r := c.Data.Record; r != nil { // the scale does not depend on what other values a file has
		o.Range = r.Range
	}
	if o.Dir != "" && c.Data.Name == "digits" {
		return data.Sets{}, fmt.Errorf("data.dir %q: the digits are embedded and read from nowhere, expected none", o.Dir)
	}
	return data.Load(ctx, c.Data.Name, o)
}

// arrange divides the data as the description says and compares them with it.
func (c *Config) arrange(ctx context.Context, all data.Sets) (*Sets, error) {
	record := newRecord(all)
	if c.Data.Record != nil {
		if err := c.Data.Record.match(c.Data.Name, record); err != nil {
			return nil, err
		}
	}
	if err := cmp.Or(c.partsFit(all), ctx.Err()); err != nil {
		return nil, err
	}
	s := &Sets{Train: all.Train, Valid: all.Valid, Test: all.Test}
	if c.Data.Limit > 0 {
		s.Train = s.Train.Take(c.Data.Limit)
	}
	if c.Data.ValidFraction > 0 && s.Valid == nil {
		var err error
		if s.Train, s.Valid, err = s.Train.SplitContext(ctx, c.Data.ValidFraction, c.Data.SplitSeed, true); err != nil {
			return nil, err
		}
		if s.Train.Len() == 0 || s.Valid.Len() == 0 {
			return nil, fmt.Errorf("data.valid_fraction %v leaves %d images for training and %d for validation, expected at least 1 of each", c.Data.ValidFraction, s.Train.Len(), s.Valid.Len())
		}
	}
	ch, h, w := s.Train.Shape()
	if c.Model.Input != [3]int{} && c.Model.Input != [3]int{ch, h, w} {
		return nil, fmt.Errorf("the model reads images of %v (channels, height, width), data set %s has %v", c.Model.Input, c.Data.Name, [3]int{ch, h, w})
	}
	classes, err := c.translate(&s.Train, &s.Valid, &s.Test)
	if err != nil {
		return nil, err
	}
	if c.Model.Classes != 0 && c.Model.Classes != len(classes) {
		return nil, fmt.Errorf("the model tells %d classes apart, data set %s has %d", c.Model.Classes, c.Data.Name, len(classes))
	}
	c.Model.Input, c.Model.Classes, c.Data.Classes = [3]int{ch, h, w}, len(classes), classes
	if c.Data.Normalize && len(c.Data.Mean) == 0 {
		n := data.NewNormalize(s.Train)
		c.Data.Mean, c.Data.Std = n.Mean, n.Std
	}
	if n := len(c.Data.Mean); n > 1 && n != ch {
		return nil, fmt.Errorf("data.mean has %d numbers, expected one for each of the %d channels", n, ch)
	}
	if err := ctx.Err(); err != nil { // what follows takes seconds for millions of images
		return nil, err
	}
	record.Used = Used{Train: s.Train.Len(), Test: s.Test.Len()}
	if s.Valid != nil {
		record.Used.Valid = s.Valid.Len()
	}
	c.Data.Record = record
	if err := c.Model.Complete(); err != nil {
		return nil, err
	}
	s.Notes = append(slices.Clone(all.Notes), c.unseen(s)...)
	// the sum of the graph becomes part of the description
	_, defects, err := c.Model.ReadGraph(ctx)
	for _, d := range defects {
		s.Notes = append(s.Notes, "graph: "+d.String())
	}
	return s, err
}

// translate counts the labels of sets in the classes that the description names, and returns these;
// where it names none, they are those of the data. A model without classes looks at the images
// alone. Sets that are nil stay so.
func (c *Config) translate(sets ...**data.Dataset) ([]string, error) {
	if !c.Model.Task().HasClasses() {
		return nil, nil
	}
	if len(c.Data.Classes) == 0 {
		return (*sets[0]).Classes(), nil
	}
	for _, s := range sets {
		if *s == nil {
			continue
		}
		d, err := (*s).WithClasses(c.Data.Classes)
		if err != nil {
			return nil, fmt.Errorf("%w of the run", err)
		}
		*s = d
	}
	return c.Data.Classes, nil
}

// partsFit returns what in a validation or test part does not go with the training part of the same
// files.
func (c *Config) partsFit(all data.Sets) error {
	var known []string
	for k, n := range all.Train.ClassCounts() {
		if n > 0 {
			known = append(known, all.Train.Classes()[k])
		}
	}
	ch, h, w := all.Train.Shape()
	for _, part := range []struct {
		name string
		set  *data.Dataset
	}{{"validation", all.Valid}, {"test", all.Test}} {
		if part.set == nil {
			continue
		}
		if pc, ph, pw := part.set.Shape(); [3]int{pc, ph, pw} != [3]int{ch, h, w} {
			return fmt.Errorf("data set %s: the %s part has images of %v (channels, height, width), the training part of %v, expected one form",
				c.Data.Name, part.name, [3]int{pc, ph, pw}, [3]int{ch, h, w})
		}
		if all.Whole != nil || !c.Model.Task().HasClasses() {
			continue
		}
		if _, err := part.set.WithClasses(known); err != nil {
			return fmt.Errorf("%s part: %w of the training part", part.name, err)
		}
	}
	return nil
}

// Notes are what the user should be told before a training: those of the data, and how many of the
// images are left out of every epoch.
func (c *Config) Notes(s *Sets) []string {
	list := slices.Clone(s.Notes)
	if line := c.leftOut(s); line != "" {
		list = append(list, line)
	}
	return list
}

func (c *Config) leftOut(s *Sets) string {
	n := s.Train.Len()
	if n == 0 {
		return ""
	}
	batch, left := c.batch(n)
	if left == 0 {
		return ""
	}
	return fmt.Sprintf("%d images in batches of %d leave out %d of every epoch, others each time; train.keep_last (--keep-last) trains on all",
		n, batch, left)
}

// unseen says which classes of the test part are not trained on.
func (c *Config) unseen(s *Sets) (list []string) {
	counts := s.Train.ClassCounts()
	var missing []string
	for k, d := range s.Test.ClassCounts() {
		if d > 0 && k < len(counts) && counts[k] == 0 {
			missing = append(missing, s.Test.Classes()[k])
		}
	}
	if len(missing) > 0 && c.Model.Task().HasClasses() && !slices.Equal(missing, s.Test.Classes()) {
		list = append(list, fmt.Sprintf("none of the images to train on is of %s, of which the test part has some", data.NameClasses(missing)))
	}
	return list
}
