package zoo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/esn"
	"elegans/internal/choice"
	"elegans/tensor"
	"elegans/transformer"
)

// EchoViTConfig describes a vision transformer whose token mixers are reservoirs. The graph is that
// of reservoirs with the topology "connectome".
type EchoViTConfig struct {
	Graph       Graph              `json:"graph,omitzero"`
	Transformer transformer.Config `json:"transformer,omitzero"` // see completeTransformer
	// 200 neurons in both directions
	Echo transformer.EchoConfig `json:"echo,omitzero"`
}

// ESTConfig describes an Echo State Transformer. The graph is that of reservoirs with the topology
// "connectome".
type ESTConfig struct {
	Graph Graph                             `json:"graph,omitzero"`
	EST   transformer.EchoTransformerConfig `json:"est,omitzero"`
}

func init() {
	reservoir := esn.Defaults()
	// Tokens are normalised: with weights of this size most neurons are not saturated.
	reservoir.Neurons, reservoir.Washout, reservoir.InputScale = 0, 0, .2
	Register(Family[EchoViTConfig]{
		Name: "echo-vit", About: "vision transformer whose token mixers are frozen reservoirs run along the tokens", Task: Classification,
		Default:  EchoViTConfig{Echo: transformer.EchoConfig{Reservoir: reservoir, Direction: transformer.Both}},
		Complete: (*EchoViTConfig).complete, Float32: newEchoViT[float32], Float64: newEchoViT[float64],
		Graph: func(c *EchoViTConfig) *Graph { return wiringOf(&c.Echo.Reservoir, &c.Graph) },
		Idle:  func(c EchoViTConfig) map[string]string { return idleReservoirOptions(c.Echo.Reservoir, c.Graph) },
		Options: slices.Concat(reservoirOptions("echo.reservoir"), []Option{
			{Name: "direction", Key: "echo.direction", Help: "In which direction a reservoir runs: forward, backward, both.", Placeholder: "KIND"},
			{Name: "reservoir-inputs", Key: "echo.inputs", Help: "Inputs of a reservoir that a learned map makes of a token; 0: the token itself.", Placeholder: "N"},
		}, withoutOptions(transformerOptions("transformer"), "heads", "token-hidden"), graphOptions()),
	})
	memory := transformer.MemoryDefaults()
	memory.Neurons = 0
	Register(Family[ESTConfig]{
		Name: "est", About: "Echo State Transformer: attention among reservoirs that remember (Bendi-Ouis and Hinaut 2025)", Task: Classification,
		Default:  ESTConfig{EST: transformer.EchoTransformerConfig{Reservoir: memory}},
		Complete: (*ESTConfig).complete, Float32: newEST[float32], Float64: newEST[float64],
		Graph: func(c *ESTConfig) *Graph { return wiringOf(&c.EST.Reservoir, &c.Graph) },
		Idle:  func(c ESTConfig) map[string]string { return idleReservoirOptions(c.EST.Reservoir, c.Graph) },
		Options: slices.Concat(reservoirOptions("est.reservoir"), []Option{
			{Name: "units", Key: "est.units", Help: "Reservoirs of a layer.", Placeholder: "N", Size: true},
			{Name: "pooling", Key: "est.pooling", Help: "What vector stands for a sequence: last, mean.", Placeholder: "KIND"},
		}, withOptions(transformerOptions("est"), "patch", "dim", "depth", "ff-hidden", "ff-activation", "dropout"), graphOptions()),
	})
}

// withOptions returns the options of the given names, and withoutOptions the others.
func withOptions(list []Option, names ...string) []Option {
	return slices.DeleteFunc(list, func(o Option) bool { return !slices.Contains(names, o.Name) })
}

func withoutOptions(list []Option, names ...string) []Option {
	return slices.DeleteFunc(list, func(o Option) bool { return slices.Contains(names, o.Name) })
}

// reservoirOptions are those of a reservoir, an esn.Config, under a path of JSON keys.
func reservoirOptions(path string) []Option {
	var names []string
	for _, t := range esn.Topologies() {
		names = append(names, t.Name)
	}
	return []Option{
		{Name: "topology", Key: path + ".topology", Help: "Wiring of a reservoir: " + strings.Join(names, ", ") + ".", Placeholder: "KIND"},
		{Name: "neurons", Key: path + ".neurons", Help: "Neurons of a reservoir; a connectome has its own.", Placeholder: "N", Size: true},
		{Name: "spectral-radius", Key: path + ".scale", Help: "Size of the recurrent weights of a reservoir.", Placeholder: "R"},
		{Name: "input-scale", Key: path + ".input_scale", Help: "Size of the input weights of a reservoir.", Placeholder: "R"},
	}
}

// idleReservoirOptions returns the options that do nothing with a reservoir.
func idleReservoirOptions(r esn.Config, g Graph) map[string]string {
	if r.Topology != onConnectome {
		because := "topology " + r.Topology
		return map[string]string{"graph": because, "control": because, "graph-seed": because}
	}
	idle := map[string]string{"neurons": "topology " + r.Topology}
	for option, because := range idleGraphOptions(g) {
		idle[option] = because
	}
	return idle
}

// onConnectome is the topology of a reservoir on a wiring.
const onConnectome = "connectome"

// wiringOf returns the wiring of a reservoir, nil for one that is drawn.
func wiringOf(r *esn.Config, g *Graph) *Graph {
	if r.Topology != onConnectome {
		return nil
	}
	return g
}

// completeReservoir fills in the neurons of a reservoir. A wiring has its own number, and all of
// its connections.
func completeReservoir(r *esn.Config, g *Graph, neurons int) error {
	if r.Topology != onConnectome {
		r.Neurons = cmp.Or(r.Neurons, neurons)
		*g = Graph{}
		return nil
	}
	r.Neurons, r.Degree, r.Density = 0, 0, 0
	return g.complete()
}

// onGraph puts a wiring in the place of the file that a reservoir names.
func onGraph(r *esn.Config, g Graph) error {
	if r.Topology != onConnectome {
		return nil
	}
	wiring, err := g.Load()
	r.Connectome.Graph = wiring
	return err
}

func (c *EchoViTConfig) complete(s Spec) error {
	if c.Transformer.Positions == "" { // the states tell where a token stands
		c.Transformer.Positions = transformer.PositionsNone
	}
	if c.Transformer.TokenMixer != "" && c.Transformer.TokenMixer != transformer.TokenMixerAttention {
		return fmt.Errorf("model %q: transformer.token_mixer %q, expected none: a reservoir is in its place", s.Model, c.Transformer.TokenMixer)
	}
	return cmp.Or(completeTransformer(s, &c.Transformer), completeReservoir(&c.Echo.Reservoir, &c.Graph, 200), c.Echo.Complete())
}

func newEchoViT[T tensor.Float](c EchoViTConfig, _ Spec, k tensor.Key) (nn.Module[T], error) {
	if err := onGraph(&c.Echo.Reservoir, c.Graph); err != nil {
		return nil, err
	}
	m, err := transformer.NewEchoFormer[T](k, transformer.EchoFormerConfig{Transformer: c.Transformer, Echo: c.Echo})
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (c *ESTConfig) complete(s Spec) error {
	c.EST.Image, c.EST.Outputs = s.Input, s.Classes
	err := choice.Complete(choice.Of("est.pooling", &c.EST.Pooling, transformer.PoolingLast, transformer.PoolingMean))
	return cmp.Or(err, completeReservoir(&c.EST.Reservoir, &c.Graph, 100), c.EST.Complete())
}

func newEST[T tensor.Float](c ESTConfig, _ Spec, k tensor.Key) (nn.Module[T], error) {
	if err := onGraph(&c.EST.Reservoir, c.Graph); err != nil {
		return nil, err
	}
	m, err := transformer.NewEchoTransformer[T](k, c.EST)
	if err != nil {
		return nil, err
	}
	return m, nil
}
