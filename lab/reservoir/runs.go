package reservoir

import (
	"fmt"
	"os"
	"path/filepath"

	"elegans/esn/task"
	"elegans/lab/jobs"
)

// Files of runs that are not all done.
const (
	DescriptionFile = "train.json" // what the runs are made from
	RunsFile        = "runs.jsonl" // a line for each run that is done, in the order of their ends
)

// doneRun is a line of RunsFile.
type doneRun struct {
	Run   Run      `json:"run"`
	Shown *Shown   `json:"shown,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// description is the content of DescriptionFile.
type description struct {
	Task   string `json:"task"`
	Recipe Recipe `json:"recipe"`
	Seeds  int    `json:"seeds"`
	// Data is the SHA-256 of all numbers of the problem of the first seed.
	Data string `json:"data_sha256"`
}

// openRuns returns the ledger of the folder, nil without one, and the runs that it has, nil for
// each that is to be made: one whose network is gone is made again.
func openRuns(r Recipe, t *task.Task, o *Options) (*jobs.Ledger, []*doneRun, error) {
	done := make([]*doneRun, o.Seeds)
	if o.Dir == "" {
		return nil, done, nil
	}
	p, err := t.Make(task.Options{Seed: r.Reservoir.Seed, Path: o.Path})
	if err != nil {
		return nil, nil, err
	}
	l := &jobs.Ledger{Dir: o.Dir, Description: DescriptionFile, Lines: RunsFile}
	return l, done, l.Open(description{t.Name, r, o.Seeds, sum(&p)}, func(line []byte) error {
		var d doneRun
		if err := jobs.Decode(line, &d); err != nil {
			return err
		}
		i := d.Run.Seed - r.Reservoir.Seed
		if i >= uint64(o.Seeds) {
			return fmt.Errorf("seed %d, expected %d to %d", d.Run.Seed, r.Reservoir.Seed, r.Reservoir.Seed+uint64(o.Seeds)-1)
		}
		if _, err := os.Stat(filepath.Join(o.Dir, networkFile(d.Run.Seed))); err == nil {
			done[i] = &d
		}
		return nil
	})
}

// networkFile is the file that keeps the network of a run.
func networkFile(seed uint64) string { return fmt.Sprintf("network-%d.safetensors", seed) }
