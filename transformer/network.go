package transformer

import (
	"fmt"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/connectome/tensornet/published"
	"elegans/tensor"
)

// PerToken applies a network of rows [R, a] -> [R, b] to every token by itself: x [.., in] -> [..,
// out].
type PerToken[T tensor.Float] struct {
	In  *nn.Linear[T] // in -> a; nil where they are equal
	Net nn.Module[T]
	Out *nn.Linear[T] // b -> out; nil where they are equal
}

// Forward maps x [.., in] to [.., out].
func (p *PerToken[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	var buf [tensor.MaxDims]int
	shape := append(buf[:0], x.Shape()...)
	y := tp.Reshape(x, x.Value.Len()/max(1, x.Value.Dim(-1)), x.Value.Dim(-1))
	if p.In != nil {
		y = p.In.Forward(tp, y)
	}
	y = runNet(tp, p.Net, y)
	if p.Out != nil {
		y = p.Out.Forward(tp, y)
	}
	shape[len(shape)-1] = y.Value.Dim(1)
	return tp.Reshape(y, shape...)
}

// runNet is net.Forward within "net". Connectome networks mark their results themselves.
func runNet[T tensor.Float](tp *autograd.Tape[T], net nn.Module[T], x *autograd.Var[T]) *autograd.Var[T] {
	outer := tp.Enter("net")
	y := net.Forward(tp, x)
	tp.Leave(outer)
	return y
}

func (p *PerToken[T]) stepBytes(batch, tokens int) float64 { return stepBytes(p.Net, batch, tokens) }

// Residual adds what a network of rows was given to what it gives: x [R, a] -> net(x) + skip(x)
// [R, b].
type Residual[T tensor.Float] struct {
	Net  nn.Module[T]
	Skip *nn.Linear[T] // a -> b; nil, where they are equal, for x itself
}

// Forward maps x [R, a] to [R, b].
func (r *Residual[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	y := run(tp, "net", r.Net, x)
	if r.Skip != nil {
		x = r.Skip.Forward(tp, x)
	}
	return tp.Add(y, x)
}

func (r *Residual[T]) stepBytes(batch, tokens int) float64 { return stepBytes(r.Net, batch, tokens) }

// NetworkPatches makes tokens by a network: the pixels of each patch, in the order (row, column,
// channel), are its signal: x [B, C, H, W] -> [B, n, E].
type NetworkPatches[T tensor.Float] struct {
	Patch [2]int
	Net   nn.Module[T] // [B, n, p*q*C] -> [B, n, E]
}

// Forward maps images [B, C, H, W] to tokens [B, n, E].
func (p *NetworkPatches[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	return run(tp, "net", p.Net, Patches(tp, x, p.Patch))
}

func (p *NetworkPatches[T]) stepBytes(batch, tokens int) float64 {
	return stepBytes(p.Net, batch, tokens)
}

// SensoryPool makes one vector of the tokens: x [B, n, E] -> [B, F]. Token i enters at sensory
// neuron i mod S of the S that there are, and where several enter at one they are added. A neuron
// for which there is no token receives 0. The result is the readout of the motor neurons.
type SensoryPool[T tensor.Float] struct {
	In      *nn.Linear[T] // E -> d; nil where they are equal
	Net     nn.Module[T]  // [B, S*d] -> [B, F]
	Sensory int           // S
}

// Forward maps x [B, n, E] to [B, F].
func (p *SensoryPool[T]) Forward(tp *autograd.Tape[T], x *autograd.Var[T]) *autograd.Var[T] {
	if p.In != nil {
		x = p.In.Forward(tp, x)
	}
	b, n, d := x.Value.Dim(0), x.Value.Dim(1), x.Value.Dim(2)
	turns := (n + p.Sensory - 1) / p.Sensory
	if missing := turns*p.Sensory - n; missing > 0 {
		none := tp.NewTensor(b, missing, d)
		tensor.Fill(none, 0)
		x = tp.Concat(1, x, tp.Input(none))
	}
	if turns > 1 {
		x = tp.Sum(tp.Reshape(x, b, turns, p.Sensory, d), 1)
	}
	return runNet(tp, p.Net, tp.Reshape(x, b, p.Sensory*d))
}

func (p *SensoryPool[T]) stepBytes(batch, _ int) float64 { return stepBytes(p.Net, batch, 1) }

// netMaker makes the networks of an ElegansConfig.
type netMaker[T tensor.Float] struct {
	g *connectome.Graph
	c ElegansConfig // complete
	k tensor.Key
}

// make returns network i for signals of so many numbers, how many numbers it takes of a row, and
// how many it gives.
func (m *netMaker[T]) make(i, in int) (net nn.Module[T], inputs, outputs int, err error) {
	k := m.k.Sub("net", uint64(i))
	if m.c.Family == FamilyPublished {
		c := m.c.Published
		c.InputDim = in
		n, err := published.New[T](m.g, c, k)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("transformer: %w", err)
		}
		return n, n.Inputs(), n.Config.EmbeddingDim, nil
	}
	n, err := tensornet.New[T](m.g, m.c.Network, k)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("transformer: %w", err)
	}
	return n, n.Inputs, n.Outputs, nil
}

// perToken returns network i as a map of the last axis, in -> out.
func (m *netMaker[T]) perToken(i, in, out int) (*PerToken[T], error) {
	p, b, err := m.rows(i, in)
	if err == nil && b != out {
		p.Out = newLinear[T](m.k.Sub("out", uint64(i)), b, out)
	}
	return p, err
}

// channels returns the channel mixer of block i: a network, or a mixture of some.
func (m *netMaker[T]) channels(i int) (nn.Module[T], error) {
	t := m.c.Transformer
	if t.Experts == 0 {
		return m.perToken(i, t.Dim, t.Dim)
	}
	experts := make(ExpertList[T], t.Experts)
	for j := range experts {
		net, err := m.perToken(i*t.Experts+j, t.Dim, t.Dim)
		if err != nil {
			return nil, err
		}
		experts[j] = net
	}
	return newMixture[T](m.k.Sub("mixture", uint64(i)), t, experts)
}

// rows returns network i as a map of rows of in numbers, and how many it gives.
func (m *netMaker[T]) rows(i, in int) (p *PerToken[T], out int, err error) {
	net, a, out, err := m.make(i, in)
	if err != nil {
		return nil, 0, err
	}
	p = &PerToken[T]{Net: net}
	if a != in {
		p.In = newLinear[T](m.k.Sub("in", uint64(i)), in, a)
	}
	return p, out, nil
}

// head returns the network as a head: in -> classes, through a linear map of what it gives.
func (m *netMaker[T]) head(in, classes int) (*PerToken[T], error) {
	p, b, err := m.rows(0, in)
	if err != nil {
		return nil, err
	}
	if m.c.Residual {
		r := &Residual[T]{Net: p}
		if p.In == nil {
			r.Net = p.Net
		}
		if b != in {
			r.Skip = newLinear[T](m.k.Sub("skip"), in, b)
		}
		p = &PerToken[T]{Net: r}
	}
	p.Out = newLinear[T](m.k.Sub("out", 0), b, classes)
	return p, nil
}

// pool returns the network as a pool of tokens of so many features, and the number of features of
// what it gives.
func (m *netMaker[T]) pool(features int) (pool *SensoryPool[T], outputs int, err error) {
	net, inputs, outputs, err := m.make(0, features)
	if err != nil {
		return nil, 0, err
	}
	// where the network maps a token itself
	pool = &SensoryPool[T]{Net: net, Sensory: inputs / features}
	if d := m.c.Network.Width; m.c.Family == FamilySound {
		pool.Sensory = inputs / d
		if d != features {
			pool.In = newLinear[T](m.k.Sub("in"), features, d)
		}
	}
	return pool, outputs, nil
}

// publishedDefaults are the options of the published ElegansFormer. With the defaults of the
// program itself values overflow.
func publishedDefaults() published.Config {
	c := published.Default(published.TorchFunctional, 0, 0)
	c.Activation, c.NormTensorUnit, c.SkipConnectionType = "hardtanh", true, published.Add
	c.ReapplyUnitSynapses = []string{"SS", "SI", "SM", "II", "IM", "MM"}
	c.ProcessingOrder, c.AttentionType, c.NormOutput = "S->O,I->O,M->M", published.LearnQCrossSkip, false
	return c
}

// completePublished fills in the options of a published network.
func (c *ElegansConfig) completePublished() error {
	p := &c.Published
	if p.Variant == "" {
		*p = publishedDefaults()
	}
	if p.EmbeddingDim == 0 {
		p.EmbeddingDim = c.Transformer.Dim
	}
	p.InputDim = p.EmbeddingDim // the place says what it is
	p.EachSensor = c.Place == PlacePool
	// Every place hands over rows and takes one vector of each.
	switch {
	case p.InputSequences != "":
		return fmt.Errorf("transformer: input_sequences %q, expected none: a network gets tokens one by one", p.InputSequences)
	case p.RecurrenceType != "":
		return fmt.Errorf("transformer: recurrence_type %q, expected none: a network gets tokens one by one", p.RecurrenceType)
	}
	if err := p.Complete(); err != nil {
		return err
	}
	if !p.Pools() {
		return fmt.Errorf("transformer: attention_type %q keeps the motor neurons apart, expected one that pools them, such as %q", p.AttentionType, published.Cross)
	}
	return nil
}
