package data

import "elegans/tensor"

// Binarize sets every value that is at least Threshold to 1 and the others to 0. It draws nothing:
// use it for training and evaluation alike. For images of 256 grey levels the threshold 0.3 keeps
// the pixels from 77 of 255 on.
type Binarize struct {
	Threshold float32
}

// Apply implements Augment.
func (b Binarize) Apply(m *Image, _ tensor.Key) {
	for i, v := range m.Pix {
		m.Pix[i] = 0
		if v >= b.Threshold {
			m.Pix[i] = 1
		}
	}
}
