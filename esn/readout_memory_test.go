package esn_test

import (
	"errors"
	"runtime"
	"testing"

	"elegans/esn"
	"elegans/internal/memory"
	"elegans/tensor"
)

// TestReadoutsAskForMemory: options and sizes that a file or a flag states are refused before the
// memory is taken.
func TestReadoutsAskForMemory(t *testing.T) {
	t.Setenv(memory.Variable, "64MiB")
	wide := esn.NewModuleReadout()
	wide.Hidden = []int{1 << 30}
	for name, c := range map[string]struct {
		readout  esn.Readout
		features int
	}{
		"lms": {esn.NewLMSReadout(), 1 << 24}, "softmax": {esn.NewSoftmaxReadout(), 1 << 24},
		"module": {wide, 1}, "qr": {esn.NewQRReadout(), 5000}, "ridge": {esn.NewRidgeReadout(), 5000}, "rls": {esn.NewRLSReadout(), 5000},
	} {
		if err := c.readout.Begin(c.features, 1); !errors.Is(err, memory.ErrLimit) {
			t.Errorf("%s: %v, expected a refusal", name, err)
		}
		if err := c.readout.Begin(10, 1); name != "module" && err != nil {
			t.Errorf("%s: %v with 10 features", name, err)
		}
	}
}

// TestNetworksAskForMemory: a readout that is too large is refused before a reservoir is drawn for
// it, and a sequence that is too long before its states are.
func TestNetworksAskForMemory(t *testing.T) {
	t.Setenv(memory.Variable, "64MiB")
	c := esn.Defaults()
	c.Neurons = 20_000 // 3 MB of connections, 3 GB of moments
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := esn.NewNetwork[float64](c, 1, 1, nil)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, memory.ErrLimit) {
		t.Errorf("a readout of 20,000 features: %v, expected a refusal", err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
		t.Errorf("%d bytes were taken for what is refused", taken)
	}

	c.Neurons = 100
	n, err := esn.NewNetwork[float64](c, 1, 1, esn.NewRLSReadout())
	check(err)
	if _, err := n.Predict(tensor.New[float64](1000, 1)); err != nil {
		t.Errorf("1,000 steps: %v", err)
	}
	if _, err := n.Predict(tensor.New[float64](1_000_000, 1)); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("a million steps of 100 neurons: %v, expected a refusal", err)
	}
}
