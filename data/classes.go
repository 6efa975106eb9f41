package data

import (
	"fmt"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// ClassError says that images belong to classes that somebody else's list of names lacks.
type ClassError struct {
	Set     string   // name of the data set
	Unknown []string // its classes, with at least one image each, that Known lacks
	Known   []string
}

// Error names a few of the classes on each side.
func (e *ClassError) Error() string {
	return fmt.Sprintf("data set %s has images of %s, which %s not among the classes %s",
		e.Set, NameClasses(e.Unknown), map[bool]string{true: "is", false: "are"}[len(e.Unknown) == 1], NameClasses(e.Known))
}

// NameClasses lists names of classes for a message, in quotes, the first ones if there are many.
func NameClasses(names []string) string {
	const most = 12
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, quote.Text(n))
	}
	if more := len(names) - most; more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// WithClasses returns the same images with labels that count in another list of names, found by
// name. A class without images may be missing from that list; otherwise the error is a *ClassError.
func (d *Dataset) WithClasses(names []string) (*Dataset, error) {
	if slices.Equal(names, d.classes) {
		return d, nil
	}
	number := make(map[string]int, len(names))
	for i, n := range names {
		number[n] = i
	}
	to := make([]int, len(d.classes))
	var unknown []string
	counts := d.ClassCounts()
	for k, n := range d.classes {
		i, ok := number[n]
		if !ok && counts[k] > 0 {
			unknown = append(unknown, n)
		}
		to[k] = i
	}
	if len(unknown) > 0 {
		return nil, &ClassError{Set: d.name, Unknown: unknown, Known: names}
	}
	s := *d
	s.classes, s.labels = names, make([]int, len(d.labels))
	for i, l := range d.labels {
		s.labels[i] = to[l]
	}
	return &s, nil
}
