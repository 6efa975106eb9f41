package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"elegans/autograd/optim"
	"elegans/data"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// vars are the values that help texts and defaults refer to.
func vars() kong.Vars {
	small, full := recipe.Default("m2-small").Train, recipe.Default("m2").Train
	return kong.Vars{
		"compareSeeds":   "5",
		"compareSeedsM2": "3",
		"compareEpochs":  "20",
		"compareLR":      "0.003",
		"epochsM2Small":  fmt.Sprint(small.Epochs),
		"epochsM2":       fmt.Sprint(full.Epochs),
		"batchM2Small":   fmt.Sprint(small.Batch),
		"batchM2":        fmt.Sprint(full.Batch),
		"dataNames":      strings.Join(data.Names(), ", "),
		"modelNames":     strings.Join(zoo.Names(), ", "),
		"controls":       strings.Join(zoo.Controls(), ", "),
		"optimizers":     strings.Join(optim.Names(), ", "),
		"schedules":      "none, " + strings.Join(optim.ScheduleNames(), ", "),
		"augmentHelp":    recipe.AugmentHelp,
		"graphHelp":      graphHelp,
	}
}
