package data

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"elegans/data/internal/hostile"
	"elegans/internal/memory"
	"elegans/internal/regular"
)

// TestHostileFiles reads files that unfold to 300 MiB with 64 MiB of memory, or lie. Each is
// refused in one line, before the heap has grown by more than that.
func TestHostileFiles(t *testing.T) {
	const limit = 64 << 20
	t.Setenv(memory.Variable, "64MiB")
	for _, f := range hostile.Files() {
		path := filepath.Join(t.TempDir(), f.Name)
		size := int64(300 << 20)
		if f.Name == "tabs.csv" {
			size = 17 << 20
		}
		if err := f.Write(path, size); err != nil {
			t.Fatal(err)
		}
		dir := path
		if f.Source == "cifar10" {
			dir = filepath.Dir(path)
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Load(context.Background(), f.Source, Options{Dir: dir})
		runtime.ReadMemStats(&after)
		if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") || !strings.Contains(err.Error(), f.Says) {
			t.Errorf("%s: error %v, want one line with %q", f.Name, err, f.Says)
		}
		if got := int64(after.TotalAlloc - before.TotalAlloc); got > 2*limit {
			t.Errorf("%s: %d MiB were allocated before the refusal", f.Name, got>>20)
		}
	}
}

// TestDevices gives a device and a pipe in the place of every file.
func TestDevices(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the devices of Linux")
	}
	for _, source := range []string{"csv", "npy", "cifar10"} {
		if _, err := Load(context.Background(), source, Options{Dir: "/dev/zero"}); !errors.Is(err, regular.ErrNotRegular) {
			t.Errorf("%s: %v", source, err)
		}
	}
	for source, files := range map[string][]string{
		"csv": {"train.csv"}, "npy": {"x.npy"}, "cifar10": {"test_batch.bin", "data_batch_1.bin"}, "mnist": {"train-images-idx3-ubyte"}, "folder": {"cat/a.png"},
	} {
		dir := tree(t, map[string]any{})
		for _, name := range files {
			write(t, filepath.Join(dir, filepath.Dir(name), ".keep"), nil)
			if err := mkfifo(filepath.Join(dir, name)); err != nil {
				t.Skip(err)
			}
		}
		if _, err := Load(context.Background(), source, Options{Dir: dir}); !errors.Is(err, regular.ErrNotRegular) || !strings.Contains(err.Error(), "a pipe") {
			t.Errorf("%s: %v", source, err)
		}
	}
}
