package cli

import (
	"context"

	"elegans/cmd/elegans/internal/progress"
	"elegans/connectome"
)

// observed returns the context of a command with a display of what package connectome does in it,
// and a function that takes the display away.
func observed(env *environment) (context.Context, func()) {
	display := progress.New(env.stderr)
	var what string
	var shown int64
	ctx := connectome.WithProgress(env.ctx, func(p connectome.Progress) {
		if p.Total == 0 { // how much there is to write is not known before
			return
		}
		if p.Unit == "bytes" {
			p.Unit, p.Done, p.Total = "MiB", p.Done>>20, (p.Total+1<<20-1)>>20
		}
		if p.What != what || p.Done < shown {
			display.Finish()
			display.Start(int(p.Total), 0, p.Unit)
			what, shown = p.What, 0
		}
		display.Advance(int(p.Done-shown), p.What)
		shown = p.Done
	})
	return ctx, display.Finish
}
