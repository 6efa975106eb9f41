package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/connectome/draw"
	"elegans/connectome/m2"
	"elegans/data"
	"elegans/data/npy"
	"elegans/data/safetensors"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// elegans runs a command line that must succeed and returns its standard output.
func elegans(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(environment{ctx: context.Background(), stop: func() {}, stdout: &out, stderr: &errs, args: args}); code != 0 {
		t.Fatalf("elegans %q: exit code %d: %s", args, code, &errs)
	}
	return out.Bytes()
}

// decoded is the standard output of a command line as JSON.
func decoded[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	if err := json.Unmarshal(elegans(t, args...), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// scored is what a command says of a part.
type scored struct {
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
	Images   int     `json:"images"`
}

// TestOutcome trains until the best epoch is not the last, and compares what train says of the test
// part with what the two checkpoints give there; then eval of every part.
func TestOutcome(t *testing.T) {
	ctx := context.Background()
	for _, seed := range []string{"1", "2", "3", "4", "5", "6"} {
		dir := filepath.Join(t.TempDir(), "run")
		res := decoded[struct {
			Epochs    int    `json:"epochs"`
			BestEpoch int    `json:"best_epoch"`
			Test      scored `json:"test"`
			Best      scored `json:"test_of_best"`
		}](t, "train", "mlp", "--hidden", "6", "--epochs", "6", "--limit", "300", "--batch", "30", "--schedule", "none", "--lr", "0.05",
			"--ema", "0.9", "--seed", seed, "--out", dir, "--json")
		if res.BestEpoch == res.Epochs || res.Test == res.Best {
			continue
		}
		read := func(file string, raw bool) (parts [3]scored) {
			path := filepath.Join(dir, file)
			m, err := recipe.LoadModel(path)
			if err != nil {
				t.Fatal(err)
			}
			if raw {
				f, err := safetensors.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				for _, p := range nn.Params(m.Net) {
					v, err := safetensors.Get[float32](f, p.Path)
					if err != nil {
						t.Fatal(err)
					}
					tensor.Copy(p.Value, v)
				}
			}
			sets, err := m.Config.Open(ctx, recipe.Source{})
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range []*data.Dataset{sets.Train, sets.Valid, sets.Test} {
				s, err := m.Config.Score(ctx, m.Net, d)
				if err != nil {
					t.Fatal(err)
				}
				parts[i] = scored{s.Accuracy, s.Loss, s.Images}
			}
			return parts
		}
		last, best, raw := read(train.LastFile, false), read(train.BestFile, false), read(train.LastFile, true)
		if raw[2] == last[2] || last[1] == last[2] {
			continue // nothing would be told apart
		}
		if res.Test != last[2] {
			t.Errorf("the last epoch has %+v, its checkpoint gives %+v", res.Test, last[2])
		}
		if res.Best != best[2] {
			t.Errorf("the best epoch has %+v, its checkpoint gives %+v", res.Best, best[2])
		}
		for i, part := range []string{"train", "valid", "test"} {
			if got := decoded[scored](t, "eval", filepath.Join(dir, train.LastFile), "--part", part, "--json"); got != last[i] {
				t.Errorf("eval --part %s: %+v, expected %+v", part, got, last[i])
			}
		}
		if got := decoded[scored](t, "eval", filepath.Join(dir, train.LastFile), "--json"); got != last[2] {
			t.Errorf("eval: %+v, expected the test part's %+v", got, last[2])
		}
		return
	}
	t.Fatal("no seed gave a best epoch that is not the last")
}

// values gives every flag of a recipe a value that is not the default.
var values = map[string]any{
	"Data": "csv", "DataDir": "somewhere", "ImageSize": []int{5, 6}, "Gray": true, "Shape": []int{1, 2, 3}, "LabelColumn": -1,
	"TestFraction": .35, "ValidFraction": .45, "SplitSeed": uint64(77), "Limit": 123, "Normalize": false, "Binarize": .6,
	"Augment": []string{"flip"}, "Model": "cnn", "Epochs": 3, "Batch": 17, "Optimizer": "sgd", "LR": .123, "WeightDecay": .321,
	"Schedule": "cosine", "Warmup": .77, "Clip": 4.5, "EMA": .66, "LabelSmoothing": .22, "Patience": 9, "From": "a.safetensors",
	"Seed": uint64(99), "KeepLast": true, "ChannelsLast": true, "Range": []string{"0", "16"},
}

// TestEveryFlagIsPassedOn gives one flag at a time: each changes the description of the run.
func TestEveryFlagIsPassedOn(t *testing.T) {
	base := recipe.Default("mlp")
	of := reflect.TypeFor[recipeFlags]()
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Name == "Options" { // of the model: see zoo
			continue
		}
		v, known := values[f.Name]
		if !known {
			t.Errorf("flag %s: this test has no value for it", f.Name)
			continue
		}
		var flags recipeFlags
		to := reflect.ValueOf(&flags).Elem().Field(i)
		if to.Kind() == reflect.Pointer {
			to.Set(reflect.New(to.Type().Elem()))
			to = to.Elem()
		}
		to.Set(reflect.ValueOf(v))
		c := base
		if err := flags.apply(&c); err != nil {
			t.Errorf("flag %s: %v", f.Name, err)
		}
		if bytes.Equal(c.JSON(), base.JSON()) {
			t.Errorf("flag %s does nothing", f.Name)
		}
		if f.Name == "Seed" && (c.Train.Seed != 99 || c.Model.Seed != 99) {
			t.Errorf("--seed 99: the training has the seed %d and the model %d", c.Train.Seed, c.Model.Seed)
		}
	}
}

// picture writes an image of h x w pixels as a PNG file, bright from the left.
func picture(t *testing.T, h, w int) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetGray(x, y, color.Gray{Y: uint8(255 * x / w)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPredictedClasses compares predict with the probabilities of all classes: the most probable
// come first.
func TestPredictedClasses(t *testing.T) {
	dir := t.TempDir()
	c := recipe.Default("mlp")
	c.Train.Epochs, c.Data.Limit = 1, 200
	m, err := recipe.Fit(context.Background(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	file := picture(t, 8, 8)
	x, err := m.ReadImage(file, false)
	if err != nil {
		t.Fatal(err)
	}
	prob := m.Config.Classify(m.Net, x)
	got := decoded[struct {
		File    string
		Classes []struct {
			Class       string
			Probability float64
		}
	}](t, "predict", filepath.Join(dir, train.LastFile), file, "--top", "4", "--json")
	sorted := slices.Sorted(slices.Values(prob))
	if len(got.Classes) != 4 || got.File != file {
		t.Fatalf("found %+v", got)
	}
	for k, g := range got.Classes {
		if want := sorted[len(sorted)-1-k]; g.Probability != want || prob[slices.Index(m.Config.Data.Classes, g.Class)] != want {
			t.Errorf("place %d: class %s with %v, expected the probability %v", k+1, g.Class, g.Probability, want)
		}
	}
}

// TestPredictedPixels compares the pixel accuracy of predict with the reconstruction.
func TestPredictedPixels(t *testing.T) {
	dir := t.TempDir()
	x := tensor.Uniform[float32](tensor.NewKey(1, "ink"), 0, 1, 20, 1, 28, 28)
	if err := npy.WriteFile(filepath.Join(dir, "x.npy"), x); err != nil {
		t.Fatal(err)
	}
	if err := npy.WriteIntsFile(filepath.Join(dir, "y.npy"), make([]int64, 20), 20); err != nil {
		t.Fatal(err)
	}
	c := recipe.Default("m2-small")
	c.Data = recipe.Data{Name: "npy", Dir: dir, TestFraction: .5, Binarize: .5}
	err := zoo.Edit(&c.Model, func(own *zoo.M2Config) {
		m := &own.M2
		m.Core, m.Width, m.Encoder, m.Hidden, m.Decoder = m2.CoreNone, 8, [3]int{2, 2, 2}, [2]int{6, 4}, [3]int{2, 2, 2}
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Train.Epochs, c.Train.Batch = 1, 5
	m, err := recipe.Fit(context.Background(), c, filepath.Join(dir, "run"))
	if err != nil {
		t.Fatal(err)
	}
	file := picture(t, 28, 28)
	im, err := m.ReadImage(file, false)
	if err != nil {
		t.Fatal(err)
	}
	input, output := m.Config.Reconstruct(m.Net, im)
	right := 0
	for i, p := range output {
		if (p > .5) == (input[i] > .5) {
			right++
		}
	}
	got := decoded[struct {
		PixelAccuracy float64 `json:"pixel_accuracy"`
	}](t, "predict", filepath.Join(dir, "run", train.LastFile), file, "--out", filepath.Join(dir, "again.png"), "--json")
	want := float64(right) / float64(len(output))
	if math.Abs(got.PixelAccuracy-want) > 1e-9 || want == .5 {
		t.Errorf("pixel accuracy %v, expected %v", got.PixelAccuracy, want)
	}
}

// TestDrawnViews compares the two views that connectome draw offers with those of package draw.
func TestDrawnViews(t *testing.T) {
	g, _, err := connectome.Load(t.Context(), connectome.NameCanonical)
	if err != nil {
		t.Fatal(err)
	}
	for name, view := range map[string]draw.View{"side": draw.Side, "top": draw.Top} {
		var want bytes.Buffer
		if err := draw.SVG(t.Context(), &want, g, draw.Options{Width: 1400, View: view, Stretch: .55, NoEdges: true}); err != nil {
			t.Fatal(err)
		}
		if got := elegans(t, "connectome", "draw", "canonical", "-", "--view", name, "--no-edges"); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("--view %s is not that view", name)
		}
	}
}
