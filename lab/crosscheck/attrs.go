package crosscheck

import (
	"encoding/json"
	"math"
	"slices"
	"sort"

	"elegans/internal/quote"
)

// Attrs holds the attributes of a case. The accessors return def if the attribute is absent or
// null, and skip the case if it has another type.
type Attrs struct {
	values map[string]any
	used   map[string]bool
}

func newAttrs(values map[string]any) Attrs { return Attrs{values, map[string]bool{}} }

func (a *Attrs) get(name string) any {
	a.used[name] = true
	return a.values[name]
}

// HasAttr reports whether an attribute is there and not null.
func (a *Attrs) HasAttr(name string) bool { return a.get(name) != nil }

// Ignore declares attributes that need no action because the shapes or the arguments say the same.
func (a *Attrs) Ignore(names ...string) {
	for _, n := range names {
		a.used[n] = true
	}
}

// unread lists the attributes that nobody looked at.
func (a *Attrs) unread() []string {
	var names []string
	for n := range a.values {
		if !a.used[n] {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

// Float returns a number; "inf", "-inf" and "nan" are accepted.
func (a *Attrs) Float(name string, def float64) float64 {
	switch v := a.get(name).(type) {
	case nil:
		return def
	case float64:
		return v
	case string:
		switch v {
		case "inf":
			return math.Inf(1)
		case "-inf":
			return math.Inf(-1)
		case "nan":
			return math.NaN()
		}
	}
	a.wrong(name, "a number")
	return 0
}

// AttrInt returns a whole number.
func (a *Attrs) AttrInt(name string, def int) int {
	v := a.get(name)
	if v == nil {
		return def
	}
	n, ok := whole(v)
	if !ok {
		a.wrong(name, "a whole number")
	}
	return n
}

// AttrInts returns a list of whole numbers; a single number is a list of one, null or absent is
// nil.
func (a *Attrs) AttrInts(name string) []int { return a.AttrIntsOr(name, 0) }

// AttrIntsOr is AttrInts with a number that stands in for elements that are null.
func (a *Attrs) AttrIntsOr(name string, null int) []int {
	v := a.get(name)
	if v == nil {
		return nil
	}
	if n, ok := whole(v); ok {
		return []int{n}
	}
	list, ok := v.([]any)
	if !ok {
		a.wrong(name, "a list of whole numbers")
	}
	ints := make([]int, len(list))
	for i, e := range list {
		if e == nil {
			ints[i] = null
		} else if ints[i], ok = whole(e); !ok {
			a.wrong(name, "a list of whole numbers")
		}
	}
	return ints
}

// Pair returns two whole numbers, for height and width; a single number stands for both.
func (a *Attrs) Pair(name string, def int) [2]int {
	switch v := a.AttrInts(name); len(v) {
	case 0:
		return [2]int{def, def}
	case 1:
		return [2]int{v[0], v[0]}
	case 2:
		return [2]int{v[0], v[1]}
	}
	a.wrong(name, "a number or a pair")
	return [2]int{}
}

// Bool returns a truth value.
func (a *Attrs) Bool(name string, def bool) bool {
	switch v := a.get(name).(type) {
	case nil:
		return def
	case bool:
		return v
	}
	a.wrong(name, "true or false")
	return false
}

// String returns a string.
func (a *Attrs) String(name, def string) string {
	switch v := a.get(name).(type) {
	case nil:
		return def
	case string:
		return v
	}
	a.wrong(name, "a string")
	return ""
}

// Choice is String, restricted to the words allowed; the first is the default.
func (a *Attrs) Choice(name string, allowed ...string) string {
	s := a.String(name, allowed[0])
	if !slices.Contains(allowed, s) {
		skip("attribute %q is %s, expected one of %q", name, quote.Text(s), allowed)
	}
	return s
}

// Same skips the case if an attribute is there and is not the number that the arguments imply.
func (a *Attrs) Same(name string, implied int) {
	if n := a.AttrInt(name, implied); n != implied {
		skip("attribute %q is %d, the arguments have %d", name, n, implied)
	}
}

func (a *Attrs) wrong(name, want string) {
	text, _ := json.Marshal(a.values[name]) // it came from JSON
	skip("attribute %q is %s, expected %s", name, quote.Line(string(text)), want)
}

func whole(v any) (int, bool) {
	f, ok := v.(float64)
	return int(f), ok && f == math.Trunc(f) && math.Abs(f) < 1<<53
}
