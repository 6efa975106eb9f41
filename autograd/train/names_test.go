package train_test

import (
	"path/filepath"
	"slices"
	"testing"

	"elegans/autograd/nn"
	"elegans/autograd/train"
)

// TestCountingPartsKeepsNames counts parts of a model in a callback: the checkpoints must still
// hold all layers under their full paths.
func TestCountingPartsKeepsNames(t *testing.T) {
	dir := t.TempDir()
	tr := newTrainer(dir, 2)
	layers := tr.Model.(nn.Sequential[float32])
	tr.OnEpoch = func(train.Epoch) {
		if nn.Count(layers[1]) != 64*24+24 || nn.Count(layers[4]) != 24*10+10 {
			t.Error("wrong numbers of parameters")
		}
	}
	run(t, tr)
	want := []string{"1.bias", "1.weight", "2.bias", "2.running_mean", "2.running_var", "2.weight", "4.bias", "4.weight"}
	for _, file := range []string{train.LastFile, train.BestFile} {
		var got []string
		for _, n := range open(t, filepath.Join(dir, file)).Names() {
			if !slices.ContainsFunc([]string{"optimizer/", "average/"}, func(p string) bool { return len(n) > len(p) && n[:len(p)] == p }) {
				got = append(got, n)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %v, want %v", file, got, want)
		}
	}
}
