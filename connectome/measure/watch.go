package measure

import (
	"context"

	"elegans/connectome/internal/meter"
)

// watch lets the measures whose cost grows faster than the graph report and stop. They look at the
// context once a vertex.
type watch struct {
	ctx context.Context
	of  string // what is measured: "dir"
}

var unwatched = watch{ctx: context.Background()}

func (w *watch) start(measure string, vertices int) *meter.Meter {
	if w.of != "" {
		measure += " of " + w.of
	}
	return meter.Start(w.ctx, measure, "vertices", int64(vertices))
}
