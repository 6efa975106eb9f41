package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"elegans/esn"
	"elegans/esn/task"
	"elegans/lab/reservoir"
)

type esnListCmd struct {
	JSON bool `name:"json" help:"Print as a JSON object."`
}

func (esnListCmd) Help() string {
	return `Examples:
  elegans esn list
  elegans esn list --json`
}

// esnLists is what the command prints.
type esnLists struct {
	Topologies  []listed     `json:"topologies"`
	Activations []string     `json:"activations"`
	Readouts    []string     `json:"readouts"`
	Tasks       []*task.Task `json:"tasks"`
	Keys        []string     `json:"keys"`
	// ReadoutKeys are the further ones, by the kind of the readout.
	ReadoutKeys map[string][]string `json:"readout_keys"`
}

// listed is a name with a line of explanation.
type listed struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// Run implements the command.
func (c *esnListCmd) Run(env *environment) error {
	l := esnLists{Activations: esn.Activations(), Readouts: esn.Readouts(), Keys: reservoir.Keys(), ReadoutKeys: reservoir.ReadoutKeys()}
	for _, t := range esn.Topologies() {
		l.Topologies = append(l.Topologies, listed{t.Name, t.Doc})
	}
	for _, name := range task.Names() {
		t, err := task.Get(name)
		if err != nil {
			return err
		}
		l.Tasks = append(l.Tasks, t)
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(l)
	}
	fmt.Fprintln(env.stdout, "Topologies; worm stands for the embedded connectome")
	for _, t := range l.Topologies {
		fmt.Fprintf(env.stdout, "  %-20s  %s\n", t.Name, t.Doc)
	}
	fmt.Fprintln(env.stdout, "\nTasks, with their metrics")
	for _, t := range l.Tasks {
		fmt.Fprintf(env.stdout, "  %-20s  %-15s  %s\n", t.Name, t.Metric, t.Doc)
		if t.Needs != "" {
			fmt.Fprintf(env.stdout, "  %-20s  %-15s  needs a file: %s\n", "", "", t.Needs)
		}
	}
	fmt.Fprintf(env.stdout, "\nActivations  %s\nReadouts     %s\n\nKeys of --set\n  %s\n",
		strings.Join(l.Activations, ", "), strings.Join(l.Readouts, ", "), strings.Join(l.Keys, "\n  "))
	fmt.Fprintln(env.stdout, "\nKeys of --set by the kind of the readout")
	for _, kind := range l.Readouts {
		fmt.Fprintf(env.stdout, "  %-20s  %s\n", kind, strings.Join(l.ReadoutKeys[kind], ", "))
	}
	return nil
}
