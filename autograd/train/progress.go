package train

import (
	"encoding/json"
	"errors"
	"fmt"

	"elegans/data/safetensors"
	"elegans/internal/quote"
)

// position is how far a run has come; it is stored in the checkpoint.
type position struct {
	Epochs  int     `json:"epochs_done"` // the current one is number Epochs+1
	Batch   int     `json:"batch"`       // batches of the current epoch that are done
	Step    int     `json:"step"`        // batches done in all
	Sums    Metrics `json:"sums"`        // of the current epoch
	Best    *best   `json:"best"`        // nil before the first validation
	Stale   int     `json:"stale"`       // epochs since the best
	Stopped bool    `json:"stopped"`     // by Patience
	Seconds float64 `json:"seconds"`     // spent training, over all sessions
	Seen    int     `json:"seen"`        // examples
	// Kernels are the kernel sets that made the steps; none in checkpoints of earlier programs.
	Kernels []string `json:"kernels,omitempty"`
}

type best struct {
	Epoch int     `json:"epoch"` // from 1
	Value float64 `json:"value"`
}

// progress is the JSON part of a checkpoint.
type progress struct {
	position
	Optimizer map[string]float64 `json:"optimizer"`
	Average   map[string]float64 `json:"average,omitempty"`
	Plateau   map[string]float64 `json:"plateau,omitempty"`
}

// decodeProgress reads the JSON part of a checkpoint, also that of former programs, which called
// epochs_done "epoch" and counted the best epoch from 0. Its numbers are finite, since JSON has no
// others.
func decodeProgress(b []byte) (p progress, err error) {
	if err := json.Unmarshal(b, &p); err != nil {
		return p, err
	}
	var given struct {
		Epochs *int `json:"epochs_done"`
		Former *int `json:"epoch"`
		Batch  *int `json:"batch"`
		Step   *int `json:"step"`
	}
	if err := json.Unmarshal(b, &given); err != nil {
		return p, err
	}
	if given.Former != nil && given.Epochs == nil {
		p.Epochs, given.Epochs = *given.Former, given.Former
		if p.Best != nil {
			p.Best.Epoch++
		}
	}
	if given.Epochs == nil || given.Batch == nil || given.Step == nil {
		return p, errors.New("found no epochs_done, batch or step, expected all three")
	}
	return p, nil
}

// check refuses a position that a run of the given epochs of so many batches, with the given
// patience, does not come to: the file is damaged, or the data have become more or fewer.
func (p *position) check(epochs, steps, patience int) error {
	if p.Epochs < 0 || p.Epochs > epochs || p.Batch < 0 || p.Batch > steps || p.Step != p.Epochs*steps+p.Batch {
		return fmt.Errorf("a run stopped after %d epochs, %d batches of the next and %d steps in all, "+
			"expected a place in %d epochs of %d batches", p.Epochs, p.Batch, p.Step, epochs, steps)
	}
	if err := p.Sums.check(); err != nil {
		return fmt.Errorf("sums: %w", err)
	}
	stale := 0 // epochs since the best
	if p.Best != nil {
		if p.Best.Epoch < 1 || p.Best.Epoch > p.Epochs {
			return fmt.Errorf("best.epoch %d, expected 1 to the %d epochs that are done", p.Best.Epoch, p.Epochs)
		}
		stale = p.Epochs - p.Best.Epoch
	}
	if p.Stale != stale {
		return fmt.Errorf("stale %d, expected the %d epochs since the best", p.Stale, stale)
	}
	if p.Stopped && (patience == 0 || p.Stale < patience) {
		return fmt.Errorf("stopped early after %d epochs without a better value, expected the patience of %d", p.Stale, patience)
	}
	if !(p.Seconds >= 0) {
		return fmt.Errorf("seconds %v, expected at least 0", p.Seconds)
	}
	if p.Seen < p.Step {
		return fmt.Errorf("seen %d, expected at least one example in each of %d steps", p.Seen, p.Step)
	}
	return nil
}

// maxMetrics is far more than any objective measures.
const maxMetrics = 1000

// check refuses lists that do not belong together.
func (m *Metrics) check() error {
	if len(m.Names) > maxMetrics {
		return fmt.Errorf("%d names, expected at most %d", len(m.Names), maxMetrics)
	}
	if len(m.Sums) != len(m.Names) || len(m.Weight) != len(m.Names) {
		return fmt.Errorf("%d names, %d sums and %d weights, expected as many of each",
			len(m.Names), len(m.Sums), len(m.Weight))
	}
	seen := map[string]bool{}
	for i, name := range m.Names {
		if name == "" || seen[name] {
			return fmt.Errorf("the name %s, expected names that differ", quote.Text(name))
		}
		seen[name] = true
		if !(m.Weight[i] >= 0) {
			return fmt.Errorf("the weight %v of %s, expected at least 0", m.Weight[i], quote.Text(name))
		}
	}
	return nil
}

// Made says how far the run of a checkpoint has come.
type Made struct {
	Epochs, Steps int
	Seconds       float64 // spent training, over all sessions
}

// ReadMade returns how far the run of last.safetensors has come.
func ReadMade(path string) (m Made, err error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	p, err := readProgress(f, path)
	return Made{p.Epochs, p.Step, p.Seconds}, err
}

// readProgress decodes the progress of a checkpoint.
func readProgress(f *safetensors.File, path string) (progress, error) {
	stored, ok := f.Metadata()[metaProgress]
	if !ok {
		return progress{}, fmt.Errorf("%s: parameters alone, expected a checkpoint that says how far the run has come", path)
	}
	p, err := decodeProgress([]byte(stored))
	if err != nil {
		return p, fmt.Errorf("%s: the progress in its metadata is damaged: %w", path, err)
	}
	return p, nil
}
