package cli

import (
	"encoding/json"
	"strconv"

	"elegans/esn/task"
	"elegans/lab/reservoir"
	"elegans/tensor"
)

type esnGenerateCmd struct {
	Network string `arg:"" help:"File of a network, as esn train --out and esn stream --state write them."`
	Steps   int    `help:"Rows to generate." required:"" placeholder:"N"`
	Warmup  string `help:"File of a series (CSV, TSV, NPY) to read first, from the zero state (default: the network goes on from the state in its file, after the last row that it was tested on)." placeholder:"FILE"`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

func (esnGenerateCmd) Help() string {
	return `Lets a network go on by itself, each output being its next input, and prints a row of comma-separated values a step, in the units of its data. The first row is what follows the last one that the network has read.

Examples:
  elegans esn train --task lorenz63 --seeds 1 --out run && elegans esn generate run/network-1.safetensors --steps 1000
  elegans esn train --task sales.csv --columns units --target units --seeds 1 --out run && elegans esn generate run/network-1.safetensors --steps 30
  elegans esn generate run/network-1.safetensors --steps 30 --warmup newer.csv`
}

// Run implements the command.
func (c *esnGenerateCmd) Run(env *environment) error {
	if c.Steps < 1 || c.Steps > 1<<30 {
		return badf("--steps %d: expected 1 to %d", c.Steps, 1<<30)
	}
	m, err := reservoir.Open(c.Network)
	if err != nil {
		return bad(err)
	}
	env.stop() // nothing is written that Ctrl-C could leave half done
	if c.Warmup != "" {
		series, _, err := task.ReadSeries(c.Warmup, task.SeriesOptions{})
		if err != nil {
			return badf("--warmup: %w", err)
		}
		if err := m.Warmup(series); err != nil {
			return badf("--warmup %s: %w", c.Warmup, err)
		}
	}
	env.fits = true
	y, err := m.Generate(c.Steps)
	if err != nil {
		return badf("%s: %w", c.Network, err)
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(struct {
			Rows [][]float64 `json:"rows"`
		}{listRows(y)})
	}
	var line []byte
	for _, row := range listRows(y) {
		line = line[:0]
		for i, v := range row {
			if i > 0 {
				line = append(line, ',')
			}
			line = strconv.AppendFloat(line, v, 'g', -1, 64)
		}
		if _, err := env.stdout.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// listRows returns the rows of a matrix.
func listRows(t *tensor.Tensor[float64]) [][]float64 {
	rows := make([][]float64, t.Dim(0))
	for i := range rows {
		rows[i] = t.Data()[i*t.Dim(1) : (i+1)*t.Dim(1)]
	}
	return rows
}
