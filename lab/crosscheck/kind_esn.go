package crosscheck

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"elegans/data/safetensors"
	"elegans/internal/quote"
	"elegans/internal/regular"
	"elegans/tensor"
)

// esnEntry is a case of a manifest of kind "esn": a reservoir, a readout, a series or a measure of
// package esn. Its tensors are NAME/KEY. A case whose role is "operands" is not compared: it holds
// what the cases after it share.
type esnEntry struct {
	Name      string           `json:"name"`
	Role      string           `json:"role"`
	Params    map[string]any   `json:"params"`
	Tensors   map[string][]int `json:"tensors"`
	Values    map[string]any   `json:"values"`
	Tolerance esnTolerance     `json:"tolerance"`
	// Retrained holds where a readout is fitted again instead of taken from the file: what follows
	// from it then differs by what one unit in the last place of a weight makes.
	Retrained struct {
		Float64   tolerance `json:"float64"`
		Generated tolerance `json:"generated"`
	} `json:"tolerance_retrained"`
}

// esnHead are the keys that manifests of kind "esn" have.
type esnHead struct {
	head
	Group    string            `json:"group"` // one of esnGroups
	Set      string            `json:"set"`
	Dtype    string            `json:"dtype"`
	SHA256   string            `json:"sha256"` // of the file of the tensors
	MadeWith map[string]string `json:"made_with"`
}

type esnTolerance struct {
	Float64 *tolerance `json:"float64"`
}

func (e *esnEntry) caseName() string { return e.Name }

func (e *esnEntry) check() error {
	switch {
	case e.Role != "" && e.Role != "operands":
		return fmt.Errorf("key \"role\" is %s, expected \"operands\" or none", quote.Text(e.Role))
	case e.Role == "" && len(e.Tensors) == 0 && len(e.Values) == 0:
		return errors.New("keys \"tensors\" and \"values\": both empty, so there is nothing to compare")
	}
	return nil
}

// esnGroups run a case, by the group of its manifest.
var esnGroups = map[string]func(c *esnCase){
	"states": (*esnCase).states, "readouts": (*esnCase).readouts, "spectral": (*esnCase).spectral,
	"tasks": (*esnCase).tasks, "closed_loop": (*esnCase).closedLoop, "capacity": (*esnCase).capacity,
}

// esnRemarks are parameters and values that are not compared: they say in words what the case does,
// what its shapes say too, or what another program made of it.
var esnRemarks = []string{
	"N", "T", "K", "M", "note", "order", "density", "dist", "nonnegative", "row_order", "orientation", "train", "total",
	"lags", "test", "capacity", "generate", "compare", "first_sample", "first_row", "method", "scheme", "basis", "delays",
	"threshold", "kernel", "generalisation", "numeric", "effective", "a0", "b0", "nmse", "vpt", "length", "h", "x0", "input",
	"steps_per_row", "streams", "common_suffix", "max_delay", "normalised", "nyquist_wavenumber", "subsample", "euler_step",
	"leading_re", "leading_abs_im", "radius_arpack", "radius_of_half_W_plus_half_I", "largest_singular_value",
	"symmetric_part_radius", "sum", "variance_of_squashed_20000", "variance_of_raw_20000", "total_with_abs_r",
	"sensitivity_maxdiff_to_1e15_state_change", "train_rmse", "nmse_100", "train_mae_last50", "free_mae", "total_kept", "rank",
}

func runESN(m *manifest, rec *recorder) error {
	var man esnHead
	if err := m.decode("", m.raw, &man); err != nil {
		return err
	}
	var whole esnTolerance
	if err := m.decode("tolerance", m.Tolerance, &whole); err != nil {
		return err
	}
	if whole.Float64 == nil || man.Dtype != "float64" {
		return m.errorf("keys \"dtype\" and \"tolerance\": expected float64")
	}
	run := esnGroups[man.Group]
	if run == nil {
		return m.errorf("key \"group\" is %s, expected one of %s", quote.Text(man.Group), strings.Join(slices.Sorted(maps.Keys(esnGroups)), ", "))
	}
	all, err := entries[esnEntry](m)
	if err != nil {
		return err
	}
	for i, e := range all {
		for _, t := range []*tolerance{whole.Float64, e.Tolerance.Float64, &e.Retrained.Float64, &e.Retrained.Generated} {
			if t == nil {
				continue
			}
			if err := m.check(*t); err != nil {
				return m.errorf("case %d %s: %w", i, quote.Text(e.Name), err)
			}
		}
	}
	if err := sameSum(m.tensors(), man.SHA256); err != nil {
		return m.errorf("key \"sha256\": %w", err)
	}
	file, err := m.open()
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	err = eachCase(m, rec, func(e *esnEntry) {
		c := &esnCase{esnEntry: e, file: file, rec: rec, tol: *whole.Float64, used: map[string]bool{}, all: all}
		if e.Tolerance.Float64 != nil {
			c.tol = *e.Tolerance.Float64
		}
		for key, shape := range e.Tensors {
			info, err := file.Info(e.Name + "/" + key)
			if err != nil {
				rec.fail(err.Error())
			} else if !slices.Equal(info.Shape, shape) {
				rec.fail(fmt.Sprintf("tensor %s has the shape %v, key \"tensors\" says %v", quote.Text(key), info.Shape, shape))
			}
			file.name(e.Name + "/" + key)
		}
		if e.Role == "operands" {
			rec.report.Cases--
			return
		}
		if end := protect(func() error { run(c); return c.rest() }); end.kind != returned {
			rec.judge(end, "")
		}
	})
	if err == nil {
		rec.unnamed(file)
	}
	return err
}

// sameSum checks the SHA-256 of a file.
func sameSum(path, want string) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%s has %s, the manifest says %s", quote.Name(path), got, quote.Text(want))
	}
	return nil
}

// esnCase is a case at work.
type esnCase struct {
	*esnEntry
	file *tensorFile
	rec  *recorder
	tol  tolerance
	all  []*esnEntry
	used map[string]bool // tensors, "p " and parameters, "v " and values that were looked at
}

// rest complains about what the case lists and nobody looked at.
func (c *esnCase) rest() error {
	var left []string
	for key := range c.Tensors {
		if !c.used[key] {
			left = append(left, "tensor "+quote.Text(key))
		}
	}
	for key := range c.Params {
		if !c.used["p "+key] && !slices.Contains(esnRemarks, key) {
			left = append(left, "parameter "+quote.Text(key))
		}
	}
	for key := range c.Values {
		if !c.used["v "+key] && !slices.Contains(esnRemarks, key) {
			left = append(left, "value "+quote.Text(key))
		}
	}
	if slices.Sort(left); len(left) > 0 {
		c.rec.fail("not compared: " + quote.Names(left))
	}
	return nil
}

// must ends the case with an error of the engine.
func must(err error) {
	if err != nil {
		skip("%v", err)
	}
}

// tensor returns a tensor of the case as an operand.
func (c *esnCase) tensor(key string) *tensor.Tensor[float64] {
	c.used[key] = true
	return c.of(c.Name, key)
}

// of returns a tensor of another case.
func (c *esnCase) of(name, key string) *tensor.Tensor[float64] {
	t, err := safetensors.Get[float64](c.file.File, name+"/"+key)
	must(err)
	return t
}

// number returns a parameter that is a number.
func (c *esnCase) number(key string, otherwise float64) float64 {
	c.used["p "+key] = true
	switch v := c.Params[key].(type) {
	case nil:
		return otherwise
	case float64:
		return v
	}
	skip("parameter %q is %v, expected a number", key, c.Params[key])
	return 0
}

// fixed is a parameter that can only have one value.
func (c *esnCase) fixed(key string, want float64) {
	if v := c.number(key, want); v != want {
		skip("parameter %q is %v, expected %v", key, v, want)
	}
}

// count is number for small whole numbers.
func (c *esnCase) count(key string, otherwise int) int {
	v := c.number(key, float64(otherwise))
	if v != float64(int(v)) || v < 0 || v > 1<<20 {
		skip("parameter %q is %v, expected a whole number", key, v)
	}
	return int(v)
}

// flag returns a parameter that is true or false.
func (c *esnCase) flag(key string) bool {
	c.used["p "+key] = true
	v, _ := c.Params[key].(bool)
	return v
}

// text returns a parameter that is a text.
func (c *esnCase) text(key string) string {
	c.used["p "+key] = true
	v, _ := c.Params[key].(string)
	return v
}

// counts returns a parameter that is a list of whole numbers.
func (c *esnCase) counts(key string, otherwise ...int) []int {
	c.used["p "+key] = true
	list, ok := c.Params[key].([]any)
	if !ok {
		return otherwise
	}
	var out []int
	for _, v := range list {
		f, ok := v.(float64)
		if !ok || f < 0 || f > 1<<30 || f != float64(int(f)) {
			skip("parameter %q holds %v, expected whole numbers", key, v)
		}
		out = append(out, int(f))
	}
	return out
}

// numbers is counts for any numbers.
func (c *esnCase) numbers(key string) []float64 {
	c.used["p "+key] = true
	list, _ := c.Params[key].([]any)
	var out []float64
	for _, v := range list {
		f, ok := v.(float64)
		if !ok {
			skip("parameter %q holds %v, expected numbers", key, v)
		}
		out = append(out, f)
	}
	return out
}

// compare compares a result with the tensor of that name.
func (c *esnCase) compare(key string, got *tensor.Tensor[float64]) { c.within(key, got, c.tol) }

func (c *esnCase) within(key string, got *tensor.Tensor[float64], tol tolerance) {
	want := c.tensor(key)
	if !slices.Equal(got.Shape(), want.Shape()) {
		c.rec.compare(key, wrongShape(got.Shape(), want.Shape()))
		return
	}
	c.rec.compare(key, compare(got.Contiguous().Data(), want.Data(), tol))
}

// value compares a number with the value of that name; deeper names stand behind dots.
func (c *esnCase) value(key string, got float64) {
	var at any = c.Values
	for i, k := range strings.Split(key, ".") {
		if i == 0 {
			c.used["v "+k] = true
		}
		object, ok := at.(map[string]any)
		if !ok || object[k] == nil {
			c.rec.fail("no value " + quote.Text(key))
			return
		}
		at = object[k]
	}
	want, ok := at.(float64)
	if !ok {
		c.rec.fail("value " + quote.Text(key) + " is no number")
		return
	}
	c.rec.compare(key, compare([]float64{got}, []float64{want}, c.tol))
}

// vector returns numbers as a tensor.
func vector(v []float64) *tensor.Tensor[float64] { return tensor.FromSlice(v, len(v)) }

// rowOf returns row t of a contiguous tensor.
func rowOf(x *tensor.Tensor[float64], t int) []float64 {
	n := x.Len() / x.Dim(0)
	return x.Data()[t*n : (t+1)*n]
}
