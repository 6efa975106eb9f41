package esn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"elegans/connectome"
	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// Config describes a reservoir: everything that Build needs besides the numbers of inputs and
// outputs. The same Config gives the same weights on every machine: each matrix is drawn from a key
// of the seed, its purpose, its layer and its group.
//
// Begin with Defaults and change what should be another. In JSON the keys are those of the tags; a
// key that is left out keeps its default, and one that does not exist is an error.
type Config struct {
	Seed uint64 `json:"seed"` // 1

	// Topology is one of Topologies: random.
	Topology string `json:"topology"`
	// Neurons of each group of each layer: 100. A connectome has its own number: 0 stands for it.
	// With an NVAR, 0 stands for no reservoir.
	Neurons int `json:"neurons"`
	// Degree is the number of neurons that each hears, or Density their part of all: one of them
	// may be given. Neither stands for a degree of 10, or of all where there are fewer.
	Degree  int     `json:"degree,omitempty"`
	Density float64 `json:"density,omitempty"`
	// Rewiring is the part of the connections of a small world that leads elsewhere: 0.1.
	// Other topologies have none and do not look at it.
	Rewiring float64 `json:"rewiring"`
	// Weights is how recurrent weights are drawn: normal. Those of a connectome are kept.
	Weights    Draw       `json:"weights,omitempty"`
	Connectome Connectome `json:"connectome"`

	// Scaling is what is brought to Scale: the spectral radius, to 0.9. A delay line has none, and
	// its spectral norm is scaled.
	Scaling Scaling `json:"scaling,omitempty"`
	Scale   float64 `json:"scale"`

	// Leak is a in (0, 1], of all neurons or drawn for each: 1.
	Leak Range `json:"leak"`
	// Activation is one of Activations: tanh. Slope is the parameter of one that has it.
	Activation string  `json:"activation"`
	Slope      float64 `json:"slope,omitempty"`

	// Input weights are drawn from InputWeights (uniform), times InputScale (1). A part
	// InputDensity of them (1) is not 0.
	InputWeights Draw    `json:"input_weights,omitempty"`
	InputScale   float64 `json:"input_scale"`
	InputDensity float64 `json:"input_density"`
	// InputNeurons hear the input: see Select. None stands for all; in a delay line for the first.
	InputNeurons []string `json:"input_neurons,omitempty"`
	// BiasScale is the largest constant b of a neuron, drawn uniformly: 0.1.
	BiasScale float64 `json:"bias_scale"`
	// FeedbackScale is the largest weight from an output to a neuron, drawn uniformly: 0, none.
	FeedbackScale float64 `json:"feedback_scale,omitempty"`

	// InputNoise and StateNoise are the deviations of normal noise that is added to inputs and to
	// states while a readout is fitted, which makes it less sensitive to its own errors: 0.
	InputNoise float64 `json:"input_noise,omitempty"`
	StateNoise float64 `json:"state_noise,omitempty"`

	// NVAR adds the last inputs and their products to what the readout sees: none.
	NVAR NVAR `json:"nvar,omitzero"`

	// Groups are reservoirs side by side, which do not hear each other: 1.
	Groups int `json:"groups"`
	// Layers are reservoirs one above the other: 1. The weights from each to the next are uniform
	// and have the spectral norm LayerScale (1). InputToAllLayers gives all of them the input too.
	Layers           int     `json:"layers"`
	LayerScale       float64 `json:"layer_scale"`
	InputToAllLayers bool    `json:"input_to_all_layers,omitempty"`

	// Of the readout: it sees the neurons ReadoutNeurons (see Select; none stands for all) of all
	// layers, or of the last one only, and the input as well with ReadoutInput, as in [1; u; x].
	ReadoutNeurons   []string `json:"readout_neurons,omitempty"`
	ReadoutLastLayer bool     `json:"readout_last_layer,omitempty"`
	ReadoutInput     bool     `json:"readout_input,omitempty"`
	// ReadoutSquares shows the readout the squares of these neurons too, as in [x; x²; u] (H.
	// Jaeger and H. Haas, Harnessing nonlinearity, Science 304, 2004).
	ReadoutSquares bool `json:"readout_squares,omitempty"`
	// ReadoutTimes makes a network that says one thing of a whole sequence, as of which class it
	// is: the readout sees what it would see at so many equally spaced rows, the last among them,
	// side by side, and targets and outputs have one row for each sequence: 0, every row is told by
	// itself.
	ReadoutTimes int `json:"readout_times,omitempty"`

	// Washout is the number of rows at the beginning of each sequence to which no readout is
	// fitted, since the state still depends on how it began: 100.
	Washout int `json:"washout"`
}

// Defaults returns the Config that the comments on its fields describe.
func Defaults() Config {
	return Config{
		Seed: 1, Topology: "random", Neurons: 100, Scale: .9, Leak: Fixed(1), Activation: "tanh",
		Connectome: Connectome{File: connectome.NameCanonical},
		Rewiring:   .1, InputScale: 1, InputDensity: 1, BiasScale: .1, Groups: 1, Layers: 1, LayerScale: 1, Washout: 100,
	}
}

// Scaling is a size of a matrix.
type Scaling string

// The sizes.
const (
	SpectralRadiusScaling Scaling = "spectral_radius" // the largest modulus of the eigenvalues
	SpectralNormScaling   Scaling = "spectral_norm"   // the largest singular value
	NoScaling             Scaling = "none"            // weights are multiplied by Scale
)

// UnmarshalJSON reads an object over what c holds, or over Defaults if it is the zero value.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	next := *c
	if reflect.ValueOf(next).IsZero() {
		next = Defaults()
	}
	if err := (jsonkeys.Aliases{}).Decode(b, (*plain)(&next)); err != nil {
		return err
	}
	*c = next
	return nil
}

// ParseConfig reads a Config from JSON and validates it. What it does not say is as in Defaults.
func ParseConfig(b []byte) (Config, error) {
	var c Config
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("esn: the configuration: %w", err)
	}
	return c, c.Validate()
}

// Validate returns an error with one line for each fault.
func (c *Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("esn: "+format, args...)) }
	add := func(err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("esn: %w", err))
		}
	}
	t, err := topologyOf(c.Topology)
	add(err)
	if err == nil {
		for _, o := range []struct {
			key   string
			given bool
		}{
			{"degree", c.Degree != 0}, {"density", c.Density != 0}, {"weights", c.Weights != ""},
		} {
			if o.given && !slices.Contains(t.Options, o.key) {
				fault("%s is given, which the topology %s does not have", o.key, t.Name)
			}
		}
	}
	draws := []Draw{NormalDraw, UniformDraw, SignDraw, Constant}
	if c.Topology == "connectome" {
		draws = append(draws, Kept)
		add(c.Connectome.validate())
	}
	add(c.Weights.validate("weights", draws...))
	scaling := c.Scaling
	add(choice.Complete(choice.Of("scaling", &scaling, SpectralRadiusScaling, SpectralNormScaling, NoScaling)))
	add(c.InputWeights.validate("input_weights", UniformDraw, NormalDraw, SignDraw, Constant))
	_, _, err = c.activationOf()
	add(err)
	least := 1
	if c.Topology == "connectome" || c.hasNVAR() {
		least = 0
	}
	if c.hasNVAR() {
		add(c.NVAR.check())
	}
	for _, n := range []struct {
		key          string
		value, least int
	}{
		{"neurons", c.Neurons, least}, {"degree", c.Degree, 0}, {"groups", c.Groups, 1}, {"layers", c.Layers, 1}, {"washout", c.Washout, 0}, {"readout_times", c.ReadoutTimes, 0},
	} {
		if n.value < n.least || n.value > math.MaxInt32 {
			fault("%s %d, expected %d to %d", n.key, n.value, n.least, math.MaxInt32)
		}
	}
	if c.ReadoutTimes > 0 && c.FeedbackScale > 0 {
		fault("readout_times %d and feedback_scale %v, expected one of them: what is said of a whole sequence cannot be fed back in it", c.ReadoutTimes, c.FeedbackScale)
	}
	if c.Degree != 0 && c.Density != 0 {
		fault("degree %d and density %v, expected one of them", c.Degree, c.Density)
	}
	if c.Degree > c.Neurons && c.Topology != "connectome" && c.Neurons > 0 {
		fault("degree %d, expected at most the %d neurons", c.Degree, c.Neurons)
	}
	for _, v := range []struct {
		key   string
		value float64
	}{
		{"scale", c.Scale}, {"input_scale", c.InputScale}, {"bias_scale", c.BiasScale}, {"feedback_scale", c.FeedbackScale},
		{"layer_scale", c.LayerScale}, {"input_noise", c.InputNoise}, {"state_noise", c.StateNoise},
	} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			fault("%s %v, expected a finite number of at least 0", v.key, v.value)
		}
	}
	for _, v := range []struct {
		key   string
		value float64
	}{{"density", c.Density}, {"input_density", c.InputDensity}, {"rewiring", c.Rewiring}} {
		if !(v.value >= 0 && v.value <= 1) {
			fault("%s %v, expected 0 to 1", v.key, v.value)
		}
	}
	if !(c.Leak.Low > 0 && c.Leak.Low <= c.Leak.High && c.Leak.High <= 1) {
		fault("leak %v, expected above 0 and at most 1", c.Leak)
	}
	if math.IsNaN(c.Slope) || math.IsInf(c.Slope, 0) {
		fault("slope %v, expected a finite number", c.Slope)
	}
	return errors.Join(faults...)
}

// hasNVAR reports whether the readout sees the features of an NVAR.
func (c *Config) hasNVAR() bool { return c.NVAR != NVAR{} }

// hasReservoir reports whether there are neurons at all.
func (c *Config) hasReservoir() bool { return c.Neurons > 0 || c.Topology == "connectome" }

// degree returns the number of neurons that each of n hears.
func (c *Config) degree(n int) int {
	switch {
	case c.Density > 0:
		return int(math.Round(c.Density * float64(n)))
	case c.Degree > 0:
		return c.Degree
	}
	return min(10, n)
}

// key names the draws of one purpose in a group of a layer.
func (c *Config) key(purpose string, layer, group int) tensor.Key {
	return tensor.NewKey(c.Seed, "esn."+purpose, uint64(layer), uint64(group))
}

// Select returns the neurons, of n in a group, that a list of names selects, in ascending order. A
// name is "all", a number from 0, or a range of them as "0-9"; of a connectome also a role
// (sensory, inter, motor), a class (AVA) or a neuron (AVAL).
func (c *Config) Select(names []string, n int) ([]int, error) {
	if c.Topology == "connectome" {
		if err := c.Connectome.load(); err != nil {
			return nil, err
		}
		if n > c.Connectome.Graph.Len() {
			return nil, fmt.Errorf("esn: %d neurons, expected the %d of the connectome", n, c.Connectome.Graph.Len())
		}
	}
	chosen := make([]bool, n)
	for _, name := range names {
		found := false
		choose := func(i int) { chosen[i], found = true, true }
		if lo, hi, ok := span(name); ok && hi < n {
			for i := lo; i <= hi; i++ {
				choose(i)
			}
		}
		for i := range n {
			if name == "all" || c.Topology == "connectome" && c.isCalled(i, name) {
				choose(i)
			}
		}
		if !found {
			return nil, fmt.Errorf("esn: neurons %q, expected all, %s", name, c.selectable(n))
		}
	}
	var list []int
	for i, is := range chosen {
		if is {
			list = append(list, i)
		}
	}
	return list, nil
}

// isCalled reports whether neuron i of the connectome has the name, class or role.
func (c *Config) isCalled(i int, name string) bool {
	g := c.Connectome.Graph
	return g.Neurons[i].Name == name || g.Neurons[i].Class == name || g.RoleOf(i).String() == name
}

// selectable says what Select expects besides all.
func (c *Config) selectable(n int) string {
	numbers := fmt.Sprintf("numbers of 0 to %d", n-1)
	if c.Topology != "connectome" {
		return numbers
	}
	return numbers + ", sensory, inter, motor, a class or a neuron of the connectome"
}

// span reads "3" or "3-7".
func span(s string) (lo, hi int, ok bool) {
	first, last, two := strings.Cut(s, "-")
	if !two {
		last = first
	}
	var err1, err2 error
	lo, err1 = strconv.Atoi(first)
	hi, err2 = strconv.Atoi(last)
	return lo, hi, err1 == nil && err2 == nil && lo <= hi
}
