package connectome_test

import (
	"fmt"

	"pgregory.net/rapid"

	"elegans/connectome"
)

// text draws what a name may be, with the characters that trouble file formats among them.
func text(label string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return rapid.StringMatching(`[#"<>&',;:=\\|A-Za-z0-9é線]([ #"<>&',;:=\\|A-Za-z0-9é線]{0,6}[#"<>&',;:=\\|A-Za-z0-9é線])?`).Draw(t, label)
	})
}

// graphs draws a graph with every kind of attribute.
func graphs() *rapid.Generator[*connectome.Graph] {
	return rapid.Custom(func(t *rapid.T) *connectome.Graph {
		names := rapid.SliceOfNDistinct(text("name"), 0, 8, rapid.ID[string]).Draw(t, "names")
		neurons := make([]connectome.Neuron, len(names))
		number := rapid.Float64Range(-1e6, 1e6)
		for i := range neurons {
			n := connectome.Neuron{Name: names[i], Role: connectome.Role(rapid.IntRange(0, 3).Draw(t, "role"))}
			if rapid.Bool().Draw(t, "rich") {
				n.ID, n.Class = fmt.Sprint(i+7), text("class").Draw(t, "class")
				n.Transmitters = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ACh", "GABA", "5-HT", "DA"}), 1, 2, rapid.ID[string]).Draw(t, "transmitters")
				n.HasSoma = true
				n.Soma = connectome.Position{X: number.Draw(t, "x"), Y: number.Draw(t, "y"), Z: number.Draw(t, "z")}
				if rapid.Bool().Draw(t, "extra") {
					n.Extra = map[string]string{text("key").Draw(t, "key") + "k9": text("value").Draw(t, "value")}
				}
			}
			neurons[i] = n
		}
		var edges []connectome.Edge
		weight := rapid.OneOf(rapid.Map(rapid.IntRange(1, 30), func(i int) float64 { return float64(i) }), rapid.Float64Range(1e-300, 1e300))
		for i := range names {
			for j := range names {
				if rapid.IntRange(0, 3).Draw(t, "chemical") == 0 {
					edges = append(edges, connectome.Edge{Pre: i, Post: j, Layer: connectome.Chemical, Weight: weight.Draw(t, "weight")})
				}
				if i <= j && rapid.IntRange(0, 3).Draw(t, "gap") == 0 {
					edges = append(edges, connectome.Edge{Pre: j, Post: i, Layer: connectome.Gap, Weight: weight.Draw(t, "weight")})
				}
			}
		}
		g, err := connectome.New(text("graph").Draw(t, "graph"), neurons, edges)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "info") {
			g.Info = map[string]string{"source": text("source").Draw(t, "source")}
		}
		return g
	})
}
