package recipe

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/train"
)

// TestFitFrom begins with a checkpoint under the checks of the command line: another division of
// the images and another file are refused, and the run goes on without the file.
func TestFitFrom(t *testing.T) {
	dir := t.TempDir()
	c := Default("mlp")
	c.Train.Epochs, c.Data.Limit = 1, 200
	if _, err := Fit(context.Background(), c, filepath.Join(dir, "first")); err != nil {
		t.Fatal(err)
	}
	c.Train.From = filepath.Join(dir, "first", train.LastFile)
	for _, bad := range []struct {
		want   string
		change func(c *Config)
	}{
		{"trained on images that would judge it now", func(c *Config) { c.Data.SplitSeed++ }},
		{"another file", func(c *Config) { c.Train.FromSHA256 = strings.Repeat("0", 64) }},
		{"train.optimizer: ", func(c *Config) { c.Train.OptimizerMore = []byte(`{"bogus":1}`) }},
	} {
		other := c
		bad.change(&other)
		_, err := Fit(context.Background(), other, filepath.Join(dir, "refused"))
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("error %v, want one with %q", err, bad.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "refused")); err == nil {
			t.Errorf("%s: a folder was made", bad.want)
		}
	}
	second := filepath.Join(dir, "second")
	m, err := Fit(context.Background(), c, second)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Config.Train.FromSHA256) != 64 {
		t.Errorf("the sum of the checkpoint is %q", m.Config.Train.FromSHA256)
	}
	if err := os.Remove(c.Train.From); err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(context.Background(), c, second); err != nil {
		t.Errorf("the finished run, called again: %v", err)
	}
}
