package reservoir

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"elegans/internal/quote"
	"elegans/tensor"
)

// Dimension is a field of a recipe that a search varies.
type Dimension struct {
	Key    string // see Recipe.Set
	law    string // log, lin, int or of
	lo, hi float64
	values []string
	points int // of a grid
}

// gridPoints is how many values of a range a grid has.
const gridPoints = 5

// ParseDimension reads KEY=log:LO:HI, lin:LO:HI, int:LO:HI, or of:A|B|C. A range may end with the
// number of points that it has in a grid, as log:0.1:2:7.
func ParseDimension(s string) (Dimension, error) {
	d := Dimension{points: gridPoints}
	wrong := func(expected string) (Dimension, error) {
		return d, fmt.Errorf("space %s: expected %s", quote.Text(s), expected)
	}
	key, law, ok := strings.Cut(s, "=")
	d.Key = key
	var rest string
	if d.law, rest, _ = strings.Cut(law, ":"); !ok || key == "" {
		return wrong("KEY=LAW")
	}
	switch d.law {
	case "of":
		if d.values = strings.Split(rest, "|"); slices.Contains(d.values, "") {
			return wrong("of: and values with | between them")
		}
	case "log", "lin", "int":
		parts := strings.Split(rest, ":")
		if len(parts) == 3 {
			n, err := strconv.Atoi(parts[2])
			if err != nil || n < 1 || n > 1e6 {
				return wrong("a number of points from 1")
			}
			d.points, parts = n, parts[:2]
		}
		if len(parts) != 2 {
			return wrong(d.law + ":LOW:HIGH")
		}
		var err1, err2 error
		d.lo, err1 = strconv.ParseFloat(parts[0], 64)
		d.hi, err2 = strconv.ParseFloat(parts[1], 64)
		if err1 != nil || err2 != nil || !(d.lo <= d.hi) || math.IsInf(d.lo, 0) || math.IsInf(d.hi, 0) || d.law == "log" && d.lo <= 0 ||
			d.law == "int" && (d.lo != math.Trunc(d.lo) || d.hi != math.Trunc(d.hi)) {
			return wrong("LOW <= HIGH, above 0 for log and whole for int")
		}
	default:
		return wrong("log, lin, int or of behind the =")
	}
	r := DefaultRecipe()
	if err := r.Set(d.Key, d.at(0)); err != nil {
		return d, fmt.Errorf("space %w", err)
	}
	return d, nil
}

// at returns the value at a part of the way, from 0 to below 1.
func (d *Dimension) at(part float64) string {
	switch d.law {
	case "of":
		return d.values[min(int(part*float64(len(d.values))), len(d.values)-1)]
	case "int":
		return strconv.FormatFloat(min(d.lo+math.Floor(part*(d.hi-d.lo+1)), d.hi), 'f', 0, 64)
	case "log":
		return strconv.FormatFloat(d.lo*math.Pow(d.hi/d.lo, part), 'g', 6, 64)
	}
	return strconv.FormatFloat(d.lo+(d.hi-d.lo)*part, 'g', 6, 64)
}

// grid returns the values of a grid.
func (d *Dimension) grid() []string {
	if d.law == "of" {
		return d.values
	}
	var list []string
	for i := range d.points {
		part := 0.0
		if d.points > 1 {
			part = float64(i) / float64(d.points-1)
		}
		v := d.at(part)
		if d.law == "int" {
			v = strconv.FormatFloat(math.Round(d.lo+part*(d.hi-d.lo)), 'f', 0, 64)
		}
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// Setting is a value of a dimension.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// draw returns the settings of a trial of a random search. They depend on nothing but the seed and
// the number of the trial.
func draw(space []Dimension, seed uint64, trial int) []Setting {
	list := make([]Setting, len(space))
	for i, d := range space {
		list[i] = Setting{d.Key, d.at(tensor.NewKey(seed, "search."+d.Key).Float64(uint64(trial)))}
	}
	return list
}

// gridOf returns the settings of all points of a grid, the last dimension changing fastest, or nil
// if there are more than most.
func gridOf(space []Dimension, most int) [][]Setting {
	all := [][]Setting{nil}
	for _, d := range space {
		values := d.grid()
		if len(values)*len(all) > most {
			return nil
		}
		var next [][]Setting
		for _, before := range all {
			for _, v := range values {
				next = append(next, append(slices.Clone(before), Setting{d.Key, v}))
			}
		}
		all = next
	}
	return all
}
