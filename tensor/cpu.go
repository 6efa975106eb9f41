package tensor

import "elegans/tensor/internal/kernel"

// CPU returns the name of the processor (empty if it does not say) and its instruction-set
// features, for reports.
func CPU() (name string, features []string) { return kernel.CPU() }
