package connectome

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"elegans/internal/quote"
)

// Limits of what a graph may hold: indices of neurons, and of the entries of a CSR, of which a gap
// junction has two, are 32 bits wide. Readers bound the memory of a graph before that.
const (
	MaxNeurons = math.MaxInt32
	MaxEdges   = math.MaxInt32 / 2
)

// maxText bounds a text of a graph, in bytes.
const maxText = 1 << 20

// Validate reports the first way in which the graph is not in normal form, or nil.
func (g *Graph) Validate() error {
	if len(g.Neurons) > MaxNeurons {
		return fmt.Errorf("%d neurons, at most %d are supported", len(g.Neurons), MaxNeurons)
	}
	if len(g.Edges) > MaxEdges {
		return fmt.Errorf("%d edges, at most %d are supported", len(g.Edges), MaxEdges)
	}
	if err := checkText("graph name", g.Name); err != nil {
		return err
	}
	if err := checkMap("graph information", g.Info, reservedInfo); err != nil {
		return err
	}
	seen := make(map[string]int, len(g.Neurons))
	for i := range g.Neurons {
		n := &g.Neurons[i]
		if err := n.validate(); err != nil {
			return fmt.Errorf("neuron %d: %w", i, err)
		}
		if j, dup := seen[n.Name]; dup {
			return fmt.Errorf("neurons %d and %d are both named %s", j, i, quote.Text(n.Name))
		}
		seen[n.Name] = i
	}
	for i, e := range g.Edges {
		if err := g.checkEdge(e); err != nil {
			return fmt.Errorf("edge %d: %w", i, err)
		}
		if i == 0 {
			continue
		}
		if c := compareEdges(g.Edges[i-1], e); c == 0 {
			return fmt.Errorf("edge %d: second %s edge between %s and %s",
				i, e.Layer, quote.Name(g.Neurons[e.Pre].Name), quote.Name(g.Neurons[e.Post].Name))
		} else if c > 0 {
			return fmt.Errorf("edge %d: not in the order (layer, pre, post)", i)
		}
	}
	return nil
}

func (g *Graph) checkEdge(e Edge) error {
	if e.Pre < 0 || e.Pre >= len(g.Neurons) || e.Post < 0 || e.Post >= len(g.Neurons) {
		return fmt.Errorf("joins neurons %d and %d, there are %d", e.Pre, e.Post, len(g.Neurons))
	}
	if e.Layer != Chemical && e.Layer != Gap {
		return fmt.Errorf("unknown layer %d", uint8(e.Layer))
	}
	if e.Layer == Gap && e.Pre > e.Post {
		return fmt.Errorf("gap junction with Pre %d > Post %d", e.Pre, e.Post)
	}
	return checkWeight(e.Weight)
}

func checkWeight(w float64) error {
	if !(w > 0) || math.IsInf(w, 0) {
		return fmt.Errorf("weight %v, expected a positive finite number", w)
	}
	return nil
}

func (n *Neuron) validate() error {
	if n.Name == "" {
		return fmt.Errorf("no name")
	}
	for _, f := range [...]struct{ field, text string }{{"name", n.Name}, {"id", n.ID}, {"class", n.Class}} {
		if err := checkText(f.field, f.text); err != nil {
			return err
		}
	}
	if n.Role > Motor {
		return fmt.Errorf("unknown role %d", uint8(n.Role))
	}
	for i, t := range n.Transmitters {
		if err := checkText("transmitter", t); err != nil {
			return err
		}
		if t == "" || t == "NA" || strings.ContainsAny(t, ",;") || slices.Contains(n.Transmitters[:i], t) {
			return fmt.Errorf("transmitter %s: empty, NA, repeated, or with a comma or semicolon", quote.Text(t))
		}
	}
	for _, v := range [...]float64{n.Soma.X, n.Soma.Y, n.Soma.Z} {
		if math.IsNaN(v) || math.IsInf(v, 0) || (v != 0 && !n.HasSoma) {
			return fmt.Errorf("soma position %v, expected finite numbers, zero if unknown", n.Soma)
		}
	}
	return checkMap("attribute", n.Extra, reservedAttributes)
}

func checkMap(what string, m map[string]string, reserved []string) error {
	for k, v := range m {
		if k == "" || v == "" {
			return fmt.Errorf("%s %s: empty name or value", what, quote.Text(k))
		}
		if slices.Contains(reserved, known(k, reserved)) {
			return fmt.Errorf("%s %s: the name is reserved", what, quote.Text(k))
		}
		if err := checkText(what, k); err != nil {
			return err
		}
		if err := checkText(what+" "+quote.Name(k), v); err != nil {
			return err
		}
	}
	return nil
}

// checkText refuses what not every file format can carry: invalid UTF-8, control characters (line
// breaks among them), the non-characters that XML excludes, the replacement character, and
// surrounding space.
func checkText(field, s string) error {
	if len(s) > maxText {
		return fmt.Errorf("%s %s: expected at most %d bytes", field, quote.Text(s), maxText)
	}
	for _, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' || r == '\uFEFF' ||
			r == '\u2028' || r == '\u2029' {
			if !utf8.ValidString(s) {
				return fmt.Errorf("%s %s: invalid UTF-8, expected a text in UTF-8", field, quote.Text(s))
			}
			return fmt.Errorf("%s %s: control character", field, quote.Text(s))
		}
	}
	if strings.TrimSpace(s) != s {
		return fmt.Errorf("%s %s: space at its start or end", field, quote.Text(s))
	}
	return nil
}
