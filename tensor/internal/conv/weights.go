package conv

import "elegans/tensor/internal/kernel"

// weights says where the matrix of a correlation lies in the weight tensor: element (m, channel c,
// tap j) of group g is weight[g*group + m*row + c*channel + j].
type weights[T kernel.Float] struct {
	weight, bias        []T
	group, row, channel int
}

// pack brings the weights, with the bias as last column, into the order in which unit reads them.
func (c *correlation[T]) pack(w weights[T]) {
	p := c.plan
	dst := c.packed
	for g := range c.groups {
		for k0 := 0; k0 < c.k; k0 += c.blockK {
			k1 := min(k0+c.blockK, c.k)
			for i0 := 0; i0 < p.rows; i0 += c.tileM {
				m := min(c.tileM, p.rows-i0)
				tile := split(&dst, (k1-k0)*m)
				for i := range m {
					packRow(tile[i:], m, w.weight[g*w.group+(i0+i)*w.row:], p.taps, w.channel, k0, min(k1, len(p.offsets)))
				}
				if k1 > len(p.offsets) {
					copy(tile[(k1-1-k0)*m:], w.bias[g*p.rows+i0:][:m])
				}
			}
		}
	}
}

// packRow writes columns k0 to k1-1 of one row of the matrix to every step-th element of dst.
func packRow[T kernel.Float](dst []T, step int, row []T, taps []int32, channel, k0, k1 int) {
	if k0 >= k1 {
		return
	}
	c, j := k0/len(taps), k0%len(taps)
	at := 0
	for range k1 - k0 {
		dst[at] = row[c*channel+int(taps[j])]
		at += step
		if j++; j == len(taps) {
			c, j = c+1, 0
		}
	}
}
