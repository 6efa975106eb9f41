package transformer

import (
	"fmt"

	"elegans/esn"
	"elegans/internal/jsonkeys"
	"elegans/tensor"
)

// EchoFormerConfig describes a transformer whose token mixers are reservoirs.
type EchoFormerConfig struct {
	Transformer Config     `json:"transformer"`
	Echo        EchoConfig `json:"echo"`
}

// UnmarshalJSON decodes over what c holds, or over the defaults of a reservoir where there is none
// yet. It refuses keys that it does not know.
func (c *EchoFormerConfig) UnmarshalJSON(b []byte) error {
	type plain EchoFormerConfig
	completeReservoir(&c.Echo.Reservoir)
	return jsonkeys.Aliases{}.Decode(b, (*plain)(c))
}

// Complete replaces what is not given by defaults: those of a transformer, but no positions, which
// the states tell. It returns an error that names the first field that cannot be used.
func (c *EchoFormerConfig) Complete() error {
	if c.Transformer.Positions == "" {
		c.Transformer.Positions = PositionsNone
	}
	if err := c.Transformer.Complete(); err != nil {
		return err
	}
	if err := c.Echo.Complete(); err != nil {
		return err
	}
	if c.Transformer.Pooling == PoolingClass && c.Echo.Direction == Forward {
		return fmt.Errorf("transformer: pooling %q with direction %q, expected another: the class token comes first and would see no other token", PoolingClass, Forward)
	}
	return nil
}

// NewEchoFormer makes a transformer whose blocks have an EchoMixer each in place of attention. All
// weights are drawn from the key, and the reservoir of every block from another seed, which the key
// and that of c.Echo.Reservoir give. The dropout of the mixers is that of the transformer.
func NewEchoFormer[T tensor.Float](k tensor.Key, c EchoFormerConfig) (*Transformer[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	m, err := New[T](k, c.Transformer)
	if err != nil {
		return nil, err
	}
	for i, b := range m.Blocks {
		k, echo := k.Sub("echo", uint64(i)), c.Echo
		echo.Dropout = c.Transformer.Dropout
		echo.Reservoir.Seed = reservoirSeed(k, &echo.Reservoir)
		if b.Tokens, err = NewEchoMixer[T](k, echo, c.Transformer.Dim); err != nil {
			return nil, err
		}
		b.TokensName = "echo"
	}
	return m, nil
}

// reservoirSeed returns the seed of a reservoir that is one of several in a model.
func reservoirSeed(k tensor.Key, c *esn.Config) uint64 { return k.Sub("reservoir", c.Seed).Uint64(0) }
