package m2

import (
	"fmt"
	"strings"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/tensor"
)

// Side is the height and width of the images.
const Side = 28

// Autoencoder is the model. It maps images [batch, 1, 28, 28] to logits of the same shape.
type Autoencoder[T tensor.Float] struct {
	Config  Config
	Encoder *Encoder[T]      `nn:"enc"`
	SInit   *nn.LayerNorm[T] // of the code: its result x is the input of every sensory neuron
	Core    nn.Module[T]     `nn:",inline"` // x [batch, d] -> y [batch, d]; nil with core "none"
	NormE   *nn.LayerNorm[T] // of y; nil with core "none"
	NormX   *nn.LayerNorm[T] // of x
	Decoder *Decoder[T]      `nn:"dec"`
}

// New returns a model around graph g with initial weights as Keras draws them, from key k. It
// completes the configuration. Core "none" needs no graph.
func New[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (*Autoencoder[T], error) {
	if err := c.Complete(); err != nil {
		return nil, err
	}
	if c.Core != CoreNone && (g == nil || g.Len() == 0) {
		return nil, fmt.Errorf("m2: the graph has no neurons")
	}
	a := &Autoencoder[T]{
		Config: c, Encoder: newEncoder[T](c, k.Sub("enc")), SInit: newLayerNorm[T](c.Width), NormX: newLayerNorm[T](c.Width), Decoder: newDecoder[T](c, k.Sub("dec")),
	}
	if c.Core != CoreNone {
		core, err := newCore[T](g, c, k.Sub("core"))
		if err != nil {
			return nil, err
		}
		a.Core, a.NormE = core, newLayerNorm[T](c.Width)
	}
	if c.Frozen == FrozenPublished {
		a.Freeze()
	}
	return a, nil
}

// newCore makes the network between encoder and decoder.
func newCore[T tensor.Float](g *connectome.Graph, c Config, k tensor.Key) (nn.Module[T], error) {
	switch c.Core {
	case CorePublished:
		return newPublished[T](g, c, k)
	case CoreWorm:
		return newWormCore[T](g, c, k)
	case CoreDense:
		return newDenseCore[T](g, c, k)
	}
	panic(fmt.Sprintf("m2: core %q is in Cores, but cannot be made", c.Core))
}

// Forward reconstructs images [batch, 1, 28, 28]: it returns the logits of the pixels, of the same
// shape.
func (a *Autoencoder[T]) Forward(tp *autograd.Tape[T], images *autograd.Var[T]) *autograd.Var[T] {
	if s := images.Shape(); len(s) != 4 || [3]int(s[1:]) != [3]int{1, Side, Side} {
		tensor.PanicShape("m2.Autoencoder", "want images [batch, 1, 28, 28]", s)
	}
	x := a.SInit.Forward(tp, a.Encoder.Forward(tp, images))
	tp.Mark("s_init", x)
	z := a.NormX.Forward(tp, x)
	tp.Mark("norm_x", z)
	if a.Core != nil {
		e := a.NormE.Forward(tp, a.Core.Forward(tp, x))
		tp.Mark("norm_e", e)
		z = tp.Mul(e, z)
		tp.Mark("product", z)
	}
	return a.Decoder.Forward(tp, z)
}

// Freeze leaves to training what the published echo version leaves to it: the decoder and the
// normalisations of single vectors (s_init, norm_e, norm_x, and tn.norm of core "published"). The
// encoder and the network stay at their initial weights. The gradient still crosses the network, on
// its way to s_init.
func (a *Autoencoder[T]) Freeze() {
	for _, p := range nn.Params(a) {
		part, _, _ := strings.Cut(p.Path, ".")
		if part == "enc" || part != "dec" && !strings.Contains(p.Path, "norm") && part != "s_init" {
			p.SetRequiresGrad(false)
		}
	}
}
