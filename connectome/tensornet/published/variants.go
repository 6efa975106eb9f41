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
// always what its documentation says:
//
//	subject                        documentation                      torch-eager                             torch-functional
//	I -> S and I -> M              signals pass                       pass                                    only from neurons whose role is recorded as I: the worm's file records
//	                                                                                                          none (NA), so interneurons never reach a motor neuron
//	M -> I                         signals pass                       never listed: 214 pairs are lost        pass
//	ignored_synapses               any pair of roles                  MM is not honoured                      honoured
//	skip_conn_only_synapses        restricts merging                  never read                              never read
//	unknown processing_order token -                                  refused                                 does nothing; S->O must be one of the first two
//	norm_tensor_unit               default true                       default false                           default false
//	adjust_n_heads                 default false                      default true                            not used
//	output                         [batch, motor_size]                [batch, d]                              [batch, d]
//	sequences [batch, time, d]     accepted                           refused                                 refused without input_sequences or recurrence_type
//	reapplied unit                 act(W s + b)                       act(W s + b)                            act(norm(s)) if norm_tensor_unit is set
//	unknown attention_type         -                                  as "self"                               as "self"
//	self-cross                     -                                  one attention, used twice               two attentions
//	later time steps               share all weights                  no recurrence                           output normalisations for steps 0, 1, 2 and all later ones
//	parameters                     all units                          all units, used or not                  units that reach the output; with recurrence all
//	dropout_mha                    of the attention weights           of the attended values                  of the attended values
//
// Two habits of the code are not kept: the slope of "prelu" is one number for each network here,
// where theirs is one for all networks of a process; and their functional network could not be
// saved (it misspells a field), ours can.
type rules struct {
	// of the processing order, with the pairs of roles that each stands for
	tokens        map[string][]string
	unknownTokens bool     // are allowed, and do nothing
	neverIgnored  []string // pairs of roles that ignored_synapses does not reach
	// I -> S and I -> M pass only from neurons with a recorded role
	onlyRecordedInter bool
	// the first signal that a sensory neuron receives replaces the input, as it starts any other
	// neuron
	sensorsStart bool
	// with norm_tensor_unit, a unit that is applied again is its normalisation
	normForUnit    bool
	stack          func(*connectome.Graph) []int
	allUnits       bool // units that reach no output are parameters too
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
