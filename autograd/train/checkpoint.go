package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/data/atomicfile"
	"elegans/data/safetensors"
	"elegans/tensor"
)

// Names of the files of a run.
const (
	LastFile   = "last.safetensors"
	BestFile   = "best.safetensors"
	ConfigFile = "config.json"
)

// Prefixes that set the state of training apart from the parameters in last.safetensors, and keys
// of its metadata.
const (
	optimizerPrefix = "optimizer/"
	averagePrefix   = "average/"
	metaConfig      = "config"
	metaProgress    = "progress"
)

// progress is the JSON part of a checkpoint.
type progress struct {
	position
	Optimizer map[string]float64 `json:"optimizer"`
	Average   map[string]float64 `json:"average,omitempty"`
	Plateau   map[string]float64 `json:"plateau,omitempty"`
}

// decodeProgress reads the JSON part of a checkpoint, also that of former programs, which called
// epochs_done "epoch" and counted the best epoch from 0.
func decodeProgress(b []byte) (p progress, err error) {
	if err := json.Unmarshal(b, &p); err != nil {
		return p, err
	}
	var former struct {
		Epoch *int `json:"epoch"`
	}
	if err := json.Unmarshal(b, &former); err != nil {
		return p, err
	}
	if former.Epoch != nil {
		p.Epochs = *former.Epoch
		if p.Best != nil {
			p.Best.Epoch++
		}
	}
	return p, nil
}

// save writes last.safetensors, after everything that the logs hold so far.
func (t *Trainer[T]) save() error {
	if t.Dir == "" {
		return nil
	}
	for _, l := range []*csvLog{t.logs.epochs, t.logs.steps} {
		if l != nil {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	p := progress{position: t.at}
	arrays := paramArrays(t.params)
	st := t.Optimizer.State(t.paths)
	p.Optimizer = st.Numbers
	for n, v := range st.Tensors {
		arrays[optimizerPrefix+n] = safetensors.Of(v)
	}
	if t.ema != nil {
		st := t.ema.State(t.paths)
		p.Average = st.Numbers
		for n, v := range st.Tensors {
			arrays[averagePrefix+n] = safetensors.Of(v)
		}
	}
	if pl, ok := t.Schedule.(*optim.Plateau); ok {
		p.Plateau = pl.State()
	}
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	meta := map[string]string{metaProgress: string(b), metaConfig: string(t.Describe)}
	return safetensors.Write(filepath.Join(t.Dir, LastFile), arrays, meta)
}

// saveBest writes best.safetensors: the parameters that were validated.
func (t *Trainer[T]) saveBest() error {
	if t.Dir == "" {
		return nil
	}
	return t.Averaged(func() error { return Save(filepath.Join(t.Dir, BestFile), t.params, t.Describe) })
}

func paramArrays[T tensor.Float](params []nn.Named[T]) map[string]safetensors.Array {
	arrays := make(map[string]safetensors.Array, len(params))
	for _, p := range params {
		arrays[p.Path] = safetensors.Of(p.Value)
	}
	return arrays
}

// Save writes parameters under their paths, with a configuration in JSON as metadata, replacing the
// file atomically.
func Save[T tensor.Float](path string, params []nn.Named[T], describe []byte) error {
	return safetensors.Write(path, paramArrays(params), map[string]string{metaConfig: string(describe)})
}

// ReadConfig returns the configuration that Save or a Trainer stored in a checkpoint.
func ReadConfig(path string) ([]byte, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, ok := f.Metadata()[metaConfig]
	if !ok || !json.Valid([]byte(c)) {
		return nil, fmt.Errorf("%s: no configuration in its metadata: not a checkpoint of this program", path)
	}
	return []byte(c), nil
}

// Load copies the parameters of a checkpoint into params, by path. Every parameter must be there
// with its shape and finite values; otherwise an error names the first that is not, and nothing is
// changed. Element types are converted. With average, the moving average of a Trainer's checkpoint
// is preferred where there is one.
func Load[T tensor.Float](path string, params []nn.Named[T], average bool) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	values := make([]*tensor.Tensor[T], len(params))
	for i, p := range params {
		name := p.Path
		if average && f.Has(averagePrefix+name) {
			name = averagePrefix + name
		}
		if values[i], err = get(f, path, name, p.Value); err != nil {
			return err
		}
	}
	for _, name := range f.Names() {
		known := strings.HasPrefix(name, optimizerPrefix) || strings.HasPrefix(name, averagePrefix)
		for _, p := range params {
			known = known || p.Path == name
		}
		if !known {
			return fmt.Errorf("%s: tensor %q has no place in this model", path, name)
		}
	}
	for i, p := range params {
		tensor.Copy(p.Value, values[i])
	}
	return nil
}

// get reads a tensor that must have the shape of like.
func get[T tensor.Float](f *safetensors.File, path, name string, like *tensor.Tensor[T]) (*tensor.Tensor[T], error) {
	v, err := safetensors.Get[T](f, name)
	if err != nil {
		return nil, err
	}
	if !tensor.SameShape(v, like) {
		return nil, fmt.Errorf("%s: tensor %q has shape %v, this model expects %v", path, name, v.Shape(), like.Shape())
	}
	if i, x := tensor.FirstNonFinite(v); i >= 0 {
		return nil, fmt.Errorf("%s: tensor %q[%d] is %v, expected finite numbers", path, name, i, x)
	}
	return v, nil
}

// Resume takes the trainer to where the run in its Dir was when last.safetensors was written. The
// configuration stored there must be the trainer's.
func (t *Trainer[T]) Resume() error {
	if err := t.prepare(); err != nil {
		return err
	}
	path := filepath.Join(t.Dir, LastFile)
	config, err := ReadConfig(path)
	if err != nil {
		return err
	}
	if t.Rewrite != nil {
		if config, err = t.Rewrite(config); err != nil {
			return fmt.Errorf("%s: its configuration: %w", path, err)
		}
	}
	if string(config) != string(t.Describe) {
		return fmt.Errorf("%s: belongs to a run with another configuration", path)
	}
	if err := Load(path, t.params, false); err != nil {
		return err
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := decodeProgress([]byte(f.Metadata()[metaProgress]))
	if err != nil {
		return fmt.Errorf("%s: the progress in its metadata is damaged: %w", path, err)
	}
	if err := p.check(t.Epochs, t.Train.Steps()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	st, err := readState[T](f, optimizerPrefix, p.Optimizer)
	if err == nil {
		err = t.Optimizer.SetState(st, t.paths)
	}
	if err == nil && t.ema != nil {
		if st, err = readState[T](f, averagePrefix, p.Average); err == nil {
			err = t.ema.SetState(st, t.paths)
		}
	}
	if pl, ok := t.Schedule.(*optim.Plateau); ok && err == nil {
		err = pl.SetState(p.Plateau)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t.at = p.position
	return nil
}

// check refuses a position that a run of so many epochs of so many batches does not come to: the
// file is damaged, or the data have become more or fewer.
func (p *position) check(epochs, steps int) error {
	if p.Epochs < 0 || p.Epochs > epochs || p.Batch < 0 || p.Batch > steps || p.Step != p.Epochs*steps+p.Batch {
		return fmt.Errorf("a run stopped after %d epochs, %d batches of the next and %d steps in all, expected a place in %d epochs of %d batches", p.Epochs, p.Batch, p.Step, epochs, steps)
	}
	return nil
}

func readState[T tensor.Float](f *safetensors.File, prefix string, numbers map[string]float64) (optim.State[T], error) {
	st := optim.State[T]{Tensors: map[string]*tensor.Tensor[T]{}, Numbers: numbers}
	for _, name := range f.Names() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			v, err := safetensors.Get[T](f, name)
			if err != nil {
				return st, err
			}
			st.Tensors[rest] = v
		}
	}
	return st, nil
}

// HasRun reports whether a folder holds a run that can be resumed.
func HasRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, LastFile))
	return err == nil
}

// begin prepares the folder of a run. Unless the run is being resumed, what an earlier one left
// there is replaced.
func (t *Trainer[T]) begin() error {
	if t.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(t.Dir, 0o755); err != nil {
		return err
	}
	if t.at.Step > 0 {
		return nil
	}
	if err := os.Remove(filepath.Join(t.Dir, BestFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(t.Dir, ConfigFile), t.Describe)
}
