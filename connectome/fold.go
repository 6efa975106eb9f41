package connectome

import (
	"math"
	"slices"

	"elegans/connectome/internal/meter"
	"elegans/internal/quote"
)

// graph folds the records: a pair listed several times becomes one edge with the summed weight, a
// gap junction listed in both directions one edge if the directions agree. The neurons and records
// are the graph's afterwards.
//
// The records are brought into order by counting, in time that grows with their number alone.
func (b *builder) graph() (*Graph, []Defect, error) {
	m := meter.Start(b.ctx, "sorting the edges of "+b.file, "edges", int64(b.records))
	rows, start, err := b.rows()
	if err != nil {
		return nil, nil, err
	}
	edges := make([]Edge, 0, len(rows))
	repeated, both := 0, 0
	var order []uint64
	for k := range len(start) - 1 {
		row := rows[start[k]:start[k+1]]
		// Within a row the order is that of Post; equal ones stay as the file has them.
		order = order[:0]
		for i := range row {
			order = append(order, uint64(row[i].post)<<32|uint64(i))
		}
		slices.Sort(order)
		for i := 0; i < len(order); {
			first := row[uint32(order[i])]
			p := pair{line: int(first.line)}
			for ; i < len(order) && uint32(order[i]>>32) == first.post; i++ {
				p.add(row[uint32(order[i])])
			}
			if max(p.count[0], p.count[1]) > 1 {
				repeated++
			}
			if first.layer == Gap && p.count[0] > 0 && p.count[1] > 0 {
				both++
			}
			weight, err := b.weigh(first, p)
			if err != nil {
				return nil, nil, err
			}
			edges = append(edges, Edge{int(first.pre), int(first.post), first.layer, weight})
		}
		if k&1023 == 0 || len(row) > 4096 {
			if err := m.At(int64(start[k])); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(edges) < len(rows)/2 {
		edges = slices.Clone(edges)
	}
	g := &Graph{Neurons: b.neurons, Edges: edges, index: b.index}
	if g.Neurons == nil {
		g.Neurons = []Neuron{}
	}
	if err := g.Validate(); err != nil {
		return nil, nil, b.errorf(0, "%v", err)
	}
	var defects []Defect
	if both > 0 && !b.both {
		defects = append(defects,
			Defect{DefectBothDirections, both, "gap junctions stand in both directions; each is stored once"})
	}
	if repeated > 0 {
		defects = append(defects,
			Defect{DefectRepeated, repeated, "pairs are listed more than once in a layer; their weights are summed"})
	}
	m.End()
	return g, append(defects, b.unused.defects()...), nil
}

// rows returns the records by layer and Pre, and where each of these rows starts. It takes the
// chunks apart as it goes.
func (b *builder) rows() (rows []record, start []int, err error) {
	n := len(b.neurons)
	start = make([]int, 2*n+2)
	for _, c := range b.chunks {
		for i := range c {
			r := &c[i]
			if r.layer == Gap && r.pre > r.post {
				r.pre, r.post, r.swapped = r.post, r.pre, true
			}
			start[int(r.layer)*n+int(r.pre)+2]++
		}
		if err := b.ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	for k := 2; k < len(start); k++ {
		start[k] += start[k-1]
	}
	rows = make([]record, b.records)
	for k, c := range b.chunks {
		for _, r := range c {
			at := &start[int(r.layer)*n+int(r.pre)+1]
			rows[*at] = r
			*at++
		}
		b.chunks[k] = nil
		if err := b.ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	return rows, start[:2*n+1], nil
}

// pair sums what a file says of two neurons in one layer, by the direction in which it is said.
type pair struct {
	sum   [2]float64
	count [2]int
	line  int // of the last record
}

func (p *pair) add(r record) {
	way := 0
	if r.swapped {
		way = 1
	}
	p.sum[way] += r.weight
	p.count[way]++
	p.line = int(r.line)
}

// weigh returns the weight of a pair.
func (b *builder) weigh(first record, p pair) (float64, error) {
	pre, post := b.neurons[first.pre].Name, b.neurons[first.post].Name
	total := p.sum[0]
	switch {
	case b.symmetric && first.layer == Gap && first.pre != first.post && (p.count[0] == 0 || p.count[1] == 0):
		return 0, b.errorf(p.line, "the gap block is not symmetric: %s and %s are joined in one triangle only",
			quote.Text(pre), quote.Text(post))
	case p.count[0] > 0 && p.count[1] > 0 && p.sum[0] != p.sum[1]:
		return 0, b.errorf(p.line, "gap junction of %s and %s has weight %v in one direction and %v in the other",
			quote.Text(pre), quote.Text(post), p.sum[0], p.sum[1])
	case p.count[0] == 0:
		total = p.sum[1]
	}
	if math.IsInf(total, 0) {
		return 0, b.errorf(p.line, "the summed weight overflows")
	}
	return total, nil
}
