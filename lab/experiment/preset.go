package experiment

import (
	"elegans/lab/recipe"
)

// Preset is a comparison known by name.
type Preset struct {
	Name  string
	Seeds int // runs of each arm, unless asked for otherwise
	// Base is the recipe of the subject's runs, of which the others are variants.
	Base func() recipe.Config
	// New makes the comparison from a recipe. An error names a field that the comparison itself
	// decides.
	New func(base recipe.Config) (Comparison, error)
	// OwnData says that the comparison is about one data set only.
	OwnData bool
	// Short says that all runs together take a minute, so that nobody misses their folders
	// afterwards.
	Short bool
}

// Presets lists the comparisons known by name, the main job first.
func Presets() []Preset {
	return []Preset{digits(), autoencoders("m2-small"), autoencoders("m2"), formers()}
}
