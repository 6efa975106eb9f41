package measure

import (
	"math/bits"

	"elegans/connectome"
)

// bitRows are the rows of an adjacency matrix, one bit a vertex.
type bitRows struct {
	words int // a row
	bits  []uint64
}

// maxBits bounds the vertices of a graph whose rows are kept as bits: 128 MiB.
const maxBits = 1 << 15

// dense reports whether the common neighbours of two vertices are counted faster by comparing rows
// of bits than by walking through lists.
func dense(p *connectome.Projection) bool {
	n, m := p.Len(), 0
	for _, row := range p.Adj {
		m += len(row)
	}
	return n >= 256 && n <= maxBits && m > n*(n/16)
}

func newBitRows(p *connectome.Projection) *bitRows {
	b := &bitRows{words: (p.Len() + 63) / 64}
	b.bits = make([]uint64, p.Len()*b.words)
	for u, row := range p.Adj {
		bitsOf := b.row(u)
		for _, v := range row {
			bitsOf[v/64] |= 1 << (v % 64)
		}
	}
	return b
}

func (b *bitRows) row(u int) []uint64 { return b.bits[u*b.words : (u+1)*b.words] }

// common counts the bits that two rows share.
func common(a, b []uint64) int {
	sum := 0
	for i, w := range a {
		sum += bits.OnesCount64(w & b[i])
	}
	return sum
}
