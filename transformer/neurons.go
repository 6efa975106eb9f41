package transformer

import (
	"elegans/autograd/nn"
	"elegans/connectome/tensornet"
	"elegans/tensor"
)

// Neurons says where the neurons of the first connectome network of package tensornet are, in the
// order in which a pass runs them. It is nil where there is none, or where the networks are experts
// of a mixture; see package inspect.
func (m *Transformer[T]) Neurons() *tensornet.Neurons[T] {
	type part struct {
		path   string
		module nn.Module[T]
	}
	parts := []part{{m.patchesName(), m.Patches}}
	for i, b := range m.Blocks {
		path := blockNames.of(i)
		parts = append(parts, part{nn.Join(path, b.tokensName()), b.Tokens}, part{nn.Join(path, b.channelsName()), b.Channels})
	}
	for _, p := range append(parts, part{"pool", m.Pool}, part{"head", m.Head}) {
		if n := neuronsIn(p.path, p.module); n != nil {
			return n
		}
	}
	return nil
}

// neuronsIn looks for a network in a part of a model.
func neuronsIn[T tensor.Float](path string, m nn.Module[T]) *tensornet.Neurons[T] {
	switch m := m.(type) {
	case *tensornet.Network[T]:
		return m.Neurons(path)
	case *PerToken[T]:
		return neuronsIn(nn.Join(path, "net"), m.Net)
	case *NetworkPatches[T]:
		return neuronsIn(nn.Join(path, "net"), m.Net)
	case *SensoryPool[T]:
		return neuronsIn(nn.Join(path, "net"), m.Net)
	case *Residual[T]:
		return neuronsIn(nn.Join(path, "net"), m.Net)
	case *Attention[T]:
		return neuronsIn(nn.Join(path, "qkv"), m.QKV)
	}
	return nil
}
