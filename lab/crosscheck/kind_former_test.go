package crosscheck

import (
	"testing"
)

// TestFormerDeparts changes one fact of a transformer: each must be noticed, without a crash and
// without memory that only the manifest asks for.
func TestFormerDeparts(t *testing.T) {
	departs(t, "former", "vit_prenorm", []departing{
		{`"embed_dim": 8`, `"embed_dim": 65536`, "make about 3.44e+10 parameters", Skipped},
		{`"n_blocks": 2`, `"n_blocks": 1001`, "depth 1001, expected 1 to 1000", Over},
		{`"n_blocks": 2`, `"n_blocks": 1`, "without a gradient are", Over},
		{`"num_heads": 2`, `"num_heads": 3`, "heads 3, expected a divisor of dim 8", Over},
		{`"num_heads": 2`, `"num_heads": 4`, "the reference has", Over},
		{`"patch_dim": 4`, `"patch_dim": 3`, "patch of 3 x 3 pixels, expected one that divides images of 8 x 8", Over},
		{`"patch_dim": 4`, `"patch_dim": 2`, "parameter \"patch.weight\" has shape [8 3 4 4], ours has [8 3 2 2]", Skipped},
		{`"max_seq_len": 16`, `"max_seq_len": 3`, "max_seq_len 3, expected at least 4", Over},
		{`"output_dim": 5`, `"output_dim": 4`, "has shape [5 8], ours has [4 8]", Skipped},
		{`"in_channels": 3`, `"in_channels": 2`, "input_shape [3 3 8 8], expected images [batch, 2", Skipped},
		{`"ff_dim": 16`, `"ff_dim": 16, "ff_gated": "glu"`, "ff_gated \"glu\", expected mult or add", Skipped},
		{`"ff_dim": 16`, `"ff_dim": 16, "ff_activation": "swish"`, "swish", Over},
		{`"ff_dim": 16`, `"ff_dim": 16, "ff_gated": "mult"`, "key \"params\" does not list", Over},
		{`"ff_dim": 16`, `"ff_dim": 16, "depth": 3`, "key \"depth\": unknown", Skipped},
		{`"input_shape": [3, 3, 8, 8]`, `"input_shape": [30000, 3, 8, 8]`, "values, expected at most", Skipped},
		{`"input_shape": [3, 3, 8, 8]`, `"input_shape": [-3, 3, 8, 8]`, "has shape [-3 3 8 8]", Skipped},
		{`"labels": [2, 4, 1]`, `"labels": [2, 5, 1]`, "label", Over},
		{`"labels": [2, 4, 1]`, `"labels": [2, 4]`, "label", Over},
		{`"labels": [2, 4, 1]`, `"labels": [2, 4, 2]`, "the reference has", Over},
		{`"arch": "CustomViT"`, `"arch": "CNN"`, "unknown arch \"CNN\"", Skipped},
		{`"logits": [3, 5]`, `"logits": [3, 6]`, "shape [3 5], the reference has [3 6]", Over},
		{`"logits": [3, 5]`, `"probabilities": [3, 5]`, "\"probabilities\" is no result of this model", Over},
		{`"param_count": 1781`, `"param_count": 1780`, "element 0 is 1781, the reference has 1780", Over},
		{`"n_frozen": 0`, `"n_frozen": 1`, "element 0 is 0, the reference has 1", Over},
		{`"n_without_gradient": 0`, `"n_without_gradient": 1`, "element 0 is 0, the reference has 1", Over},
		{`"without_gradient_nonunit": []`, `"without_gradient_nonunit": ["cls"]`, "without a gradient are none, the reference has cls", Over},
		{`"loss": 1.98`, `"loss": 1.97`, "element 0 is 1.98", Over},
		{`["cls", [8], 1.0, 0.0]`, `["cls", [8], 0.5, 0.0]`, "the reference has", Over},
		{`["cls", [8], 1.0, 0.0]`, `["cls", [-8], 1.0, 0.0]`, "parameter \"cls\" has shape [-8]", Skipped},
		{`["cls", [8], 1.0, 0.0], `, ``, "key \"params\" does not list \"cls\"", Over},
	})
}

// TestFormerNetworkDeparts does the same for a tensor network within a transformer.
func TestFormerNetworkDeparts(t *testing.T) {
	departs(t, "former", "former_ff", []departing{
		{`"embedding_dim": 8`, `"embedding_dim": 65536`, "embedding_dim 65536 make about 1.2e+12 parameters", Skipped},
		{`"embedding_dim": 8`, `"embedding_dim": 600`, "the tensor networks have more than", Skipped},
		{`"activation": "gelu"`, `"activation": "glu"`, "activation \"glu\": it halves the width", Over},
		{`"head_dim": 4`, `"head_size": 4`, "tensornet_config: key \"head_size\": unknown", Skipped},
		{`"model_type": "ff"`, `"model_type": "tail"`, "model_type \"tail\", expected ff-shared, ff,", Skipped},
		{`"model_type": "ff"`, `"model_type": "ff-shared"`, "the reference has", Over},
		{`"block1.tn": [0, `, `"block1.tn": [`, "the reference has", Over},
		{`"n_heads": 2`, `"n_heads": 4`, "has shape [8 8], ours has [16 8]", Skipped},
	})
}

// TestFormerMixtureDeparts does the same for a mixture of experts.
func TestFormerMixtureDeparts(t *testing.T) {
	departs(t, "former", "moe_ffn_train_noisy", []departing{
		{`"num_experts": 4`, `"num_experts": 400000000`, "expected at least one of each and at most", Skipped},
		{`"num_experts": 4`, `"num_experts": 1`, "2 experts for each row, expected 1 to 1", Over},
		{`"k": 2`, `"k": 5`, "5 experts for each row, expected 1 to 4", Over},
		{`"k": 2`, `"k": 3`, "the reference has", Over},
		{`"noisy_gating": true`, `"noisy_gating": false`, "the reference has", Over},
		{`"output_size": 8`, `"output_size": 7`, "experts map 8 to 7 numbers, expected 8", Skipped},
		{`"ff_dim": 16`, `"ff_dim": 15`, "has shape [16 8], ours has [15 8]", Skipped},
		{`"mode": "train"`, `"mode": "eval"`, "the reference has", Over},
		{`"noise": [15, 4]`, `"noise": [15, 5]`, "want noise for 15 rows and 4 experts", Over},
		{`["moe.w_noise", [8, 4], 1.0, 0.0]`, `["moe.w_noise", [8, 4], 2.0, 0.0]`, "the reference has", Over},
		{`["moe.expert2.up.bias", [16], 0.35355339059327373, 0.0]`, `["moe.expert2.up.bias", [16], 0.4, 0.0]`, "the reference has", Over},
	})
	departs(t, "former", "moe_tn_train_noisy", []departing{
		{`"embedding_dim": 8`, `"embedding_dim": 400`, "the tensor networks have more than", Skipped},
		{`"num_experts": 3`, `"num_experts": 2000`, "2000 experts of 1.79e+04 parameters", Skipped},
		{`"num_experts": 3`, `"num_experts": 4`, "has shape [8 3], ours has [8 4]", Skipped},
	})
	departs(t, "former", "esn_moe_own_cell", []departing{
		{`"reservoir_dim": 11`, `"reservoir_dim": 110000`, "reservoir_dim 110000, expected 1 to 4096", Over},
		{`"reservoir_dim": 11`, `"reservoir_dim": 12`, "has shape [11 4], ours has [12 4]", Skipped},
		{`["esn.w.bias", [11], 0.30151134457776363, 0.0]`, `["esn.w.bias", [11], 0.3, 0.0]`, "the reference has", Over},
		{`"n_frozen": 3`, `"n_frozen": 2`, "element 0 is 3, the reference has 2", Over},
	})
}
