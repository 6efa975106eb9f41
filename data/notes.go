package data

import (
	"fmt"
	"strings"

	"elegans/internal/quote"
)

// note adds a line to what Sets.Notes will say.
func (o *Options) note(format string, args ...any) {
	o.notes = append(o.notes, fmt.Sprintf(format, args...))
}

// noteNames adds a line about some names, unless there are none: "folder: 3 files that are no
// pictures are not used: a.txt, b.txt, c.txt".
func (o *Options) noteNames(where, one, many string, names []string) {
	switch len(names) {
	case 0:
	case 1:
		o.note("%s: 1 %s: %s", quote.Name(where), one, someNames(names))
	default:
		o.note("%s: %d %s: %s", quote.Name(where), len(names), many, someNames(names))
	}
}

// someNames lists the first of many names.
func someNames(names []string) string {
	const most = 5
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, quote.Name(n))
	}
	s := strings.Join(list, ", ")
	if more := len(names) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
