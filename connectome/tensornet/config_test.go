package tensornet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"elegans/connectome/tensornet"
)

// TestFormerKeys reads a configuration as earlier versions wrote it.
func TestFormerKeys(t *testing.T) {
	const former = `{
		"width": 8, "rounds": 2, "combine": "product", "weights": "counts", "counts": "sqrt", "layers": "gap",
		"gap": "diffusive", "sign": "none", "inject": "first", "unit": "shared", "activation": "relu", "norm": "layer",
		"residual": true, "frozen": true, "entry": "open", "input": "each", "readout": "mean"
	}`
	want := tensornet.Config{
		Width: 8, Rounds: 2, Combine: "product", SynapticWeights: "counts", CountTransform: "sqrt", Synapses: "gap",
		GapJunctions: "diffusive", Sign: "none", Drive: "first", UnitWeights: "shared", Activation: "relu", Norm: "layer",
		Residual: true, Frozen: true, InputNeurons: "open", Signal: "each", Readout: "mean",
	}
	var got tensornet.Config
	if err := json.Unmarshal([]byte(former), &got); err != nil || got != want {
		t.Errorf("%+v, error %v", got, err)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var again tensornet.Config
	if err := json.Unmarshal(b, &again); err != nil || again != want {
		t.Errorf("%s became %+v, error %v", b, again, err)
	}
}

func TestWrongKeys(t *testing.T) {
	for in, want := range map[string]string{
		`{"layers":"gap","synapses":"gap"}`: `keys "layers" and "synapses": both stand for "synapses"`,
		`{"synapse":"gap"}`:                 `unknown field "synapse"`,
	} {
		var c tensornet.Config
		if err := json.Unmarshal([]byte(in), &c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", in, err, want)
		}
	}
}
