package recipe

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"elegans/lab/zoo"
)

// FuzzConfig: no bytes make Parse or Complete panic, and what they accept survives being written
// and read.
func FuzzConfig(f *testing.F) {
	d := Default("worm")
	f.Add(d.JSON())
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"train":{"epochs":3}}`, `{"train":{"epoch":3}}`, `{"data":{"name":"mnist","mean":[1],"std":[0]}}`, `{"model":{"model":"mlp","hidden":[1,2]}}`, `{"train":{"lr":1e999}}`,
		`{"train":{"augment":["shift:2","affine:1:2:3:4:5"]}}`, `{} {}`, `{"model":{"graph":{"name":"/dev/null"},"network":{"width":-1}}}`, `{"train":{"optimizer_options":{"betas":[0.9,0.99]}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := Default("worm")
		if err := c.Parse(b, "f.json"); err != nil {
			if !strings.HasPrefix(err.Error(), "f.json:") || strings.Contains(err.Error(), "\n") && !bytes.ContainsAny(b, "\n\\") {
				t.Fatalf("error %q", err)
			}
			return
		}
		if c.Complete() != nil {
			return
		}
		again := Default("worm")
		if err := again.Parse(c.JSON(), "again"); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(c.JSON(), again.JSON()) {
			t.Fatalf("%s\nbecame\n%s", c.JSON(), again.JSON())
		}
	})
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"train":{"epoch":3}}`, `f:1: unknown field "epoch"`},
		{"{\n\"train\":{\n\"lr\":\"x\"}}", `f:3: field train.lr is a JSON string, expected float64`},
		{"{\n\"model\":{\"network\":{\n\"width\":\"x\"}}}", `f:3: field model.network.width is a JSON string, expected int`},
		{"{\n\"model\":{\"network\":{\"wide\":1}}}", `f:2: unknown field "wide"`},
		{`{"model":{"network":{"layers":"gap","synapses":"gap"}}}`, `f:1: keys "layers" and "synapses": both stand for "synapses", expected one of them`},
		{`{"train":`, `f:1: the file ends`},
		{"{\n]", `f:2: not JSON`},
		{`null`, `f:1: found null`},
		{`{"model":{"model":"mlp","input":[1,8,8,9]}}`, `f:1: key "input": found 4 values, expected 3`},
		{"{\n\"data\":{\n\"size\":[3]}}", `f:3: key "size": found 1 values, expected 2`},
		{"{\"train\":{\n\"lr\":1,\n\"lr\":2}}", `f:3: key "lr": occurs twice in one object, expected once`},
		{"{\"train\":{\n\"LR\":1}}", `f:2: key "LR": expected "lr", in these letters`},
		{`{"model":{"model":"mlp","hidden":null}}`, `f:1: key "hidden": found null`},
		{`{"model":{"network":{"WIDTH":1}}}`, `f:1: key "WIDTH": expected "width"`},
		{"{\"model\":{\n\"hidden\":[3]}}", `f:2: key "hidden": model "worm" has none, only `},
		{`{"model":{"model":"mlp","network":{"width":3}}}`, `f:1: key "network": model "mlp" has none, only `},
		{`{"model":{"model":"m2","m2":{"encoder":[1,2]}}}`, `f:1: key "encoder": found 2 values, expected 3`},
		{`{"train":{"optimizer_options":{"eps":1,"eps":2}}}`, `f:1: key "eps": occurs twice`},
		{`{"data":{"record":{"parts":[],"range":[0,1,2]}}}`, `f:1: key "range": found 3 values, expected 2`},
		{`{} x`, `f:1: text after the object`},
	} {
		cfg := Default("worm")
		if err := cfg.Parse([]byte(c.in), "f"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %s", c.in, err, c.want)
		}
		if cfg.Train.Epochs != Default("worm").Train.Epochs {
			t.Errorf("%s: a refused file changed the configuration", c.in)
		}
	}
}

func TestSchedulesAndOptimizers(t *testing.T) {
	for _, c := range []func(c *Config){
		func(c *Config) { c.Train.Schedule = "none" },
		func(c *Config) { c.Train.Schedule = "cosine" },
		func(c *Config) { c.Train.Schedule = "warmup_cosine" },
		func(c *Config) { c.Train.Schedule = "warmup_linear" },
		func(c *Config) { c.Train.Schedule = "linear" },
		func(c *Config) { c.Train.Schedule = "plateau" },
		func(c *Config) { c.Train.Schedule, c.Train.ScheduleMore = "exponential", []byte(`{"gamma":0.9}`) },
		func(c *Config) { c.Train.Optimizer, c.Train.OptimizerMore = "sgd", []byte(`{"momentum":0.9}`) },
		func(c *Config) { c.Train.Optimizer = "rprop" },
	} {
		cfg := Default("mlp")
		cfg.Model.Config, cfg.Data.Limit = zoo.MLPConfig{Hidden: []int{3}}, 100
		c(&cfg)
		sets, err := cfg.Open(context.Background(), Source{})
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Model.Input != [3]int{1, 8, 8} || len(cfg.Data.Mean) != 1 || sets.Valid.Len() != 10 {
			t.Errorf("input %v, mean %v, %d validation images", cfg.Model.Input, cfg.Data.Mean, sets.Valid.Len())
		}
		runOnce(t, &cfg, sets)
	}
}

// TestMayHaveSeen divides data in several ways.
func TestMayHaveSeen(t *testing.T) {
	mnist := Data{Name: "mnist", Dir: "a", ValidFraction: 0.1, SplitSeed: 1}
	folder := Data{Name: "folder", Dir: "a", TestFraction: 0.2, SplitSeed: 1}
	for name, c := range map[string]struct {
		before, now Data
		want        bool
	}{
		"the same":                         {mnist, mnist, false},
		"moved":                            {mnist, Data{Name: "mnist", Dir: "b", ValidFraction: 0.1, SplitSeed: 1}, false},
		"another split":                    {mnist, Data{Name: "mnist", ValidFraction: 0.1, SplitSeed: 2}, true},
		"validation only now":              {Data{Name: "mnist", SplitSeed: 1}, mnist, true},
		"no validation any more":           {mnist, Data{Name: "mnist", SplitSeed: 1}, false},
		"first images only":                {mnist, Data{Name: "mnist", ValidFraction: 0.1, SplitSeed: 1, Limit: 9}, true},
		"another set":                      {mnist, Data{Name: "fashion-mnist", ValidFraction: 0.2, SplitSeed: 1}, false},
		"another test set from the folder": {folder, Data{Name: "folder", Dir: "a", TestFraction: 0.2, SplitSeed: 2}, true},
		"another folder":                   {folder, Data{Name: "folder", Dir: "b", TestFraction: 0.2, SplitSeed: 2}, false},
	} {
		if got := c.before.MayHaveSeen(&c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
