package experiment

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/internal/quote"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// FuzzResult: no result.json makes the reader of finished runs panic. What it refuses is a
// *FolderError of one line, and what it accepts is the run that was asked for.
func FuzzResult(f *testing.F) {
	c := recipe.Default("mlp")
	c.Model.Input, c.Model.Classes = [3]int{1, 8, 8}, 10
	c.Model.Config = zoo.MLPConfig{Hidden: []int{2}}
	if err := c.Model.Complete(); err != nil {
		f.Fatal(err)
	}
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		f.Fatal(err)
	}
	run := Run{Arm: "small", Seed: 3, Parameters: nn.Count(model), Config: c, Model: model}
	whole, err := json.Marshal(finished{Run: run, Config: c.JSON()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"config":{}}`, `{"config":null}`, `{"config":[]}`, `{"config":"x","network":"small"}`, `{"network":1,"config":{}}`,
		`{"network":"small","seed":3,"accuracy":1e999,"config":{}}`, `{"network":"small","seed":-3,"config":{}}`,
		`{"config":{"model":{"model":"mlp","hidden":[2]}},"network":"small","seed":3}`, `{"config":{"model":{"model":"\u001b[31m"}}}`,
		strings.Replace(string(whole), `"small"`, `"other"`, 1), strings.Replace(string(whole), `"epochs":20`, `"epochs":21`, 1),
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	refused := func(t *testing.T, err error) bool {
		if err == nil {
			return false
		}
		var held *FolderError
		if text := quote.Line(err.Error()); !errors.As(err, &held) || strings.ContainsAny(text, "\n\r\x1b") {
			t.Fatalf("error %T %q", err, text)
		}
		return true
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, resultFile), b, 0o666); err != nil {
			t.Fatal(err)
		}
		found, err := readResult(dir)
		if refused(t, err) {
			return
		}
		if len(found.Config) == 0 {
			t.Fatalf("%s: accepted without a configuration", b)
		}
		r := run
		if refused(t, r.sameConfig(dir)) {
			return
		}
		made := train.Made{Steps: found.Steps, Seconds: found.Seconds}
		if found.check(dir, &r, made) == nil && (found.Arm != "small" || found.Seed != 3 || found.Parameters != run.Parameters) {
			t.Fatalf("%s: accepted as the run small of the seed 3", b)
		}
	})
}
