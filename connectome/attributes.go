package connectome

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// parseTransmitters splits a list at commas and semicolons; NA and empty entries are nothing.
func parseTransmitters(s string) []string {
	var out []string
	for _, t := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' }) {
		if t = strings.TrimSpace(t); t != "" && t != "NA" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// neuronFromAttributes interprets the attributes of a file by their usual names. A vertex that has
// both cell_name and name is named by the former and numbered by the latter, as in the published
// graph.
func neuronFromAttributes(attr map[string]string, fallbackName string) (Neuron, error) {
	take := func(names ...string) string {
		for _, name := range names {
			if v, ok := attr[name]; ok {
				delete(attr, name)
				return v
			}
		}
		return ""
	}
	var n Neuron
	if n.Name = take("cell_name"); n.Name != "" {
		n.ID = take("name", "cell_id")
	} else {
		n.Name, n.ID = take("name"), take("cell_id")
	}
	if n.Name == "" {
		n.Name = fallbackName
	}
	n.Class = take("cell_class", "class")
	var err error
	if n.Role, err = ParseRole(take("role")); err != nil {
		return n, err
	}
	n.Transmitters = parseTransmitters(take("neurotransmitters", "transmitters"))
	given := 0
	for _, axis := range []struct {
		name  string
		value *float64
	}{{"x", &n.Soma.X}, {"y", &n.Soma.Y}, {"z", &n.Soma.Z}} {
		text := take(axis.name)
		if text == "" {
			continue
		}
		if *axis.value, err = parseNumber(text); err != nil {
			return n, fmt.Errorf("%s: %w", axis.name, err)
		}
		given++
	}
	if given != 0 && given != 3 {
		return n, errors.New("a soma position needs all of x, y and z")
	}
	n.HasSoma = given == 3
	for name, value := range attr {
		if value == "" || slices.Contains(reservedAttributes, name) {
			delete(attr, name)
		}
	}
	if len(attr) > 0 {
		n.Extra = attr
	}
	return n, nil
}
