package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/connectome/tensornet"
	"elegans/data/npy"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// tiny compares two perceptrons on the digits, two runs each, of two epochs.
func tiny() Comparison {
	base := recipe.Default("mlp")
	base.Data.ValidFraction = .2
	base.Train.Epochs, base.Train.Batch, base.Train.EMA = 2, 200, .5
	hidden := func(width int) func(uint64) (recipe.Config, error) {
		return Variant(base, func(c *recipe.Config, _ uint64) error {
			c.Model.Config = zoo.MLPConfig{Hidden: []int{width}}
			return nil
		})
	}
	arms := []Arm{{Name: "narrow", Config: hidden(3)}, {Name: "wide", Config: hidden(9)}}
	return Comparison{Arms: arms, Seeds: 2, Seed: 7, Jobs: 2}
}

// bits returns what must not depend on how a comparison came about.
func bits(t *testing.T, res *Result) string {
	t.Helper()
	runs := slices.Clone(res.Runs)
	var curves, read []any
	for i := range runs {
		runs[i].Seconds = 0
		curves = append(curves, runs[i].Curve)
		read = append(read, runs[i].Test)
	}
	b, err := json.Marshal([]any{runs, curves, read, res.Contrasts, res.Steps})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, c Comparison) *Result {
	t.Helper()
	res, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestKeptRuns stops a comparison after its first run, and another in the middle of one; each goes
// on and comes to what an uninterrupted one comes to, which kept nothing.
func TestKeptRuns(t *testing.T) {
	whole := run(t, tiny())
	var seeds []string
	for _, r := range whole.Runs {
		seeds = append(seeds, fmt.Sprint(r.Arm, " ", r.Config.Model.Seed))
	}
	if got := strings.Join(seeds, ", "); got != "narrow 7, narrow 8, wide 7, wide 8" {
		t.Errorf("runs %s", got)
	}
	want := bits(t, whole)
	for _, after := range []string{"run", "step"} {
		c := tiny()
		c.Dir, c.Jobs = t.TempDir(), 1
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		c.Hooks = Hooks{
			Step: func() {
				if steps++; after == "step" && steps == 9 { // of 10
					cancel()
				}
			},
			Done: func(Run, int) {
				if after == "run" {
					cancel()
				}
			},
		}
		if _, err := c.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after a %s: %v", after, err)
		}
		made, skipped, recalled := 0, 0, 0
		c.Hooks = Hooks{
			Step: func() { made++ },
			Skip: func(n int) { skipped += n },
			Done: func(r Run, _ int) {
				if r.Recalled {
					recalled++
				}
			},
		}
		res := run(t, c)
		if got := bits(t, res); got != want {
			t.Errorf("stopped after a %s, the comparison comes to\n%s\nuninterrupted\n%s", after, got, want)
		}
		if made+skipped != 2*(res.Steps[0]+res.Steps[1]) || skipped == 0 || (recalled == 1) != (after == "run") {
			t.Errorf("stopped after a %s: %d steps made, %d skipped, %d runs recalled", after, made, skipped, recalled)
		}
		recalled, made = 0, 0
		if got := bits(t, run(t, c)); got != want || recalled != 4 || made != 0 {
			t.Errorf("a finished comparison: %d runs recalled, %d steps made, %s", recalled, made, got)
		}
	}
}

// TestMoreSeeds goes on with a finished comparison of fewer runs.
func TestMoreSeeds(t *testing.T) {
	c := tiny()
	c.Dir, c.Seeds = t.TempDir(), 1
	run(t, c)
	c.Seeds = 2
	if res := run(t, c); bits(t, res) != bits(t, run(t, tiny())) || !res.Runs[0].Recalled || res.Runs[1].Recalled {
		t.Error("one seed and then two are not two seeds")
	}
}

// TestHeldFolder refuses what a folder holds already, and says what differs.
func TestHeldFolder(t *testing.T) {
	c := tiny()
	c.Dir = t.TempDir()
	run(t, c)
	changed := func(change func(c *recipe.Config)) Comparison {
		other := c
		other.Arms = slices.Clone(c.Arms)
		for i, a := range c.Arms {
			other.Arms[i].Config = func(seed uint64) (recipe.Config, error) {
				r, err := a.Config(seed)
				change(&r)
				return r, err
			}
		}
		return other
	}
	nothing := changed(func(*recipe.Config) {})
	for _, f := range []struct {
		want   string
		with   Comparison
		damage func() error
	}{
		{"narrow-7: holds a run with another configuration: train.epochs 2, expected 3; ",
			changed(func(c *recipe.Config) { c.Train.Epochs = 3 }), nil},
		{"narrow-7: holds a run with another configuration: data.limit nothing, expected 500; ",
			changed(func(c *recipe.Config) { c.Data.Limit = 500 }), nil},
		{"images.sha256: the runs beside it have seen other images", nothing, func() error {
			return os.WriteFile(filepath.Join(c.Dir, imagesFile), []byte("0\n"), 0o666)
		}},
		{"result.json: ", nothing, func() error {
			return os.WriteFile(filepath.Join(c.Dir, "wide-8", resultFile), []byte("not JSON"), 0o666)
		}},
		{"result.json: found no config", nothing, func() error {
			return os.WriteFile(filepath.Join(c.Dir, "wide-8", resultFile), []byte("{}"), 0o666)
		}},
		{"epochs.csv: rows for 1 epochs, expected one for each of the 2", nothing, func() error {
			path := filepath.Join(c.Dir, "wide-7", "epochs.csv")
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte(strings.Join(strings.SplitAfter(string(b), "\n")[:2], "")), 0o666)
		}},
		{"last.safetensors: ", nothing, func() error {
			return os.Truncate(filepath.Join(c.Dir, "narrow-8", "last.safetensors"), 100)
		}},
		{"epochs.csv", nothing, func() error {
			return os.WriteFile(filepath.Join(c.Dir, "wide-7", "epochs.csv"), nil, 0o666)
		}},
	} {
		before := c.Dir
		if f.damage != nil {
			f.with.Dir = filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(f.with.Dir, os.DirFS(before)); err != nil {
				t.Fatal(err)
			}
			c.Dir = f.with.Dir
			if err := f.damage(); err != nil {
				t.Fatal(err)
			}
			c.Dir = before
		}
		_, err := f.with.Run(context.Background())
		var held *FolderError
		if !errors.As(err, &held) || !strings.Contains(err.Error(), f.want) {
			t.Errorf("error %v, expected a FolderError with %q", err, f.want)
		}
	}
	c.Dir = filepath.Join(c.Dir, imagesFile, "below a file")
	var held *FolderError
	if _, err := c.Run(context.Background()); !errors.As(err, &held) {
		t.Errorf("a folder below a file: %v", err)
	}
}

// TestSetup refuses comparisons that cannot be made before a folder is.
func TestSetup(t *testing.T) {
	variant := func(change func(c *recipe.Config)) func(seed uint64) (recipe.Config, error) {
		return Variant(recipe.Default("mlp"), func(c *recipe.Config, _ uint64) error {
			change(c)
			return nil
		})
	}
	same := variant(func(*recipe.Config) {})
	failing := func(uint64) (recipe.Config, error) { return recipe.Config{}, errors.New("no recipe today") }
	unknownOption := func(c *recipe.Config) { c.Train.OptimizerMore = []byte(`{"speed":1}`) }
	huge := func(c *recipe.Config) { c.Model.Config = zoo.MLPConfig{Hidden: []int{1 << 20, 1 << 20}} }
	one := Arm{Name: "one", Config: same}
	with := func(config func(uint64) (recipe.Config, error)) []Arm {
		return []Arm{one, {Name: "two", Config: config}}
	}
	for want, arms := range map[string][]Arm{
		"a comparison of 0 arms":                 nil,
		`arm 0 has the name "../one"`:            {{Name: "../one", Config: same}},
		`arm 1 has the name ""`:                  {one, {Config: same}},
		`two arms have the name "one"`:           {one, one},
		`arm "two": found no Config`:             with(nil),
		"Two: no recipe today":                   {one, {Name: "two", Title: "Two", Config: failing}},
		`two: model.model "fly": unknown`:        with(variant(func(c *recipe.Config) { c.Model.Model = "fly" })),
		"two: train.epochs 0: out of range":      with(variant(func(c *recipe.Config) { c.Train.Epochs = 0 })),
		"two: train.optimizer: ":                 with(variant(unknownOption)),
		"parameters, expected at most":           with(variant(huge)),
		"two: a model for reconstruction beside": with(reconstructing(t, t.TempDir())),
		"two: the test set is not that of one, ": with(labelled(t, t.TempDir())),
	} {
		dir := filepath.Join(t.TempDir(), "none")
		_, err := Comparison{Arms: arms, Dir: dir}.Run(context.Background())
		var setup *SetupError
		if !errors.As(err, &setup) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, expected a SetupError with %q", err, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a folder was made", want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tiny().Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before it began: %v", err)
	}
}

// TestOtherTestSets compares networks on test sets that differ in nothing but their labels, or in
// nothing but one pixel of one image.
func TestOtherTestSets(t *testing.T) {
	arm := func(name string, shift int, pixel float32) Arm {
		dir := t.TempDir()
		save(t, dir, 40, 8, func(i int) int { return (i + shift) % 2 })
		if pixel != 0 {
			a, err := npy.ReadFile(filepath.Join(dir, "x.npy"))
			if err != nil {
				t.Fatal(err)
			}
			x, err := npy.ToTensor[float32](a)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 40 { // in whichever part an image is
				x.Set(pixel, i, 0, 3, 3)
			}
			if err := npy.WriteFile(filepath.Join(dir, "x.npy"), x); err != nil {
				t.Fatal(err)
			}
		}
		c := recipe.Default("mlp")
		c.Data = recipe.Data{Name: "npy", Dir: dir, TestFraction: .5}
		c.Train.Epochs, c.Train.Batch = 1, 20
		return Arm{Name: name, Config: Variant(c, nil)}
	}
	one := arm("one", 0, 0)
	for _, two := range []Arm{arm("two", 1, 0), arm("two", 0, .5)} {
		_, err := Comparison{Arms: []Arm{one, two}, Seeds: 1}.Run(context.Background())
		var setup *SetupError
		if !errors.As(err, &setup) || !strings.HasPrefix(err.Error(), "two: the test set is not that of one, ") {
			t.Errorf("error %v, expected a SetupError about the test set", err)
		}
	}
	if _, err := (Comparison{Arms: []Arm{one, arm("two", 0, 0)}, Seeds: 1}).Run(context.Background()); err != nil {
		t.Errorf("the same images in another folder: %v", err)
	}
}

// save writes a data set of images [n, 1, side, side] of noise with the given labels.
func save(t *testing.T, dir string, n, side int, label func(i int) int) {
	t.Helper()
	x := tensor.Uniform[float32](tensor.NewKey(3, "noise"), 0, 1, n, 1, side, side)
	y := make([]int64, n)
	for i := range y {
		y[i] = int64(label(i))
	}
	err := npy.WriteFile(filepath.Join(dir, "x.npy"), x)
	if err = errors.Join(err, npy.WriteIntsFile(filepath.Join(dir, "y.npy"), y, n)); err != nil {
		t.Fatal(err)
	}
}

// labelled is the recipe of a perceptron for ten classes of noise.
func labelled(t *testing.T, dir string) func(uint64) (recipe.Config, error) {
	save(t, dir, 60, 8, func(i int) int { return i % 10 })
	c := recipe.Default("mlp")
	c.Data = recipe.Data{Name: "npy", Dir: dir, TestFraction: .5, ValidFraction: .5}
	return Variant(c, nil)
}

// reconstructing is the recipe of an autoencoder without a core for noise.
func reconstructing(t *testing.T, dir string) func(uint64) (recipe.Config, error) {
	save(t, dir, 40, 28, func(i int) int { return i % 2 })
	return Variant(autoencoderRecipe(dir), nil)
}

// TestReconstruction compares autoencoders, with and without a folder, and takes baselines and
// samples.
func TestReconstruction(t *testing.T) {
	data := t.TempDir()
	save(t, data, 40, 28, func(i int) int { return i % 2 })
	c, err := Autoencoders(autoencoderRecipe(data))
	if err != nil {
		t.Fatal(err)
	}
	c.Arms, c.Seeds = []Arm{c.Arms[0], c.Arms[4]}, 2
	res := run(t, c)
	if !res.Reconstructs() || res.Runs[0].Test != nil || res.Runs[0].Model == nil || res.Runs[1].Model != nil {
		t.Errorf("%+v", res.Runs[0])
	}
	var names []string
	for _, b := range res.Baselines {
		names = append(names, b.Name)
	}
	if got := fmt.Sprint(names); got != "[background mean image PCA, 32 codes PCA, 128 codes]" {
		t.Error(got)
	}
	n := res.Sets.Test.Len()
	outputs := res.Samples[0].Output
	if len(res.Samples) != min(n, samples) || len(outputs) != 4 || len(outputs[3]) != 28*28 {
		t.Errorf("%d samples of %d images, each with %d reconstructions", len(res.Samples), n, len(outputs))
	}
	for k, a := range c.Arms {
		first := res.Of(a.Name)[0]
		picture := first.Config.Inputs(res.Sets.Test, 0, 1).Reshape(1, 1, 28, 28)
		if _, want := first.Config.Reconstruct(first.Model, picture); !slices.Equal(outputs[k], want) {
			t.Errorf("output %d of a sample is not what %s makes of it", k, a.Name)
		}
	}
	c.Dir = t.TempDir()
	for range 2 {
		kept := run(t, c)
		if bits(t, kept) != bits(t, res) || !slices.Equal(kept.Samples[0].Output[0], outputs[0]) {
			t.Error("a folder changes what is found")
		}
	}
}

// TestActivation measures the neurons of a worm, and refuses a network that has none.
func TestActivation(t *testing.T) {
	base := digitsRecipe()
	base.Train.Epochs, base.Train.Batch = 1, 600
	base.Model.Config = zoo.WormConfig{Network: tensornet.Config{Width: 2, Rounds: 2}}
	c := Digits(base)
	c.Arms, c.Seeds = c.Arms[:1], 1
	a := run(t, c).Activation
	if a == nil || len(a.Values) != 279 || a.Graph.Len() != 279 {
		t.Fatalf("%+v", a)
	}
	if low, high := slices.Min(a.Values), slices.Max(a.Values); low < 0 || high <= 0 || high >= 1 {
		// of tanh
		t.Errorf("activations from %v to %v", low, high)
	}
}

// TestPartsRefuse asks for parts that the networks do not have.
func TestPartsRefuse(t *testing.T) {
	const classify = ": the networks classify images, expected networks that reconstruct them"
	for want, part := range map[string]Part{
		`activation: arm "narrow" has no connectome network`: Activation,
		"samples" + classify:   Samples,
		"baselines" + classify: Baselines(3),
	} {
		c := tiny()
		c.Parts = []Part{part}
		if _, err := c.Run(context.Background()); err == nil || err.Error() != want {
			t.Errorf("error %v, expected %s", err, want)
		}
	}
}

// TestPresets completes every comparison known by name.
func TestPresets(t *testing.T) {
	for _, p := range Presets() {
		base := p.Base()
		if err := base.Model.Set("rounds", 2); err != nil {
			t.Fatal(err)
		}
		c, err := p.New(base)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if err := c.complete(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		for _, a := range c.Arms {
			config, err := a.Config(3)
			if err == nil {
				err = config.Complete()
			}
			if err != nil || config.Model.Seed != 3 || config.Train.Seed != 3 {
				t.Errorf("%s, %s: %v, seeds %d and %d", p.Name, a.Name, err, config.Model.Seed, config.Train.Seed)
			}
			var model struct {
				Graph struct {
					Control string
					Seed    uint64
				}
			}
			if err := json.Unmarshal(config.JSON(), &struct{ Model any }{&model}); err != nil {
				t.Fatal(err)
			}
			if g := model.Graph; g.Control != "" && g.Seed != 3 {
				t.Errorf("%s, %s: the graph is drawn from the seed %d, not from that of the run", p.Name, a.Name, g.Seed)
			}
		}
	}
}
