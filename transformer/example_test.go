package transformer_test

import (
	"fmt"
	"log"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/connectome"
	"elegans/connectome/tensornet"
	"elegans/tensor"
	"elegans/transformer"
)

// Shift is a token mixer of one's own: a third of the features comes from the token before and a
// third from the token after.
type Shift struct{}

// Forward maps x [B, n, E] to [B, n, E].
func (Shift) Forward(tp *autograd.Tape[float32], x *autograd.Var[float32]) *autograd.Var[float32] {
	e := x.Value.Dim(2) / 3
	parts := tp.Split(x, 2, e, e, x.Value.Dim(2)-2*e)
	return tp.Concat(2, tp.Roll(parts[0], []int{1}, []int{1}), tp.Roll(parts[1], []int{-1}, []int{1}), parts[2])
}

// A token mixer of one's own takes the place of the attention.
func ExampleBlock() {
	m, err := transformer.New[float32](tensor.NewKey(1, "model"), transformer.Config{
		Image: [3]int{1, 8, 8}, Classes: 10, Patch: [2]int{2, 2}, Dim: 24, Depth: 2,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range m.Blocks {
		b.Tokens = Shift{}
	}
	tp := autograd.NewTape[float32]()
	logits := m.Forward(tp, tp.Input(tensor.New[float32](5, 1, 8, 8)))
	fmt.Println(logits.Shape(), nn.Count(m), "parameters")
	// Output: [5 10] 10450 parameters
}

// A vision transformer for the images of CIFAR-10.
func ExampleNew() {
	m, err := transformer.New[float32](tensor.NewKey(1, "model"), transformer.Config{
		Image: [3]int{3, 32, 32}, Classes: 10, Patch: [2]int{4, 4}, Dim: 192, Depth: 6, Heads: 3, ClassToken: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range nn.Params(m)[:8] {
		fmt.Println(p.Path, p.Shape())
	}
	fmt.Println(nn.Count(m), "parameters")
	// Output:
	// cls_token [1 1 192]
	// pos_embed [1 65 192]
	// patch_embed.proj.weight [192 3 4 4]
	// patch_embed.proj.bias [192]
	// blocks.0.norm1.weight [192]
	// blocks.0.norm1.bias [192]
	// blocks.0.attn.qkv.weight [576 192]
	// blocks.0.attn.qkv.bias [576]
	// 2693578 parameters
}

// The tokens of an image enter the worm at its sensory neurons, and its motor neurons say what the
// image shows.
func ExampleNewElegansFormer() {
	m, err := transformer.NewElegansFormer[float32](tensor.NewKey(1, "model"), connectome.Canonical(), transformer.ElegansConfig{
		Transformer: transformer.Config{
			Image: [3]int{3, 32, 32}, Classes: 10, Patch: [2]int{4, 4}, Dim: 64, Depth: 4, Heads: 4,
		},
		Place:   transformer.PlacePool,
		Network: tensornet.Config{Width: 8, Rounds: 4},
	})
	if err != nil {
		log.Fatal(err)
	}
	tp := autograd.NewTape[float32]()
	x := tp.Input(tensor.New[float32](2, 3, 32, 32))
	tokens := m.Features(tp, x)
	image := m.Pool.Forward(tp, tokens)
	fmt.Println(tokens.Shape(), "->", image.Shape(), "->", m.Head.Forward(tp, image).Shape())
	// Output: [2 64 64] -> [2 712] -> [2 10]
}
