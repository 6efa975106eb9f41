package zoo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"elegans/autograd/nn"
	"elegans/internal/choice"
	"elegans/tensor"
	"elegans/transformer"
)

// TransformerConfig describes a vision transformer or an MLP-mixer of package transformer.
type TransformerConfig struct {
	Transformer transformer.Config `json:"transformer,omitzero"` // see completeTransformer
}

func init() {
	registerTransformer("vit", "vision transformer: patches -> attention blocks -> logits (Dosovitskiy et al. 2021)", transformer.TokenMixerAttention)
	registerTransformer("mixer", "MLP-mixer: patches -> blocks of two feed-forward networks -> logits (Tolstikhin et al. 2021)", transformer.TokenMixerMLP)
}

// registerTransformer adds the models of one token mixer under a name.
func registerTransformer(name, about string, mixer transformer.TokenMixer) {
	options := transformerOptions("transformer")
	own := options[:0:0]
	for _, o := range options {
		if attention := mixer == transformer.TokenMixerAttention; o.Name == "heads" && !attention || o.Name == "token-hidden" && attention {
			continue
		}
		own = append(own, o)
	}
	Register(Family[TransformerConfig]{
		Name: name, About: about, Task: Classification,
		Complete: func(c *TransformerConfig, s Spec) error {
			if c.Transformer.TokenMixer = cmp.Or(c.Transformer.TokenMixer, mixer); c.Transformer.TokenMixer != mixer {
				return fmt.Errorf("model %q: transformer.token_mixer %q, expected %q", name, c.Transformer.TokenMixer, mixer)
			}
			return completeTransformer(s, &c.Transformer)
		},
		Float32: newTransformer[float32], Float64: newTransformer[float64],
		Options: own,
	})
}

// completeTransformer fills in a transformer of moderate size for the images of s.
func completeTransformer(s Spec, c *transformer.Config) error {
	c.Image, c.Classes = s.Input, s.Classes
	c.Dim, c.Depth = cmp.Or(c.Dim, 64), cmp.Or(c.Depth, 4)
	if c.Heads == 0 && c.Dim%4 == 0 {
		c.Heads = 4
	}
	if c.Patch[0] == 0 {
		c.Patch = [2]int{patchOf(s.Input[1]), patchOf(s.Input[2])}
	}
	return c.Complete()
}

// patchOf returns the length of the patches that a side of an image is cut into: its largest
// divisor that is not above a seventh of it, or not above 2 where that is less.
func patchOf(side int) int {
	p := max(2, side/7)
	for p > 1 && side%p != 0 {
		p--
	}
	return p
}

func newTransformer[T tensor.Float](c TransformerConfig, _ Spec, k tensor.Key) (nn.Module[T], error) {
	m, err := transformer.New[T](k, c.Transformer)
	if err != nil {
		return nil, err // not a nil *Transformer, which is no nil Module
	}
	return m, nil
}

// transformerOptions are those of a transformer under a path of JSON keys.
func transformerOptions(path string) []Option {
	kinds := func(list []string) string { return strings.Join(list, ", ") }
	c := transformer.Choices()
	list := []Option{
		{Name: "patch", Key: "patch", Help: "Height and width of a patch; one number for both. 1,W makes a sequence of the rows of an image", Placeholder: "N", Size: true},
		{Name: "dim", Key: "dim", Help: "Numbers that make up a token", Placeholder: "N", Size: true},
		{Name: "depth", Key: "depth", Help: "Blocks of a transformer", Placeholder: "N", Size: true},
		{Name: "heads", Key: "heads", Help: "Heads of the attention", Placeholder: "N", Size: true},
		{Name: "ff-hidden", Key: "hidden", Help: "Hidden units of the feed-forward networks (default: four times dim)", Placeholder: "N", Size: true},
		{Name: "token-hidden", Key: "token_hidden", Help: "Hidden units of the networks that mix tokens (default: half of dim)", Placeholder: "N", Size: true},
		{Name: "ff-activation", Key: "activation", Help: "Activation of the feed-forward networks (default: gelu)", Placeholder: "KIND"},
		{Name: "gating", Key: "gating", Help: "Gate of the feed-forward networks: " + kinds(c["gating"]), Placeholder: "KIND"},
		{Name: "experts", Key: "experts", Help: "Make a mixture of so many experts of each feed-forward network", Placeholder: "N"},
		{Name: "experts-chosen", Key: "experts_chosen", Help: "Experts that a token goes to (default: 2)", Placeholder: "N", Size: true},
		{Name: "noisy-gating", Key: "noisy_gating", Help: "Disturb the choice of experts in training"},
		{Name: "order", Key: "order", Help: "Where the normalisations of a block stand: " + kinds(c["order"]), Placeholder: "KIND"},
		{Name: "class-token", Key: "class_token", Help: "Put a learned token before those of the image"},
		{Name: "pooling", Key: "pooling", Help: "What vector stands for an image: " + kinds(c["pooling"]), Placeholder: "KIND"},
		{Name: "positions", Key: "positions", Help: "What tells where a token stands: " + kinds(c["positions"]), Placeholder: "KIND"},
		{Name: "drop-path", Key: "drop_path", Help: "Probability of skipping half of the last block", Placeholder: "P"},
		{Name: "dropout", Key: "dropout", Help: "Dropout in a transformer", Placeholder: "P"},
	}
	for i := range list {
		list[i].Key = path + "." + list[i].Key
		list[i].Help += "."
	}
	return list
}

// ElegansFormerConfig describes a transformer with a connectome network in one place.
type ElegansFormerConfig struct {
	Graph  Graph                     `json:"graph,omitzero"`
	Former transformer.ElegansConfig `json:"former,omitzero"`
}

func init() {
	const name = "former"
	places := choice.List(transformer.Places())
	Register(Family[ElegansFormerConfig]{
		Name: name, About: "vision transformer with a connectome network in one of six places", Task: Classification,
		Complete: func(c *ElegansFormerConfig, s Spec) error {
			// Networks on every token cost more than the rest of a block, hence fewer blocks.
			c.Former.Transformer.Depth = cmp.Or(c.Former.Transformer.Depth, 2)
			return cmp.Or(completeTransformer(s, &c.Former.Transformer), c.Former.Complete(), c.Graph.complete())
		},
		Float32: newFormer[float32], Float64: newFormer[float64],
		Graph: func(c *ElegansFormerConfig) *Graph { return &c.Graph },
		Idle:  ElegansFormerConfig.idle,
		Options: slices.Concat([]Option{
			{Name: "place", Key: "former.place", Help: "Where the connectome network stands: " + places + ".", Placeholder: "KIND"},
			{Name: "family", Key: "former.family", Help: "Which connectome network: sound, or published as its authors' program computes it.", Placeholder: "KIND"},
		}, transformerOptions("former.transformer"), graphOptions(), networkOptions("former.network")),
	})
}

// idle returns the options that do nothing, as the connectome network has the place of what they
// describe or is of the other family.
func (c ElegansFormerConfig) idle() map[string]string {
	none := map[string]string{}
	maps.Copy(none, idleGraphOptions(c.Graph))
	at := cmp.Or(c.Former.Place, transformer.Places()[0]) // the default
	place := "place " + string(at)
	switch at {
	case transformer.PlaceFeedForward, transformer.PlaceShared:
		none["ff-hidden"], none["ff-activation"], none["gating"] = place, place, place
	case transformer.PlacePool:
		none["pooling"] = place
	}
	if c.Former.Family == transformer.FamilyPublished {
		for _, o := range networkOptions("") {
			none[o.Name] = "family published"
		}
	}
	return none
}

func newFormer[T tensor.Float](c ElegansFormerConfig, _ Spec, k tensor.Key) (nn.Module[T], error) {
	g, err := c.Graph.Load()
	if err != nil {
		return nil, err
	}
	m, err := transformer.NewElegansFormer[T](k, g, c.Former)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// MatchHidden gives the feed-forward networks of a transformer ("vit", "former", "echo-vit") the
// number of hidden units with which it has as many trainable parameters as wanted, to within 2 %.
// The description has images and classes.
func MatchHidden(s *Spec, want int) error {
	set := func(hidden int) error {
		switch s.Config.(type) {
		case TransformerConfig:
			return Edit(s, func(c *TransformerConfig) { c.Transformer.Hidden = hidden })
		case ElegansFormerConfig:
			return Edit(s, func(c *ElegansFormerConfig) { c.Former.Transformer.Hidden = hidden })
		case EchoViTConfig:
			return Edit(s, func(c *EchoViTConfig) { c.Transformer.Hidden = hidden })
		}
		return fmt.Errorf("model %q has no feed-forward networks whose width is free", s.Model)
	}
	count := func(hidden int) (int, error) {
		if err := set(hidden); err != nil {
			return 0, err
		}
		m, err := Build[float32](*s)
		if err != nil {
			return 0, err
		}
		return nn.Count(m), nil
	}
	one, err := count(1)
	if err != nil {
		return err
	}
	two, err := count(2)
	if err != nil {
		return err
	}
	hidden := 1
	if two > one { // each unit adds as many
		hidden += max(0, (want-one+(two-one)/2)/(two-one))
	}
	found, err := count(hidden)
	if err == nil && max(found-want, want-found) > want/50 {
		err = fmt.Errorf("model %q: no width of the feed-forward networks gives %d parameters to within 2 %%: %d gives %d", s.Model, want, hidden, found)
	}
	return err
}
