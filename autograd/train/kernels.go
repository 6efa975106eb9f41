package train

import (
	"runtime"
	"runtime/debug"
	"slices"

	"elegans/tensor"
)

// KernelSet names what decides the last bits of a step beside the run itself: the kernels at work,
// such as "avx512", with the architecture and, where the compiler was told to use more than its
// baseline, its level, as in "go amd64 v3". Runs are equal bit for bit within one such set.
func KernelSet() string {
	active, _ := tensor.Kernels()
	return active + " " + runtime.GOARCH + level()
}

// level returns the level of the instruction set that the program was built for, if it is above the
// baseline.
func level() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "GOAMD64" && s.Value != "v1" {
			return " " + s.Value
		}
	}
	return ""
}

// Kernels returns the kernel sets that have made the steps of the run so far, see KernelSet. A
// checkpoint of an earlier program does not say which made its steps.
func (t *Trainer[T]) Kernels() []string { return slices.Clone(t.at.Kernels) }

// noteKernels adds the kernel set at work to those of the run.
func (p *position) noteKernels() {
	if k := KernelSet(); !slices.Contains(p.Kernels, k) {
		p.Kernels = append(p.Kernels, k)
	}
}
