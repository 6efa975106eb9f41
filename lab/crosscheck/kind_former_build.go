package crosscheck

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet/published"
	"elegans/internal/quote"
	"elegans/tensor"
	"elegans/transformer"
)

// formerModel is a model of a manifest of kind "former", made of the parts of package transformer.
type formerModel[T tensor.Float] struct {
	module nn.Module[T]
	input  []int // what it takes, where a case does not say
	// theirs turns names of our parameters into theirs.
	theirs func(name string) string
	// units are those of the tensor networks, by the prefix of their names.
	units map[string][]int
	// marked are outputs that the model marks on the tape, by their names in the manifest.
	marked map[string]string
	// mixture, if not nil, is the model itself, which is told its noise.
	mixture *transformer.MoE[T]
}

// formerVar is a parameter under one of their names.
type formerVar[T tensor.Float] struct {
	value  *tensor.Tensor[T]
	grad   func() *tensor.Tensor[T]
	frozen bool
}

// vars returns the parameters of the model by the names that they have in the manifest.
func (m *formerModel[T]) vars() (map[string]formerVar[T], error) {
	all := map[string]formerVar[T]{}
	named, err := nn.Walk[T](m.module)
	if err != nil {
		return nil, err
	}
	for _, p := range named {
		stacked := formerStack.FindStringSubmatchIndex(p.Path)
		if stacked == nil {
			all[m.theirs(p.Path)] = formerVar[T]{value: p.Value, grad: p.Grad, frozen: !p.RequiresGrad()}
			continue
		}
		// The networks of a mixture lie side by side.
		for i := range p.Value.Dim(0) {
			own := tensor.Entry(p.Value, i)
			grad := func() *tensor.Tensor[T] {
				if p.Grad() == nil {
					return nil
				}
				g := tensor.Entry(p.Grad(), i)
				return &g
			}
			name := fmt.Sprintf("%s.%d%s", p.Path[:stacked[2]], i, p.Path[stacked[2]:])
			all[m.theirs(name)] = formerVar[T]{value: &own, grad: grad, frozen: !p.RequiresGrad()}
		}
	}
	return all, nil
}

// formerStack finds parameters of a transformer.GroupedFeedForward.
var formerStack = regexp.MustCompile(`\bexperts(\.(?:fc1|fc2|gate)\.)`)

// formerNames turns names of parameters of package transformer into those of the manifests.
var formerNames = []struct{ ours, theirs string }{
	{`^(?:patch_embed|stem)\.(?:proj|net)\.`, `patch.`},
	{`^cls_token$`, `cls`},
	{`^pos_embed$`, `pos.weight`},
	{`^norm\.`, `norm_final.`},
	{`^head\.net\.net\.`, `head.tn.`},
	{`^head\.net\.skip\.`, `head.residual.`},
	{`^head\.net\.`, `head.tn.`},
	{`^head\.out\.`, `head.proj.`},
	{`^blocks\.(\d+)\.`, `block$1.`},
	{`^(block\d+)\.norm1\.`, `$1.norm0.`},
	{`^(block\d+)\.norm2\.`, `$1.norm1.`},
	{`^(block\d+)\.attn\.qkv\.`, `$1.attn.in_proj_`},
	{`^(block\d+)\.attn\.proj\.`, `$1.attn.out.`},
	{`^(block\d+)\.mlp_tokens\.`, `$1.token.`},
	{`^(block\d+)\.mlp_channels\.`, `$1.channel.`},
	{`\bexperts\.(\d+)\.`, `expert$1.`},
	{`\bfc1\.`, `up.`},
	{`\bfc2\.`, `down.`},
}

var formerPatterns = func() (all []*regexp.Regexp) {
	for _, n := range formerNames {
		all = append(all, regexp.MustCompile(n.ours))
	}
	return all
}()

// formerName returns their name of a parameter of ours.
func formerName(name string) string {
	for i, n := range formerNames {
		name = formerPatterns[i].ReplaceAllString(name, n.theirs)
	}
	return name
}

// formerArchs make models, by the architecture that a case names.
func formerArchs[T tensor.Float]() map[string]func(e *formerEntry) (*formerModel[T], error) {
	return map[string]func(e *formerEntry) (*formerModel[T], error){
		"CustomViT": formerVision[T], "ElegansFormer": formerVision[T],
		"MLPMixer": formerVision[T], "ElegansMLPMixer": formerVision[T],
		"MoE(FFN)": formerMixture[T], "TensorNetworkMoE": formerMixture[T],
		"EchoStateMoE": formerEcho[T], "ESN (own) + MoE(FFN) + Linear": formerEcho[T],
	}
}

// formerVisionConfig are the options of the published transformers and mixers, under the names that
// they have there.
type formerVisionConfig struct {
	NBlocks     int    `json:"n_blocks"`
	EmbedDim    int    `json:"embed_dim"`
	InChannels  int    `json:"in_channels"`
	OutputDim   int    `json:"output_dim"`
	PatchDim    int    `json:"patch_dim"`
	MaxSeqLen   int    `json:"max_seq_len"` // of transformers: a bound on the number of patches
	ImageDim    int    `json:"image_dim"`   // of mixers: the side of an image
	NumHeads    int    `json:"num_heads"`
	FFDim       int    `json:"ff_dim"`
	TokenFF     int    `json:"token_ff_dim"`
	ChannelFF   int    `json:"channel_ff_dim"`
	Gated       string `json:"ff_gated"`
	Activation  string `json:"ff_activation"`
	SharedFF    bool   `json:"shared_ff"`
	PreNorm     *bool  `json:"pre_norm"`
	FinalNorm   *bool  `json:"final_layer_norm"`
	ClassPool   bool   `json:"use_cls_pool"`
	Experts     int    `json:"moe_num_experts"`
	NoisyGating *bool  `json:"moe_noisy_gating"`
	Chosen      int    `json:"moe_k"`

	ModelType string          `json:"model_type"`
	Network   json.RawMessage `json:"tensornet_config"`
	Impl      string          `json:"tensornet_impl"`
	// Shared is an attribute that the code reads and that its configuration lacks. Ours is told by
	// the type of the model.
	Shared          *bool `json:"shared_tensornet(set by hand)"`
	ReservoirBlocks []int `json:"reservoir_tensornet_blocks"`
	Residual        bool  `json:"residual_tensornet"`
	Reservoir       bool  `json:"reservoir_tensornet"`
}

// formerVision makes a transformer or a mixer.
func formerVision[T tensor.Float](e *formerEntry) (*formerModel[T], error) {
	b := &formerBuilder[T]{model: &formerModel[T]{units: map[string][]int{}, marked: map[string]string{
		"attn_weights_block0": "blocks.0.attn.attention",
	}}}
	c := &b.c
	if err := decodeStrictly(e.Config, c); err != nil {
		skip("config: %v", err)
	}
	b.place = cmp.Or(c.ModelType, string(transformer.PlaceShared))
	b.mixer = strings.HasSuffix(e.Arch, "Mixer")
	if b.elegans = strings.HasPrefix(e.Arch, "Elegans"); !b.elegans {
		b.place = ""
	} else if b.mixer {
		b.place = string(transformer.PlaceHead)
	}
	if err := b.build(e.InputShape); err != nil {
		return nil, err
	}
	return b.model, nil
}

// formerBuilder makes a transformer or a mixer.
type formerBuilder[T tensor.Float] struct {
	c       formerVisionConfig
	place   string // the type of an ElegansFormer
	mixer   bool
	elegans bool
	numbers float64 // parameters of tensor networks so far
	model   *formerModel[T]
}

func (b *formerBuilder[T]) build(shape []int) error {
	c := &b.c
	side := c.ImageDim
	if !b.mixer {
		side = 2 * c.PatchDim
	}
	if len(shape) == 0 {
		shape = []int{3, c.InChannels, side, side}
	}
	if len(shape) != 4 || shape[1] != c.InChannels || b.mixer && (shape[2] != side || shape[3] != side) {
		skip("input_shape %v, expected images [batch, %d, height, width] as the configuration says", shape, c.InChannels)
	}
	config := transformer.Config{
		Image: [3]int(shape[1:]), Classes: c.OutputDim, Patch: [2]int{c.PatchDim, c.PatchDim}, Dim: c.EmbedDim, Depth: c.NBlocks, Heads: c.NumHeads,
		Hidden: c.FFDim, Activation: c.Activation, SharedChannels: c.SharedFF, Order: transformer.OrderPublished, Eps: 1e-5,
		ClassToken: true, Pooling: transformer.PoolingMean, Positions: transformer.PositionsLearned,
	}
	if c.Experts > 1 {
		config.Experts, config.ExpertsChosen = c.Experts, cmp.Or(c.Chosen, formerChosen)
		config.NoisyGating = c.NoisyGating == nil || *c.NoisyGating
	}
	if c.PreNorm != nil && !*c.PreNorm {
		config.Order = transformer.OrderPost
	}
	if c.ClassPool {
		config.Pooling = transformer.PoolingClass
	}
	switch c.Gated {
	case "":
	case "mult":
		config.Gating = transformer.GatingMul
	case "add":
		config.Gating = transformer.GatingAdd
	default:
		skip("config: ff_gated %s, expected mult or add", quote.Text(c.Gated))
	}
	positions := c.MaxSeqLen + 1
	if b.mixer {
		config.TokenMixer, config.Hidden, config.TokenHidden = transformer.TokenMixerMLP, c.ChannelFF, c.TokenFF
		if err := config.Complete(); err != nil {
			return err
		}
		positions = config.Tokens()
		config.TokenHidden = cmp.Or(c.TokenFF, 4*positions)
	} else if err := config.Complete(); err != nil {
		return err
	}
	if positions < config.Tokens() {
		return fmt.Errorf("max_seq_len %d, expected at least %d, the patches of an image", c.MaxSeqLen, config.Tokens()-1)
	}
	b.bound(config, positions, shape[0])
	b.model.input = shape
	m, err := transformer.New[T](tensor.NewKey(0, "crosscheck"), config)
	if err != nil {
		return err
	}
	m.Positions = autograd.NewParam("pos_embed", tensor.New[T](1, positions, c.EmbedDim))
	if b.mixer && (c.FinalNorm == nil || *c.FinalNorm) {
		m.Norm = nn.NewLayerNorm[T](c.EmbedDim) // which the published order does not have otherwise
	}
	b.model.module = m
	channels := "ff."
	if b.elegans {
		if err := b.network(m, &channels); err != nil {
			return err
		}
	}
	b.model.theirs = func(name string) string {
		return strings.Replace(formerName(name), ".mlp.", "."+channels, 1)
	}
	return nil
}

// bound skips a model of more parameters or values than one may have.
func (b *formerBuilder[T]) bound(c transformer.Config, positions, batch int) {
	e, n := float64(c.Dim), float64(c.Tokens())
	block := 4*e*e + 3*e*float64(c.Hidden)*float64(max(1, b.c.Experts)) + 3*n*float64(c.TokenHidden)
	parameters := float64(c.Depth)*block + e*float64(positions+c.Classes+c.Image[0]*c.Patch[0]*c.Patch[1])
	values := float64(batch) * n * float64(c.Depth) * (8*e + 3*float64(c.Hidden) + float64(c.Heads)*n)
	if max(parameters, values) > maxFormerNumbers {
		skip("the configuration and input_shape make about %.3g parameters and %.3g values, expected at most %d of each", parameters, values, maxFormerNumbers)
	}
}

// network puts tensor networks where the type of the model says, and tells the name of the channel
// mixers where they are such.
func (b *formerBuilder[T]) network(m *transformer.Transformer[T], channels *string) error {
	c := &b.c
	switch b.place {
	case "ff", "ff-shared":
		*channels = "tn."
		for i, block := range m.Blocks {
			if i > 0 && b.place == "ff-shared" {
				block.Channels = m.Blocks[0].Channels
				continue
			}
			// Their loop changes what all networks have in common, so that after one reservoir all
			// are reservoirs.
			reservoir := b.place == "ff" && slices.ContainsFunc(c.ReservoirBlocks, func(at int) bool { return at <= i })
			name := fmt.Sprintf("block%d.tn", i)
			if mixture, ok := block.Channels.(*transformer.MoE[T]); ok {
				experts, err := b.experts(name, c.Experts)
				if err != nil {
					return err
				}
				mixture.Experts = experts
				continue
			}
			net, err := b.net(name, true, reservoir)
			if err != nil {
				return err
			}
			block.Channels = net
		}
	case "patch-emb":
		net, err := b.net("patch", true, false)
		if err != nil {
			return err
		}
		m.Patches = &transformer.NetworkPatches[T]{Patch: [2]int{c.PatchDim, c.PatchDim}, Net: net}
	case "head":
		net, err := b.net("head.tn", false, c.Reservoir)
		if err != nil {
			return err
		}
		d := net.Config.EmbeddingDim
		head := &transformer.PerToken[T]{Net: net, Out: nn.NewLinear[T](tensor.NewKey(0, "head"), d, c.OutputDim, true)}
		if c.Residual {
			r := &transformer.Residual[T]{Net: net}
			if d != c.EmbedDim {
				r.Skip = nn.NewLinear[T](tensor.NewKey(0, "skip"), c.EmbedDim, d, true)
			}
			head.Net = r
		}
		m.Head = head
	case "pool", "attn-emb": // which have no code there
	default:
		skip("config: model_type %s, expected ff-shared, ff, patch-emb, head, pool or attn-emb", quote.Text(b.place))
	}
	return nil
}

// net makes a tensor network, whose units are named by the prefix. Sequences says that it takes
// what input_sequences says; others get rows.
func (b *formerBuilder[T]) net(prefix string, sequences, reservoir bool) (*published.Network[T], error) {
	variant := published.Variant("torch-" + cmp.Or(b.c.Impl, "functional"))
	c := published.Default(variant, 1, 1)
	if err := decodeStrictly(b.c.Network, &c); err != nil {
		skip("config: tensornet_config: %v", err)
	}
	if !sequences {
		c.InputSequences = ""
	}
	c.Reservoir = reservoir
	checkTNSize(c, b.model.input)
	d := float64(c.EmbeddingDim)
	if b.numbers += float64(connectome.Shipped().Len()) * d * d; b.numbers > maxFormerNumbers {
		skip("the tensor networks have more than %d parameters", maxFormerNumbers)
	}
	net, err := published.New[T](connectome.Shipped(), c, tensor.NewKey(0, prefix))
	if err != nil {
		return nil, err
	}
	b.model.units[prefix] = net.Units()
	return net, nil
}

// experts makes tensor networks as experts of a mixture.
func (b *formerBuilder[T]) experts(prefix string, n int) (transformer.ExpertList[T], error) {
	var list transformer.ExpertList[T]
	before := b.numbers
	for i := range n {
		if one := b.numbers - before; i == 1 && float64(n)*one > maxFormerNumbers {
			skip("config: %d experts of %.3g parameters, expected at most %d in all", n, one, maxFormerNumbers)
		}
		net, err := b.net(fmt.Sprintf("%s.expert%d", prefix, i), false, false)
		if err != nil {
			return nil, err
		}
		list = append(list, net)
	}
	return list, nil
}

// output returns a result of the model by its name in the manifest, nil if it has none of that
// name.
func (m *formerModel[T]) output(tp *autograd.Tape[T], name string, y *autograd.Var[T]) *autograd.Var[T] {
	if name == "logits" || name == "output" {
		return y
	}
	switch {
	case name == "noise" && m.mixture != nil && m.mixture.Noise != nil:
		return tp.Input(m.mixture.Noise)
	case name == "moe_loss":
		return tp.WithAddedLosses(tp.Input(tensor.New[T](1)))
	}
	var found *autograd.Var[T]
	for _, mark := range tp.Marks() {
		if mark.Name == m.marked[name] || name == "cls_embedding" && isTokens(mark.Name) || name == "avg_embedding" && isTokens(mark.Name) {
			found = mark.Var // the last of that name
		}
	}
	switch {
	case found == nil:
		return nil
	case name == "cls_embedding":
		return transformer.ClassPool[T]{}.Forward(tp, found)
	case name == "avg_embedding", name == "attn_weights_block0": // a mean over the heads
		return tp.Mean(found, 1)
	}
	return found
}

// isTokens reports whether a mark is of the tokens behind all blocks or one of them.
func isTokens(name string) bool {
	block, ok := strings.CutPrefix(name, "blocks.")
	return name == "norm" || ok && !strings.Contains(block, ".")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
