package recipe

import (
	"context"
	"fmt"
	"math"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// evalBatch is the batch size of validation and evaluation.
func (c *Config) evalBatch() int { return c.task().evalBatch(c) }

// Predictions are what a model says of every image of a set, in its order.
type Predictions struct {
	Labels, Read []int     // true and predicted class
	Probability  []float64 // of the predicted class
	Loss         float64   // mean cross entropy
}

// Correct returns how many are right.
func (p *Predictions) Correct() int {
	n := 0
	for i, l := range p.Labels {
		if p.Read[i] == l {
			n++
		}
	}
	return n
}

// Accuracy returns the share of right predictions.
func (p *Predictions) Accuracy() float64 { return float64(p.Correct()) / float64(len(p.Labels)) }

// Predict runs the model, without training, over a set, until ctx ends.
func (c *Config) Predict(ctx context.Context, model nn.Module[float32], d *data.Dataset) (*Predictions, error) {
	if d.Len() == 0 {
		return nil, fmt.Errorf("data set %s: no images to evaluate", d.Name())
	}
	ch, h, w := d.Shape()
	if c.Model.Input != [3]int{ch, h, w} || c.Model.Classes != len(d.Classes()) {
		return nil, fmt.Errorf("data set %s has images of %v (channels, height, width) in %d classes, this model expects %v in %d", d.Name(), [3]int{ch, h, w}, len(d.Classes()), c.Model.Input, c.Model.Classes)
	}
	l := data.NewLoader(d, data.LoaderConfig{BatchSize: c.evalBatch(), Augment: c.prepare()})
	defer l.Close()
	tp := inferenceTape()
	p := &Predictions{}
	for b := range l.Epoch(0, 0) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tp.Reset()
		logits := model.Forward(tp, tp.Input(b.Images))
		for i, label := range b.Labels {
			row := logits.Value.Data()[i*c.Model.Classes : (i+1)*c.Model.Classes]
			prob := softmax(row)
			k := train.ArgMax(row)
			p.Labels, p.Read, p.Probability = append(p.Labels, label), append(p.Read, k), append(p.Probability, prob[k])
			p.Loss -= logProbability(row, label) / float64(d.Len())
		}
	}
	return p, nil
}

// Classify returns the probability of every class for one image [1, C, H, W] with values in [0, 1].
func (c *Config) Classify(model nn.Module[float32], image *tensor.Tensor[float32]) []float64 {
	pix := append([]float32{}, image.Data()...)
	m := data.Image{C: c.Model.Input[0], H: c.Model.Input[1], W: c.Model.Input[2], Pix: pix}
	for _, a := range c.prepare() {
		a.Apply(&m, tensor.Key{})
	}
	tp := inferenceTape()
	return softmax(model.Forward(tp, tp.Input(tensor.FromSlice(pix, image.Shape()...))).Value.Data())
}

func inferenceTape() *autograd.Tape[float32] {
	tp := autograd.NewTape[float32]()
	tp.SetNoGrad(true)
	tp.Training = false
	return tp
}

// softmax works in float64, so that the probabilities of a row add up to 1 as printed.
func softmax(row []float32) []float64 {
	p := make([]float64, len(row))
	for k := range row {
		p[k] = math.Exp(logProbability(row, k))
	}
	return p
}

// logProbability returns the logarithm of the probability of class k.
func logProbability(row []float32, k int) float64 {
	top := float64(row[train.ArgMax(row)])
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(float64(v) - top)
	}
	return float64(row[k]) - top - math.Log(sum)
}

// FromCheckpoint returns the configuration of a checkpoint and its model, with the averaged
// parameters where there are any.
func FromCheckpoint[T tensor.Float](path string) (*Config, nn.Module[T], error) {
	b, err := train.ReadConfig(path)
	if err != nil {
		return nil, nil, err
	}
	c := &Config{}
	if err := c.Parse(b, path+" (configuration)"); err != nil {
		return nil, nil, err
	}
	if err := c.Complete(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	model, err := zoo.Build[T](c.Model)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, model, train.Load(path, nn.Params(model), true)
}
