package crosscheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"elegans/autograd/nn"
	"elegans/data/safetensors"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// layersEntry is a case of a manifest of kind "layers": a model of the zoo in another program, all
// layers of one batch. The tensors of the case are those of the file whose names begin with Prefix:
//
//	x            images [N, C, H, W]
//	w.PARAMETER  every parameter and running statistic, by our name for it
//	a.LAYER      results of layers
//	y            of the model
//	loss         of the training objective on x and labels [N]; autoencoders need no labels
//	cotangent    shaped as y: gradients are then those of the sum of y*cotangent
//	g.PARAMETER  gradients of parameters
//	ga.LAYER     and of the results of layers
//
// All but x and the weights are optional, but what is there and fits nowhere is reported.
type layersEntry struct {
	Name string `json:"name"`
	// the name of a model of the zoo, an object as in config.json, or the path of a checkpoint
	// beside the manifest, whose weights then count
	Model  json.RawMessage `json:"model"`
	Prefix string          `json:"prefix"` // of the names of tensors
	// tensors under other names: ours to theirs, "w.1.weight": "dense/kernel"
	Names map[string]string `json:"names"`
	// "torch" (the default) or "keras": kernels [in, out] and [H, W, in, out], images [N, H, W, C]
	Layout string `json:"layout"`
	// axes that bring a tensor, by our name, to the form of PyTorch; goes before Layout
	Permute map[string][]int `json:"permute"`
	// batch normalisation by the statistics of the batch
	Training bool `json:"training"`
}

func (e *layersEntry) caseName() string { return e.Name }

func (e *layersEntry) check() error {
	switch {
	case len(e.Model) == 0:
		return errors.New("key \"model\": missing")
	case e.Layout != "" && e.Layout != "torch" && e.Layout != "keras":
		return fmt.Errorf("key \"layout\" is %s, expected torch or keras", quote.Text(e.Layout))
	}
	return nil
}

func runLayers(m *manifest, rec *recorder) error {
	tol, err := m.tolerances()
	if err != nil {
		return err
	}
	cases, err := entries[layersEntry](m)
	if err != nil {
		return err
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	limit, err := memory.Limit()
	if err != nil {
		return err
	}
	for i, e := range cases {
		double, single := tol.Float64, tol.Float32
		if double == nil && single == nil { // one tolerance: for the precision that was recorded
			info, err := file.Info(e.Prefix + e.tensor("x"))
			if err == nil && info.Dtype != safetensors.F64 {
				single = &tol.tolerance
			} else {
				double = &tol.tolerance
			}
		}
		for _, ours := range []string{"x", "labels", "cotangent", "y"} {
			if stored := e.Prefix + e.tensor(ours); file.Has(stored) {
				file.name(stored) // even if the case does not come so far
			}
		}
		ran := true
		if double != nil {
			ran = runLayersAs[float64](m, e, file, *double, rec, " float64", limit) && ran
		}
		if single != nil {
			ran = runLayersAs[float32](m, e, file, *single, rec, " float32", limit) && ran
		}
		if rec.excess != nil {
			return m.errorf("case %d %s: %w", i, quote.Text(e.Name), rec.excess)
		}
		rec.current = e.Name
		if left := e.leftOver(file); ran && len(left) > 0 {
			rec.fail("tensors that have no counterpart in the model, or lack the labels or cotangent that they depend on: " + quote.Names(left))
		}
	}
	rec.unnamed(file)
	return nil
}

// tensor returns the name under which a tensor of ours is stored, without the prefix.
func (e *layersEntry) tensor(ours string) string {
	if theirs, ok := e.Names[ours]; ok {
		return theirs
	}
	return ours
}

// layersRun is a case in one element type.
type layersRun[T tensor.Float] struct {
	entry    *layersEntry
	file     *tensorFile
	tol      tolerance
	rec      *recorder
	limit    int             // bytes that the tape may hold
	compared map[string]bool // tensors, by the names under which they are stored

	config *recipe.Config
	model  nn.Module[T]
	params []nn.Named[T]
}

// runLayersAs runs a case in one element type, and reports whether it came to its end.
func runLayersAs[T tensor.Float](m *manifest, e *layersEntry, file *tensorFile, tol tolerance, rec *recorder, dtype string, limit int64) bool {
	rec.begin(e.Name + dtype)
	before := len(rec.report.Rows)
	r := &layersRun[T]{entry: e, file: file, tol: tol, rec: rec, limit: int(limit), compared: map[string]bool{}}
	end := protect(func() error {
		r.build(filepath.Dir(m.path))
		r.run()
		return nil
	})
	if rec.judge(end, "") && len(rec.report.Rows) == before {
		// nothing disagrees, but nothing was compared either
		rec.skip("nothing is recorded but images and weights, expected results of layers, a loss or gradients")
	}
	return end.kind == returned
}

// has reports whether there is a tensor, by our name.
func (r *layersRun[T]) has(ours string) bool {
	return r.file.Has(r.entry.Prefix + r.entry.tensor(ours))
}

// get reads a tensor in our layout; it skips the case if that is impossible.
func get[U, T tensor.Float](r *layersRun[T], ours string) *tensor.Tensor[U] {
	stored := r.entry.Prefix + r.entry.tensor(ours)
	r.file.name(stored)
	t, err := safetensors.Get[U](r.file.File, stored)
	if err != nil {
		skip("%v", err)
	}
	axes, given := r.entry.Permute[ours]
	if !given && r.entry.Layout == "keras" {
		axes = kerasAxes(ours, t.Dims())
	}
	if axes == nil {
		return t
	}
	return t.Permute(axes...).Contiguous() // which refuses axes that do not fit
}

// kerasAxes returns the order of Keras' axes in PyTorch's layout, nil where they are the same.
func kerasAxes(name string, dims int) []int {
	weight := strings.HasSuffix(name, ".weight") && (strings.HasPrefix(name, "w.") || strings.HasPrefix(name, "g."))
	switch {
	case weight && dims == 2:
		return []int{1, 0}
	case weight && dims == 4:
		return []int{3, 2, 0, 1}
	case !weight && dims == 4:
		return []int{0, 3, 1, 2}
	}
	return nil
}

// build makes the model with the recorded weights.
func (r *layersRun[T]) build(dir string) {
	e := r.entry
	stored := r.describe(dir)
	r.params = nn.Params(r.model)
	for _, p := range r.params {
		name := "w." + p.Path
		switch {
		case r.has(name):
			t := get[T](r, name)
			if !tensor.SameShape(t, p.Value) {
				skip("tensor %q has shape %v, parameter %s of %s has %v", e.Prefix+e.tensor(name), t.Shape(), p.Path, r.config.Model.Model, p.Shape())
			}
			tensor.Copy(p.Value, t)
		case !stored:
			skip("no tensor %q for parameter %s %v of %s", e.Prefix+e.tensor(name), p.Path, p.Shape(), r.config.Model.Model)
		}
	}
}

// describe makes the model that the manifest names; stored says that it came with weights.
func (r *layersRun[T]) describe(dir string) (stored bool) {
	var name string
	if json.Unmarshal(r.entry.Model, &name) == nil && filepath.Ext(name) == ".safetensors" {
		var err error
		if r.config, r.model, err = recipe.FromCheckpoint[T](filepath.Join(dir, name)); err != nil {
			skip("model: %v", err)
		}
		return true
	}
	var spec zoo.Spec
	if name == "" {
		d := json.NewDecoder(bytes.NewReader(r.entry.Model))
		d.DisallowUnknownFields()
		if err := d.Decode(&spec); err != nil {
			skip("model %s: %v; expected a name, a description with the fields of \"model\" in config.json, or a path that ends in .safetensors", quote.Line(string(r.entry.Model)), err)
		}
		name = spec.Model
	} else {
		spec = recipe.Default(name).Model
	}
	config := recipe.Default(name)
	if spec.Input == [3]int{} {
		x := get[T](r, "x")
		if x.Dims() != 4 {
			skip("tensor %q has shape %v, expected images [N, C, H, W] ([N, H, W, C] in Keras' layout)", r.entry.Prefix+r.entry.tensor("x"), x.Shape())
		}
		spec.Input = [3]int(x.Shape()[1:])
	}
	if spec.Classes == 0 && spec.Task().HasClasses() {
		spec.Classes = 10
	}
	config.Model = spec
	var err error
	if r.model, err = zoo.Build[T](spec); err != nil {
		skip("%v", err)
	}
	r.config = &config
	return false
}
