package connectome

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"elegans/internal/quote"
)

// unused counts what a file holds and a graph does not, so that nothing is dropped in silence.
type unused struct {
	columns    []string
	attributes map[[2]string]int // values, by domain ("edge") and name
	elements   map[string]int    // by the name of the element
	positions  int               // neurons with some of x, y and z
}

// attribute counts a value of an attribute of a node, edge or graph.
func (u *unused) attribute(domain, name string) {
	if u.attributes == nil {
		u.attributes = map[[2]string]int{}
	}
	u.attributes[[2]string{domain, name}]++
}

func (u *unused) element(name string) {
	if u.elements == nil {
		u.elements = map[string]int{}
	}
	u.elements[quote.Name(name)]++
}

func (u *unused) defects() []Defect {
	var out []Defect
	if n := len(u.columns); n > 0 {
		var names []string
		for _, c := range u.columns {
			names = append(names, quote.Text(c))
		}
		out = append(out, Defect{DefectUnusedColumns, n, "columns are not used: " + quote.Names(names)})
	}
	add := func(kind DefectKind, counts map[string]int, what string) {
		sum := 0
		var names []string
		// The largest come first, since the last may not be shown.
		for _, name := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
			return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
		}) {
			sum += counts[name]
			names = append(names, fmt.Sprintf("%s (%d)", name, counts[name]))
		}
		if sum > 0 {
			out = append(out, Defect{kind, sum, what + " are not used: " + quote.Names(names)})
		}
	}
	attributes := map[string]int{}
	for of, count := range u.attributes {
		attributes[of[0]+" "+quote.Text(of[1])] += count
	}
	add(DefectUnusedAttributes, attributes, "values of attributes")
	add(DefectUnusedElements, u.elements, "elements")
	if u.positions > 0 {
		out = append(out, Defect{DefectPosition, u.positions,
			"neurons have a position with some of x, y and z only; it is not used"})
	}
	return out
}
