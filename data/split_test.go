package data

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// TestSplitStays is a division that was drawn before: the images of a part must never change.
func TestSplitStays(t *testing.T) {
	labels := make([]int, 30)
	for i := range labels {
		labels[i] = i % 7 % 3
	}
	d, err := FromBytes("x", "", []string{"a", "b", "c", "none"}, make([]byte, 30), 255, labels, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	rest, part := d.Subset([]int{29, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}).Split(.4, 5, true)
	if want := []int{1, 2, 5, 10, 11, 13}; !slices.Equal(part.index, want) || len(rest.index) != 9 {
		t.Errorf("part %v of a subset, want %v; rest %v", part.index, want, rest.index)
	}
}

func TestSplitStops(t *testing.T) {
	const n = 1 << 19
	d, err := FromBytes("x", "", []string{"a"}, make([]byte, n), 255, make([]int, n), 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := d.SplitContext(ctx, .5, 1, true); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	path := write(t, filepath.Join(t.TempDir(), "a.csv"), []byte("a,1\nb,1\n"))
	if _, err := Load(ctx, "csv", Options{Dir: path}); !errors.Is(err, context.Canceled) {
		t.Errorf("a file: %v", err)
	}
}
