package transformer_test

import (
	"encoding/json"
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/esn"
	"elegans/esn/task"
	"elegans/tensor"
	"elegans/transformer"
)

// A block whose token mixer is a frozen reservoir that runs along the tokens in both directions,
// here on the worm: what the sensory neurons hear of a token is learned, and the motor neurons are
// read.
func ExampleEchoMixer() {
	c := esn.Defaults()
	c.Topology, c.Neurons = "connectome", 0
	c.InputNeurons, c.ReadoutNeurons = []string{"sensory"}, []string{"motor"}
	mixer, err := transformer.NewEchoMixer[float32](tensor.NewKey(1, "mixer"), transformer.EchoConfig{
		Reservoir: c, Direction: transformer.Both, Inputs: 8,
	}, 16)
	check(err)
	model, err := transformer.New[float32](tensor.NewKey(1, "model"), transformer.Config{
		Image: [3]int{1, 28, 28}, Patch: [2]int{1, 28}, Dim: 16, Depth: 1, Classes: 10,
	})
	check(err)
	model.Blocks[0].Tokens = mixer

	tp := autograd.NewTape[float32]()
	logits := model.Forward(tp, tp.Input(tensor.New[float32](2, 1, 28, 28)))
	fmt.Println(logits.Shape(), mixer.Reservoir.Size(), "neurons, of which", len(mixer.Neurons), "are read")
	// Output: [2 10] 279 neurons, of which 89 are read
}

// Sequences that differ in length: which of two channels had a pulse first. The lengths go to Run,
// and what lies behind the end of a sequence counts for nothing.
func ExampleEchoTransformer() {
	reservoir := transformer.MemoryDefaults()
	reservoir.Neurons = 30
	model, err := transformer.NewEchoTransformer[float32](tensor.NewKey(1, "model"), transformer.EchoTransformerConfig{
		Inputs: 2, Outputs: 2, Dim: 16, Reservoir: reservoir,
	})
	check(err)
	x, lengths, labels := tensor.New[float32](64, 20, 2), make([]int, 64), make([]int, 64)
	random := tensor.NewKey(2, "pulses").Rand()
	for i := range lengths {
		lengths[i], labels[i] = 10+random.IntN(11), random.IntN(2)
		first := random.IntN(lengths[i] - 1)
		second := first + 1 + random.IntN(lengths[i]-first-1)
		x.Set(1, i, first, labels[i])
		x.Set(1, i, second, 1-labels[i])
	}
	tp := autograd.NewTape[float32]()
	adam, err := optim.New("adam", nn.Trainable(model), json.RawMessage(`{"lr": 0.01}`))
	check(err)
	var logits *autograd.Var[float32]
	for range 60 {
		tp.Reset()
		adam.ZeroGrad()
		logits = model.Run(tp, tp.Input(x), lengths)
		tp.Backward(tp.CrossEntropy(logits, labels, autograd.CrossEntropyOptions[float32]{}))
		adam.Step()
	}
	right := 0
	for i, class := range tp.Argmax(logits, 1) {
		if class == labels[i] {
			right++
		}
	}
	fmt.Println("more than nine in ten are right:", right > 57)
	// Output: more than nine in ten are right: true
}

// The speakers of the Japanese vowels, sequences of 7 to 29 rows. It is not run, since it needs the
// files of the task; see package task.
func ExampleEchoTransformer_japaneseVowels() {
	vowels, err := task.Get("japanese_vowels")
	check(err)
	problem, err := vowels.Make(task.Options{Seed: 1, Path: "JapaneseVowels"})
	check(err)
	model, err := transformer.NewEchoTransformer[float32](tensor.NewKey(1, "model"), transformer.EchoTransformerConfig{
		Inputs: 12, Outputs: len(problem.Classes), Pooling: transformer.PoolingMean,
	})
	check(err)
	// All sequences as one batch, filled up with zeros.
	x, lengths, labels := tensor.New[float32](len(problem.Train), 29, 12), []int{}, []int{}
	for i, s := range problem.Train {
		n := s.Input.Dim(0)
		tensor.Copy(x.Slice(0, i, i+1, 1).Slice(1, 0, n, 1).Squeeze(0), tensor.Convert[float32](s.Input))
		lengths = append(lengths, n)
		for class := range problem.Classes {
			if s.Target.At(0, class) == 1 {
				labels = append(labels, class)
			}
		}
	}
	tp := autograd.NewTape[float32]()
	adam, err := optim.New("adam", nn.Trainable(model), json.RawMessage(`{"lr": 0.01}`))
	check(err)
	for range 100 {
		tp.Reset()
		adam.ZeroGrad()
		tp.Backward(tp.CrossEntropy(model.Run(tp, tp.Input(x), lengths), labels, autograd.CrossEntropyOptions[float32]{}))
		adam.Step()
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
