package crosscheck

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"elegans/autograd"
	"elegans/autograd/gradcheck"
	"elegans/internal/reference"
	"elegans/tensor"
)

// TestEdges compares what every operation does at the edges of its attributes with PyTorch, or
// wants a refusal where PyTorch refuses, with every set of kernels.
func TestEdges(t *testing.T) {
	path := reference.Path(t, "edges")
	active, sets := tensor.Kernels()
	defer func() {
		if err := tensor.UseKernels(active); err != nil {
			t.Error(err)
		}
	}()
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			if err := tensor.UseKernels(set); err != nil {
				t.Fatal(err)
			}
			rep, err := Run(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rep.Rows {
				if row.Verdict == Over || row.Verdict == Skipped {
					t.Errorf("%s: %s: %s %s", row.Case, row.Tensor, row.Verdict, row.Detail)
				}
			}
			reference.Compared(t, "edges", rep.Cases, 2050)
		})
	}
}

// edgeRows names the operations of the manifest that stand for an operation of the tape or a layer
// whose name is not the same in snake case.
var edgeRows = map[string]string{
	"BCELoss": "bce", "BCEWithLogits": "bce_with_logits", "Argmax": "argmax", "Map": "tanh", "SELU": "selu", "CELU": "celu", "GELUTanh": "gelu",
	"LSTMGates": "lstm_cell", "GRUGates": "gru_cell", "RNNGates": "rnn_tanh_cell", "RNNCell": "rnn_tanh_cell", "LSTMCell": "lstm_cell", "GRUCell": "gru_cell",
	"MultiHeadAttention": "multihead_attention", "SelfAttention": "multihead_attention", "ScaledDotProductAttention": "sdpa", "PNorm": "norm",
	"Variance": "var", "LogSumExp": "logsumexp", "LogSigmoid": "log_sigmoid", "CumSum": "cumsum", "CumProd": "cumprod", "KLDiv": "kl_div", "SpMM": "spmm", "SpMMT": "spmm",
	"MSELoss": "mse_loss", "L1Loss": "l1_loss", "SmoothL1Loss": "smooth_l1_loss", "NLLLoss": "nll_loss", "TopK": "topk", "Conv1d": "conv1d", "Conv2d": "conv2d", "ConvTranspose2d": "conv_transpose2d",
	"MaxPool1d": "max_pool1d", "MaxPool2d": "max_pool2d", "AvgPool1d": "avg_pool1d", "AvgPool2d": "avg_pool2d", "AdaptiveAvgPool1d": "adaptive_avg_pool1d", "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
	"Upsample": "upsample_bilinear", "ReLU": "relu", "ReLU6": "relu6", "ELU": "elu", "GELU": "gelu", "SiLU": "silu", "PReLU": "prelu", "GLU": "glu", "LeakyReLU": "leaky_relu", "Log1p": "log1p", "Expm1": "expm1",
	"RMSNorm": "rms_norm", "MatMul": "matmul", "nn.Dropout": "dropout",
	// These have no attributes of their own.
	"nn.Sequential": "nn.Linear", "nn.Func": "tanh",
	// It is an Upsample and a convolution in one, and its test compares it with both.
	"nn.UpsampleConv2d": "conv2d", "nn.GroupedLinear": "grouped_linear",
	"RaggedLinear": "grouped_linear", "DispatchRows": "index_select", "CombineRows": "index_add",
	"WithAddedLosses": "add",
	// PyTorch has none. Without a leak it is a tanh network, which its test compares it with.
	"EchoState": "rnn", "nn.EchoState": "rnn",
}

// TestEveryOperationHasEdges finds the operations and layers as gradcheck knows them, and wants a
// case of each in the table.
func TestEveryOperationHasEdges(t *testing.T) {
	var table struct {
		Cases []struct {
			Op string `json:"op"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(reference.Read(t, "edges/edges.json"), &table); err != nil {
		t.Fatal(err)
	}
	recorded := map[string]bool{}
	for _, c := range table.Cases {
		recorded[c.Op] = true
	}
	known := gradcheck.Operations()
	if v := reflect.TypeFor[*autograd.Tape[float64]](); v.NumMethod() < len(known)/2 {
		t.Fatalf("%d methods of the tape", v.NumMethod())
	}
	for _, name := range append(known, "Argmax") { // which has no gradient
		row, other := edgeRows[name]
		if !other {
			if row = name; !strings.Contains(name, ".") {
				row = snake(name)
			}
		}
		if !recorded[row] {
			t.Errorf("%s has no case: %q is not an operation of the table", name, row)
		}
	}
	for name := range edgeRows {
		if name != "Argmax" && !slices.Contains(known, name) {
			t.Errorf("%s is no operation", name)
		}
	}
	for op := range newRegistry[float64]() {
		if !recorded[op] && !slices.Contains([]string{"program", "transformer_encoder_layer"}, op) {
			t.Errorf("operation %q of the manifests has no case", op)
		}
	}
}

// snake returns the name of an operation in snake case: IndexAdd is index_add.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
