package recipe

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"elegans/internal/reference"
)

const checkpoints = "../../testdata/checkpoints"

// TestCheckpoints loads what an earlier program wrote, and compares what it achieves with what that
// program printed. Without MNIST the models for it are only built.
func TestCheckpoints(t *testing.T) {
	for name, want := range map[string]struct {
		accuracy, loss float64
		digits         bool
	}{
		"worm":        {0.09749303621169916, 2.3875098147587854, true},
		"worm-cnn":    {0.10027855153203342, 2.3284294002256143, true},
		"cnn":         {0.10027855153203342, 2.313149923365806, true},
		"mlp":         {0.19498607242339833, 2.2768609815023035, true},
		"lenet":       {0.2041, 2.2503601846269676, false},
		"m2-small":    {0.4955941326530614, 0.6929325643539429, false},
		"m2-upstream": {0.5325107142857143, 0.72776673412323, false},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := LoadModel(filepath.Join(checkpoints, name, "best.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			var from Source
			if !want.digits {
				from.Dir = reference.Optional(t, "mnist")
			}
			sets, err := m.Config.Open(context.Background(), from)
			if err != nil {
				t.Fatal(err)
			}
			s, err := m.Config.Score(context.Background(), m.Net, sets.Test)
			if err != nil || math.Abs(s.Accuracy-want.accuracy) > 1e-6 || math.Abs(s.Loss-want.loss) > 1e-6 {
				t.Errorf("%+v (%v), the earlier program had accuracy %v and loss %v", s, err, want.accuracy, want.loss)
			}
		})
	}
}
