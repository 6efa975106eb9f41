package crosscheck

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime/debug"
	"slices"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/connectome/m2"
	"elegans/data/safetensors"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// m2Manifest is recorded runs of the published autoencoder on one batch of images, from weights
// that a formula makes. There are two forms, which have these keys in common: m2Tensors, with all
// tensors, which names an element type, and m2Full, of full width, with statistics of the tensors
// for both element types.
type m2Manifest struct {
	head
	m2Remarks
	Config struct {
		D      int    `json:"d"`
		Enc    [3]int `json:"enc"`
		Hidden [2]int `json:"dec_dense"`
		Latent int    `json:"latent"`
		Dec    [3]int `json:"dec"`
		KeyDim int    `json:"key_dim"`
		Heads  int    `json:"heads"`
	} `json:"config"`
	Fill m2Fill `json:"fill"`
}

// m2Remarks are keys for people.
type m2Remarks struct {
	What     string            `json:"what"`
	Batch    int               `json:"batch"`
	Images   string            `json:"images"`
	Versions map[string]string `json:"versions"`
	Narrow   json.RawMessage   `json:"float32_against_float64"`
}

// m2Fill says how the weights were made: the numbers of the formula, which the other keys state in
// words.
type m2Fill struct {
	m2.Fill
	Kernel string `json:"kernel"`
	Bias   string `json:"bias_beta_moving_mean"`
	Gamma  string `json:"gamma_moving_variance"`
}

// m2Loss holds the terms of a loss, in the order of m2.Terms.
type m2Loss struct {
	Total      float64 `json:"total"`
	BCE        float64 `json:"bce"`
	L1Kernel   float64 `json:"l1_kernel"`
	L1Bias     float64 `json:"l1_bias"`
	L1Activity float64 `json:"l1_activity"`
}

func (l m2Loss) terms() []float64 {
	return []float64{l.Total, l.BCE, l.L1Kernel, l.L1Bias, l.L1Activity}
}

func runM2(m *manifest, rec *recorder) error {
	var form struct {
		Dtype *string         `json:"dtype"`
		Cases json.RawMessage `json:"cases"`
	}
	if err := json.Unmarshal(m.raw, &form); err != nil {
		return m.errorf("%w", err)
	}
	if form.Cases != nil {
		return m.errorf("key \"cases\": unknown in a manifest of kind m2, which is a case as a whole")
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	run := runM2Full
	if form.Dtype != nil {
		run = runM2Tensors
	}
	if err := run(m, file, rec); err != nil {
		return err
	}
	rec.unnamed(file)
	return nil
}

// m2Run is the model of a manifest in one element type, with the images.
type m2Run[T tensor.Float] struct {
	model  *m2.Autoencoder[T]
	tape   *autograd.Tape[T]
	images *tensor.Tensor[T] // [batch, 1, 28, 28]
	fill   m2.Fill
	rec    *recorder
	file   *tensorFile
}

// newM2Run builds the model and reads the images.
func newM2Run[T tensor.Float](man *m2Manifest, file *tensorFile, rec *recorder) (*m2Run[T], error) {
	c := man.Config
	built, err := zoo.Build[T](zoo.Spec{Model: "m2-upstream", Input: [3]int{1, m2.Side, m2.Side}, Config: zoo.M2Config{M2: m2.Config{
		// which refuses a model without bounds
		Width: c.D, Encoder: c.Enc, Hidden: c.Hidden, Latent: c.Latent, Decoder: c.Dec, Core: "published", KeyDim: c.KeyDim, Heads: c.Heads,
	}}})
	if err != nil {
		return nil, err
	}
	model := built.(*m2.Autoencoder[T])
	file.name("input")
	input, err := safetensors.Get[T](file.File, "input")
	if err != nil {
		return nil, err
	}
	if s := input.Shape(); len(s) != 4 || s[1] != m2.Side || s[2] != m2.Side || s[3] != 1 {
		return nil, fmt.Errorf("tensor \"input\" has shape %v, expected [batch, %d, %d, 1]", s, m2.Side, m2.Side)
	}
	r := &m2Run[T]{model, autograd.NewTape[T](), input.Reshape(-1, 1, m2.Side, m2.Side), man.Fill.Fill, rec, file}
	return r, r.start()
}

// start gives the model the weights of the formula.
func (r *m2Run[T]) start() error { return r.model.FillWeights(r.fill) }

// free returns the memory of the model to the system, before the next one of full width.
func (r *m2Run[T]) free() {
	*r = m2Run[T]{}
	debug.FreeOSMemory()
}

// forward runs the model on the images.
func (r *m2Run[T]) forward() (logits *autograd.Var[T], loss m2.Terms[T]) {
	r.tape.Reset()
	images := r.tape.Input(r.images)
	logits = r.model.Forward(r.tape, images)
	return logits, r.model.Loss(r.tape, logits, images)
}

// termNames are the names of m2Loss.
var termNames = []string{"loss", "loss bce", "loss l1_kernel", "loss l1_bias", "loss l1_activity"}

// values returns the terms of a loss.
func values[T tensor.Float](t m2.Terms[T]) []float64 {
	var v []float64
	for _, x := range []*autograd.Var[T]{t.Total, t.BCE, t.L1Kernel, t.L1Bias, t.L1Activity} {
		v = append(v, float64(x.Value.Data()[0]))
	}
	return v
}

// m2Adam is a recorded training.
type m2Adam struct {
	LR         float64            `json:"lr"`
	Beta1      float64            `json:"beta1"`
	Beta2      float64            `json:"beta2"`
	Epsilon    float64            `json:"epsilon"`
	Tensors    int                `json:"trainable_tensors"`
	Parameters int                `json:"trainable_parameters"`
	Losses     []m2Loss           `json:"losses_before_each_step_and_after_the_last"`
	FinalL2    map[string]float64 `json:"final_l2"`
}

// adam trains the model on the images from the start, and compares the losses before each step and
// after the last with tolerance atol[step], the last of which holds on. After the last step, and
// before another pass changes the statistics of batch normalisation, it calls trained.
func (r *m2Run[T]) adam(o optim.AdamOptions, losses []m2Loss, atol []float64, trained func()) {
	if len(losses) < 2 || len(atol) == 0 {
		r.rec.fail(fmt.Sprintf("Adam: %d losses and %d tolerances, expected the losses before and after at least one step, and a tolerance", len(losses), len(atol)))
		return
	}
	opt := optim.Adam(nn.Trainable[T](r.model), o)
	got, want := make([][]float64, len(termNames)), make([][]float64, len(termNames))
	for step, recorded := range losses {
		opt.ZeroGrad()
		_, loss := r.forward()
		for i, v := range values(loss) {
			got[i], want[i] = append(got[i], v), append(want[i], recorded.terms()[i])
		}
		if step < len(losses)-1 {
			r.tape.Backward(loss.Total)
			opt.Step()
		}
		if step == len(losses)-2 {
			trained()
		}
	}
	opt.ZeroGrad()
	for i, name := range termNames {
		worst := difference{within: true}
		for step := range got[i] {
			d := compare(got[i][step:step+1], want[i][step:step+1], tolerance{Atol: atol[min(step, len(atol)-1)]})
			if !d.within && worst.within {
				d.detail = fmt.Sprintf("before step %d: %v, the reference has %v", step, got[i][step], want[i][step])
				worst.within, worst.detail = false, d.detail
			}
			worst.abs, worst.rel = max(worst.abs, d.abs), max(worst.rel, d.rel)
		}
		r.rec.compare("adam "+name, worst)
	}
}

// norms returns the Euclidean norm of every tensor of the model.
func (r *m2Run[T]) norms() map[string]float64 {
	n := map[string]float64{}
	for _, k := range r.model.Keras() {
		n[k.Name] = norm(widen(k.Value()))
	}
	return n
}

// gradient returns the gradient of a tensor in Keras' layout, zeros if it has none.
func gradient[T tensor.Float](k *m2.KerasTensor[T]) []float64 {
	if g := k.Grad(); g != nil {
		return widen(g)
	}
	return make([]float64, k.Value().Len())
}

// widen returns the elements of a view in row-major order.
func widen[T tensor.Float](t *tensor.Tensor[T]) []float64 {
	out := make([]float64, 0, t.Len())
	for _, v := range t.Contiguous().Data() {
		out = append(out, float64(v))
	}
	return out
}

func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// pixels lists the marks of the form [batch, channels, height, width].
var pixels = []string{"enc.conv1", "enc.conv2", "enc.conv3", "dec.bn", "dec.conv1", "dec.conv2", "dec.conv3", "dec.out.logit", "dec.out"}

// layout returns the result of a layer as the reference lays it out: pixels with the channels last,
// images before motors, heads as an axis.
func (r *m2Run[T]) layout(name string, t *tensor.Tensor[T]) *tensor.Tensor[T] {
	batch, heads := r.images.Dim(0), 1
	if p, published := r.model.Core.(*m2.Published[T]); published {
		heads = p.Attention.Heads
	}
	switch {
	case slices.Contains(pixels, name):
		return t.Permute(0, 2, 3, 1)
	case name == "tn.stack":
		return t.Permute(1, 0, 2)
	case name == "mha.query" || name == "mha.context":
		return t.Reshape(batch, heads, -1)
	case name == "mha.key" || name == "mha.value":
		return t.Reshape(-1, batch, heads, t.Dim(-1)/heads).Permute(1, 0, 2, 3)
	case name == "mha.scores" || name == "mha.attention":
		return t.Reshape(batch, heads, -1, heads)
	}
	return t
}

// floats is a number or a list of them.
type floats []float64

// UnmarshalJSON accepts both.
func (f *floats) UnmarshalJSON(b []byte) error {
	var one float64
	if json.Unmarshal(b, &one) == nil {
		*f = floats{one}
		return nil
	}
	return json.Unmarshal(b, (*[]float64)(f))
}
