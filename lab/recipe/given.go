package recipe

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"elegans/data"
	"elegans/internal/quote"
)

// Given is a data set on which a trained model is measured.
type Given struct {
	*Sets
	// Whole is the set in one piece, if it is not the run's own and its files have no division; it
	// is then used whole, and there are no parts.
	Whole *data.Dataset
	// Own says that these are the images that the run was made from, as far as it has
	// recorded them.
	Own  bool
	name string // for messages: the set and where it lies
}

// OpenGiven opens data for a trained model: those of the run, or others, if a name or a place is
// given (nil stands for the run's). Other data are never read from the run's folder. They are
// brought to the scale of the run where the same reader reads them; their labels are translated to
// the classes of the run by name, and a class that the run does not know is an error.
func (c *Config) OpenGiven(ctx context.Context, name, dir *string, from Source) (*Given, error) {
	if name == nil && dir == nil {
		s, err := c.Open(ctx, from)
		var changed *ChangedError
		if errors.As(err, &changed) {
			err = fmt.Errorf("%w; to measure the model on these images all the same, name them with --data-dir", err)
		}
		return &Given{Sets: s, Own: true, name: c.Data.Name}, err
	}
	next := *c
	same := name == nil || *name == c.Data.Name
	if !same {
		next.Data = c.otherData(*name)
	}
	if dir != nil {
		next.Data.Dir = *dir
	}
	if err := next.Complete(); err != nil {
		return nil, err
	}
	all, err := next.load(ctx, from)
	if err != nil {
		return nil, err
	}
	g := &Given{name: next.Data.Name}
	if !next.Data.Fixed() {
		g.name = fmt.Sprintf("%s (%s)", quote.Name(filepath.Base(next.Data.Dir)), next.Data.Name)
	}
	found := newRecord(all)
	if same {
		g.Own, err = c.isOwn(found, dir)
	}
	if g.Own {
		g.Sets, err = c.arrange(ctx, all)
		return g, err
	}
	g.Sets = &Sets{Train: all.Train, Valid: all.Valid, Test: all.Test, Notes: slices.Clone(all.Notes)}
	switch {
	case err != nil: // why they are not the run's
		g.Notes = append(g.Notes, err.Error())
	case same && c.Data.Record == nil:
		g.Notes = append(g.Notes, "the run has no record of its data: whether it was trained on these images is not known")
	}
	if part := c.Data.Record.shares(found); part != "" {
		g.Notes = append(g.Notes, fmt.Sprintf("the part %s of the run's own data is among these images", quote.Name(part)))
	}
	if all.Whole != nil {
		g.Whole, g.Train, g.Test = all.Whole, nil, nil
	}
	return g, c.fit(g)
}

// otherData describes another data set, brought to the form that the model reads.
func (c *Config) otherData(name string) Data {
	d := Data{Name: name, Normalize: c.Data.Normalize, Mean: c.Data.Mean, Std: c.Data.Std, Binarize: c.Data.Binarize, Classes: c.Data.Classes}
	if in := c.Model.Input; !d.Fixed() {
		d.Size, d.Gray, d.Shape = [2]int{in[1], in[2]}, in[0] == 1, in
	}
	return d
}

// isOwn reports whether data are those of the run; the error then says in what they differ.
func (c *Config) isOwn(found *Record, dir *string) (bool, error) {
	if c.Data.Record != nil {
		err := c.Data.Record.match(c.Data.Name, found)
		return err == nil, err
	}
	return c.Data.Fixed() || dir == nil || sameFile(*dir, c.Data.Dir), nil
}

// fit brings other data to the classes of the run, and refuses images of another form or scale.
func (c *Config) fit(g *Given) error {
	for _, d := range []**data.Dataset{&g.Whole, &g.Train, &g.Valid, &g.Test} {
		if *d == nil {
			continue
		}
		if ch, h, w := (*d).Shape(); c.Model.Input != [3]int{ch, h, w} {
			return fmt.Errorf("data set %s has images of %v (channels, height, width), this model expects %v", g.name, [3]int{ch, h, w}, c.Model.Input)
		}
		if _, err := c.translate(d); err != nil {
			return err
		}
		if err := c.scaled(*d, g.name); err != nil {
			return err
		}
	}
	return nil
}

// scaled refuses values that can hardly have the scale of the run: fractions of at most 1 where the
// run had whole numbers up to 255.
func (c *Config) scaled(d *data.Dataset, name string) error {
	if r := c.Data.Record; r == nil || d.Range() != r.Range || r.Range != [2]float64{0, 255} {
		return nil
	}
	ch, h, w := d.Shape()
	pixels, top := make([]float32, ch*h*w), float32(0)
	fractions := false
	for i := range d.Len() {
		d.Pixels(pixels, i)
		for _, p := range pixels {
			top = max(top, p)
			fractions = fractions || p > 0 && p < 1./256
		}
	}
	if fractions && top < 1.5/255 {
		return fmt.Errorf("data set %s has values between 0 and 1, the run had whole numbers up to 255, expected the same scale", name)
	}
	return nil
}

// Part returns a part of the data, "train", "valid" or "test", or "" for what a model is measured
// on: the whole set where there are no parts, else the test part. It also returns what to call it.
func (g *Given) Part(name string) (*data.Dataset, string, error) {
	if g.Whole != nil {
		if name != "" {
			return nil, "", fmt.Errorf("data set %s has no part %s: it is not the run's, its files have no division, and it is used whole", g.name, name)
		}
		return g.Whole, fmt.Sprintf("all %d images of %s, which is not the run's data", g.Whole.Len(), g.name), nil
	}
	if name == "" {
		name = "test"
	}
	d := map[string]*data.Dataset{"train": g.Train, "valid": g.Valid, "test": g.Test}[name]
	if d == nil {
		return nil, "", fmt.Errorf("there is no part %s of data set %s, expected train or test", name, g.name)
	}
	what := fmt.Sprintf("%s part of %s", name, g.name)
	if !g.Own {
		what += ", which is not the run's data"
	}
	return d, what, nil
}
