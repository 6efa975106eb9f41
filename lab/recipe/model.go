package recipe

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data"
	"elegans/tensor"
)

// Model is a model with the description of the run that made it.
type Model struct {
	Config *Config
	Net    nn.Module[float32]
	Test   Score // on the test set, by Fit
}

// Fit runs a recipe from beginning to end in a folder, which is made if need be, and reads the
// test set once, at the end. A run that the folder holds goes on, if it is one of the same recipe.
// When ctx is cancelled it returns train.ErrStopped, and the next call goes on. Begin does the same
// in steps, for those who want to watch.
func Fit(ctx context.Context, c Config, dir string) (*Model, error) {
	t, err := Begin(ctx, c, dir, Options{})
	if err != nil {
		return nil, err
	}
	defer t.Close()
	out, err := t.Fit(ctx)
	if err != nil {
		return nil, err
	}
	m, err := LoadModel(filepath.Join(dir, train.LastFile))
	if err != nil {
		return nil, err
	}
	m.Test = out.Last
	return m, nil
}

// LoadModel reads a checkpoint, the averaged parameters where there are any.
func LoadModel(path string) (*Model, error) {
	c, net, err := FromCheckpoint[float32](path)
	if err != nil {
		return nil, err
	}
	return &Model{Config: c, Net: net}, nil
}

// Save writes a checkpoint, replacing the file atomically.
func (m *Model) Save(path string) error {
	return train.Save(path, nn.Params(m.Net), m.Config.JSON())
}

// Guess is a class with its probability.
type Guess struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

// Predict returns the classes of an image [1, C, H, W] with values in [0, 1], the most probable
// first.
func (m *Model) Predict(image *tensor.Tensor[float32]) ([]Guess, error) {
	switch want := m.Config.Model.Input; {
	case !m.Config.Model.Task().HasClasses():
		return nil, fmt.Errorf("model %q has no classes: see Config.Reconstruct", m.Config.Model.Model)
	case !slices.Equal(image.Shape(), []int{1, want[0], want[1], want[2]}):
		return nil, fmt.Errorf("image of shape %v, this model expects [1 %d %d %d]", image.Shape(), want[0], want[1], want[2])
	case len(m.Config.Data.Classes) != m.Config.Model.Classes:
		return nil, fmt.Errorf("%d names for %d classes in the model's configuration", len(m.Config.Data.Classes), m.Config.Model.Classes)
	}
	var list []Guess
	for k, p := range m.Config.Classify(m.Net, image) {
		list = append(list, Guess{m.Config.Data.Classes[k], p})
	}
	slices.SortStableFunc(list, func(a, b Guess) int { return cmp.Compare(b.Probability, a.Probability) })
	return list, nil
}

// ReadImage reads a picture (see data.ReadImage) as an image [1, C, H, W] of the form that the
// model reads. With invert, black and white are exchanged: for dark ink on a light ground, where
// the training images have light ink on a dark one.
func (m *Model) ReadImage(file string, invert bool) (*tensor.Tensor[float32], error) {
	in := m.Config.Model.Input
	if in[0] != 1 && in[0] != 3 {
		return nil, fmt.Errorf("model %q reads images of %d channels, expected 1 or 3 for image files", m.Config.Model.Model, in[0])
	}
	return data.ReadImage(file, data.ImageOptions{Channels: in[0], Height: in[1], Width: in[2], Invert: invert})
}
