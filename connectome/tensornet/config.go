package tensornet

import (
	"fmt"

	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// Config describes a network apart from its graph and the key of its weights. The zero value of a
// text field stands for the first of its constants.
type Config struct {
	// Width is d, the length of a neuron's state.
	Width int `json:"width"`
	// Rounds is the number of synapses that a signal travels.
	Rounds int `json:"rounds"`

	// Synapses are the synapses that take part.
	Synapses Synapses `json:"synapses,omitempty"`
	// SynapticWeights says whether the weights of the synapses are learned.
	SynapticWeights SynapticWeights `json:"synaptic_weights,omitempty"`
	// CountTransform makes a synaptic weight of a synapse count.
	CountTransform CountTransform `json:"count_transform,omitempty"`
	// Sign is the sign of the chemical synapses.
	Sign Sign `json:"sign,omitempty"`
	// GapJunctions is what a gap junction carries.
	GapJunctions GapJunctions `json:"gap_junctions,omitempty"`
	// Combine is how a neuron combines what its synapses carry.
	Combine Combine `json:"combine,omitempty"`

	// UnitWeights says whether the neurons have weights W and b of their own.
	UnitWeights UnitWeights `json:"unit_weights,omitempty"`
	// Norm is the normalisation in the neurons.
	Norm Norm `json:"norm,omitempty"`
	// Activation is the activation of the neurons: one of Activations, "tanh" by default.
	Activation Activation `json:"activation,omitempty"`
	// Residual adds the state of the round before to that of each round.
	Residual bool `json:"residual,omitempty"`
	// Frozen keeps units and synapses at their initial values, as in a reservoir. The readout
	// still learns.
	Frozen bool `json:"frozen,omitempty"`

	// InputNeurons are the neurons that receive the input x.
	InputNeurons InputNeurons `json:"input_neurons,omitempty"`
	// Signal is the part of x that each of them receives.
	Signal Signal `json:"signal,omitempty"`
	// Drive says in which rounds they receive it.
	Drive Drive `json:"drive,omitempty"`
	// Readout is what is made of the states of the motor neurons.
	Readout Readout `json:"readout,omitempty"`
}

// Synapses names kinds of synapses.
type Synapses string

// The kinds of synapses.
const (
	SynapsesBoth     Synapses = "both"
	SynapsesChemical Synapses = "chemical"
	SynapsesGap      Synapses = "gap" // gap junctions
)

// SynapticWeights says where the weights of the synapses come from.
type SynapticWeights string

// Where the weights of the synapses come from.
const (
	SynapticLearned SynapticWeights = "learned" // from the synapse counts on
	SynapticCounts  SynapticWeights = "counts"  // fixed, by the synapse counts
)

// CountTransform is a function of the synapse count n of a pair of neurons.
type CountTransform string

// The functions of the synapse count.
const (
	CountLog1p  CountTransform = "log1p" // log(1 + n)
	CountLinear CountTransform = "count" // n
	CountSqrt   CountTransform = "sqrt"
	CountBinary CountTransform = "binary" // 1
)

// Sign says what gives a chemical synapse its sign.
type Sign string

// What gives a chemical synapse its sign.
const (
	SignTransmitter Sign = "transmitter" // GABA -1, others and unknown ones +1
	SignNone        Sign = "none"        // all +1
)

// GapJunctions says what a gap junction carries from neuron j to neuron i.
type GapJunctions string

// What a gap junction carries.
const (
	GapSum       GapJunctions = "sum"       // the state h_j
	GapDiffusive GapJunctions = "diffusive" // the difference h_j - h_i; with CombineSum only
)

// Combine says how a neuron combines what its synapses carry: see the package comment.
type Combine string

// The combinations.
const (
	CombineSum     Combine = "sum"
	CombineProduct Combine = "product"
)

// UnitWeights says whose the weights of a neuron are.
type UnitWeights string

// Whose the weights of a neuron are.
const (
	UnitOwn    UnitWeights = "own"    // every neuron has its own W and b
	UnitShared UnitWeights = "shared" // all have the same
)

// Norm is a normalisation of the d components of a neuron's state.
type Norm string

// The normalisations.
const (
	NormNone  Norm = "none"
	NormLayer Norm = "layer" // layer normalisation, with a gain and shift of every unit
)

// Activation is the name of an activation: see tensor.Activations.
type Activation string

// Activations lists the names that Config.Activation can have, the default first.
func Activations() []Activation {
	names := []Activation{defaultActivation}
	for _, a := range tensor.Activations() {
		if name := Activation(a.Name); name != defaultActivation {
			names = append(names, name)
		}
	}
	return names
}

const defaultActivation Activation = "tanh"

// InputNeurons names a set of neurons.
type InputNeurons string

// The neurons that receive the input.
const (
	// InputSensory are the sensory neurons.
	InputSensory InputNeurons = "sensory"
	// InputOpen are the sensory neurons and those that no synapse reaches, which would stay silent
	// and could not learn otherwise.
	InputOpen InputNeurons = "open"
)

// Signal says what part of the input x an input neuron receives.
type Signal string

// The parts of the input.
const (
	SignalShared Signal = "shared" // all receive the same x [batch, d]
	SignalEach   Signal = "each"   // each receives its own part of x [batch, inputs*d]
)

// Drive says in which rounds the input reaches the input neurons.
type Drive string

// The rounds in which the input arrives.
const (
	DriveEvery Drive = "every"
	DriveFirst Drive = "first" // only at the start
)

// Readout says what is made of the states of the motor neurons.
type Readout string

// The readouts.
const (
	ReadoutConcat    Readout = "concat"    // [batch, motors*d], the states one after the other
	ReadoutMean      Readout = "mean"      // [batch, d]
	ReadoutAttention Readout = "attention" // [batch, d], weighted by a learned query
	ReadoutStates    Readout = "states"    // [batch, motors, d], for a reader of one's own
)

// Choices returns the values that the text fields of a Config can have, the default first, by the
// fields' keys in JSON.
func Choices() map[string][]string {
	all := map[string][]string{}
	for _, f := range new(Config).choices() {
		all[f.Name] = f.Allowed
	}
	return all
}

func (c *Config) choices() []choice.Field {
	return []choice.Field{
		choice.Of("synapses", &c.Synapses, SynapsesBoth, SynapsesChemical, SynapsesGap),
		choice.Of("synaptic_weights", &c.SynapticWeights, SynapticLearned, SynapticCounts),
		choice.Of("count_transform", &c.CountTransform, CountLog1p, CountLinear, CountSqrt, CountBinary),
		choice.Of("sign", &c.Sign, SignTransmitter, SignNone),
		choice.Of("gap_junctions", &c.GapJunctions, GapSum, GapDiffusive),
		choice.Of("combine", &c.Combine, CombineSum, CombineProduct),
		choice.Of("unit_weights", &c.UnitWeights, UnitOwn, UnitShared),
		choice.Of("norm", &c.Norm, NormNone, NormLayer),
		choice.Of("activation", &c.Activation, Activations()...),
		choice.Of("input_neurons", &c.InputNeurons, InputSensory, InputOpen),
		choice.Of("signal", &c.Signal, SignalShared, SignalEach),
		choice.Of("drive", &c.Drive, DriveEvery, DriveFirst),
		choice.Of("readout", &c.Readout, ReadoutConcat, ReadoutMean, ReadoutAttention, ReadoutStates),
	}
}

// Complete replaces empty text fields by their defaults and returns an error that names the first
// field with a value that is not allowed.
func (c *Config) Complete() error {
	if c.Width < 1 || c.Width > 1<<16 {
		return fmt.Errorf("tensornet: width %d, expected 1 to %d", c.Width, 1<<16)
	}
	if c.Rounds < 1 || c.Rounds > 1000 {
		return fmt.Errorf("tensornet: rounds %d, expected 1 to 1000", c.Rounds)
	}
	if err := choice.Complete(c.choices()...); err != nil {
		return fmt.Errorf("tensornet: %w", err)
	}
	if c.GapJunctions == GapDiffusive && c.Combine != CombineSum {
		return fmt.Errorf("tensornet: gap_junctions %q needs combine %q, found %q",
			c.GapJunctions, CombineSum, c.Combine)
	}
	return nil
}

// formerKeys are the names that keys of a Config had in checkpoints of earlier versions.
var formerKeys = jsonkeys.Aliases{
	"layers":  "synapses",
	"weights": "synaptic_weights",
	"counts":  "count_transform",
	"gap":     "gap_junctions",
	"unit":    "unit_weights",
	"entry":   "input_neurons",
	"input":   "signal",
	"inject":  "drive",
}

// UnmarshalJSON decodes over what c holds. It reads the keys of earlier versions too, and refuses
// those that it does not know.
func (c *Config) UnmarshalJSON(b []byte) error {
	type plain Config
	return formerKeys.Decode(b, (*plain)(c))
}
