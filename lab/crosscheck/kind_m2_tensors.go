package crosscheck

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/connectome"
	"elegans/connectome/m2"
	"elegans/data/safetensors"
	"elegans/internal/quote"
	"elegans/tensor"
)

// m2Tensors is a manifest of a file with all tensors: weights w.*, gradients g.*, results of layers
// a.*, and those of one step of batch normalisation.
type m2Tensors struct {
	m2Manifest
	Dtype     string          `json:"dtype"`
	Loss      m2Loss          `json:"loss"`
	Adam      m2Adam          `json:"adam"`
	AdamEcho  m2Adam          `json:"adam_echo"`
	Topology  m2Topology      `json:"topology"`
	Gradcheck json.RawMessage `json:"gradcheck"`             // of the other program
	Zero      []string        `json:"zero_gradient_tensors"` // whose gradients g.* are zeros
	Tensors   json.RawMessage `json:"tensors"`               // what each tensor holds
}

// m2Topology lists the live units of the graph.
type m2Topology struct {
	Interneurons []struct {
		Index int    `json:"index"`
		K     int    `json:"k"`
		Name  string `json:"shipped_name"`
	} `json:"interneurons"`
	Motors []struct {
		Index  int    `json:"index"`
		Source *int   `json:"source"` // null: the code itself
		Name   string `json:"shipped_name"`
	} `json:"motors"`
}

// m2TensorsTolerance bounds differences: in float64 of every tensor by a rule in words, of losses
// and of final norms; in float32 of outputs, gradients and losses.
type m2TensorsTolerance struct {
	Float64 struct {
		Every  string  `json:"every tensor"`
		Losses float64 `json:"losses_abs"`
		L2     float64 `json:"final_l2_rel"`
	} `json:"float64"`
	Float32 struct {
		Outputs   float64 `json:"outputs_abs"`
		Gradients float64 `json:"gradients_rel_l2"`
		Losses    float64 `json:"losses_abs"`
	} `json:"float32"`
	every float64 // the number in the rule
}

// check refuses what is no bound, and a rule that is not everyTensor.
func (t *m2TensorsTolerance) check(h *head) error {
	if _, err := fmt.Sscanf(t.Float64.Every, everyTensor, &t.every); err != nil {
		return fmt.Errorf("key \"float64.every tensor\" is %q, expected the form %q", t.Float64.Every, everyTensor)
	}
	return h.bounds(map[string]float64{
		"float64.every tensor": t.every, "float64.losses_abs": t.Float64.Losses, "float64.final_l2_rel": t.Float64.L2,
		"float32.outputs_abs": t.Float32.Outputs, "float32.gradients_rel_l2": t.Float32.Gradients, "float32.losses_abs": t.Float32.Losses,
	})
}

// everyTensor is the rule that the manifest states in words: the bound grows with the largest
// element of a tensor.
const everyTensor = "max abs difference <= %g * (largest absolute entry of the reference tensor, at least 1)"

func runM2Tensors(m *manifest, file *tensorFile, rec *recorder) error {
	var man m2Tensors
	if err := m.decode("", m.raw, &man); err != nil {
		return err
	}
	var tol m2TensorsTolerance
	if err := m.decode("tolerance", m.Tolerance, &tol); err != nil {
		return err
	}
	if err := tol.check(&m.head); err != nil {
		return m.errorf("tolerance: %w", err)
	}
	if man.Dtype != "float64" {
		rec.begin("tensors")
		rec.skip("dtype " + quote.Text(man.Dtype) + ", expected float64")
		file.name(file.Names()...)
		return nil
	}
	rec.begin("topology")
	rec.topology(&man.Topology)

	wide, err := newM2Run[float64](&man.m2Manifest, file, rec)
	if err != nil {
		return m.errorf("%w", err)
	}
	rec.begin("weights")
	wide.weights()
	rec.begin("float64")
	wide.stepTensors(tol.every, tol.Float64.Losses, &man)
	for _, c := range []struct {
		name string
		run  *m2Adam
	}{{"adam float64", &man.Adam}, {"adam echo float64", &man.AdamEcho}} {
		rec.begin(c.name)
		if c.run == &man.AdamEcho {
			wide.model.Freeze()
		}
		wide.training(c.run, tol.Float64.Losses, tol.Float64.L2)
	}
	narrow, err := newM2Run[float32](&man.m2Manifest, file, rec)
	if err != nil {
		return m.errorf("%w", err)
	}
	rec.begin("float32")
	narrow.stepNarrow(&man, tol.Float32.Outputs, tol.Float32.Gradients, tol.Float32.Losses)
	return nil
}

// topology compares the live units of the shipped worm.
func (rec *recorder) topology(want *m2Topology) {
	live, err := m2.LiveUnits(connectome.Shipped())
	if err != nil {
		rec.fail(err.Error())
		return
	}
	var ours, theirs []float64
	for _, u := range live.Interneurons {
		ours = append(ours, float64(u.Vertex), float64(u.Power+1))
	}
	for _, u := range want.Interneurons {
		theirs = append(theirs, float64(u.Index), float64(u.K))
	}
	rec.series("interneurons and their k", ours, theirs, tolerance{})
	ours, theirs = nil, nil
	for _, u := range live.Motors {
		source := -1
		if u.Source >= 0 {
			source = live.Interneurons[u.Source].Vertex
		}
		ours = append(ours, float64(u.Vertex), float64(source))
	}
	for _, u := range want.Motors {
		source := -1
		if u.Source != nil {
			source = *u.Source
		}
		theirs = append(theirs, float64(u.Index), float64(source))
	}
	rec.series("motors and their sources", ours, theirs, tolerance{})
}

// against compares a tensor of ours, a view, with one of the file; bound returns the tolerance for
// the reference's elements.
func (r *m2Run[T]) against(label, name string, ours *tensor.Tensor[T], bound func(want []float64) tolerance) {
	r.file.name(name)
	want, err := safetensors.Get[float64](r.file.File, name)
	switch {
	case err != nil:
		r.rec.fail(err.Error())
	case !slices.Equal(ours.Shape(), want.Shape()):
		r.rec.compare(label, wrongShape(ours.Shape(), want.Shape()))
	default:
		r.rec.compare(label, compare(ours.Contiguous().Data(), want.Data(), bound(want.Data())))
	}
}

// exactly and within are tolerances for against.
func exactly([]float64) tolerance { return tolerance{} }

func within(atol float64) func([]float64) tolerance {
	return func([]float64) tolerance { return tolerance{Atol: atol} }
}

// relative allows a share of the largest element, or of 1.
func relative(share float64) func([]float64) tolerance {
	return func(want []float64) tolerance {
		top := 1.0
		for _, v := range want {
			top = max(top, math.Abs(v))
		}
		return tolerance{Atol: share * top}
	}
}

// weights compares the weights of the formula with those of the file, bit for bit.
func (r *m2Run[T]) weights() {
	for _, k := range r.model.Keras() {
		r.against("weight "+k.Name, "w."+k.Name, k.Value(), exactly)
	}
}

// stepTensors compares one pass forward and backward, in training mode and without, in all tensors.
func (r *m2Run[T]) stepTensors(share, atol float64, man *m2Tensors) {
	r.tape.Training = false
	logits, _ := r.forward()
	r.against("inference dec.out", "inference.dec.out", r.layout("dec.out", r.tape.Sigmoid(logits).Value), relative(share))

	r.tape.Training, r.tape.KeepMarks = true, true
	_, loss := r.forward()
	for _, mark := range r.tape.Marks() {
		t := r.layout(mark.Name, mark.Var.Value)
		if name := "a." + mark.Name; r.file.Has(name) {
			r.against(mark.Name, name, r.sample(mark.Name, t, name), relative(share))
		}
		if mark.Name == "mha.attention" {
			largest, entropy := attentionStats(t)
			r.against(mark.Name+".max", "a.mha.attention.max", largest, relative(share))
			r.against(mark.Name+".entropy", "a.mha.attention.entropy", entropy, relative(share))
		}
	}
	for i, v := range values(loss) {
		r.rec.series(termNames[i], []float64{v}, man.Loss.terms()[i:i+1], tolerance{Atol: atol})
	}
	bn := r.model.Decoder.BN
	r.against("dec.bn.moving_mean", "bn.moving_mean.after1", bn.RunningMean.Value, relative(share))
	r.against("dec.bn.moving_variance", "bn.moving_variance.after1", bn.RunningVar.Value, relative(share))

	r.tape.KeepMarks = false
	r.tape.Backward(loss.Total)
	r.zeros(man.Zero)
	for _, k := range r.model.Keras() {
		if k.Param.RequiresGrad() {
			r.against("grad "+k.Name, "g."+k.Name, tensor.FromSlice(narrowed[T](gradient(&k)), k.Value().Shape()...), relative(share))
		}
	}
	r.zeroGrad()
}

// zeros checks that the recorded gradients that the manifest says are zeros are.
func (r *m2Run[T]) zeros(names []string) {
	for _, name := range names {
		want, err := safetensors.Get[float64](r.file.File, "g."+name)
		switch {
		case err != nil:
			r.rec.fail("zero_gradient_tensors: " + err.Error())
		case norm(want.Data()) != 0:
			r.rec.fail(fmt.Sprintf("zero_gradient_tensors: the gradient of %s is not 0", quote.Name(name)))
		}
	}
}

func (r *m2Run[T]) zeroGrad() {
	for _, p := range nn.Params[T](r.model) {
		p.ZeroGrad()
	}
}

// narrowed undoes widen.
func narrowed[T tensor.Float](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

// sample returns the part of a result that the file keeps: all of it; the first image; or of the
// first image the first, the middle and the last position of the next axis.
func (r *m2Run[T]) sample(mark string, t *tensor.Tensor[T], name string) *tensor.Tensor[T] {
	info, err := r.file.Info(name)
	if err != nil || slices.Equal(info.Shape, t.Shape()) {
		return t
	}
	first := t.Slice(0, 0, 1, 1)
	if len(info.Shape) == t.Dims() {
		return first
	}
	first = first.Squeeze(0)
	n := first.Dim(0)
	shape := append([]int{3}, first.Shape()[1:]...)
	picked := tensor.New[T](shape...)
	for i, at := range []int{0, (n - 1) / 2, n - 1} {
		tensor.Copy(picked.Slice(0, i, i+1, 1), first.Slice(0, at, at+1, 1))
	}
	return picked
}

// attentionStats returns the largest weight and the entropy in nats of each image and query head:
// attention [B, heads, motors, heads]  ->  [B, heads].
func attentionStats[T tensor.Float](attention *tensor.Tensor[T]) (largest, entropy *tensor.Tensor[T]) {
	batch, heads := attention.Dim(0), attention.Dim(1)
	largest, entropy = tensor.New[T](batch, heads), tensor.New[T](batch, heads)
	data := attention.Contiguous().Data()
	n := len(data) / (batch * heads)
	for i := range batch * heads {
		top, sum := 0.0, 0.0
		for _, a := range data[i*n : (i+1)*n] {
			if a > 0 {
				top = max(top, float64(a))
				sum -= float64(a) * math.Log(float64(a))
			}
		}
		largest.Data()[i], entropy.Data()[i] = T(top), T(sum)
	}
	return largest, entropy
}

// training repeats a recorded training from the start, and compares losses and the norms that the
// tensors end with.
func (r *m2Run[T]) training(a *m2Adam, atol, rel float64) {
	if err := r.start(); err != nil {
		r.rec.fail(err.Error())
		return
	}
	tensors := 0
	for _, k := range r.model.Keras() {
		if k.Param.RequiresGrad() {
			tensors++
		}
	}
	r.rec.series("trainable tensors and parameters", []float64{float64(tensors), float64(nn.Count[T](r.model))}, []float64{float64(a.Tensors), float64(a.Parameters)}, tolerance{})
	o := optim.AdamKerasDefaults()
	o.LR, o.Betas, o.Eps = a.LR, [2]float64{a.Beta1, a.Beta2}, a.Epsilon
	var got map[string]float64
	r.adam(o, a.Losses, []float64{atol}, func() { got = r.norms() })
	if n := len(r.model.Keras()); len(a.FinalL2) > n {
		r.rec.fail(fmt.Sprintf("final_l2 has %d tensors, the model %d", len(a.FinalL2), n))
	}
	for _, k := range r.model.Keras() {
		want, recorded := a.FinalL2[k.Name]
		if !recorded {
			r.rec.fail(fmt.Sprintf("no final_l2 of %q", k.Name))
			continue
		}
		r.rec.series("final l2 "+k.Name, []float64{got[k.Name]}, []float64{want}, tolerance{Rtol: rel})
	}
}

// stepNarrow compares a pass in a narrower element type: outputs, loss and gradients.
func (r *m2Run[T]) stepNarrow(man *m2Tensors, outputs, gradients, losses float64) {
	r.tape.Training = false
	logits, _ := r.forward()
	r.against("inference dec.out", "inference.dec.out", r.layout("dec.out", r.tape.Sigmoid(logits).Value), within(outputs))
	r.tape.Training = true
	logits, loss := r.forward()
	r.against("dec.out", "a.dec.out", r.layout("dec.out", r.tape.Sigmoid(logits).Value), within(outputs))
	r.rec.series("loss", values(loss)[:1], man.Loss.terms()[:1], tolerance{Atol: losses})
	r.tape.Backward(loss.Total)
	for _, k := range r.model.Keras() {
		if !k.Param.RequiresGrad() {
			continue
		}
		want, err := safetensors.Get[float64](r.file.File, "g."+k.Name)
		if err != nil {
			r.rec.fail(err.Error())
			continue
		}
		r.rec.compare("grad "+k.Name, compareNorm(gradient(&k), want.Data(), gradients))
	}
	r.zeroGrad()
}

// compareNorm accepts ours if the Euclidean norm of the difference is within a share of the
// reference's norm, and shows that share as the relative difference.
func compareNorm(ours, want []float64, share float64) difference {
	if len(ours) != len(want) {
		return wrongShape([]int{len(ours)}, []int{len(want)})
	}
	d := compare(ours, want, tolerance{Atol: math.Inf(1)})
	delta := make([]float64, len(want))
	for i, w := range want {
		delta[i] = ours[i] - w
	}
	off, size := norm(delta), norm(want)
	d.rel = 0
	if off > 0 {
		d.rel = off / size
	}
	if d.within = off <= share*size; !d.within {
		d.detail = fmt.Sprintf("the norm of the difference is %.3g, that of the reference %.3g", off, size)
	}
	return d
}
