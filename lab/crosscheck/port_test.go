package crosscheck_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/data/safetensors"
	"elegans/lab/crosscheck"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// model is the worm network that is to be ported, as a manifest describes it.
var (
	network = tensornet.Config{Width: 4, Rounds: 5}
	model   = zoo.Spec{Model: "worm", Input: [3]int{1, 8, 8}, Classes: 10, Seed: 1, Config: zoo.WormConfig{Network: network}}
)

// port is a second program for that network, written from its equations: it stands for a program on
// a GPU. Arrays lie row after row, states are [neurons, batch, width].
type port struct {
	weights map[string][]float64 // by the names of the parameters
	wiring  *tensornet.Wiring    // from whom to whom the synapses go
	batch   int
	// fault, if not nil, may spoil the synaptic weights of a round: a mistake to be found
	fault func(round int, synapse []float64) []float64
}

// run computes the logits of images and returns the results of all layers under their names.
func (p *port) run(images []float64) map[string][]float64 {
	width, rounds := network.Width, network.Rounds
	signal := linear(images, p.weights["encoder.weight"], p.weights["encoder.bias"], p.batch)
	results := map[string][]float64{"a.encoder": signal}

	size := p.batch * width // of the states of a neuron
	h := make([]float64, p.wiring.Neurons*size)
	enter := func(h []float64) {
		for _, neuron := range p.wiring.Sensory {
			for i, v := range signal {
				h[neuron*size+i] += v
			}
		}
	}
	enter(h)
	results["a.net.round0"] = h
	for round := 1; round <= rounds; round++ {
		synapse := p.weights["net.synapse"]
		if p.fault != nil {
			synapse = p.fault(round, synapse)
		}
		m := make([]float64, len(h)) // what the synapses carry
		for to := range p.wiring.Neurons {
			for s := p.wiring.RowPtr[to]; s < p.wiring.RowPtr[to+1]; s++ {
				from := int(p.wiring.Col[s])
				for i := range size {
					m[to*size+i] += synapse[s] * h[from*size+i]
				}
			}
		}
		enter(m)
		h = make([]float64, len(h))
		for neuron := range p.wiring.Neurons {
			weight := p.weights["net.weight"][neuron*width*width:][:width*width]
			bias := p.weights["net.bias"][neuron*width:][:width]
			for i, v := range linear(m[neuron*size:][:size], weight, bias, p.batch) {
				h[neuron*size+i] = math.Tanh(v)
			}
		}
		results[fmt.Sprintf("a.net.round%d", round)] = h
	}
	var motors []float64 // [batch, motors*width]
	for b := range p.batch {
		for _, neuron := range p.wiring.Motor {
			motors = append(motors, h[neuron*size+b*width:][:width]...)
		}
	}
	results["a.net"] = motors
	results["a.head"] = linear(motors, p.weights["head.weight"], p.weights["head.bias"], p.batch)
	results["y"] = results["a.head"]
	return results
}

// linear returns x Wᵀ + b for the rows of x: x [rows, in], weight [out, in], bias [out].
func linear(x, weight, bias []float64, rows int) []float64 {
	in := len(x) / rows
	var y []float64
	for r := range rows {
		for o, sum := range bias {
			for i, v := range x[r*in:][:in] {
				sum += weight[o*in+i] * v
			}
			y = append(y, sum)
		}
	}
	return y
}

// dump runs a port with the given fault on three images, and writes what it computes to a folder in
// the form that crosscheck reads.
func dump(dir string, fault func(round int, synapse []float64) []float64) error {
	net, err := zoo.Build[float64](model) // whose start both programs share
	if err != nil {
		return err
	}
	config := network
	if err := config.Complete(); err != nil {
		return err
	}
	wiring, err := tensornet.Compile(connectome.Canonical(), config)
	if err != nil {
		return err
	}
	p := &port{weights: map[string][]float64{}, wiring: wiring, batch: 3, fault: fault}
	dumped := map[string]safetensors.Array{}
	for _, param := range nn.Params(net) {
		p.weights[param.Path] = param.Var.Value.Data()
		dumped["w."+param.Path] = safetensors.Of(param.Var.Value)
	}
	x := tensor.Uniform[float64](tensor.NewKey(1, "images"), 0, 1, p.batch, 1, 8, 8)
	dumped["x"] = safetensors.Of(x)
	for name, v := range p.run(x.Data()) {
		shape := []int{p.batch, len(v) / p.batch}
		if strings.HasPrefix(name, "a.net.round") {
			shape = []int{wiring.Neurons, p.batch, config.Width}
		}
		dumped[name] = safetensors.Of(tensor.FromSlice(v, shape...))
	}
	if err := safetensors.Write(filepath.Join(dir, "port.safetensors"), dumped, nil); err != nil {
		return err
	}
	manifest, err := json.Marshal(map[string]any{
		"kind":      "layers",
		"tolerance": map[string]any{"float64": map[string]float64{"rtol": 1e-12}},
		"cases":     []any{map[string]any{"name": "worm", "model": model}},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "port.json"), manifest, 0o644)
}

// loses returns a fault: from a round on, the port loses one synapse.
func loses(from int) func(round int, synapse []float64) []float64 {
	return func(round int, synapse []float64) []float64 {
		if round < from {
			return synapse
		}
		lost := append([]float64{}, synapse...)
		lost[200] = 0
		return lost
	}
}

// Check a port to another device: it loses a synapse from round 3 on, and the last line of the
// report names that round.
func Example_port() {
	dir, err := os.MkdirTemp("", "port")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := dump(dir, loses(3)); err != nil {
		fmt.Println(err)
		return
	}
	report, err := crosscheck.Run(dir, crosscheck.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range report.Rows {
		fmt.Println(row.Tensor, row.Verdict)
	}
	fmt.Println("first to depart:", report.First.Tensor)
	// Output:
	// a.encoder ok
	// a.net.round0 ok
	// a.net.round1 ok
	// a.net.round2 ok
	// a.net.round3 over
	// a.net.round4 over
	// a.net.round5 over
	// a.net over
	// a.head over
	// y over
	// first to depart: a.net.round3
}

// TestPort finds the round in which the port loses the synapse, and nothing in a port that does
// not. README.md shows the last line.
func TestPort(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from <= network.Rounds; from++ {
		dir, fault, want := t.TempDir(), loses(from), fmt.Sprintf("a.net.round%d", from)
		if from == 0 {
			fault, want = nil, ""
		}
		if err := dump(dir, fault); err != nil {
			t.Fatal(err)
		}
		report, err := crosscheck.Run(dir, crosscheck.Options{})
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		if report.First != nil {
			first = report.First.Tensor
		}
		if first != want || report.Tensors != 10 || report.Skipped > 0 {
			t.Errorf("lost from round %d on: %s; want %q", from, report.Summary(), want)
		}
		if from == 3 {
			var table strings.Builder
			if err := report.WriteTable(&table); err != nil {
				t.Fatal(err)
			}
			t.Logf("a port that loses a synapse from round 3 on:\n%s", table.String())
		}
		if from == 3 && !strings.Contains(string(readme), report.Summary()+"\n") {
			t.Errorf("README.md does not show %q", report.Summary())
		}
	}
}
