package recipe

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"elegans/autograd/train"
	"elegans/data"
	"elegans/data/npy"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// numbered writes a data set of n images of 8x8 in two classes and returns its folder. Every pixel
// of image i is (i+1)/(n+1), so that a pixel tells which image it is of.
func numbered(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	x, y := tensor.New[float32](n, 1, 8, 8), make([]int64, n)
	for i := range n {
		y[i] = int64(i % 2)
		for j := range 64 {
			x.Data()[i*64+j] = float32(i+1) / float32(n+1)
		}
	}
	err := errors.Join(npy.WriteFile(filepath.Join(dir, "x.npy"), x), npy.WriteIntsFile(filepath.Join(dir, "y.npy"), y, n))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// ofNumbered is the recipe of a small perceptron on such a data set.
func ofNumbered(dir string) Config {
	c := Default("mlp")
	c.Data = Data{Name: "npy", Dir: dir, TestFraction: .25, ValidFraction: .25, SplitSeed: 3}
	c.Model.Config = zoo.MLPConfig{Hidden: []int{3}}
	c.Train.Epochs, c.Train.Batch = 2, 10
	return c
}

// firstPixels returns the first pixel of every image.
func firstPixels(d *data.Dataset) []float32 {
	c, h, w := d.Shape()
	pix, all := make([]float32, c*h*w), make([]float32, d.Len())
	for i := range all {
		d.Pixels(pix, i)
		all[i] = pix[0]
	}
	return all
}

// openRun opens a configuration and makes its run.
func openRun(t *testing.T, c *Config) (*Sets, *Run) {
	t.Helper()
	sets, err := c.Open(context.Background(), Source{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := zoo.Build[float32](c.Model)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.NewRun(net, sets)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return sets, r
}

// TestPartsShareNoImage: no image that judges a run has been trained on, whatever is set apart.
func TestPartsShareNoImage(t *testing.T) {
	dir := numbered(t, 80)
	for _, fraction := range []float64{0, .25} {
		for _, limit := range []int{0, 20} {
			c := ofNumbered(dir)
			c.Data.ValidFraction, c.Data.Limit = fraction, limit
			sets, r := openRun(t, &c)
			seen := map[float32]string{}
			parts := map[string]*data.Dataset{"training": sets.Train, "test": sets.Test}
			if sets.Valid != nil {
				parts["validation"] = sets.Valid
			}
			total := 0
			for name, d := range parts {
				total += d.Len()
				for _, p := range firstPixels(d) {
					if other := seen[p]; other != "" {
						t.Errorf("fraction %v, limit %d: image %v is in the %s part and in the %s part", fraction, limit, p, other, name)
					}
					seen[p] = name
				}
			}
			if limit == 0 && total != 80 || sets.Test.Len() != 20 {
				t.Errorf("fraction %v, limit %d: %d images in all, %d to test", fraction, limit, total, sets.Test.Len())
			}
			if fraction > 0 && (sets.Valid == nil || sets.Valid.Len() == 0) {
				t.Errorf("fraction %v: no validation part", fraction)
			}
			// What the trainer is given belongs to the training part, and all of it does.
			given := map[float32]bool{}
			for epoch := range 2 {
				r.Trainer.Train.Start(epoch, 0)
				for {
					b, ok := r.Trainer.Train.Next()
					if !ok {
						break
					}
					for i := range b.Len() {
						p := b.X.Data()[i*64]
						given[p] = true
						if seen[p] != "training" {
							t.Errorf("fraction %v, limit %d: the trainer is given an image of the %s part", fraction, limit, seen[p])
						}
					}
				}
			}
			if len(given) < sets.Train.Len()/2 {
				t.Errorf("fraction %v, limit %d: the trainer is given %d of %d images", fraction, limit, len(given), sets.Train.Len())
			}
		}
	}
}

// TestDigitsPartsShareNoImage is TestPartsShareNoImage of the main job's data, whose images are
// told apart by all their pixels.
func TestDigitsPartsShareNoImage(t *testing.T) {
	c := Default("worm")
	sets, err := c.Open(context.Background(), Source{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[64]float32]string{}
	total := 0
	for _, part := range []struct {
		name string
		d    *data.Dataset
	}{{"training", sets.Train}, {"validation", sets.Valid}, {"test", sets.Test}} {
		total += part.d.Len()
		for i := range part.d.Len() {
			var pix [64]float32
			part.d.Pixels(pix[:], i)
			if other, there := seen[pix]; there && other != part.name {
				t.Errorf("image %d of the %s part is in the %s part, too", i, part.name, other)
			}
			seen[pix] = part.name
		}
	}
	if total != data.DigitsCount {
		t.Errorf("%d images in the three parts, expected %d", total, data.DigitsCount)
	}
}

// TestNormalisationOfTheTrainingPart: mean and deviation are measured on what is trained on, and on
// nothing else.
func TestNormalisationOfTheTrainingPart(t *testing.T) {
	c := ofNumbered(numbered(t, 80))
	c.Data.Normalize = true
	sets, _ := openRun(t, &c)
	sum, square, n := 0.0, 0.0, float64(sets.Train.Len())
	for _, p := range firstPixels(sets.Train) {
		sum += float64(p)
		square += float64(p) * float64(p)
	}
	mean := sum / n
	std := math.Sqrt(square/n - mean*mean)
	if len(c.Data.Mean) != 1 || math.Abs(float64(c.Data.Mean[0])-mean) > 1e-6 || math.Abs(float64(c.Data.Std[0])-std) > 1e-6 {
		t.Errorf("mean %v and deviation %v, expected %v and %v of the training part", c.Data.Mean, c.Data.Std, mean, std)
	}
}

// TestValidationIsSeenAsItIs: augmentation is for training; validation and test images are brought
// to the model as evaluation does, in every epoch alike.
func TestValidationIsSeenAsItIs(t *testing.T) {
	c := Default("mlp")
	c.Train.Augment = []string{"shift:2", "cutout:3"}
	sets, r := openRun(t, &c)
	for range 2 {
		r.Valid.Start(0, 0)
		at := 0
		for {
			b, ok := r.Valid.Next()
			if !ok {
				break
			}
			if want := c.Inputs(sets.Valid, at, b.Len()); !slices.Equal(b.X.Data(), want.Data()) {
				t.Fatalf("the validation images from %d on are not those that evaluation sees", at)
			}
			at += b.Len()
		}
		if at != sets.Valid.Len() {
			t.Errorf("%d of %d validation images", at, sets.Valid.Len())
		}
	}
	// while those that are trained on differ from one epoch to the next
	images := func(epoch int) []float32 {
		r.Trainer.Train.Start(epoch, 0)
		b, _ := r.Trainer.Train.Next()
		return slices.Clone(b.X.Data())
	}
	if slices.Equal(images(0), images(1)) || !slices.Equal(images(1), images(1)) {
		t.Error("the first batches of two epochs are the same, or one epoch has two")
	}
}

// TestAugmentationComesFirst: what a shift or a cutout leaves empty is as black as the ground of
// the images, so augmentation stands before normalisation.
func TestAugmentationComesFirst(t *testing.T) {
	c := Default("mlp")
	c.Train.Augment = []string{"cutout:100"} // of everything
	_, r := openRun(t, &c)
	r.Trainer.Train.Start(0, 0)
	b, _ := r.Trainer.Train.Next()
	want := -c.Data.Mean[0] / c.Data.Std[0]
	for i, v := range b.X.Data() {
		if math.Abs(float64(v-want)) > 1e-5 {
			t.Fatalf("pixel %d is %v, expected %v, black as the model sees it", i, v, want)
		}
	}
}

// TestParseAugmentValues reads every augmentation with all its numbers.
func TestParseAugmentValues(t *testing.T) {
	got, err := ParseAugment([]string{"shift:1", "affine", "affine:20:0.3:0.4:5", "affine:7", "flip", "crop:6", "cutout:8"})
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Augment{
		data.Shift{Max: 1}, data.Affine{Degrees: 10, Scale: .1, Shear: .1}, data.Affine{Degrees: 20, Scale: .3, Shear: .4, Shift: 5},
		data.Affine{Degrees: 7, Scale: .1, Shear: .1}, data.Flip{}, data.Crop{Pad: 6}, data.Cutout{Size: 8},
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %+v, expected %+v", got, want)
	}
}

// TestPredictions compares what Predict says of a set with what Classify says of each image.
func TestPredictions(t *testing.T) {
	c := Default("mlp")
	c.Train.Epochs, c.Data.Limit = 1, 300
	sets, r := openRun(t, &c)
	if _, err := r.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	p, err := c.Predict(context.Background(), r.Model, sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	image := tensor.New[float32](1, 1, 8, 8)
	loss, right := 0.0, 0
	for i := range sets.Test.Len() {
		sets.Test.Pixels(image.Data(), i)
		prob := c.Classify(r.Model, image)
		k := train.ArgMax(prob)
		label := sets.Test.Label(i)
		if p.Labels[i] != label || p.Read[i] != k || math.Abs(p.Probability[i]-prob[k]) > 1e-6 {
			t.Fatalf("image %d: class %d read as %d with %v, expected class %d read as %d with %v",
				i, p.Labels[i], p.Read[i], p.Probability[i], label, k, prob[k])
		}
		loss -= math.Log(prob[label])
		if k == label {
			right++
		}
	}
	n := float64(sets.Test.Len())
	if math.Abs(p.Loss-loss/n) > 1e-5 || p.Correct() != right || math.Abs(p.Accuracy()-float64(right)/n) > 1e-12 || right == sets.Test.Len() {
		t.Errorf("loss %v, %d right, accuracy %v; expected %v, %d, %v", p.Loss, p.Correct(), p.Accuracy(), loss/n, right, float64(right)/n)
	}
}
