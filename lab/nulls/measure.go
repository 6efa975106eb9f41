package nulls

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"elegans/connectome"
	"elegans/connectome/nullmodel"
	"elegans/esn/task"
	"elegans/lab/reservoir"
	"elegans/tensor"
)

// Value is a score; NaN, which JSON has as null, where states or outputs have grown without bound.
type Value float64

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return json.Marshal(f)
	}
	return []byte("null"), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*v = Value(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(v))
}

// Measured is a network on a task at a scale: a score for each seed.
type Measured struct {
	Valid []Value `json:"validate"`
	Test  []Value `json:"test"`
}

// Member is what was measured of one network: [task][scale].
type Member struct {
	// Index is its number, from 0, the graph itself.
	Index int          `json:"index"`
	Model string       `json:"model,omitempty"`
	Arms  [][]Measured `json:"arms"`
}

// graph returns the graph of network i.
func (c *Config) graph(ctx context.Context, g *connectome.Graph, i int) (*connectome.Graph, error) {
	name, k := c.member(i)
	if name == "" {
		return g, nil
	}
	m, err := nullmodel.Lookup(name)
	if err != nil {
		return nil, err
	}
	drawn, err := m.Make(ctx, g, tensor.NewKey(c.Arms[0].Recipe.Reservoir.Seed, "nulls."+name, uint64(k)))
	if err != nil {
		return nil, fmt.Errorf("graph %d of %s: %w", k, name, err)
	}
	return drawn, nil
}

// measure trains network i on all tasks, at all scales, with all seeds.
func (c *Config) measure(ctx context.Context, g *connectome.Graph, i int) (*Member, error) {
	drawn, err := c.graph(ctx, g, i)
	if err != nil {
		return nil, err
	}
	m := &Member{Index: i, Arms: make([][]Measured, len(c.Arms))}
	m.Model, _ = c.member(i)
	for a, arm := range c.Arms {
		t, err := task.Get(arm.Task)
		if err != nil {
			return nil, err
		}
		m.Arms[a] = make([]Measured, len(c.Scales))
		for s, scale := range c.Scales {
			r := arm.Recipe
			r.Reservoir.Connectome.Graph, r.Reservoir.Scale = drawn, scale
			for k := range c.Seeds {
				r.Reservoir.Seed = arm.Recipe.Reservoir.Seed + uint64(k)
				valid, test := math.NaN(), math.NaN()
				res, err := reservoir.Evaluate(ctx, r, t, reservoir.Options{Path: arm.Path, Seeds: 1, Jobs: 1, NoBaseline: true})
				var diverged *reservoir.DivergedError
				switch {
				case err == nil:
					valid, test = res.Valid.Mean, res.Test.Mean
				case !errors.As(err, &diverged):
					return nil, fmt.Errorf("task %s, scale %v: %w", arm.Task, scale, err)
				}
				m.Arms[a][s].Valid = append(m.Arms[a][s].Valid, Value(valid))
				m.Arms[a][s].Test = append(m.Arms[a][s].Test, Value(test))
			}
		}
	}
	return m, nil
}
