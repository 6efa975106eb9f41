package experiment

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/connectome/tensornet"
	"elegans/data/safetensors"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// TestRunsAreReadOnTheTestPart compares what a comparison reports of its runs with what their
// checkpoints say of the test part, read with the averaged parameters.
func TestRunsAreReadOnTheTestPart(t *testing.T) {
	c := tiny()
	c.Dir = t.TempDir()
	res := run(t, c)
	distinct := false
	for i := range res.Runs {
		r := &res.Runs[i]
		path := filepath.Join(c.Dir, fmt.Sprintf("%s-%d", r.Arm, r.Seed), train.LastFile)
		m, err := recipe.LoadModel(path)
		if err != nil {
			t.Fatal(err)
		}
		test, err := m.Config.Predict(context.Background(), m.Net, res.Sets.Test)
		if err != nil {
			t.Fatal(err)
		}
		if r.Accuracy != test.Accuracy() || r.Loss != test.Loss || !slices.Equal(r.Test.Labels, test.Labels) || !slices.Equal(r.Test.Read, test.Read) {
			t.Errorf("%s, seed %d: accuracy %v and loss %v of %d images, its checkpoint gives %v and %v of %d", r.Arm, r.Seed,
				r.Accuracy, r.Loss, len(r.Test.Labels), test.Accuracy(), test.Loss, len(test.Labels))
		}
		// The last values, which are not to be used, would be read otherwise.
		f, err := safetensors.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range nn.Params(m.Net) {
			raw, err := safetensors.Get[float32](f, p.Path)
			if err != nil {
				t.Fatal(err)
			}
			tensor.Copy(p.Value, raw)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		last, err := m.Config.Predict(context.Background(), m.Net, res.Sets.Test)
		if err != nil {
			t.Fatal(err)
		}
		distinct = distinct || last.Loss != test.Loss
		if n := len(r.Curve); n != 2 || r.Valid != r.Curve[n-1].ValidAcc {
			t.Errorf("%s, seed %d: validation accuracy %v, the curve ends with %+v", r.Arm, r.Seed, r.Valid, r.Curve)
		}
		if r.Curve[0].ValidAcc == r.Curve[1].ValidAcc && r.Curve[0].ValidLoss == r.Curve[1].ValidLoss {
			t.Errorf("%s, seed %d: both epochs end alike", r.Arm, r.Seed)
		}
	}
	for _, row := range res.Rows() {
		valid := 0.0
		for _, r := range res.Of(row.Name) {
			valid += r.Valid / float64(c.Seeds)
		}
		if math.Abs(row.Valid.Mean-valid) > 1e-12 || row.Valid.Mean == row.Accuracy.Mean {
			t.Errorf("%s: validation accuracy %v, its runs have %v; the test accuracy is %v", row.Name, row.Valid.Mean, valid, row.Accuracy.Mean)
		}
	}
	if !distinct {
		t.Error("averaged and last parameters read alike in all runs, so that nothing is told apart")
	}
	// Without a folder the same is read.
	c.Dir = ""
	if bits(t, run(t, c)) != bits(t, res) {
		t.Error("without a folder the runs are read otherwise")
	}
}

// TestSubjectKeepsWhatWasTested: the checkpoint of the subject holds the parameters that were
// tested.
func TestSubjectKeepsWhatWasTested(t *testing.T) {
	res := run(t, tiny())
	path := filepath.Join(t.TempDir(), "subject.safetensors")
	if err := res.SaveSubject(path); err != nil {
		t.Fatal(err)
	}
	m, err := recipe.LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Config.Predict(context.Background(), m.Net, res.Sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	if p.Accuracy() != res.Runs[0].Accuracy || p.Loss != res.Runs[0].Loss {
		t.Errorf("the checkpoint has accuracy %v and loss %v, the first run %v and %v", p.Accuracy(), p.Loss, res.Runs[0].Accuracy, res.Runs[0].Loss)
	}
}

// TestFrozenArm: the network of the arm "frozen" stays as it was drawn, that of the subject and all
// that stands around both does not.
func TestFrozenArm(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 40, 28, func(i int) int { return i % 2 })
	x, err := Autoencoders(autoencoderRecipe(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range x.Arms {
		if a.Name != "worm" && a.Name != "frozen" {
			continue
		}
		c, err := a.Config(5)
		if err != nil {
			t.Fatal(err)
		}
		sets, err := c.Open(context.Background(), recipe.Source{})
		if err != nil {
			t.Fatal(err)
		}
		net, err := zoo.Build[float32](c.Model)
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]*tensor.Tensor[float32]{}
		for _, p := range nn.Params(net) {
			before[p.Path] = p.Value.Clone()
		}
		r, err := c.NewRun(net, sets)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := r.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		moved, inside := 0, 0
		for _, p := range nn.Params(net) {
			same := slices.Equal(p.Value.Data(), before[p.Path].Data())
			if strings.HasPrefix(p.Path, "tn.net.") {
				inside++
				if same == (a.Name == "worm") {
					t.Errorf("%s: %s stayed as it was drawn: %v", a.Name, p.Path, same)
				}
			} else if !same {
				moved++
			}
		}
		if inside < 3 || moved < 10 {
			t.Errorf("%s: %d parameters inside the network, %d others moved", a.Name, inside, moved)
		}
	}
}

// TestContrastHasTheSubjectFirst: a subject that is better has a positive difference.
func TestContrastHasTheSubjectFirst(t *testing.T) {
	res := invented(Text{}, "mlp", 3, map[string]float64{"worm": .9, "rewired": .7, "random": .95, "mlp": .9})
	for i, want := range []float64{.2, -.05, 0} {
		c := res.Contrasts[i]
		if math.Abs(c.Mean-want) > 1e-9 || (c.T > 0) != (c.Mean > 1e-9) {
			t.Errorf("%s: difference %v with t = %v, expected %v", c.Control, c.Mean, c.T, want)
		}
	}
}

// TestBaselinesAreOfTheTestPart: what needs no training is measured where the networks are.
func TestBaselinesAreOfTheTestPart(t *testing.T) {
	c := &recipe.Config{Data: recipe.Data{Binarize: .3}}
	sets := &recipe.Sets{Train: strokes(t, 300, 1), Test: strokes(t, 50, 2)}
	list, err := baselines(context.Background(), c, sets, nil)
	if err != nil {
		t.Fatal(err)
	}
	paper, pixels := 0, 0
	for _, v := range c.Inputs(sets.Test, 0, 50).Data() {
		pixels++
		if v < .5 {
			paper++
		}
	}
	if want := float64(paper) / float64(pixels); list[0].Accuracy != want {
		t.Errorf("background: accuracy %v, the test images have a share of %v without ink", list[0].Accuracy, want)
	}
}

// TestActivationIsOfTheLastRound compares the activation of every neuron with the states that the
// network shows after its last round.
func TestActivationIsOfTheLastRound(t *testing.T) {
	base := digitsRecipe()
	base.Train.Epochs, base.Train.Batch = 1, 600
	base.Model.Config = zoo.WormConfig{Network: tensornet.Config{Width: 2, Rounds: 3}}
	c := Digits(base)
	c.Arms, c.Seeds = c.Arms[:1], 1
	res := run(t, c)
	r := &res.Runs[0]
	net := tensornet.NetworkOf(r.Model)
	sum := make([]float64, net.Wiring.Neurons)
	var last *tensor.Tensor[float32]
	flush := func() {
		if last == nil {
			return
		}
		each := last.Len() / len(sum)
		for i, v := range last.Data() {
			sum[i/each] += math.Abs(float64(v))
		}
		last = nil
	}
	net.States = func(_ int, h *tensor.Tensor[float32]) { last = h.Clone() }
	seen := 0
	image := tensor.New[float32](1, 1, 8, 8)
	for i := range res.Sets.Test.Len() {
		res.Sets.Test.Pixels(image.Data(), i)
		r.Config.Classify(r.Model, image)
		flush()
		seen++
	}
	net.States = nil
	for i, got := range res.Activation.Values {
		if want := sum[i] / float64(seen*net.Config.Width); math.Abs(got-want) > 1e-5 {
			t.Fatalf("neuron %d: activation %v, expected %v", i, got, want)
		}
	}
}
