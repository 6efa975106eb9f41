package nulls

import (
	"cmp"
	"context"
	"fmt"

	"elegans/connectome"
	"elegans/lab/jobs"
	"elegans/tensor"
)

// Options of Run.
type Options struct {
	// Dir keeps what was measured: a comparison that is called again with the same folder and
	// Config goes on. It is empty for none.
	Dir string
	// Jobs is how many networks are measured at a time; 0 stands for the number of workers.
	Jobs int
	// Kept is called once with the number of networks that the folder has already, Done after each
	// further one, both by one goroutine at a time.
	Kept func(members int)
	Done func(m *Member, finished int)
}

// Run measures all networks and compares them.
func Run(ctx context.Context, c Config, o Options) (*Result, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Jobs == 0 {
		o.Jobs = tensor.Workers()
	}
	g, _, err := connectome.Load(ctx, c.Arms[0].Recipe.Reservoir.Connectome.File)
	if err != nil {
		return nil, err
	}
	ledger, members, unlock, err := open(o.Dir, &c, g)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var missing []int
	for i, m := range members {
		if m == nil {
			missing = append(missing, i)
		}
	}
	finished := len(members) - len(missing)
	if o.Kept != nil {
		o.Kept(finished)
	}
	err = jobs.Run(ctx, len(missing), o.Jobs, func(ctx context.Context, j int, locked func(func())) error {
		i := missing[j]
		m, err := c.measure(ctx, g, i)
		if err != nil {
			return fmt.Errorf("network %d: %w", i, err)
		}
		locked(func() {
			if ledger != nil {
				if err = ledger.Add(m); err != nil {
					return
				}
			}
			members[i] = m
			finished++
			if o.Done != nil {
				o.Done(m, finished)
			}
		})
		return err
	})
	if ledger != nil {
		err = cmp.Or(err, ledger.Close())
	}
	if err != nil {
		return nil, err
	}
	return compare(c, g, members)
}
