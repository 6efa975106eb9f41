package connectome

import (
	"fmt"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// edgeEnds are the pairs of columns that name the ends of an edge, the first that a table has both
// of counts: a table with pre and post may have a column "source" that names its study.
var edgeEnds = [][2]string{
	{"pre", "post"}, {"pre_id", "post_id"}, {"pre_root_id", "post_root_id"}, {"pre_pt_root_id", "post_pt_root_id"},
	{"bodyid_pre", "bodyid_post"}, {"presynaptic", "postsynaptic"}, {"source", "target"}, {"from", "to"},
	{"source_id", "target_id"}, {"from_node", "to_node"}, {"neuron_1", "neuron_2"},
	{":start_id", ":end_id"}, {"_start", "_end"},
}

// edgeColumns are the places of the columns of an edge list, -1 for one that there is not.
type edgeColumns struct {
	pre, post, layer, weight int
}

// findColumns finds the columns of an edge list by their names. The error says why the header is
// not that of an edge list, or names the columns between which it does not decide.
func findColumns(header []string) (c edgeColumns, err error) {
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = plainColumn(h)
	}
	find := func(name string) (int, error) {
		i := slices.Index(names, name)
		if i < 0 {
			return -1, nil
		}
		if j := slices.Index(names[i+1:], name); j >= 0 {
			return -1, fmt.Errorf("columns %d and %d are both named %s", i+1, i+j+2, quote.Text(header[i]))
		}
		return i, nil
	}
	c = edgeColumns{-1, -1, -1, -1}
	var lone []string // columns that name one end
	for _, ends := range edgeEnds {
		pre, post := slices.Index(names, ends[0]), slices.Index(names, ends[1])
		if pre >= 0 && post >= 0 {
			if c.pre, err = find(ends[0]); err != nil {
				return edgeColumns{-1, -1, -1, -1}, err
			}
			if c.post, err = find(ends[1]); err != nil {
				return edgeColumns{-1, -1, -1, -1}, err
			}
			break
		}
		for _, i := range []int{pre, post} {
			if i >= 0 {
				lone = append(lone, quote.Text(header[i]))
			}
		}
	}
	if c.pre < 0 {
		if len(lone) > 1 {
			return c, fmt.Errorf("header with the columns %s, expected pre and post, or source and target", quote.Names(lone))
		}
		return c, fmt.Errorf("header %s, expected columns named pre and post", headerText(header))
	}
	first := func(choices []string) (int, error) {
		for _, name := range choices {
			if i, err := find(name); err != nil || i >= 0 {
				return i, err
			}
		}
		return -1, nil
	}
	if c.layer, err = first(append(slices.Clone(typeNames), ":type")); err != nil {
		return edgeColumns{-1, -1, -1, -1}, err
	}
	if c.weight, err = first(append(slices.Clone(weightNames), "nbr")); err != nil {
		return edgeColumns{-1, -1, -1, -1}, err
	}
	return c, nil
}

// plainColumn drops what names of columns differ in: "Syn Count" is "syn_count", and ":START_ID
// (Neuron)" of a graph database is ":start_id".
func plainColumn(name string) string {
	name, _, _ = strings.Cut(name, "(")
	name = strings.ToLower(strings.TrimSpace(name))
	for _, kind := range []string{":int", ":long", ":float", ":double", ":string"} {
		name = strings.TrimSuffix(name, kind)
	}
	return strings.NewReplacer(" ", "_", "-", "_", ".", "_").Replace(name)
}

// unused returns the names of the columns that an edge list has beside these.
func (c edgeColumns) unused(header []string) []string {
	var out []string
	for i, h := range header {
		if i != c.pre && i != c.post && i != c.layer && i != c.weight {
			if h == "" {
				h = unnamed
			}
			out = append(out, h)
		}
	}
	return out
}
