package crosscheck

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/tensor"
)

// fuzzFile writes the tensors that the fuzzed manifests may name, as m.safetensors of a folder.
func fuzzFile(f *testing.F) (dir string) {
	f.Helper()
	f.Setenv(memory.Variable, "4MiB")
	dir = f.TempDir()
	all := map[string]safetensors.Array{
		"input":      safetensors.Of(tensor.New[float64](1, 2)),
		"x":          safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4, 5, 6}, 2, 3)),
		"y":          safetensors.Of(tensor.FromSlice([]float64{1, 2, 3}, 3)),
		"one":        safetensors.Of(tensor.FromSlice([]float64{1}, 1, 1, 1)),
		"four":       safetensors.Of(tensor.FromSlice([]float64{1, 2, 3, 4}, 1, 1, 2, 2)),
		"ids":        safetensors.Ints([]int64{1, 0}, 2),
		"net/output": safetensors.Of(tensor.New[float64](1, 1)),
	}
	if err := safetensors.Write(filepath.Join(dir, "m.safetensors"), all, nil); err != nil {
		f.Fatal(err)
	}
	return dir
}

// fuzzRun checks the folder with a manifest: the answer is an error of one line or a report that
// says something, and nothing that a terminal would obey.
func fuzzRun(t *testing.T, dir, manifest string) {
	write(t, filepath.Join(dir, "m.json"), manifest)
	rep, err := Run(dir, Options{})
	if err != nil {
		if s := err.Error(); strings.ContainsRune(s, '\n') || len(s) > 5000 {
			t.Errorf("an error of %d bytes: %.300q", len(s), s)
		}
		return
	}
	if rep.Cases == 0 || len(rep.Rows) == 0 {
		t.Errorf("nothing is said about %s", manifest)
	}
	var table strings.Builder
	if err := rep.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(table.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		t.Errorf("%s: a table with control characters", manifest)
	}
}

// FuzzManifest changes a manifest as a whole.
func FuzzManifest(f *testing.F) {
	dir := fuzzFile(f)
	for _, s := range []string{
		`{"kind":"ops","tolerance":{"rtol":1e-9},"cases":[{"name":"a","op":"abs","args":["x"],"inputs":["x"],"outputs":["x"]}]}`,
		`{"kind":"ops","tolerance":{"float32":{"atol":0.5}},"loose_tolerance":true,"meta":1,"cases":[]}`, `{"kind":"m2","tolerance":1}`, `[]`, `{}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, manifest string) {
		write(t, filepath.Join(dir, "m.json"), manifest)
		_, err := Run(dir, Options{})
		if err != nil && strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("%q", err.Error())
		}
	})
}

// fuzzCases changes the cases of a manifest whose other keys stay.
func fuzzCases(f *testing.F, head string, seeds ...string) {
	dir := fuzzFile(f)
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cases string) { fuzzRun(t, dir, `{`+head+`, "cases": [`+cases+`]}`) })
}

func FuzzOps(f *testing.F) {
	fuzzCases(f, `"kind": "ops", "tolerance": {"float64": {"rtol": 1e-9}, "float32": {"rtol": 1e-5}}`,
		`{"name": "a", "op": "sum", "attrs": {"dim": 0}, "args": ["x"], "inputs": ["x"], "outputs": ["y"], "cotangents": ["y"], "grads": ["x"]}`,
		`{"name": "a", "op": "matmul", "dtype": "float32", "args": ["a", "b"], "inputs": ["x", "y"], "outputs": ["y"]}`,
		`{"name": "a", "op": "tile", "attrs": {"repeats": [2, 3]}, "args": ["x"], "inputs": ["x"], "outputs": [], "error": "no"}`,
		`{"name": "a", "op": "conv2d", "attrs": {"padding": 1}, "args": ["x", "weight"], "inputs": ["four", "four"], "outputs": ["y"]}`,
		`{"name": "a", "op": "embedding", "args": ["weight", "ids"], "inputs": ["x", "ids"], "outputs": ["x"], "departs": {"ours": "refuses", "why": "so"}}`)
}

func FuzzOptimizers(f *testing.F) {
	fuzzCases(f, `"kind": "optimizers", "tolerance": {"atol": 1e-9},
		"meta": {"problem": {"a": [1, 1], "b": [0, 0], "c": [0, 0], "p0": [1, 1], "coupling": 0, "shapes": {"w": [1], "v": [1]}}}`,
		`{"name": "a", "optimizer": "sgd", "options": {"lr": 0.5}, "loss_before_step": [1], "params_after_step": [[0.5, 0.5]], "final_loss": 1}`,
		`{"name": "a", "optimizer": "adam", "options": {"betas": [0, 0.5]}, "loss_before_step": [1], "params_after_step": [[1, 1]], "clip_grad_value": 1}`,
		`{"name": "a", "optimizer": "asgd", "loss_before_step": [1], "params_after_step": [[1, 1]], "averaged_params": [1, 1],
			"clip_grad_norm": {"max_norm": 1, "norm_type": "inf", "total_norm_before": [1]}}`,
		`{"name": "a", "optimizer": "rprop", "options": {"lr": -1}, "error": "no"}`)
}

func FuzzSchedules(f *testing.F) {
	fuzzCases(f, `"kind": "schedules", "tolerance": {"atol": 1e-9}`,
		`{"name": "a", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5]}`,
		`{"name": "a", "schedule": "plateau", "base_lr": 1, "options": {"patience": 1}, "lr": [1, 1], "metric": [1, 2]}`,
		`{"name": "a", "schedule": "one_cycle", "base_lr": 1, "options": {"max_lr": 1, "total_steps": 9}, "lr": [1], "momentum": [1]}`,
		`{"name": "a", "schedule": "cyclic", "base_lr": 0, "options": {"max_lr": 1, "step_size_up": 2}, "lr": [0]}`,
		`{"name": "a", "schedule": "sequential", "base_lr": 1, "options": {"parts": [["linear", {"total_iters": 4}], ["cosine", {"T_max": 4}]], "milestones": [4]}, "lr": [1]}`)
}

func FuzzTN(f *testing.F) {
	fuzzCases(f, `"kind": "tn", "meta": {"seed": 1}, "tolerance": {"float32": {"rtol": 0.002}}`,
		`{"name": "net", "impl": "eager", "knobs": {"input_dim": 1, "embedding_dim": 1}, "input_shape": [1, 1], "params_per_unit": 2, "output_shape": [1, 1], "agreement": {"output": 1e-12}}`,
		`{"name": "net", "impl": "functional", "knobs": {"n_heads": 0}, "input_shape": [0, 1], "dtype": "float32", "params_per_unit": 4, "output_shape": [1], "units": [1], "no_gradient": "so"}`,
		`{"name": "net", "impl": "eager", "knobs": {}, "input_shape": [-1], "error": "no", "other_params": [["w", [1]]]}`)
}

func FuzzFormer(f *testing.F) {
	head := `"name": "net", "input_shape": [1, 1, 2, 2], "labels": [0], "loss": 1, "outputs": {"logits": [1, 2]}, "params": [["cls", [2], 1, 0]], "agreement": {"output": null}`
	fuzzCases(f, `"kind": "former", "meta": {"seed": 1, "dtype": "float64"}, "tolerance": {"float32": {"rtol": 0.002}}`,
		`{`+head+`, "arch": "CustomViT", "config": {"n_blocks": 1, "embed_dim": 2, "in_channels": 1, "output_dim": 2, "patch_dim": 1, "max_seq_len": 4, "num_heads": 1, "ff_dim": 1}}`,
		`{`+head+`, "arch": "MLPMixer", "config": {"n_blocks": 1, "embed_dim": 2, "in_channels": 1, "output_dim": 2, "patch_dim": 1, "image_dim": 2, "channel_ff_dim": 3}, "mode": "eval"}`,
		`{"name": "net", "arch": "ElegansFormer", "config": {"n_blocks": 1, "embed_dim": 2, "in_channels": 1, "output_dim": 2, "patch_dim": 1, "max_seq_len": 4,
			"model_type": "head", "tensornet_config": {"embedding_dim": 2, "input_dim": 2, "n_heads": 1, "head_dim": 1}}, "error": "no"}`,
		`{"name": "net", "arch": "MoE(FFN)", "config": {"input_size": 2, "output_size": 2, "num_experts": 2, "k": 1, "expert": {"embed_dim": 2, "ff_dim": 1}}, "input_shape": [1, 2],
			"loss": 1, "outputs": {"output": [1, 2], "gates": [1, 2]}, "params": [["moe.w_gate", [2, 2], 1, 0]]}`,
		`{"name": "net", "arch": "EchoStateMoE", "config": {"input_dim": 1, "reservoir_dim": 2, "num_experts": 1, "k": 1, "ff_dim": 1, "output_dim": 1}, "input_shape": [1, 2, 1], "error": "no"}`)
}

// FuzzM2 changes the keys of a recorded run of the autoencoder, whose model is refused before it is
// built if it is not small.
func FuzzM2(f *testing.F) {
	dir := fuzzFile(f)
	for _, s := range []string{
		`"dtype": "float64", "config": {"d": 1, "enc": [1, 1, 1], "dec_dense": [1, 1], "latent": 1, "dec": [1, 1, 1], "key_dim": 1, "heads": 1}`,
		`"dtype": "float64", "topology": {"interneurons": [{"index": 1, "k": 2}], "motors": [{"index": 1, "source": null}]}, "zero_gradient_tensors": ["a"]`,
		`"fill": {"seed": 1, "spread": 0.1}, "fill_check": {"a": {"first4": [1], "last": 1, "l2": 1}}, "float32": {}, "float64": {}`,
		`"cases": []`,
	} {
		f.Add(s)
	}
	small, full := `"every tensor": "max abs difference <= 1e-9 * (largest absolute entry of the reference tensor, at least 1)"`, `"adam_losses_abs": 1e-9`
	f.Fuzz(func(t *testing.T, keys string) {
		tolerance := `{"float64": {` + full + `}, "float32": {` + full + `}}`
		if strings.Contains(keys, `"dtype"`) { // the form with all tensors
			tolerance = `{"float64": {` + small + `}}`
		}
		fuzzRun(t, dir, `{"kind": "m2", "tolerance": `+tolerance+`, `+keys+`}`)
	})
}

// FuzzAttributes calls every operation with any attributes: it returns, or refuses with a typed
// error. What it returns does not matter.
func FuzzAttributes(f *testing.F) {
	dir := fuzzFile(f)
	ops := slices.Sorted(maps.Keys(newRegistry[float64]()))
	for i, attrs := range []string{
		`{}`, `{"dim": -1}`, `{"dim": [0, 1], "keepdim": true}`, `{"repeats": 3, "dim": null}`, `{"kernel_size": 2, "stride": 0, "padding": 1, "ceil_mode": true}`,
		`{"size": [1, 2], "scale_factor": [0.5, 2]}`, `{"p": "inf", "eps": 1e-9}`, `{"shape": [-1, 2]}`, `{"equation": "ij,j->i"}`, `{"label_smoothing": "nan", "reduction": "none"}`,
		`{"pad": [1, -1], "mode": "circular", "value": 2}`, `{"num_heads": 2, "embed_dim": 4, "hidden_size": 3, "num_layers": 2}`,
	} {
		for j := range 4 {
			f.Add(byte(13*i+31*j), byte(j), attrs)
		}
	}
	tensors := []string{"x", "y", "one", "four"}
	shared := []string{"weight", "bias", "a", "b", "target", "input", "src", "q", "k", "v", "query", "cond", "mask"}
	f.Fuzz(func(t *testing.T, op, operand byte, attrs string) {
		if !json.Valid([]byte(attrs)) {
			return
		}
		args, inputs := []string{`"x"`}, []string{`"` + tensors[int(operand)%len(tensors)] + `"`}
		for i, name := range shared {
			args, inputs = append(args, `"`+name+`"`), append(inputs, `"`+tensors[(int(operand)/4+i*int(operand)/16)%len(tensors)]+`"`)
		}
		args, inputs = append(args, `"ids"`, `"index"`), append(inputs, `"ids"`, `"ids"`)
		write(t, filepath.Join(dir, "m.json"), `{"kind": "ops", "tolerance": {"rtol": 1e-9}, "cases": [{"name": "a", "op": "`+ops[int(op)%len(ops)]+
			`", "attrs": `+attrs+`, "args": [`+strings.Join(args, ",")+`], "inputs": [`+strings.Join(inputs, ",")+`], "outputs": ["x"]}]}`)
		rep, err := Run(dir, Options{})
		if err != nil {
			return // attributes that are no object, or more memory than there is
		}
		for _, row := range rep.Rows {
			if strings.Contains(row.Detail, "runtime error") {
				t.Errorf("%s %s: %s", ops[int(op)%len(ops)], attrs, row.Detail)
			}
		}
	})
}
