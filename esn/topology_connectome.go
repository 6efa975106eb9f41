package esn

import (
	"context"
	"fmt"

	"elegans/connectome"
	"elegans/internal/choice"
	"elegans/tensor"
)

var _ = register(Topology{
	Name:    "connectome",
	Doc:     "the wiring diagram of a nervous system, by default the worm",
	Options: []string{"connectome", "weights"},
	weights: func(c *Config, n int, key tensor.Key) (Weights[float64], error) {
		m, err := FromGraph[float64](c.Connectome.Graph, Wiring{Count: c.Connectome.Count, Layers: c.Connectome.Layers})
		if err != nil {
			return Weights[float64]{}, err
		}
		c.redraw(m.Val, key)
		return sparseOf(m, c.sign(m, key))
	},
})

// Signs says which weights of a connectome are negative.
type Signs string

// The ways.
const (
	// ByTransmitter makes the synapses of neurons that release GABA negative, not gap junctions.
	ByTransmitter Signs = "transmitter"
	Positive      Signs = "positive"
	DrawnSigns    Signs = "drawn" // each weight, with equal chances
)

// Connectome says how a wiring diagram becomes recurrent weights.
type Connectome struct {
	// File is a file that connectome.Load reads, or one of its names for the embedded worm.
	File   string `json:"file"`
	Count  Count  `json:"count,omitempty"`  // what the number of synapses of an edge becomes: count
	Layers Layers `json:"layers,omitempty"` // which edges are taken: both
	// Signs of weights that are kept: transmitter. Of those that are drawn: drawn.
	Signs Signs `json:"signs,omitempty"`
	// Graph is taken instead of the file. It is not written to JSON.
	Graph *connectome.Graph `json:"-"`
}

func (w *Connectome) validate() error {
	signs := w.Signs
	if signs == "" {
		signs = Positive // stands for another, see Config.sign
	}
	count, layers := w.Count, w.Layers
	if err := choice.Complete(
		choice.Of("connectome.count", &count, Synapses, Binary, Log1p, Sqrt),
		choice.Of("connectome.layers", &layers, Both, Chemical, Gap),
		choice.Of("connectome.signs", &signs, ByTransmitter, Positive, DrawnSigns)); err != nil {
		return err
	}
	if w.Graph == nil && w.File == "" {
		return fmt.Errorf("connectome.file is empty, expected a file or %s", connectome.NameCanonical)
	}
	return nil
}

// load reads the file unless there is a graph.
func (w *Connectome) load() error {
	if w.Graph != nil {
		return nil
	}
	g, _, err := connectome.Load(context.Background(), w.File)
	w.Graph = g
	return err
}

// sign gives the weights of a connectome their signs.
func (c *Config) sign(m *tensor.CSR[float64], key tensor.Key) error {
	signs := c.Connectome.Signs
	drawn := c.Weights != "" && c.Weights != Kept
	switch {
	case signs == "" && drawn:
		return nil
	case signs == "":
		signs = ByTransmitter
	}
	switch signs {
	case DrawnSigns:
		if drawn {
			return nil
		}
		key = key.Sub("signs")
		for k := range m.Val {
			if key.Uint64(uint64(k))>>63 == 1 {
				m.Val[k] = -m.Val[k]
			}
		}
	case Positive:
		for k, v := range m.Val {
			m.Val[k] = max(v, -v)
		}
	case ByTransmitter:
		return c.signByTransmitter(m, drawn)
	}
	return nil
}

// signByTransmitter makes the chemical synapses of neurons that release GABA negative. Where a gap
// junction joins the same two neurons, kept weights add up, as in FromGraph; a drawn one is
// negative.
func (c *Config) signByTransmitter(m *tensor.CSR[float64], drawn bool) error {
	w := Wiring{Count: c.Connectome.Count, Layers: c.Connectome.Layers, Inhibits: ReleasesGABA}
	if drawn {
		w.Layers = Chemical
		if c.Connectome.Layers == Gap {
			w.Inhibits = nil
		}
	}
	signed, err := FromGraph[float64](c.Connectome.Graph, w)
	if err != nil {
		return err
	}
	if !drawn {
		copy(m.Val, signed.Val)
		return nil
	}
	for i := range m.Rows {
		k := signed.RowPtr[i]
		for at := m.RowPtr[i]; at < m.RowPtr[i+1]; at++ {
			m.Val[at] = max(m.Val[at], -m.Val[at])
			for k < signed.RowPtr[i+1] && signed.Col[k] < m.Col[at] {
				k++
			}
			if k < signed.RowPtr[i+1] && signed.Col[k] == m.Col[at] && signed.Val[k] < 0 {
				m.Val[at] = -m.Val[at]
			}
		}
	}
	return nil
}
