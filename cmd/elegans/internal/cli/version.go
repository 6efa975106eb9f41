package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"elegans/tensor"
)

type versionCmd struct {
	JSON bool `name:"json" help:"Print as a JSON object."`
}

func (versionCmd) Help() string {
	return `Examples:
  elegans version
  ELEGANS_KERNEL=go elegans version --json`
}

// versions is what the command prints.
type versions struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// on amd64: the level the program was built for
	GOAMD64  string            `json:"goamd64,omitempty"`
	CPU      string            `json:"cpu"`
	Features []string          `json:"cpu_features"`
	Kernels  string            `json:"kernels"`
	Possible []string          `json:"kernels_available"`
	Workers  int               `json:"workers"`
	Modules  map[string]string `json:"modules"`
}

// Run implements the command.
func (c *versionCmd) Run(env *environment) error {
	active, possible := tensor.Kernels()
	cpu, features := tensor.CPU()
	v := versions{Version: "(development)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu, Features: features, Kernels: active, Possible: possible, Workers: tensor.Workers(), Modules: map[string]string{}}
	var order []string
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			v.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "GOAMD64":
				v.GOAMD64 = s.Value
			}
		}
		for _, m := range info.Deps {
			v.Modules[m.Path] = m.Version
			order = append(order, m.Path)
		}
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(v)
	}
	platform := v.Platform
	if v.GOAMD64 != "" {
		platform += ", GOAMD64=" + v.GOAMD64
	}
	fmt.Fprintf(env.stdout, "elegans   %s\ngo        %s %s\ncpu       %s\nfeatures  %s\nkernels   %s (available: %s)\nworkers   %d\n",
		strings.TrimSpace(v.Version+" "+v.Commit), v.Go, platform, v.CPU, strings.Join(v.Features, " "),
		v.Kernels, strings.Join(v.Possible, ", "), v.Workers)
	for _, m := range order {
		fmt.Fprintf(env.stdout, "module    %s %s\n", m, v.Modules[m])
	}
	return nil
}
