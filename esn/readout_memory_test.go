package esn_test

import (
	"errors"
	"testing"

	"elegans/esn"
	"elegans/internal/memory"
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
