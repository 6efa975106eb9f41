package reservoir_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/lab/reservoir"
	"elegans/tensor"
)

// get returns a task that exists.
func get(t *testing.T, name string) *task.Task {
	t.Helper()
	found, err := task.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// set changes fields of a recipe.
func set(t *testing.T, r *reservoir.Recipe, fields ...string) {
	t.Helper()
	for _, f := range fields {
		key, value, _ := strings.Cut(f, "=")
		if err := r.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNARMA10 comes near what the same network reaches elsewhere: an NMSE of .073 with a deviation
// of .022, and .151 for the delay line of 50 taps.
func TestNARMA10(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "radius=.9", "input_scale=.0125", "bias_scale=.3", "density=.05")
	res, err := reservoir.Evaluate(context.Background(), r, get(t, "narma10"), reservoir.Options{Seeds: 6})
	if err != nil {
		t.Fatal(err)
	}
	if res.Test.Mean > .1 || res.Test.Mean < .04 || math.Abs(res.Baseline.Mean-.15) > .01 {
		t.Errorf("NMSE %v, baseline %v, want about .073 and .15", res.Test, res.Baseline)
	}
	for i, run := range res.Runs {
		if run.Seed != uint64(i+1) || run.Neurons != 100 || run.Features != 100 || run.Penalty == nil || len(run.Data) != 64 {
			t.Errorf("run %d: %+v", i, run)
		}
	}
}

// TestJobs: the numbers do not depend on how many runs are made at a time.
func TestJobs(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "neurons=20", "readout_input=true")
	var first []byte
	for _, jobs := range []int{1, 2, 5} {
		res, err := reservoir.Evaluate(context.Background(), r, get(t, "henon"), reservoir.Options{Seeds: 4, Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		for i := range res.Runs {
			res.Runs[i].Seconds = 0
		}
		b, err := json.Marshal(res.Runs)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		} else if string(b) != string(first) {
			t.Errorf("%d at a time: %s, want %s", jobs, b, first)
		}
	}
}

// TestPenaltyIsChosenOnValidation: with noise for targets the largest penalty is the best there,
// and the test part has no say.
func TestPenaltyIsChosenOnValidation(t *testing.T) {
	noise := func(seed uint64, rows int) []esn.Sequence {
		return []esn.Sequence{{
			Input:  tensor.Uniform[float64](tensor.NewKey(seed, "input"), -1, 1, rows, 1),
			Target: tensor.Uniform[float64](tensor.NewKey(seed, "target"), -1, 1, rows, 1),
		}}
	}
	tk := task.Task{Name: "noise", Kind: task.Regression, Metric: task.NMSE, Inputs: 1, Outputs: 1}
	tk.Make = func(o task.Options) (task.Problem, error) {
		return task.Problem{Task: &tk, Train: noise(1, 150), Validate: noise(2, 2000), Test: noise(3, 500), Washout: 20}, nil
	}
	r := reservoir.DefaultRecipe()
	set(t, &r, "penalties=1e-9,1e3,1e-3")
	res, err := reservoir.Evaluate(context.Background(), r, &tk, reservoir.Options{Seeds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if p := *res.Runs[0].Penalty; p != 1e3 {
		t.Errorf("penalty %v, want 1000", p)
	}
	if v := res.Runs[0].Test.Value; math.Abs(v-1) > .05 {
		t.Errorf("test NMSE of noise is %v, want about 1", v)
	}
	if len(res.Notes) != 1 || !strings.Contains(res.Notes[0], "largest penalty") {
		t.Errorf("notes %q", res.Notes)
	}
}

// TestEqualPenalties: of penalties with which all rows are classified as well, the one in the
// middle is chosen.
func TestEqualPenalties(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "neurons=50", "penalties=1e-12,1e-10,1e-8,1e-6,1e6")
	res, err := reservoir.Evaluate(context.Background(), r, get(t, "sine_square"), reservoir.Options{Seeds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if run := res.Runs[0]; run.Valid.Value != 1 || *run.Penalty != 1e-8 {
		t.Errorf("penalty %v with %v of the rows right, want 1e-8 with all", *run.Penalty, run.Valid.Value)
	}
}

// TestGrowsWithoutBound: states that overflow are a *DivergedError, so that a comparison goes on
// with other networks.
func TestGrowsWithoutBound(t *testing.T) {
	for _, fields := range [][]string{{"activation=relu"}, {"activation=linear", "readout.kind=qr"}} {
		r := reservoir.DefaultRecipe()
		set(t, &r, append(fields, "neurons=20", "radius=5")...)
		var diverged *reservoir.DivergedError
		if _, err := reservoir.Evaluate(context.Background(), r, get(t, "narma10"), reservoir.Options{Seeds: 1}); !errors.As(err, &diverged) {
			t.Errorf("%v: error %v, expected a DivergedError", fields, err)
		}
	}
}

// TestConstantTarget: an error relative to the variance of a target that does not vary is refused
// as that, and not as a network that diverges.
func TestConstantTarget(t *testing.T) {
	tk := task.Task{Name: "constant", Kind: task.Regression, Metric: task.NMSE, Inputs: 1, Outputs: 1}
	tk.Make = func(o task.Options) (task.Problem, error) {
		s := []esn.Sequence{{
			Input: tensor.Uniform[float64](tensor.NewKey(1, "input"), -1, 1, 200, 1), Target: tensor.Full(1.0, 200, 1),
		}}
		return task.Problem{Task: &tk, Train: s, Validate: s, Test: s, Washout: 20}, nil
	}
	_, err := reservoir.Evaluate(context.Background(), reservoir.DefaultRecipe(), &tk, reservoir.Options{Seeds: 1})
	if err == nil || !strings.Contains(err.Error(), "the same in all 180 scored rows") {
		t.Errorf("error %v, expected one that says that the target does not vary", err)
	}
}

// TestLostLoop: of a closed loop that leaves the finite numbers the rows before count, and the
// record can be written.
func TestLostLoop(t *testing.T) {
	const rows = 6000
	x := tensor.New[float64](rows+1, 1) // grows as long as its numbers are finite; the loop goes on
	for i := range rows + 1 {
		x.Data()[i] = math.Pow(1.2, float64(min(i, 3000)))
	}
	cut := func(rows int) []esn.Sequence {
		return []esn.Sequence{{Input: x.Slice(0, 0, rows, 1), Target: x.Slice(0, 1, rows+1, 1)}}
	}
	tk := task.Task{
		Name: "growth", Kind: task.Generation, Metric: task.ValidTime, Inputs: 1, Outputs: 1, Time: task.Time{Step: 1, Lyapunov: 1},
	}
	p := task.Problem{Task: &tk, Train: cut(80), Validate: cut(80), Test: cut(rows), Washout: 50}
	tk.Make = func(o task.Options) (task.Problem, error) { return p, nil }
	r := reservoir.DefaultRecipe()
	set(t, &r, "activation=linear", "radius=.5", "neurons=5", "bias_scale=0", "penalties=0")

	readout, err := esn.DecodeReadout(r.Readout)
	if err != nil {
		t.Fatal(err)
	}
	r.Reservoir.Washout = p.Washout
	n, err := esn.NewNetwork[float64](r.Reservoir, 1, 1, readout)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Fit(p.Train); err != nil {
		t.Fatal(err)
	}
	y, err := task.Predict(&p, n, p.Test[0])
	if err != nil {
		t.Fatal(err)
	}
	if v := y.At(70, 0) / x.At(71, 0); math.Abs(v-1) > .01 || !math.IsNaN(y.At(rows-1, 0)) {
		t.Fatalf("row 70 is %v of the truth and the last one %v, expected about 1 and NaN", v, y.At(rows-1, 0))
	}
	res, err := reservoir.Evaluate(context.Background(), r, &tk, reservoir.Options{Seeds: 1, NoBaseline: true})
	if err != nil {
		t.Fatal(err)
	}
	if res.Test.Mean < 10 {
		t.Errorf("valid for %v rows, expected those before the overflow to count", res.Test.Mean)
	}
	if err := res.Write(t.TempDir(), "test"); err != nil {
		t.Error(err)
	}
}

// TestReservoirKeepsRewiring: a detour over another topology leaves a small world what it is.
func TestReservoirKeepsRewiring(t *testing.T) {
	r := reservoir.DefaultRecipe()
	for _, name := range []string{"ring", "small_world"} {
		if err := r.SetReservoir(name); err != nil {
			t.Fatal(err)
		}
	}
	if r.Reservoir.Rewiring != .1 {
		t.Errorf("rewiring %v, expected .1", r.Reservoir.Rewiring)
	}
}

// TestClosedLoop: a task of generation is scored on what the network says after the washout, from
// its own outputs: a network that has learnt to count on goes on counting.
func TestClosedLoop(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "neurons=100", "radius=.4", "input_scale=.3")
	res, err := reservoir.Evaluate(context.Background(), r, get(t, "logistic"), reservoir.Options{Seeds: 2})
	if err != nil {
		t.Fatal(err)
	}
	if res.Test.Mean < 4 || res.Baseline.Mean > 1 {
		t.Errorf("valid for %v Lyapunov times, the last value for %v; want above 4 and below 1", res.Test.Mean, res.Baseline.Mean)
	}
}

// TestPartsAreScoredApart: the score of the test is of the test, and that of the validation of the
// validation, though one is easy and the other is noise.
func TestPartsAreScoredApart(t *testing.T) {
	part := func(seed uint64, echo bool) []esn.Sequence {
		s := esn.Sequence{Input: tensor.Uniform[float64](tensor.NewKey(seed, "input"), -1, 1, 400, 1)}
		if s.Target = s.Input; !echo {
			s.Target = tensor.Uniform[float64](tensor.NewKey(seed, "target"), -1, 1, 400, 1)
		}
		return []esn.Sequence{s}
	}
	for _, easy := range []string{"validate", "test"} {
		tk := task.Task{Name: "echo", Kind: task.Regression, Metric: task.NMSE, Inputs: 1, Outputs: 1}
		tk.Make = func(task.Options) (task.Problem, error) {
			return task.Problem{Task: &tk, Train: part(1, true), Validate: part(2, easy == "validate"), Test: part(3, easy == "test"), Washout: 20}, nil
		}
		r := reservoir.DefaultRecipe()
		set(t, &r, "neurons=50", "penalties=1e-6")
		res, err := reservoir.Evaluate(context.Background(), r, &tk, reservoir.Options{Seeds: 1, NoBaseline: true})
		if err != nil {
			t.Fatal(err)
		}
		low, high := res.Valid.Mean, res.Test.Mean
		if easy == "test" {
			low, high = high, low
		}
		if !(low < .1 && high > 1) {
			t.Errorf("%s is easy: NMSE %v of the validation and %v of the test", easy, res.Valid.Mean, res.Test.Mean)
		}
	}
}

// TestClosedLoopSeesNothing: of a generation, no input behind row Washout has a say in the output,
// and that row itself has.
func TestClosedLoopSeesNothing(t *testing.T) {
	p, err := get(t, "logistic").Make(task.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := reservoir.DefaultRecipe()
	r.Reservoir.Neurons, r.Reservoir.Washout = 50, p.Washout
	n, err := esn.NewNetwork[float64](r.Reservoir, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Fit(p.Train); err != nil {
		t.Fatal(err)
	}
	outputs := func(from int) []float64 {
		s := p.Test[0]
		s.Input = s.Input.Clone()
		tensor.Fill(s.Input.Slice(0, from, s.Input.Dim(0), 1), .123)
		y, err := task.Predict(&p, n, s)
		if err != nil {
			t.Fatal(err)
		}
		return y.Data()
	}
	whole := outputs(p.Test[0].Input.Dim(0))
	if !slices.Equal(outputs(p.Washout+1), whole) {
		t.Error("the inputs behind the washout change the outputs of the closed loop")
	}
	if slices.Equal(outputs(p.Washout), whole) {
		t.Error("the last input before the closed loop has no say in it")
	}
}

// TestPipeIsStepAndLearn: a stream of text gives what a network gives that learns the target of
// each row once, after the prediction of the row or before that of the next.
func TestPipeIsStepAndLearn(t *testing.T) {
	const rows = 40
	data := tensor.Uniform[float64](tensor.NewKey(1, "pipe"), -1, 1, rows, 3)
	var text strings.Builder
	text.WriteString("a,b,c\n")
	for t := range rows {
		fmt.Fprintf(&text, "%v,%v,%v\n", data.At(t, 0), data.At(t, 1), data.At(t, 2))
	}
	for _, same := range []bool{true, false} {
		r := reservoir.DefaultRecipe()
		set(t, &r, "neurons=20", "readout.kind=rls")
		columns := reservoir.Columns{Targets: []string{"b"}, SameRow: same}
		fresh, err := reservoir.Fresh(r, columns)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := (&reservoir.Pipe{Make: fresh, Columns: columns}).Run(context.Background(), strings.NewReader(text.String()), &out); err != nil {
			t.Fatal(err)
		}
		readout, err := esn.DecodeReadout(r.Readout)
		if err != nil {
			t.Fatal(err)
		}
		inputs := []int{0, 1, 2}
		if same {
			inputs = []int{0, 2}
		}
		n, err := esn.NewNetwork[float64](r.Reservoir, len(inputs), 1, readout)
		if err != nil {
			t.Fatal(err)
		}
		s := n.Stream()
		for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			target := []float64{data.At(i, 1)}
			if !same && i > 0 {
				if err := s.Learn(target); err != nil {
					t.Fatal(err)
				}
			}
			var u []float64
			for _, c := range inputs {
				u = append(u, data.At(i, c))
			}
			y, err := s.Step(u)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := strconv.ParseFloat(line, 64); err != nil || got != y[0] {
				t.Fatalf("same row %v, row %d: %s, want %v", same, i, line, y[0])
			}
			if same {
				if err := s.Learn(target); err != nil {
					t.Fatal(err)
				}
			}
		}
		if s.State().Steps != rows {
			t.Errorf("same row %v: %d rows of output, want %d", same, s.State().Steps, rows)
		}
	}
}

// TestSet reaches every field.
func TestSet(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "radius=.5", "leak=.1:.9", "input_neurons=sensory,AVAL", "connectome.count=log1p", "degree=7", "input_to_all_layers=true",
		"penalties=1e-3,1", "precision=float32", "seed=9", "readout.intercept=none", "readout.absolute=1")
	want := esn.Defaults()
	want.Scale, want.Scaling, want.Leak, want.InputNeurons = .5, esn.SpectralRadiusScaling, esn.Range{Low: .1, High: .9}, []string{"sensory", "AVAL"}
	want.Connectome.Count, want.Degree, want.InputToAllLayers, want.Seed = esn.Log1p, 7, true, 9
	if !reflect.DeepEqual(r.Reservoir, want) || r.Precision != "float32" || !reflect.DeepEqual(r.Penalties, []float64{1e-3, 1}) {
		t.Errorf("found %+v, expected %+v", r, want)
	}
	for _, value := range []string{"NaN", "0.1:Inf", "-Inf"} {
		r := reservoir.DefaultRecipe()
		if err := r.Set("leak", value); err == nil || err.Error() != fmt.Sprintf("leak: found %q, expected finite numbers", value) {
			t.Errorf("leak=%s: %v", value, err)
		}
	}
	for _, key := range reservoir.Keys() {
		accepted := false
		for _, value := range []string{"1", "linear", "ridge"} {
			r := reservoir.DefaultRecipe()
			accepted = accepted || r.Set(key, value) == nil
		}
		if !accepted {
			t.Errorf("the key %s takes nothing", key)
		}
	}
}

// TestRecipeFile: what is written is read back, and faults name the file and what is wrong.
func TestRecipeFile(t *testing.T) {
	r := reservoir.DefaultRecipe()
	set(t, &r, "leak=.1:.9", "readout.intercept=none", "penalties=.5")
	if err := r.SetReservoir("worm"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "r.json")
	write := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	b, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	write(b)
	again, err := reservoir.LoadRecipe(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.JSON()
	if err != nil || string(second) != string(b) {
		t.Errorf("read back %s, want %s (%v)", second, b, err)
	}
	for text, want := range map[string]string{
		`{"reservoir": {"neurons": -1}}`:                 "neurons -1",
		`{"neurons": 3}`:                                 `"neurons"`,
		`{"readout": {"kind": "ridge", "x": 1}}`:         `"x"`,
		`{"readout": 3}`:                                 "readout",
		`{"penalties": [-1]}`:                            "penalties: -1",
		`{"penalties": [1], "readout": {"kind": "rls"}}`: "penalties: given, which a rls readout",
		`{"precision": "float16"}`:                       `precision "float16"`,
		`{`:                                              "unexpected end",
		`{"readout": {"kind": "ridge", "intercept": "perhaps"}}`: "perhaps",
	} {
		write([]byte(text))
		if _, err := reservoir.LoadRecipe(path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "r.json") {
			t.Errorf("%s: %v, expected a line with %s", text, err, want)
		}
	}
}

// TestCancelled ends with the context's error.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := reservoir.Evaluate(ctx, reservoir.DefaultRecipe(), get(t, "henon"), reservoir.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestPipeTakesNothingOfABadRow: a row that the states cannot hold is refused before its target is
// learnt.
func TestPipeTakesNothingOfABadRow(t *testing.T) {
	columns := reservoir.Columns{Targets: []string{"b"}}
	after := func(text string) ([]byte, error) {
		r := reservoir.DefaultRecipe()
		set(t, &r, "neurons=20", "readout.kind=rls", "precision=float32")
		fresh, err := reservoir.Fresh(r, columns)
		if err != nil {
			t.Fatal(err)
		}
		p := &reservoir.Pipe{Make: fresh, Columns: columns}
		ended := p.Run(context.Background(), strings.NewReader(text), io.Discard)
		path := filepath.Join(t.TempDir(), "net.safetensors")
		if err := p.Model.Save(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b, ended
	}
	whole, err := after("a,b\n.1,.2\n.3,.4\n")
	if err != nil {
		t.Fatal(err)
	}
	cut, err := after("a,b\n.1,.2\n.3,.4\n1e300,.5\n")
	var line *reservoir.LineError
	if !errors.As(err, &line) || line.Line != 4 {
		t.Errorf("a number beyond float32: %v, want an error of line 4", err)
	}
	if !bytes.Equal(whole, cut) {
		t.Error("a row that was refused has left something behind")
	}
}
