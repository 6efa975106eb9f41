package published

import "elegans/connectome"

// Variant names one of the published programs.
type Variant string

// The published programs.
const (
	TorchEager      Variant = "torch-eager"
	TorchFunctional Variant = "torch-functional"
)

// rules are what tells the published variants apart. Both do what their code does, which is not
// always what its documentation says. By subject, with D for the documentation, E for torch-eager
// and F for torch-functional:
//
//	I -> S and I -> M              D  signals pass
//	                               E  signals pass
//	                               F  pass only from neurons whose role is recorded as I. The
//	                                  worm's file records none (NA), so interneurons never reach a
//	                                  motor neuron
//	M -> I                         D  signals pass
//	                               E  never listed: 214 pairs are lost
//	                               F  signals pass
//	ignored_synapses               D  any pair of roles
//	                               E  MM is not honoured
//	                               F  honoured
//	skip_conn_only_synapses        D  restricts merging
//	                               E, F  never read
//	unknown processing_order token E  refused
//	                               F  does nothing; S->O must be one of the first two
//	norm_tensor_unit               D  default true
//	                               E, F  default false
//	adjust_n_heads                 D  default false
//	                               E  default true
//	                               F  not used
//	output                         D  [batch, motor_size]
//	                               E, F  [batch, d]
//	sequences [batch, time, d]     D  accepted
//	                               E  refused
//	                               F  refused without input_sequences or recurrence_type
//	reapplied unit                 D, E  act(W s + b)
//	                               F  act(norm(s)) if norm_tensor_unit is set
//	unknown attention_type         E, F  as "self"
//	self-cross                     E  one attention, used twice
//	                               F  two attentions
//	later time steps               D  share all weights
//	                               E  no recurrence
//	                               F  output normalisations for steps 0, 1, 2 and all later ones
//	parameters                     D  all units
//	                               E  all units, used or not
//	                               F  units that reach the output; with recurrence all
//	dropout_mha                    D  of the attention weights
//	                               E, F  of the attended values
//
// Two habits of the code are not kept. The slope of "prelu" is one number for each network here,
// where theirs is one for all networks of a process. And their functional network could not be
// saved, since it misspells a field; ours can.
type rules struct {
	// tokens are those of the processing order, with the pairs of roles that each stands for.
	tokens map[string][]string
	// unknownTokens are allowed, and do nothing.
	unknownTokens bool
	// neverIgnored are pairs of roles that ignored_synapses does not reach.
	neverIgnored []string
	// onlyRecordedInter lets I -> S and I -> M pass only from neurons with a recorded role.
	onlyRecordedInter bool
	// sensorsStart makes the first signal that a sensory neuron receives replace the input, as it
	// starts any other neuron.
	sensorsStart bool
	// normForUnit makes a unit that is applied again its normalisation, with norm_tensor_unit.
	normForUnit bool
	// stack lists the motor neurons in the order in which the attention sees them.
	stack func(*connectome.Graph) []int
	// allUnits makes units that reach no output parameters too.
	allUnits       bool
	twoAttentions  bool
	fusedAttention bool // head_dim may be null
	sequences      bool // input_sequences, recurrence_type
	poolings       bool // learned queries and poolings without attention
}

var variants = map[Variant]*rules{
	TorchEager: {
		tokens: map[string][]string{
			"S->O": {"SI", "SM"}, "I->O": {"IS", "IM"}, "M->O": {"MS"},
			"S->S": {"SS"}, "I->I": {"II"}, "M->M": {"MM"},
		},
		neverIgnored:   []string{"MM"},
		sensorsStart:   true,
		stack:          motorsByAppearance,
		allUnits:       true,
		fusedAttention: true,
	},
	TorchFunctional: {
		tokens: map[string][]string{
			"S->O": {"SI", "SM"}, "I->O": {"IS", "IM"}, "M->O": {"MS", "MI"},
			"S->S": {"SS"}, "I->I": {"II"}, "M->M": {"MM"},
			"S->I": {"SI"}, "S->M": {"SM"}, "I->S": {"IS"}, "I->M": {"IM"}, "M->S": {"MS"}, "M->I": {"MI"},
		},
		unknownTokens:     true,
		onlyRecordedInter: true,
		normForUnit:       true,
		stack:             motorsByIndex,
		twoAttentions:     true,
		sequences:         true,
		poolings:          true,
	},
}
