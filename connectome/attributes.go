package connectome

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// reservedAttributes are the names under which files keep the fields of a Neuron, so Extra must not
// use them, in whatever case.
var reservedAttributes = []string{
	"name", "cell_name", "cell_id", "cell_class", "class", "role", "neurotransmitters", "transmitters", "x", "y", "z",
}

// The names of the attributes of an edge, in files of all formats; the first that a file has
// counts. An edge list may have them in any case, with spaces or hyphens for the underscores.
var (
	typeNames   = []string{"synapse_type", "type", "layer"}
	weightNames = []string{"weight", "count", "synapses", "syn_count"}
)

// known returns the name under which a graph knows an attribute that a file spells in another case,
// or the name itself.
func known(name string, names []string) string {
	for _, k := range names {
		if strings.EqualFold(name, k) {
			return k
		}
	}
	return name
}

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

// neuronReader interprets the attributes of the neurons of a file.
type neuronReader struct {
	// whole says that the file has x, y and z, so that a neuron with some of them is a mistake; a
	// file that lacks one means places on paper.
	whole  bool
	unused *unused
}

// neuron interprets the attributes of a neuron by their usual names, and keeps the map. A vertex
// that has both cell_name and name is named by the former and numbered by the latter, as in the
// published graph.
func (r *neuronReader) neuron(attr map[string]string, fallbackName string) (Neuron, error) {
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
		if text == "" || strings.EqualFold(text, "nan") || strings.EqualFold(text, "na") {
			continue // as igraph and R write what is missing
		}
		if *axis.value, err = parseNumber(text); err != nil {
			return n, fmt.Errorf("%s: %w", axis.name, err)
		}
		given++
	}
	switch {
	case given == 3:
		n.HasSoma = true
	case given > 0 && r.whole:
		return n, errors.New("a soma position needs all of x, y and z")
	case given > 0:
		n.Soma = Position{}
		r.unused.positions++
	}
	for name, value := range attr {
		reserved := known(name, reservedAttributes)
		if value != "" && slices.Contains(reservedAttributes, reserved) {
			r.unused.attribute("node", name)
		}
		if value == "" || slices.Contains(reservedAttributes, reserved) {
			delete(attr, name)
		}
	}
	if len(attr) > 0 {
		n.Extra = attr
	}
	return n, nil
}
