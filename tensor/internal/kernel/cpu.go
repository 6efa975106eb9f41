package kernel

import "github.com/klauspost/cpuid/v2"

// CPU returns the name of the processor and its features as the detection library spells them.
func CPU() (name string, features []string) { return cpuid.CPU.BrandName, cpuid.CPU.FeatureSet() }
