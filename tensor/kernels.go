package tensor

import (
	"errors"

	"elegans/tensor/internal/kernel"
	"elegans/tensor/internal/parallel"
)

// Kernels returns the name of the active kernel set ("go", "avx2" or "avx512") and the names of all
// sets that this processor can run.
func Kernels() (active string, available []string) {
	return kernel.Of[float32]().Name, kernel.Names()
}

// UseKernels makes the named kernel set the active one, as the environment variable ELEGANS_KERNEL
// does at start.
func UseKernels(name string) error { return kernel.Use(name) }

// EnvError returns the complaint about an unusable value of ELEGANS_KERNEL or ELEGANS_WORKERS,
// which are otherwise ignored. Programs should report it when they start.
func EnvError() error { return errors.Join(kernel.EnvError(), parallel.EnvError()) }
