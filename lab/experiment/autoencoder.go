package experiment

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome/m2"
	"elegans/data/atomicfile"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// AutoencoderOptions are those of the comparison of autoencoders.
type AutoencoderOptions struct {
	Base  recipe.Config // of the worm's runs, but for the seeds
	From  recipe.Source
	Seeds int    // runs of each network
	Seed  uint64 // of the first run; the others follow
	Jobs  int    // runs at a time
	// holds a folder for each run, in which an interrupted run goes on and a finished one is not
	// run again
	Dir string
}

// Autoencoders is what the comparison finds. The accuracy of a run is that of the test pixels, at
// the last epoch.
type Autoencoders struct {
	Result
	Base      recipe.Config
	Baselines []Baseline
	Samples   []Sample // of the test set, for pictures
}

// Sample is a test image as the networks see it and as they reconstruct it, pixels from 0 to 1.
type Sample struct {
	Input []float32
	// of the first run of each network, and of the baselines with codes after them
	Output [][]float32
}

// AutoencoderNetworks are what stands between encoder and decoder: the worm first, then its
// controls.
func AutoencoderNetworks() []Network {
	return []Network{
		{"worm", "C. elegans", "the worm's own wiring, all of it trained"},
		{"frozen", "frozen worm", "the same, neurons and synapses kept as they were drawn; the maps into the network, out of it and its attention are trained"},
		{"rewired", "rewired worm", "both layers rewired at random, the in- and out-degree of every neuron kept (10 accepted swaps a connection)"},
		{"dense", "dense layer", "a hidden layer in its place, with as many parameters"},
		{"none", "direct path", "nothing in its place: the encoder's code goes straight to the decoder"},
	}
}

// config describes a run of a network.
func (o *AutoencoderOptions) config(network string, seed uint64) recipe.Config {
	c := o.Base
	c.Model.Seed, c.Train.Seed = seed, seed
	switch network {
	case "frozen":
		c.Model.M2.Network.Frozen = true
	case "rewired":
		c.Model.Graph.Control, c.Model.Graph.Seed = "rewired", seed
	case "dense", "none":
		c.Model.M2.Core = m2.Core(network)
	}
	return c
}

// CheckAutoencoders returns what is wrong with the sizes and options of the networks, for which
// base is open.
func CheckAutoencoders(o AutoencoderOptions, base *recipe.Config, sets *recipe.Sets) error {
	o.Base = *base
	for _, n := range AutoencoderNetworks() {
		c := o.config(n.Name, o.Seed)
		model, err := zoo.Build[float32](c.Model)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Title, err)
		}
		r, err := c.NewRun(model, sets)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Title, err)
		}
		r.Close()
	}
	return nil
}

// imagesFile keeps, in the folder of a comparison, the sum of the images that its runs see.
const imagesFile = "images.sha256"

// sameImages returns an error if the runs in the folder have seen other images, and notes which
// ones they see if there are none yet.
func (o *AutoencoderOptions) sameImages(sets *recipe.Sets) error {
	path, sum := filepath.Join(o.Dir, imagesFile), sets.Sum()+"\n"
	before, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(o.Dir, 0o777); err != nil {
			return err
		}
		return atomicfile.WriteBytes(path, []byte(sum))
	case err != nil:
		return err
	case string(before) != sum:
		return &FolderError{fmt.Errorf("%s: the runs beside it have seen other images; name another folder", path)}
	}
	return nil
}

// DoAutoencoders runs the comparison.
func DoAutoencoders(ctx context.Context, o AutoencoderOptions, hooks Hooks) (*Autoencoders, error) {
	start := time.Now()
	res := &Autoencoders{Base: o.Base}
	res.Networks, res.Digits, res.claim = AutoencoderNetworks(), 3, "With the worm between encoder and decoder %s %% of the test pixels are right"
	res.Options = Options{Seeds: o.Seeds, Seed: o.Seed, Epochs: o.Base.Train.Epochs, Batch: o.Base.Train.Batch, LR: o.Base.Train.LR, Jobs: o.Jobs}
	// first seeds first, so that an interrupted comparison has runs of every network
	var order []int
	for i := range o.Seeds {
		for n := range res.Networks {
			order = append(order, n*o.Seeds+i)
		}
	}
	for _, n := range res.Networks {
		for i := range o.Seeds {
			res.Runs = append(res.Runs, Run{Network: n.Name, Seed: o.Seed + uint64(i)})
		}
	}
	base := o.Base
	sets, err := base.Open(ctx, o.From)
	if err != nil {
		return nil, err
	}
	if err := o.sameImages(sets); err != nil {
		return nil, err
	}
	res.Sets, res.Base = sets, base
	res.Images.Train, res.Images.Test = sets.Train.Len(), sets.Test.Len()
	if sets.Valid != nil {
		res.Images.Valid = sets.Valid.Len()
	}
	res.StepsPerRun = base.Train.Epochs * (sets.Train.Len() / min(base.Train.Batch, sets.Train.Len()))
	if hooks.Start != nil {
		hooks.Start(res.StepsPerRun * len(order))
	}
	done := 0
	err = sideBySide(ctx, len(order), o.Jobs, func(ctx context.Context, k int, locked func(func())) error {
		r := res.Runs[order[k]]
		err := o.one(ctx, &r, func() {
			if hooks.Step != nil {
				locked(hooks.Step)
			}
		}, func(steps int) {
			if hooks.Skip != nil {
				locked(func() { hooks.Skip(steps) })
			}
		})
		if err != nil {
			return fmt.Errorf("%s, seed %d: %w", r.Network, r.Seed, err)
		}
		locked(func() {
			res.Runs[order[k]] = r
			done++
			if hooks.Done != nil {
				hooks.Done(r, done)
			}
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	res.compare()
	codes := []int{128}
	if n := 16 * base.Model.M2.Latent; n != 128 {
		codes = []int{n, 128}
	}
	var pca *components
	if res.Baselines, pca, err = baselines(&base, sets, codes); err != nil {
		return nil, err
	}
	res.sample(pca)
	res.Seconds = time.Since(start).Seconds()
	return res, nil
}

// FolderError says what is wrong with what is in the folder of a run already.
type FolderError struct{ err error }

// Error implements error.
func (e *FolderError) Error() string { return e.err.Error() }

// Unwrap returns what it is made of.
func (e *FolderError) Unwrap() error { return e.err }

// resultFile keeps, in the folder of a finished run, what it amounts to.
const resultFile = "result.json"

// finished is the content of a resultFile.
type finished struct {
	Run
	Config json.RawMessage `json:"config"`
}

// one makes a run, goes on with it, or reads what it gave when it was made.
func (o *AutoencoderOptions) one(ctx context.Context, r *Run, step func(), skip func(steps int)) error {
	c := o.config(r.Network, r.Seed)
	sets, err := c.Open(ctx, o.From)
	if err != nil {
		return err
	}
	if c.Data.Fixed() {
		c.Data.Dir = "" // where the data lie makes no other run
	} else if o.From.Dir != "" {
		c.Data.Dir = o.From.Dir
	}
	dir := filepath.Join(o.Dir, fmt.Sprintf("%s-%d", r.Network, r.Seed))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	unlock, err := train.Lock(dir)
	if err != nil {
		return &FolderError{err}
	}
	defer unlock()
	if r.model, err = zoo.Build[float32](c.Model); err != nil {
		return err
	}
	r.config = c
	before, err := os.ReadFile(filepath.Join(dir, resultFile))
	if err == nil {
		if err := r.recall(dir, before, skip); err != nil {
			return &FolderError{err}
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return r.finish(ctx, dir, sets, step, skip)
}

// recall reads what a finished run gave.
func (r *Run) recall(dir string, result []byte, skip func(steps int)) error {
	var f finished
	if err := json.Unmarshal(result, &f); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, resultFile), err)
	}
	var old bytes.Buffer
	if json.Compact(&old, f.Config) != nil || !bytes.Equal(old.Bytes(), compact(r.config.JSON())) {
		return fmt.Errorf("%s: holds a run with another configuration; name another folder", dir)
	}
	f.Run.config, f.Run.model = r.config, r.model
	*r = f.Run
	skip(r.Steps)
	err := train.Load(filepath.Join(dir, train.LastFile), nn.Params(r.model), true)
	if err == nil {
		r.Curve, err = readCurve(dir)
	}
	return err
}

// finish trains what is left of a run, reads the test set and keeps the result.
func (r *Run) finish(ctx context.Context, dir string, sets *recipe.Sets, step func(), skip func(steps int)) error {
	t, err := r.config.NewRun(r.model, sets)
	if err != nil {
		return err
	}
	defer t.Close()
	t.Dir, t.Save = dir, time.Minute
	t.OnStep = func(train.Progress) { step() }
	if train.HasRun(dir) {
		if err := t.Resume(); err != nil {
			return &FolderError{err}
		}
		skip(t.StepsDone())
	}
	result, err := t.Run(ctx)
	if err != nil {
		if errors.Is(err, train.ErrStopped) {
			err = ctx.Err()
		}
		return err
	}
	if err := train.Load(filepath.Join(dir, train.LastFile), nn.Params(r.model), true); err != nil {
		return err
	}
	score, err := r.config.Score(ctx, r.model, sets.Test)
	if err != nil {
		return err
	}
	r.Parameters, r.Steps, r.Seconds, r.Accuracy, r.Loss = t.Parameters, result.Steps, result.Seconds, score.Accuracy, score.Loss
	if r.Curve, err = readCurve(dir); err != nil {
		return err
	}
	if len(r.Curve) > 0 {
		r.Valid = r.Curve[len(r.Curve)-1].ValidAcc
	}
	b, err := json.MarshalIndent(finished{*r, r.config.JSON()}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, resultFile), append(b, '\n'))
}

func compact(b []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil { // it was made by Marshal
		panic(err)
	}
	return out.Bytes()
}

// readCurve reads the points of a run from its epochs.csv.
func readCurve(dir string) ([]Point, error) {
	path := filepath.Join(dir, "epochs.csv")
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, errors.Join(err, fmt.Errorf("%s: expected a header and a row for each epoch", path))
	}
	var curve []Point
	for i, row := range rows[1:] {
		p := Point{Epoch: i + 1}
		for _, c := range []struct {
			name string
			to   *float64
		}{{"train_loss", &p.TrainLoss}, {"train_accuracy", &p.TrainAcc}, {"valid_loss", &p.ValidLoss}, {"valid_accuracy", &p.ValidAcc}} {
			if k := slices.Index(rows[0], c.name); k >= 0 {
				if *c.to, err = strconv.ParseFloat(row[k], 64); err != nil {
					return nil, fmt.Errorf("%s:%d: %s: %w", path, i+2, c.name, err)
				}
			}
		}
		curve = append(curve, p)
	}
	return curve, nil
}

// samples is the number of test images that are shown.
const samples = 16

// sample keeps the first test images and what the first run of each network, and the baselines with
// codes, make of them.
func (res *Autoencoders) sample(pca *components) {
	n := min(samples, res.Sets.Test.Len())
	x := res.Base.Inputs(res.Sets.Test, 0, n)
	_, h, w := res.Sets.Test.Shape()
	res.Samples = make([]Sample, n)
	for i := range res.Samples {
		s := &res.Samples[i]
		s.Input = x.Data()[i*h*w:][:h*w]
		picture := x.Slice(0, i, i+1, 1).Reshape(1, 1, h, w)
		for _, network := range res.Networks {
			r := res.Of(network.Name)[0]
			_, output := r.config.Reconstruct(r.model.(*m2.Autoencoder[float32]), picture)
			s.Output = append(s.Output, output)
		}
	}
	for _, b := range res.Baselines {
		if b.Codes == 0 {
			continue
		}
		y := x.Clone()
		pca.reconstruct(y, x, b.Codes)
		for i := range res.Samples {
			res.Samples[i].Output = append(res.Samples[i].Output, y.Data()[i*h*w:][:h*w])
		}
	}
}

// Summary is the finding for programs.
type Summary struct {
	Runs        []Run        `json:"runs"`
	Baselines   []Baseline   `json:"baselines"`
	Comparisons []Comparison `json:"comparisons"`
	Verdict     string       `json:"verdict"`
}

// Summary returns the finding for programs.
func (res *Autoencoders) Summary() Summary {
	return Summary{res.Runs, res.Baselines, res.Comparisons, res.Verdict()}
}
