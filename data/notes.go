package data

import (
	"fmt"

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
		o.note("%s: 1 %s: %s", quote.Name(where), one, quote.Names(names))
	default:
		o.note("%s: %d %s: %s", quote.Name(where), len(names), many, quote.Names(names))
	}
}
