package cli

import (
	"maps"
	"strings"

	"github.com/alecthomas/kong"

	"elegans/autograd/optim"
	"elegans/data"
	"elegans/lab/recipe"
	"elegans/lab/zoo"
)

// vars are the values that help texts and defaults refer to.
func vars() kong.Vars {
	v := kong.Vars{
		"dataNames":    strings.Join(data.Names(), ", "),
		"modelNames":   strings.Join(zoo.Names(), ", "),
		"controls":     strings.Join(zoo.Controls(), ", "),
		"optimizers":   strings.Join(optim.Names(), ", "),
		"schedules":    "none, " + strings.Join(optim.ScheduleNames(), ", "),
		"augmentHelp":  recipe.AugmentHelp,
		"graphHelp":    graphHelp,
		"graphOutHelp": graphOutHelp,
	}
	maps.Copy(v, compareVars())
	maps.Copy(v, esnVars())
	return v
}
