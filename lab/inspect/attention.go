package inspect

import (
	"math"
	"strings"

	"elegans/tensor"
)

// Attention describes the weights of an attention: softmaxes over keys, one for each head (and
// query) and image.
type Attention struct {
	Layer string `json:"layer"`
	Heads int    `json:"heads"` // softmaxes an image
	Keys  int    `json:"keys"`  // that each of them weighs
	// of each head in nats, mean over the images; 0 if one key takes all, ln(Keys) if all take the
	// same
	Entropy []Number `json:"entropy"`
	Share   []Number `json:"share"` // of each key: its mean weight over heads and images
}

// isAttention reports whether a mark holds the weights of an attention.
func isAttention(name string) bool {
	return name[strings.LastIndexByte(name, '.')+1:] == "attention"
}

// attentionOf describes weights [images, ..., keys].
func attentionOf[T tensor.Float](layer string, weights *tensor.Tensor[T]) Attention {
	images, keys := weights.Dim(0), weights.Dim(-1)
	heads := weights.Len() / (images * keys)
	a := Attention{Layer: layer, Heads: heads, Keys: keys}
	entropy, share := make([]float64, heads), make([]float64, keys)
	v := weights.Data()
	for row := range images * heads {
		for key, w := range v[row*keys : (row+1)*keys] {
			p := float64(w)
			share[key] += p
			if p > 0 {
				entropy[row%heads] -= p * math.Log(p)
			}
		}
	}
	a.Entropy, a.Share = scaled(entropy, 1/float64(images)), scaled(share, 1/float64(images*heads))
	return a
}

func scaled(v []float64, by float64) []Number {
	n := make([]Number, len(v))
	for i, x := range v {
		n[i] = Number(x * by)
	}
	return n
}

// Range returns the mean and the extremes of the heads' entropies.
func (a *Attention) Range() (mean, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, e := range a.Entropy {
		mean += float64(e) / float64(len(a.Entropy))
		low, high = min(low, float64(e)), max(high, float64(e))
	}
	return mean, low, high
}
