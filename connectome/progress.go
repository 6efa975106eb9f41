package connectome

import (
	"context"

	"elegans/connectome/internal/meter"
)

// Progress is how far a long operation has come: What is done, and Done of Total Units.
type Progress = meter.Progress

// WithProgress returns a context with which the long operations of this package and of those below
// it (reading, writing, measures, null models, drawing) report to observe: at most ten times a
// second, from the goroutine that called them. They stop with the context's error when it ends.
func WithProgress(ctx context.Context, observe func(Progress)) context.Context {
	return meter.With(ctx, observe)
}
