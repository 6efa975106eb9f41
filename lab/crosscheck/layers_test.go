package crosscheck

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/data/safetensors"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// TestLayers checks what the scripts dump_pytorch.py and dump_keras.py in testdata/peers have
// written, with images of 4x4 and 6x6 pixels.
func TestLayers(t *testing.T) {
	rep, err := Run("testdata/layers", Options{})
	if err != nil || !rep.OK() || rep.First != nil || rep.Cases != 4 || rep.Tensors != 2*(10+18) {
		t.Errorf("%s: %v %+v", rep.Summary(), err, rep.Rows)
	}
}

// recorded reads the tensors of testdata/layers/mlp.
func recorded(t *testing.T) map[string]*tensor.Tensor[float64] {
	t.Helper()
	f, err := safetensors.Open("testdata/layers/mlp.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ts := map[string]*tensor.Tensor[float64]{}
	for _, name := range f.Names() {
		if ts[name], err = safetensors.Get[float64](f, name); err != nil {
			t.Fatal(err)
		}
	}
	return ts
}

// dump writes a folder with one manifest of kind "layers".
func dump(t *testing.T, entry, tolerance string, ts map[string]*tensor.Tensor[float64]) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "set.json"), `{"kind": "layers", "tolerance": `+tolerance+`, "cases": [`+entry+`]}`)
	arrays := map[string]safetensors.Array{}
	for name, v := range ts {
		if arrays[name] = safetensors.Of(v); strings.HasSuffix(name, "labels") {
			ints := make([]int64, v.Len())
			for i, l := range v.Data() {
				ints[i] = int64(l)
			}
			arrays[name] = safetensors.Ints(ints, v.Shape()...)
		}
	}
	if err := safetensors.Write(filepath.Join(dir, "set.safetensors"), arrays, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLayersVerdicts(t *testing.T) {
	const mlp, tight = `{"name": "net", "model": {"model": "mlp", "hidden": [32]}}`, `{"rtol": 1e-12}`
	type tensors = map[string]*tensor.Tensor[float64]
	for _, c := range []struct {
		name, entry, tolerance string
		change                 func(ts tensors)
		tensors, over, skipped int
		first, detail          string
	}{
		{"agrees", mlp, tight, func(tensors) {}, 10, 0, 0, "", ""},
		{"layer and what follows from it", mlp, tight, func(ts tensors) { ts["w.3.bias"].Data()[2] += 1e-6 }, 10, 7, 0, "set: net float64: a.3", ""},
		{"gradient of the last layer first", mlp, tight, func(ts tensors) { ts["g.1.bias"].Data()[0] += 1e-6; ts["g.3.weight"].Data()[7] += 1e-6 }, 10, 2, 0, "set: net float64: g.3.weight", "element 7"},
		{"loss", mlp, tight, func(ts tensors) { ts["loss"].Data()[0] *= 2 }, 10, 1, 0, "set: net float64: loss", ""},
		{"single precision is not that good", mlp, `{"float32": {"rtol": 1e-9}}`, func(tensors) {}, 10, 9, 0, "set: net float32: a.1", ""},
		{"both precisions", mlp, `{"float64": {"rtol": 1e-12}, "float32": {"rtol": 1e-5}}`, func(tensors) {}, 20, 0, 0, "", ""},
		{"labels alone", mlp, tight, func(ts tensors) {
			for name := range ts {
				if name != "x" && name != "labels" && !strings.HasPrefix(name, "w.") && name != "loss" {
					delete(ts, name)
				}
			}
		}, 1, 0, 0, "", ""},
		{"nothing to compare", mlp, tight, func(ts tensors) {
			for name := range ts {
				if name != "x" && !strings.HasPrefix(name, "w.") {
					delete(ts, name)
				}
			}
		}, 0, 0, 1, "", "nothing is recorded but images and weights"},
		{"cotangent", mlp, tight, func(ts tensors) {
			// of the loss with respect to y, which gives the same gradients
			y, labels := ts["y"], ts["labels"]
			c := tensor.New[float64](y.Shape()...)
			tensor.Softmax(c, y, -1)
			for i, l := range labels.Data() {
				c.Data()[i*10+int(l)]--
			}
			tensor.Scale(c, c, 1/float64(labels.Len()))
			ts["cotangent"] = c
			delete(ts, "labels")
			delete(ts, "loss")
		}, 9, 0, 0, "", ""},
		{"gradients of nothing", mlp, tight, func(ts tensors) { delete(ts, "labels"); delete(ts, "loss") }, 5, 1, 0, "set: net", "depend on: g.1.bias, g.1.weight, g.3.bias, g.3.weight"},
		{"loss of nothing", mlp, tight, func(ts tensors) {
			maps.DeleteFunc(ts, func(name string, _ *tensor.Tensor[float64]) bool {
				return name == "labels" || strings.HasPrefix(name, "g.")
			})
		}, 5, 1, 0, "set: net", "labels or cotangent that they depend on: loss"},
		{"unknown layer", mlp, tight, func(ts tensors) { ts["a.7"] = ts["a.1"] }, 10, 1, 0, "set: net", "no counterpart in the model, or lack the labels or cotangent that they depend on: a.7"},
		{"tensor of no form", mlp, tight, func(ts tensors) { ts["hidden"] = ts["a.1"] }, 10, 1, 0, "set", "no case names: hidden"},
		{"weight missing", mlp, tight, func(ts tensors) { delete(ts, "w.3.bias") }, 0, 0, 1, "", `no tensor "w.3.bias" for parameter 3.bias [10] of mlp`},
		{"weight of another shape", mlp, tight, func(ts tensors) { ts["w.3.bias"] = ts["w.1.bias"] }, 0, 0, 1, "", `tensor "w.3.bias" has shape [32], parameter 3.bias of mlp has [10]`},
		{"result of another shape", mlp, tight, func(ts tensors) { ts["a.1"] = ts["a.3"] }, 10, 1, 0, "set: net float64: a.1", "shape [4 32], the reference has [4 10]"},
		{"no images", mlp, tight, func(ts tensors) { delete(ts, "x") }, 0, 0, 1, "", `tensor "x": no such tensor`},
		{"label out of range", mlp, tight, func(ts tensors) { ts["labels"].Data()[1] = 10 }, 0, 0, 1, "", "label 1 is 10, expected 0 to 9"},
		{"labels of another number", mlp, tight, func(ts tensors) { ts["labels"] = tensor.New[float64](3) }, 0, 0, 1, "", "3 labels for 4 images"},
		{"unknown model", `{"name": "net", "model": "fly"}`, tight, func(tensors) {}, 0, 0, 1, "", `model "fly": unknown`},
		{"unknown field of the model", `{"name": "net", "model": {"model": "mlp", "hiden": [32]}}`, tight, func(tensors) {}, 0, 0, 1, "", `unknown field "hiden"`},
		{"no checkpoint", `{"name": "net", "model": "nowhere.safetensors"}`, tight, func(tensors) {}, 0, 0, 1, "", "nowhere.safetensors"},
		{"other names, a prefix, an order of axes", `{"name": "net", "model": {"model": "mlp", "hidden": [32]}, "prefix": "run/", "names": {"w.1.weight": "dense/kernel"}, "permute": {"w.1.weight": [1, 0]}}`, tight, func(ts tensors) {
			ts["dense/kernel"] = ts["w.1.weight"].Transpose(0, 1).Contiguous()
			delete(ts, "w.1.weight")
			for _, name := range slices.Collect(maps.Keys(ts)) {
				ts["run/"+name] = ts[name]
				delete(ts, name)
			}
		}, 10, 0, 0, "", ""},
		{"a prefix that some tensors lack", `{"name": "net", "model": {"model": "mlp", "hidden": [32]}, "prefix": "run/"}`, tight, func(ts tensors) {
			for _, name := range slices.Collect(maps.Keys(ts)) {
				ts["run/"+name] = ts[name]
				if name != "a.1" {
					delete(ts, name)
				}
			}
		}, 10, 1, 0, "set", "no case names: a.1"},
		{"axes that do not fit", `{"name": "net", "model": {"model": "mlp", "hidden": [32]}, "permute": {"x": [1, 0]}}`, tight, func(tensors) {}, 0, 1, 0, "set: net float64", "Permute"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ts := recorded(t)
			c.change(ts)
			rep, err := Run(dump(t, c.entry, c.tolerance, ts), Options{})
			if err != nil {
				t.Fatal(err)
			}
			first := ""
			if rep.First != nil {
				first = rep.First.place()
			}
			if rep.Tensors != c.tensors || rep.Over != c.over || rep.Skipped != c.skipped || first != c.first {
				t.Errorf("%s; want %d tensors, %d over, %d skipped, first %q: %+v", rep.Summary(), c.tensors, c.over, c.skipped, c.first, rep.Rows)
			}
			if !slices.ContainsFunc(rep.Rows, func(r Row) bool { return strings.Contains(r.Detail, c.detail) }) {
				t.Errorf("no row says %q: %+v", c.detail, rep.Rows)
			}
		})
	}
	if _, err := Run(dump(t, `{"name": "net", "modell": "mlp"}`, tight, recorded(t)), Options{}); err == nil || !strings.Contains(err.Error(), "modell") {
		t.Errorf("unknown field of a case: %v", err)
	}
}

// TestLayersOfCheckpoint takes model and weights from a checkpoint beside the manifest.
func TestLayersOfCheckpoint(t *testing.T) {
	ts := recorded(t)
	cfg := recipe.Default("mlp")
	cfg.Model = zoo.Spec{Model: "mlp", Input: [3]int{1, 4, 4}, Classes: 10, Config: zoo.MLPConfig{Hidden: []int{32}}}
	model, err := zoo.Build[float64](cfg.Model)
	if err != nil {
		t.Fatal(err)
	}
	params := nn.Params(model)
	for _, p := range params {
		tensor.Copy(p.Value, ts["w."+p.Path])
		delete(ts, "w."+p.Path)
	}
	dir := dump(t, `{"name": "net", "model": "ckpt/last.safetensors"}`, `{"rtol": 1e-12}`, ts)
	if err := os.Mkdir(filepath.Join(dir, "ckpt"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := train.Save(filepath.Join(dir, "ckpt", "last.safetensors"), params, cfg.JSON()); err != nil {
		t.Fatal(err)
	}
	rep, err := Run(dir, Options{})
	if err != nil || !rep.OK() || rep.Tensors != 10 {
		t.Errorf("%s: %v %+v", rep.Summary(), err, rep.Rows)
	}
}

// TestFolderOfFolders checks every folder below one without manifests of its own, and says which
// have nothing to check.
func TestFolderOfFolders(t *testing.T) {
	parent := t.TempDir()
	for name, manifest := range map[string]string{"odd": `{"kind": "dreams", "tolerance": 0}`, "notes": `{"kind": "no tolerance"}`, "b": `{"kind": "schedules", "tolerance": {"atol": 1e-12}, "cases": [
		{"name": "halve", "schedule": "exponential", "base_lr": 1, "options": {"gamma": 0.5}, "lr": [1, 0.5]}]}`} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(parent, name, "m.json"), manifest)
	}
	rep, err := Run(parent, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range rep.Rows {
		rows = append(rows, r.Manifest+" "+r.Case+" "+string(r.Verdict))
	}
	if want := []string{"b/m halve ok", "odd/m  skipped"}; !slices.Equal(rows, want) {
		t.Errorf("%q, want %q", rows, want)
	}
	if !strings.HasSuffix(rep.Summary(), "1 skipped; no manifest in notes") {
		t.Errorf("%s: does not name the folder without a manifest", rep.Summary())
	}
}

// TestDocumentedScripts demands that README.md shows the script that wrote the test data, as it is.
func TestDocumentedScripts(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "..", "testdata", "peers", "dump_pytorch.py"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```python\n"+string(script)+"```\n") {
		t.Error("README.md does not show testdata/peers/dump_pytorch.py")
	}
}

// FuzzLayers changes the case of a manifest: whatever it says, the answer is an error or a report,
// and nothing large is built on its word.
func FuzzLayers(f *testing.F) {
	b, err := os.ReadFile("testdata/layers/mlp.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range []string{
		`{"name": "mlp", "model": {"model": "mlp", "hidden": [32]}}`,
		`{"model": "lenet", "layout": "keras", "training": true, "prefix": "a."}`,
		`{"model": {"model": "mlp", "hidden": [32], "classes": 1000000000}, "names": {"x": "a.1"}}`,
		`{"model": {"model": "worm", "graph": {"name": "shipped"}, "network": {"width": 100000}}, "permute": {"x": [3, 2, 1, 0]}}`,
		`{"model": {"model": "m2", "input": [1, 4, 4]}}`, `{"model": null}`, `{"model": "x.safetensors"}`, `{}`,
	} {
		f.Add(entry)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "m.json"), `{"kind": "layers", "tolerance": {"rtol": 1e-9}, "cases": [`+entry+`]}`)
		write(t, filepath.Join(dir, "m.safetensors"), string(b))
		rep, err := Run(dir, Options{})
		if err == nil && (rep.Cases == 0 || len(rep.Rows) == 0) && entry != "" && strings.TrimSpace(entry) != "" {
			t.Errorf("nothing is said about %s", entry)
		}
	})
}
