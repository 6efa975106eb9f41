package recipe

import (
	"fmt"
	"slices"
	"strings"

	"elegans/data"
	"elegans/internal/quote"
)

// Record is what a run was made from, beside what its description says anyway: Data has the name of
// the set, the classes in order and the division, and the model's Input the form of an image. Every
// later command compares it with the data that it finds. Runs of earlier programs have none.
type Record struct {
	// Parts are the data as the files give them, before Limit and ValidFraction: "train",
	// "test" and perhaps "valid", or "all" where the files have no division of their own.
	Parts []RecordPart `json:"parts"`
	// Range is that of the values in the files which became [0, 1].
	Range [2]float64 `json:"range"`
	Used  Used       `json:"used"`
}

// RecordPart is a part of a data set.
type RecordPart struct {
	Name   string `json:"name"`
	Images int    `json:"images"`
	SHA256 string `json:"sha256"` // see data.Dataset.Sum
}

// Used counts the images that a run uses.
type Used struct {
	Train int `json:"train"`
	Valid int `json:"valid,omitempty"`
	Test  int `json:"test"`
}

// newRecord looks at data as they were read.
func newRecord(all data.Sets) *Record {
	r := &Record{Range: all.Train.Range()}
	add := func(name string, d *data.Dataset) {
		r.Parts = append(r.Parts, RecordPart{name, d.Len(), d.Sum()})
	}
	if all.Whole != nil {
		add("all", all.Whole)
	} else {
		add("train", all.Train)
	}
	if all.Valid != nil {
		add("valid", all.Valid)
	}
	if all.Whole == nil {
		add("test", all.Test)
	}
	return r
}

// ChangedError says that data are not those that a run was made from.
type ChangedError struct {
	Set  string // name of the data set
	What string // which part differs, and how
}

// Error implements error.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("data set %s is not the one that the run was made from: %s", e.Set, e.What)
}

// SameData returns a *ChangedError unless another description has the record of the same data. What
// an earlier program did not record is not compared.
func (c *Config) SameData(other *Config) error {
	if c.Data.Record == nil || other.Data.Record == nil {
		return nil
	}
	return c.Data.Record.match(c.Data.Name, other.Data.Record)
}

// match returns a *ChangedError that names the first part of other in which it differs from r.
func (r *Record) match(set string, other *Record) error {
	changed := func(format string, args ...any) error {
		return &ChangedError{set, fmt.Sprintf(format, args...)}
	}
	names := func(parts []RecordPart) string {
		var list []string
		for _, p := range parts {
			list = append(list, quote.Name(p.Name))
		}
		return strings.Join(list, " and ")
	}
	sameName := func(a, b RecordPart) bool { return a.Name == b.Name }
	if !slices.EqualFunc(r.Parts, other.Parts, sameName) {
		return changed("it comes as %s, that as %s", names(other.Parts), names(r.Parts))
	}
	for i, p := range r.Parts {
		if q := other.Parts[i]; p != q {
			return changed("its part %s has %d images with the SHA-256 %s, that had %d with %s",
				quote.Name(p.Name), q.Images, short(q.SHA256), p.Images, short(p.SHA256))
		}
	}
	if r.Range != other.Range {
		return changed("its values from %v to %v become [0, 1], there it was %v to %v",
			other.Range[0], other.Range[1], r.Range[0], r.Range[1])
	}
	return nil
}

// shares returns the name of a part of r that other has, too, under whatever name; it is empty if
// there is none, or no record.
func (r *Record) shares(other *Record) string {
	if r == nil || other == nil {
		return ""
	}
	for _, p := range r.Parts {
		for _, q := range other.Parts {
			if p.SHA256 == q.SHA256 {
				return p.Name
			}
		}
	}
	return ""
}

// short returns as much of a checksum as a message needs.
func short(sum string) string { return quote.Name(sum[:min(len(sum), 12)]) }

// check returns what is wrong with a record as a file has it.
func (r *Record) check() error {
	if r == nil {
		return nil
	}
	for _, p := range r.Parts {
		if len(p.SHA256) != 64 || p.Images < 0 {
			return fmt.Errorf("data.record: part %s of %d images with the sum %s, expected a SHA-256 of 64 digits",
				quote.Text(p.Name), p.Images, quote.Text(p.SHA256))
		}
	}
	if len(r.Parts) == 0 || !(r.Range[0] < r.Range[1]) {
		return fmt.Errorf("data.record: %d parts, range %v, expected the record of a run, or none", len(r.Parts), r.Range)
	}
	return nil
}
