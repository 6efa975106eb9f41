package recipe_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/internal/memory"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// TestStepMemory: a training step that would take more memory than there is, is refused before
// anything is taken or written.
func TestStepMemory(t *testing.T) {
	t.Setenv(memory.Variable, "2GiB")
	c := recipe.Default("worm")
	c.Train.Batch = 65536
	if err := zoo.Edit(&c.Model, func(w *zoo.WormConfig) { w.Network.Rounds = 1000 }); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	training, err := recipe.Begin(t.Context(), c, dir, recipe.Options{})
	if training != nil || !errors.Is(err, memory.ErrLimit) || !strings.HasPrefix(err.Error(), "a training step with batches of ") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}
