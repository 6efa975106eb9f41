package connectome

import (
	"elegans/internal/memory"
)

// What a graph takes while it is read, in bytes, texts apart. They are sums of the sizes of the
// types, with the slack of maps that grow.
const (
	neuronBytes    = 240 // a Neuron, its entry in the index and its share of what New makes
	recordBytes    = 88  // a record, its place in the sorted copy and its Edge
	attributeBytes = 96  // an entry of Neuron.Extra
)

// budget compares what a reader keeps with the memory that one input may take. The limit is asked
// for once: what the system has free falls while the graph grows.
type budget struct {
	limit, used float64
}

// asked is how much a graph may take before its reader asks for the limit, which costs some
// readings of files.
const asked = 1 << 20

func (b *budget) take(what string, bytes int) error {
	b.used += float64(bytes)
	if b.used < asked {
		return nil
	}
	if b.limit == 0 {
		limit, err := memory.Limit()
		if err != nil {
			return err
		}
		b.limit = float64(limit)
	}
	if b.used <= b.limit {
		return nil
	}
	return &memory.Error{What: what, Bytes: b.used, Limit: int64(b.limit)}
}
