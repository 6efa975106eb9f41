package transformer

import (
	"cmp"
	"fmt"
	"reflect"

	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/connectome/tensornet/published"
	"elegans/internal/choice"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// Place says where in a transformer a connectome network stands. The names are those of the
// published ElegansFormer.
type Place string

// The places. PlacePool and PlaceAttention have a name but no code in the published program, which
// is then a plain vision transformer, so they are defined here.
const (
	// PlaceShared is one network as the feed-forward network of all blocks. With Config.Experts it
	// is a mixture of networks.
	PlaceShared Place = "ff-shared"
	// PlaceFeedForward is a network of its own as that of every block, or a mixture.
	PlaceFeedForward Place = "ff"
	// PlacePatch makes the tokens: a patch, flattened, is the signal.
	PlacePatch Place = "patch"
	// PlaceHead stands before the logits: the vector of the image is the signal, and a linear map
	// of the readout makes the logits.
	PlaceHead Place = "head"
	// PlacePool makes one vector of the tokens: they enter at the sensory neurons in order, and the
	// readout of the motor neurons is the vector of the image. See SensoryPool. The published
	// family has one input for all sensory neurons; here each has its own, and the query of the
	// attention is their mean, see published.Config.EachSensor.
	PlacePool Place = "pool"
	// PlaceAttention makes queries, keys and values: they are three linear readouts of one network
	// that is applied to every token.
	PlaceAttention Place = "attn-emb"
)

// Places lists the places, the default first.
func Places() []Place {
	return []Place{PlaceShared, PlaceFeedForward, PlacePatch, PlaceHead, PlacePool, PlaceAttention}
}

// Family names a family of connectome networks.
type Family string

// The families.
const (
	FamilySound     Family = "sound"     // package tensornet
	FamilyPublished Family = "published" // package published, in its functional variant
)

// ElegansConfig describes a transformer with a connectome network in one place.
type ElegansConfig struct {
	Transformer Config `json:"transformer"`

	Place  Place  `json:"place,omitempty"`
	Family Family `json:"family,omitempty"`
	// Network is the network of FamilySound: Width 8 and Rounds 4 if 0.
	Network tensornet.Config `json:"network,omitzero"`
	// Published are the options of the network of FamilyPublished: those of the published
	// ElegansFormer if there is no variant. The place sets input_dim, and embedding_dim is Dim if
	// it is 0.
	Published published.Config `json:"published,omitzero"`
	// Residual adds to what the network of PlaceHead makes of an image's vector that vector, or a
	// linear map of it where the network gives another number of features.
	Residual bool `json:"residual,omitempty"`
}

// UnmarshalJSON decodes over what c holds, or over the defaults where there are no published
// options yet. It refuses keys that it does not know.
func (c *ElegansConfig) UnmarshalJSON(b []byte) error {
	type plain ElegansConfig
	none := c.Published.Variant == ""
	if none {
		c.Published = publishedDefaults()
	}
	err := jsonkeys.Aliases{}.Decode(b, (*plain)(c))
	if err != nil {
		return err
	}
	if none && c.Family == FamilySound && reflect.DeepEqual(c.Published, publishedDefaults()) {
		c.Published = published.Config{} // as Complete leaves it
	}
	return nil
}

// Complete replaces what is not given by defaults. It returns an error that names the first field
// that cannot be used.
func (c *ElegansConfig) Complete() error {
	if err := c.Transformer.Complete(); err != nil {
		return err
	}
	err := choice.Complete(choice.Of("place", &c.Place, Places()...), choice.Of("family", &c.Family, FamilySound, FamilyPublished))
	if err != nil {
		return fmt.Errorf("transformer: %w", err)
	}
	switch {
	case c.Place == PlaceAttention && c.Transformer.TokenMixer != TokenMixerAttention:
		return fmt.Errorf("transformer: place %q with token_mixer %q, expected %q", c.Place, c.Transformer.TokenMixer, TokenMixerAttention)
	case c.Residual && c.Place != PlaceHead:
		return fmt.Errorf("transformer: residual with place %q, expected %q", c.Place, PlaceHead)
	}
	if c.Family == FamilySound {
		c.Published = published.Config{}
		c.Network.Width, c.Network.Rounds = cmp.Or(c.Network.Width, 8), cmp.Or(c.Network.Rounds, 4)
		if c.Place == PlacePool {
			c.Network.Signal = tensornet.SignalEach
		}
		if err := c.Network.Complete(); err != nil {
			return err
		}
		switch {
		case c.Network.Readout == tensornet.ReadoutStates:
			return fmt.Errorf("transformer: readout %q keeps the motor neurons apart, expected concat, mean or attention", c.Network.Readout)
		case c.Network.Signal == tensornet.SignalEach && c.Place != PlacePool:
			return fmt.Errorf("transformer: signal %q with place %q, expected %q", c.Network.Signal, c.Place, tensornet.SignalShared)
		}
		return nil
	}
	c.Network = tensornet.Config{}
	return c.completePublished()
}

// NewElegansFormer makes a transformer with a connectome network on the graph g in one place.
// Weights are drawn from the key.
func NewElegansFormer[T tensor.Float](k tensor.Key, g *connectome.Graph, c ElegansConfig) (*Transformer[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	m, err := New[T](k, c.Transformer)
	if err != nil {
		return nil, err
	}
	nets := netMaker[T]{g: g, c: c, k: k.Sub("network")}
	t := c.Transformer
	e, first := t.Dim, m.Blocks[0]
	switch c.Place {
	case PlaceFeedForward, PlaceShared:
		for i, b := range m.Blocks {
			if i > 0 && c.Place == PlaceShared {
				b.Channels = first.Channels
				continue
			}
			if b.Channels, err = nets.channels(i); err != nil {
				return nil, err
			}
		}
	case PlacePatch:
		net, err := nets.perToken(0, t.Image[0]*t.Patch[0]*t.Patch[1], e)
		if err != nil {
			return nil, err
		}
		m.Patches = &NetworkPatches[T]{Patch: t.Patch, Net: net}
	case PlaceHead:
		if m.Head, err = nets.head(e, t.Classes); err != nil {
			return nil, err
		}
	case PlacePool:
		pool, features, err := nets.pool(e)
		if err != nil {
			return nil, err
		}
		m.Pool, m.Head = pool, newLinear[T](k.Sub("head"), features, t.Classes)
	case PlaceAttention:
		for i, b := range m.Blocks {
			if b.Tokens.(*Attention[T]).QKV, err = nets.perToken(i, e, 3*e); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}
