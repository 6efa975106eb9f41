package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"elegans/autograd/gradcheck"
	"elegans/tensor"
)

type gradcheckCmd struct {
	Operations []string `arg:"" optional:"" name:"operation" help:"Operations (Tanh) and layers (nn.Linear) to check; all of them if none is given."`
	List       bool     `help:"Only list the names."`
	JSON       bool     `name:"json" help:"Print one JSON object a case."`
}

func (gradcheckCmd) Help() string {
	return `Compares the gradients of every operation and layer with central differences in float64. A difference is |a-n| / max(1, |a|, |n|) for the backward pass a and the numerical derivative n; above 1e-6, unless
a case allows more, the exit code is 1.

Examples:
  elegans gradcheck
  elegans gradcheck Softmax nn.Linear
  elegans gradcheck --list`
}

// finding is a case as it is printed.
type finding struct {
	Operation string   `json:"operation"`
	Case      string   `json:"case"`
	Checked   int      `json:"derivatives"`
	MaxDiff   *float64 `json:"max_difference"` // null if it is not a number
	Where     string   `json:"where"`
	OK        bool     `json:"ok"`
	Error     string   `json:"error,omitempty"`
	// where a device computes: "device", "partly" or "processor", and what ran there or did not
	Ran string `json:"ran,omitempty"`
	tensor.DeviceTally
}

// Run implements the command.
func (c *gradcheckCmd) Run(env *environment) error {
	known := gradcheck.Operations()
	names := c.Operations
	if len(names) == 0 {
		names = known
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return badf("operation %q: unknown, expected one of those that elegans gradcheck --list shows", n)
		}
	}
	if c.List {
		fmt.Fprintln(env.stdout, strings.Join(names, "\n"))
		return nil
	}
	cases, derivatives, wrong := 0, 0, 0
	where := map[string][]string{} // operations by where they were computed
	env.stop()                     // nothing is written that Ctrl-C could leave half done
	for _, n := range names {
		found, err := gradcheck.CheckOperation(n)
		if err != nil {
			return err
		}
		var all tensor.DeviceTally
		for _, f := range found {
			all.Add(f.Device)
			cases++
			derivatives += f.Checked
			p := finding{Operation: f.Operation, Case: f.Case, Checked: f.Checked, Where: f.Where, OK: f.Err == nil, Ran: f.Device.Where(), DeviceTally: f.Device}
			if !math.IsNaN(f.MaxDiff) && !math.IsInf(f.MaxDiff, 0) {
				p.MaxDiff = &f.MaxDiff
			}
			if f.Err != nil {
				wrong++
				p.Error = f.Err.Error()
			}
			if c.JSON {
				if err := json.NewEncoder(env.stdout).Encode(p); err != nil {
					return err
				}
				continue
			}
			verdict := "ok"
			if f.Err != nil {
				verdict = "WRONG: " + p.Error
			}
			if p.Ran != "" {
				verdict += "  " + p.Ran
			}
			fmt.Fprintf(env.stdout, "%-26s %-46s %6d derivatives  %8.1e  %s\n", f.Operation, f.Case, f.Checked, f.MaxDiff, verdict)
		}
		where[all.Where()] = append(where[all.Where()], n)
	}
	summary := fmt.Sprintf("%d operations and layers, %d cases, %d derivatives, %d cases wrong", len(names), cases, derivatives, wrong)
	if device := tensor.DeviceName(); device != "" {
		if !c.JSON {
			fmt.Fprintf(env.stdout, "the device is %s\n", device)
			for _, w := range []string{"partly", "processor", ""} {
				if len(where[w]) > 0 {
					fmt.Fprintf(env.stdout, "%s: %s\n", cmp.Or(w, "nothing computed"), strings.Join(where[w], ", "))
				}
			}
		}
		summary += fmt.Sprintf("; %d computed on the device (%.0f %%), %d partly", len(where["device"]), 100*float64(len(where["device"]))/float64(len(names)), len(where["partly"]))
	}
	if wrong > 0 {
		return fmt.Errorf("%s", summary)
	}
	if !c.JSON {
		fmt.Fprintln(env.stdout, summary)
	}
	return nil
}
