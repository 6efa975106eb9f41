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
	"elegans/internal/jsondiff"
	"elegans/internal/regular"
	"elegans/tensor"
)

// Names of the files of a run.
const (
	LastFile   = "last.safetensors"
	BestFile   = "best.safetensors"
	ConfigFile = "config.json"
	EpochsFile = "epochs.csv"
	stepsFile  = "steps.csv"
)

// Prefixes that set the state of training apart from the parameters in last.safetensors, and keys
// of its metadata.
const (
	optimizerPrefix = "optimizer/"
	averagePrefix   = "average/"
	metaConfig      = "config"
	metaProgress    = "progress"
)

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
	return write(filepath.Join(t.Dir, LastFile), arrays, meta)
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
	return write(path, paramArrays(params), map[string]string{metaConfig: string(describe)})
}

// write writes a checkpoint with a checksum over all of it.
func write(path string, arrays map[string]safetensors.Array, meta map[string]string) error {
	return safetensors.Write(path, arrays, safetensors.WithChecksum(arrays, meta))
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

// Load copies the parameters of a checkpoint into params, by path. The file must agree with its
// checksum, if it has one, and every parameter must be there with its shape and finite values;
// otherwise an error names the first that is not, and nothing is changed. Element types are
// converted. With average, the moving average of a Trainer's checkpoint is preferred where there is
// one.
func Load[T tensor.Float](path string, params []nn.Named[T], average bool) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.CheckSum(); err != nil {
		return err
	}
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
// configuration stored there and the one in config.json must be the trainer's, epochs.csv must have
// a row for every epoch that is done, and best.safetensors must be there if an epoch was the best.
// Otherwise an error names the file and what is wrong with it, and no file has changed.
func (t *Trainer[T]) Resume() error {
	if err := t.prepare(); err != nil {
		return err
	}
	path := filepath.Join(t.Dir, LastFile)
	if err := t.sameConfig(); err != nil {
		return err
	}
	if err := Load(path, t.params, false); err != nil {
		return err
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := readProgress(f, path)
	if err != nil {
		return err
	}
	if err := p.check(t.Epochs, t.Train.Steps(), t.Patience); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := t.companions(&p.position); err != nil {
		return err
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

// sameConfig compares the trainer's configuration with that of the checkpoint and with config.json.
// A config.json that is lost is written anew by begin.
func (t *Trainer[T]) sameConfig() error {
	path := filepath.Join(t.Dir, LastFile)
	stored, err := ReadConfig(path)
	if err != nil {
		return err
	}
	if err := t.compare(path, stored); err != nil {
		return err
	}
	path = filepath.Join(t.Dir, ConfigFile)
	stored, err = regular.ReadFile(path, safetensors.MaxHeader)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.compare(path, stored)
}

// compare returns an error that names the first field in which a stored configuration is not that
// of the trainer.
func (t *Trainer[T]) compare(path string, stored []byte) (err error) {
	if t.Rewrite != nil {
		if stored, err = t.Rewrite(stored); err != nil {
			return fmt.Errorf("%s: its configuration: %w", path, err)
		}
	}
	field, before, now, err := jsondiff.First(stored, t.Describe)
	if err != nil {
		return fmt.Errorf("%s: its configuration: %w", path, err)
	}
	if field != "" {
		return fmt.Errorf("%s: belongs to a run with another configuration: %s is %s there and %s now; "+
			"expected what the run was begun with", path, field, before, now)
	}
	return nil
}

// companions looks at the files that lie beside a checkpoint of the given position.
func (t *Trainer[T]) companions(at *position) error {
	if at.Epochs > 0 {
		l, err := ReadEpochs(t.Dir)
		if err != nil {
			return err
		}
		if len(l.Values) < at.Epochs {
			return fmt.Errorf("%s: rows for %d epochs, expected one for each of the %d that %s has done",
				filepath.Join(t.Dir, EpochsFile), len(l.Values), at.Epochs, LastFile)
		}
	}
	if at.Best == nil {
		return nil
	}
	path := filepath.Join(t.Dir, BestFile)
	f, err := safetensors.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: not there, expected the parameters of the best epoch, %d, that %s speaks of",
			path, at.Best.Epoch, LastFile)
	}
	if err != nil {
		return err
	}
	return errors.Join(f.CheckSum(), f.Close())
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

// HasRun reports whether a folder holds a run: last.safetensors, in whatever state.
func HasRun(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, LastFile))
	return err == nil
}

// Remains returns the first file of a run in a folder whose last.safetensors is lost, as a new run
// there would destroy it; it is empty if there is none. A run that was ended before its first
// checkpoint leaves nothing of value.
func Remains(dir string) string {
	if HasRun(dir) {
		return ""
	}
	for _, name := range []string{BestFile, EpochsFile} {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && (!info.Mode().IsRegular() || info.Size() > 0) {
			return path
		}
	}
	return ""
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
	for _, name := range []string{LastFile, BestFile, ConfigFile, EpochsFile, stepsFile} {
		if err := atomicfile.Sweep(filepath.Join(t.Dir, name)); err != nil {
			return err
		}
	}
	if t.at.Step > 0 {
		if _, err := os.Lstat(filepath.Join(t.Dir, ConfigFile)); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return atomicfile.WriteBytes(filepath.Join(t.Dir, ConfigFile), t.Describe)
	}
	if err := os.Remove(filepath.Join(t.Dir, BestFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(t.Dir, ConfigFile), t.Describe)
}
