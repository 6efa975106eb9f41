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

	work int // since the last look at the context
}

// unwatched returns the watch of a measure that nobody stops.
func unwatched() *watch { return &watch{ctx: context.Background()} }

func (w *watch) start(measure string, vertices int) *meter.Meter {
	if w.of != "" {
		measure += " of " + w.of
	}
	return meter.Start(w.ctx, measure, "vertices", int64(vertices))
}

// stopped reports whether the context has ended, for loops that pass the graph once. It counts the
// work since its last look, in visits of arcs.
func (w *watch) stopped(work int) bool {
	if w.work += work + 1; w.work < 1<<20 {
		return false
	}
	w.work = 0
	return w.ctx.Err() != nil
}
