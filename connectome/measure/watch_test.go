package measure

import (
	"context"
	"errors"
	"testing"

	"elegans/connectome"
)

// TestWatch: each of the slow measures looks at its context.
func TestWatch(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w := &watch{ctx: ctx, of: "worm"}
	worm := connectome.Canonical()
	dir, und := worm.Directed(connectome.Chemical), worm.Simple(connectome.Gap)
	for name, measure := range map[string]func() error{
		"clustering":  func() error { _, err := clustering(dir, w); return err },
		"triangles":   func() error { _, err := triangles(und, w); return err },
		"undirected":  func() error { _, err := clustering(und, w); return err },
		"distances":   func() error { _, err := distances(dir, w); return err },
		"two hops":    func() error { _, _, err := shortestPaths(worm, 2, true, w); return err },
		"projections": func() error { _, err := summarizeProjection(dir, Roles(worm), w, Options{}); return err },
	} {
		if err := measure(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
