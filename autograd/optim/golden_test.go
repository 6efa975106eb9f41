package optim

import (
	"encoding/json"
	"math"
	"testing"

	"elegans/autograd"
	"elegans/internal/reference"
	"elegans/tensor"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12+1e-10*math.Abs(b) }

// thaw sends a state through what a checkpoint does to it: the numbers through JSON, the tensors
// through a copy.
func thaw[T tensor.Float](t *testing.T, st State[T]) State[T] {
	t.Helper()
	b, err := json.Marshal(st.Numbers)
	if err != nil {
		t.Fatal(err)
	}
	r := State[T]{Tensors: map[string]*tensor.Tensor[T]{}}
	if err := json.Unmarshal(b, &r.Numbers); err != nil {
		t.Fatal(err)
	}
	for n, x := range st.Tensors {
		r.Tensors[n] = x.Clone()
	}
	return r
}

// TestTrajectories follows PyTorch's trajectories with an optimiser that is saved, thrown away and
// restored after every step.
func TestTrajectories(t *testing.T) {
	var m struct {
		Meta struct {
			Problem struct{ A, B, C, P0 []float64 }
		}
		Cases []struct {
			Name, Optimizer string
			Options         json.RawMessage
			Params          [][]float64 `json:"params_after_step"`
			Averaged        []float64   `json:"averaged_params"`
			ClipValue       *float64    `json:"clip_grad_value"`
			ClipNorm        *struct {
				Max  float64 `json:"max_norm"`
				Type any     `json:"norm_type"`
			} `json:"clip_grad_norm"`
		}
	}
	reference.Decode(t, "optim/optimizers.json", &m)
	defer reference.Compared(t, "optim/optimizers.json", len(m.Cases), 37)
	q := m.Meta.Problem
	for _, c := range m.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p := append([]float64{}, q.P0...)
			params := []*autograd.Var[float64]{autograd.NewParam("w", tensor.FromSlice(p[:6], 2, 3)), autograd.NewParam("v", tensor.FromSlice(p[6:], 2))}
			opt, err := New(c.Optimizer, params, c.Options)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range c.Params {
				st := thaw(t, opt.State(nil))
				if opt, err = New(c.Optimizer, params, c.Options); err != nil {
					t.Fatal(err)
				}
				if err := opt.SetState(st, nil); err != nil {
					t.Fatal(err)
				}
				gw, gv := params[0].GradSum().Data(), params[1].GradSum().Data()
				for i, x := range p {
					g := q.A[i]*(x-q.C[i]) + q.B[i]*x*x*x
					if i > 0 {
						g += 0.1 * p[i-1]
					}
					if i < 7 {
						g += 0.1 * p[i+1]
					}
					if i < 6 {
						gw[i] = g
					} else {
						gv[i-6] = g
					}
				}
				if c.ClipNorm != nil {
					kind, ok := c.ClipNorm.Type.(float64)
					if !ok {
						kind = math.Inf(1)
					}
					ClipNorm(params, c.ClipNorm.Max, kind)
				}
				if c.ClipValue != nil {
					ClipValue(params, *c.ClipValue)
				}
				opt.Step()
				opt.ZeroGrad()
				for i := range p {
					if !near(p[i], want[i]) {
						t.Fatalf("step %d, parameter %d: %v, want %v", k, i, p[i], want[i])
					}
				}
			}
			for i, want := range c.Averaged {
				j, x := i, opt.StateTensor(params[0], "ax")
				if i >= 6 {
					j, x = i-6, opt.StateTensor(params[1], "ax")
				}
				if !near(x.Data()[j], want) {
					t.Errorf("average %d: %v, want %v", i, x.Data()[j], want)
				}
			}
		})
	}
}

// TestScheduleValues compares with PyTorch's values; a plateau is saved and restored after every
// step.
func TestScheduleValues(t *testing.T) {
	var m struct {
		Cases []struct {
			Name, Schedule       string
			BaseLR               float64 `json:"base_lr"`
			Options              map[string]any
			LR, Momentum, Metric []float64
		}
	}
	reference.Decode(t, "optim/schedules.json", &m)
	defer reference.Compared(t, "optim/schedules.json", len(m.Cases), 25)
	for _, c := range m.Cases {
		t.Run(c.Name, func(t *testing.T) {
			delete(c.Options, "formula")
			options, err := json.Marshal(c.Options)
			if err != nil {
				t.Fatal(err)
			}
			s, err := NewSchedule(c.Schedule, c.BaseLR, options)
			if err != nil {
				t.Fatal(err)
			}
			for k, want := range c.LR {
				r := s.At(k)
				if !near(r.LR, want) {
					t.Fatalf("step %d: %v, want %v", k, r.LR, want)
				}
				if c.Momentum != nil && (!r.Cycled || !near(r.Momentum, c.Momentum[k])) {
					t.Fatalf("step %d: momentum %+v, want %v", k, r, c.Momentum[k])
				}
				if old, ok := s.(*Plateau); ok {
					old.Report(c.Metric[k])
					if s, err = NewSchedule(c.Schedule, c.BaseLR, options); err != nil {
						t.Fatal(err)
					}
					numbers := thaw(t, State[float64]{Numbers: old.State()}).Numbers
					if err := s.(*Plateau).SetState(numbers); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
