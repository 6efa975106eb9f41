package cli

import (
	"errors"

	"elegans/lab/crosscheck"
)

type crosscheckCmd struct {
	Dirs []string `arg:"" name:"dir" help:"Folders that hold manifests (JSON) and tensors (safetensors), or folders of such."`
	JSON bool     `name:"json" help:"Print one JSON object a tensor, and one with the counts."`
}

func (crosscheckCmd) Help() string {
	return `Runs every case of every manifest in the folders and prints the largest absolute and relative
difference of every tensor. The last line counts cases, tensors, and what is over tolerance or
skipped, and names the first tensor over tolerance in the order of computation; if anything is over
or skipped, the exit code is 1. How another program writes such a folder, layer by layer, is said in
lab/crosscheck/README.md.

Examples:
  elegans crosscheck testdata/reference/ops testdata/reference/optim
  ELEGANS_KERNEL=go elegans crosscheck testdata/reference/ops
  elegans crosscheck --json testdata/reference/ops | tail -1
  elegans crosscheck testdata/reference                        every folder in it`
}

// Run implements the command.
func (c *crosscheckCmd) Run(env *environment) error {
	env.stop() // nothing is written that Ctrl-C could leave half done
	var all crosscheck.Report
	for _, dir := range c.Dirs {
		r, err := crosscheck.Run(dir, crosscheck.Options{})
		if err != nil {
			return bad(err)
		}
		all.Join(r)
	}
	write := all.WriteTable
	if c.JSON {
		write = all.WriteJSON
	}
	if err := write(env.stdout); err != nil {
		return err
	}
	if !all.OK() {
		return errors.New(all.Summary())
	}
	return nil
}
