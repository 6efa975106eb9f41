package m2

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// TestMeasure compares with counts made by hand.
func TestMeasure(t *testing.T) {
	at := func(p float64) float64 { return math.Log(p / (1 - p)) }
	// ink: right, missed, found at .252, only at .25
	// paper: right, false, false at .252, false at .25
	logits := tensor.FromSlice([]float64{at(.9), at(.1), at(.3), at(.251), at(.01), at(.8), at(.26), at(.251)}, 8)
	images := tensor.FromSlice([]float64{1, 1, 1, 1, 0, 0, 0, 0}, 8)
	s := Measure(logits, images)
	want := Scores{Accuracy: 4. / 8, M0: 2 * 2. / (4 + 4), M1: 2 * 3. / (6 + 4)}
	if s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	if s := Measure(tensor.FromSlice([]float64{-9, -9}, 2), tensor.New[float64](2)); s != (Scores{Accuracy: 1}) {
		t.Errorf("nothing to find and nothing found: %+v", s)
	}
}

// blots are images of one dark rectangle each.
func blots(n int) *tensor.Tensor[float32] {
	x := tensor.New[float32](n, 1, Side, Side)
	for i := range n {
		for y := 4 + i%5; y < 12+2*(i%4); y++ {
			for k := 3 + 2*(i%7); k < 12+2*(i%7); k++ {
				x.Set(1, i, 0, y, k)
			}
		}
	}
	return x
}

func blotTrainer(t testing.TB, dir string, epochs int) *train.Trainer[float32] {
	c := Config{
		Width: 24, Encoder: [3]int{4, 4, 4}, Hidden: [2]int{24, 16}, Latent: 2, Decoder: [3]int{8, 8, 8}, Heads: 2, Core: "worm",
		BatchMomentum: 0.1, NoPenalties: true, Network: tensornet.Config{Width: 4, Rounds: 2},
	}
	a, err := New[float32](tinyGraph(t), c, tensor.NewKey(1, "blots"))
	if err != nil {
		t.Fatal(err)
	}
	x := blots(40)
	return &train.Trainer[float32]{
		Config:    train.Config{Epochs: epochs, Seed: 1, EMA: 0.9, ClipNorm: 1, Dir: dir, Save: 1, StepLog: 1},
		Model:     a,
		Objective: Objective[float32]{a},
		Optimizer: optim.Adam(nn.Trainable[float32](a), optim.AdamOptions{LR: 0.01, Betas: [2]float64{0.9, 0.99}, Eps: 1e-8}),
		Train:     train.FromTensors(x, nil, nil, 10),
		Valid:     train.FromTensors(x, nil, nil, 20),
	}
}

// TestObjectiveLearns trains on a few images and looks at what the metrics say.
func TestObjectiveLearns(t *testing.T) {
	tr := blotTrainer(t, "", 30)
	before, err := tr.Evaluate(tr.Valid)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	after, err := tr.Evaluate(tr.Valid)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct {
		name  string
		least float64
	}{{"accuracy", 0.97}, {"m0", 0.85}, {"m1", 0.85}} {
		a, _ := before.Mean(m.name)
		b, ok := after.Mean(m.name)
		if !ok || b < m.least || b < a {
			t.Errorf("%s is %v after training, was %v before, want at least %v", m.name, b, a, m.least)
		}
	}
	if loss, _ := after.Mean("loss"); !(loss < 0.1) {
		t.Errorf("loss %v after training", loss)
	}
}

// TestBrokenModelIsReported puts an infinity into a weight.
func TestBrokenModelIsReported(t *testing.T) {
	tr := blotTrainer(t, "", 1)
	tr.Model.(*Autoencoder[float32]).Decoder.Dense2.Weight.Value.Data()[7] = float32(math.Inf(1))
	_, err := tr.Run(context.Background())
	var broken *train.NonFiniteError
	if !errors.As(err, &broken) || broken.Parameter != "dec.dense2.weight" || broken.Index != 7 {
		t.Errorf("error %v, want one that names dec.dense2.weight[7]", err)
	}
}

// Three of four pixels lie on the right side of one half.
func ExampleMeasure() {
	logits := tensor.FromSlice([]float32{3, -2, 1, -4}, 1, 1, 2, 2)
	images := tensor.FromSlice([]float32{1, 0, 0, 0}, 1, 1, 2, 2)
	fmt.Println(Measure(logits, images).Accuracy)
	// Output: 0.75
}
