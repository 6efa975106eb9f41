// Package transformer holds vision transformers and MLP-mixers whose parts are modules, so that a
// connectome network, a reservoir or a layer of one's own takes the place of any of them.
//
// # The tour
//
// A reader of the vision transformer paper (Dosovitskiy et al. 2021) finds its parts in this order.
// Shapes are [B, n, E]: B images, n tokens, E features.
//
//	PatchEmbed    an image is cut into n patches, and a linear map makes a token of each
//	Transformer   a class token is put before them, and to each a vector of its position is added
//	Block         tokens exchange what they hold (the token mixer: Attention, or TokenMLP), then
//	              each is transformed by itself (the channel mixer: FeedForward, or MoE)
//	ClassPool     one vector stands for the image: the class token, the mean, or an attention
//	Transformer   a linear map makes logits of it
//
// New puts them together as a Config says:
//
//	model, err := transformer.New[float32](key, transformer.Config{
//		Image: [3]int{3, 32, 32}, Patch: [2]int{4, 4}, Dim: 192, Depth: 6, Heads: 3, Classes: 10,
//	})
//
// An MLP-mixer (Tolstikhin et al. 2021) is the same with TokenMixer: TokenMixerMLP.
//
// # Blocks
//
// The three orders of a block differ in where the layer normalisations stand. T is the token mixer
// and C the channel mixer.
//
//	pre        h = h + T(N1 h);     h = h + C(N2 h)       Xiong et al. 2020
//	post       h = N1(h + T h);     h = N2(h + C h)       Vaswani et al. 2017
//	published  h = N1 h; h = h + T h; h = N2 h; h = h + C h
//
// The last is what the published ElegansFormer computes. Its residual connections start from
// normalised values, so nothing goes around the normalisations.
//
// # Attention
//
// Attention has masks (Attention.Mask): tokens that nobody may attend to, pairs that may not,
// causality, a bias. For long sequences it stores no weights: they are computed tile by tile, and
// once more in the backward pass (Dao et al. 2022). On a tape that keeps its marks, which package
// inspect uses, they are stored and can be looked at.
//
// # Mixtures of experts
//
// MoE sends every token to a few of many experts (Shazeer et al. 2017), each of which sees its own
// tokens only. GroupedFeedForward does all feed-forward experts in one grouped product; ExpertList
// takes experts of any kind. What balances the experts is added to the loss of the step
// (autograd.Tape.AddLoss), so that a training loop needs not know.
//
// # A part of one's own
//
// All parts are nn.Module: they take and give [B, n, E]. A model is a plain struct, so that a part
// is replaced by an assignment:
//
//	for _, b := range model.Blocks {
//		b.Tokens = Shift{}
//	}
//
// # A connectome inside
//
// NewElegansFormer puts a connectome network in one of six places, see Place. Both families of
// networks serve: the sound one of package tensornet, and the functional one of package published.
//
// # A reservoir inside
//
// EchoMixer is a token mixer that runs a frozen reservoir of package esn along the tokens, and
// NewEchoFormer a transformer of such blocks. EchoTransformer is the Echo State Transformer, which
// attends to a few reservoirs in place of all tokens. EchoReadout reads a reservoir by a mixture of
// experts. They take sequences of different lengths, and gradients go through the reservoirs.
//
// # Names of parameters
//
// Parameters are called as in timm, so that weights travel both ways: "patch_embed.proj.weight",
// "cls_token", "pos_embed", "blocks.0.norm1.weight", "blocks.0.attn.qkv.weight",
// "blocks.0.mlp.fc1.weight", "norm.weight", "head.weight"; in a mixer "stem.proj.weight",
// "blocks.0.mlp_tokens.fc1.weight", "blocks.0.mlp_channels.fc1.weight". A state dictionary that
// timm saved as safetensors is loaded as it is, into a model of the same lengths:
//
//	err := train.Load("vit_tiny.safetensors", nn.Params(model), false)
package transformer
