package recipe

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/connectome/m2"
	"elegans/data"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// TestDefaults completes the recipe of every model.
func TestDefaults(t *testing.T) {
	for _, name := range zoo.Names() {
		c := Default(name)
		if c.Model.Model != name {
			t.Errorf("%s: the recipe is for %s", name, c.Model.Model)
		}
		if err := c.Complete(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again := Default(name)
		if err := again.Parse(c.JSON(), name); err != nil || string(again.JSON()) != string(c.JSON()) {
			t.Errorf("%s: the recipe does not survive being written and read: %v", name, err)
		}
	}
	upstream := Default("m2-upstream")
	if upstream.Train.Optimizer != "adam" || upstream.Train.LR != 1e-3 || upstream.Train.Batch != 128 || upstream.Train.Schedule != "none" || m2Of(&upstream).M2.NoPenalties {
		t.Errorf("m2-upstream: %s", upstream.JSON())
	}
	upstream.Model.Input = [3]int{1, 28, 28}
	if err := upstream.Model.Complete(); err != nil || m2Of(&upstream).Graph.Name != "shipped" {
		t.Errorf("m2-upstream: graph %q, error %v", m2Of(&upstream).Graph.Name, err)
	}
}

// m2Of returns the configuration of an autoencoder.
func m2Of(c *Config) zoo.M2Config { return c.Model.Config.(zoo.M2Config) }

// TestLoadTakesTheDefaultsOfTheModel reads files that name little.
func TestLoadTakesTheDefaultsOfTheModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(path, []byte(`{"model":{"model":"m2-small","m2":{"latent":8}},"train":{"epochs":3}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, "")
	want := Default("m2-small")
	if err != nil || c.Train.Epochs != 3 || m2Of(&c).M2.Latent != 8 || m2Of(&c).M2.Width != m2Of(&want).M2.Width || c.Train.LR != want.Train.LR || c.Data.Name != "mnist" {
		t.Errorf("%v: %s", err, c.JSON())
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.json"), ""); err == nil {
		t.Error("a missing file was read")
	}
}

// tinyAutoencoder is a recipe for the given images, and its model.
func tinyAutoencoder(t *testing.T) (*Config, *m2.Autoencoder[float32], *data.Dataset) {
	t.Helper()
	images := tensor.Uniform[float32](tensor.NewKey(1, "images"), 0, 1, 7, 1, 28, 28)
	d, err := data.FromTensor("noise", "", []string{"a"}, images, make([]int, 7))
	if err != nil {
		t.Fatal(err)
	}
	c := Default("m2-small")
	c.Model.Input = [3]int{1, 28, 28}
	c.Train.Batch = 3
	err = zoo.Edit(&c.Model, func(m *zoo.M2Config) {
		m.M2.Width, m.M2.Encoder, m.M2.Decoder = 5, [3]int{2, 2, 2}, [3]int{2, 2, 2}
	})
	if err != nil {
		t.Fatal(err)
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		t.Fatal(err)
	}
	return &c, model.(*m2.Autoencoder[float32]), d
}

// TestScoreAgainstReconstruct counts the pixels of the pictures that Reconstruct gives.
func TestScoreAgainstReconstruct(t *testing.T) {
	c, a, d := tinyAutoencoder(t)
	s, err := c.Score(context.Background(), a, d)
	if err != nil {
		t.Fatal(err)
	}
	right, loss := 0, 0.0
	picture := tensor.New[float32](1, 1, 28, 28)
	for i := range d.Len() {
		d.Pixels(picture.Data(), i)
		input, output := c.Reconstruct(a, picture)
		for k, v := range input {
			if ink := picture.Data()[k] >= inkThreshold; ink != (v == 1) || !ink != (v == 0) {
				t.Fatalf("grey level %v became %v", picture.Data()[k], v)
			}
			p := float64(output[k])
			if (p > .5) == (v == 1) {
				right++
			}
			if v == 1 {
				loss -= math.Log(p)
			} else {
				loss -= math.Log(1 - p)
			}
		}
	}
	n := float64(d.Len() * 784)
	if math.Abs(s.Accuracy-float64(right)/n) > 1e-9 || math.Abs(s.Loss-loss/n) > 1e-5 || s.Images != 7 || s.M0 == nil || s.M1 == nil {
		t.Errorf("%+v, counted accuracy %v and loss %v", s, float64(right)/n, loss/n)
	}
	if !strings.HasPrefix(s.String(), "pixel accuracy ") {
		t.Error(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Score(ctx, a, d); err != context.Canceled {
		t.Errorf("error %v after cancellation", err)
	}
}

// TestPictures looks for the ink of an image at its place in the grid.
func TestPictures(t *testing.T) {
	c, a, d := tinyAutoencoder(t)
	m := c.Pictures(a, d, 4, 2)
	if b := m.Bounds(); b.Dx() != 4*30+2 || b.Dy() != 2*62+2 {
		t.Fatalf("a grid of %v", b)
	}
	x := c.Inputs(d, 5, 1) // second row, second column
	for i, v := range x.Data() {
		r, _, _, _ := m.At(2+30+i%28, 2+62+i/28).RGBA()
		if (r == 0) != (v == 1) {
			t.Fatalf("pixel %d: value %v, brightness %d", i, v, r)
		}
	}
}

func TestWriteLog(t *testing.T) {
	dir := t.TempDir()
	if err := WriteLog(dir); err != nil {
		t.Errorf("without a run: %v", err)
	}
	const epochs = "epoch,train_accuracy,train_m0,train_m1,train_loss,valid_accuracy,valid_m0,valid_m1,valid_loss,lr\n1,1,2,3,4,5,6,7,8,9\n2,.1,.2,.3,.4,.5,.6,.7,.8,.9\n"
	if err := os.WriteFile(filepath.Join(dir, "epochs.csv"), []byte(epochs), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := WriteLog(dir); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, LogFile))
	if want := "epoch,accuracy,loss,m0,m1,val_accuracy,val_loss,val_m0,val_m1\n0,1,4,2,3,5,8,6,7\n1,.1,.4,.2,.3,.5,.8,.6,.7\n"; err != nil || string(b) != want {
		t.Errorf("%v: %q, want %q", err, b, want)
	}
}

func TestAutoencoderRefusals(t *testing.T) {
	for want, change := range map[string]func(c *Config){
		"data.normalize":        func(c *Config) { c.Data.Normalize = true },
		"data.binarize":         func(c *Config) { c.Data.Binarize = 0 },
		"train.label_smoothing": func(c *Config) { c.Train.LabelSmoothing = 0.1 },
	} {
		c := Default("m2")
		change(&c)
		if err := c.Complete(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
	s := Default("m2").Model
	s.Input = [3]int{1, 32, 32}
	if err := s.Complete(); err == nil || !strings.Contains(err.Error(), "expected [1 28 28]") {
		t.Errorf("error %v", err)
	}
	s = Default("m2-echo").Model
	s.Input = [3]int{1, 28, 28}
	if err := zoo.Edit(&s, func(m *zoo.M2Config) { m.M2.Frozen = "" }); err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(); err == nil || !strings.Contains(err.Error(), "m2.frozen") {
		t.Errorf("an echo that trains everything: error %v", err)
	}
}
