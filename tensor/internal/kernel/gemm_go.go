package kernel

import "unsafe"

// tileGo is the reference of every Run: full tiles in 16 scalars, others one element at a time.
func tileGo[T Float](t *Tile[T]) {
	if t.Panels > 1 {
		one := *t
		one.Panels = 1
		for i := range t.Panels {
			one.C = at(t.C, i*t.N)
			if t.Old != nil {
				one.Old = at(t.Old, i*t.N)
			}
			if t.K > 0 {
				one.B = at(t.B, i*t.BPanel)
			}
			tileGo(&one)
		}
		return
	}
	if t.M == 4 && t.N == 4 && t.K > 0 {
		tileGo4x4(t)
		return
	}
	for i := range t.M {
		for j := range t.N {
			var sum T
			for p := range t.K {
				sum += *at(t.A, i*t.ARow+p*t.ACol) * *at(t.B, p*t.BRow+j)
			}
			store(t, i, j, sum)
		}
	}
}

func tileGo4x4[T Float](t *Tile[T]) {
	var c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33 T
	a, b := t.A, t.B
	for p := range t.K {
		if p > 0 {
			a, b = at(a, t.ACol), at(b, t.BRow)
		}
		r := (*[4]T)(unsafe.Pointer(b))
		b0, b1, b2, b3 := r[0], r[1], r[2], r[3]
		x := *a
		c00, c01, c02, c03 = c00+x*b0, c01+x*b1, c02+x*b2, c03+x*b3
		x = *at(a, t.ARow)
		c10, c11, c12, c13 = c10+x*b0, c11+x*b1, c12+x*b2, c13+x*b3
		x = *at(a, 2*t.ARow)
		c20, c21, c22, c23 = c20+x*b0, c21+x*b1, c22+x*b2, c23+x*b3
		x = *at(a, 3*t.ARow)
		c30, c31, c32, c33 = c30+x*b0, c31+x*b1, c32+x*b2, c33+x*b3
	}
	for i, row := range [4][4]T{{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33}} {
		for j, sum := range row {
			store(t, i, j, sum)
		}
	}
}

func at[T Float](p *T, i int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(p), i*int(unsafe.Sizeof(*p))))
}

func store[T Float](t *Tile[T], i, j int, sum T) {
	c := at(t.C, i*t.CRow+j)
	if t.Beta == 0 {
		*c = t.Alpha * sum
	} else {
		old := c
		if t.Old != nil {
			old = at(t.Old, i*t.OldRow+j)
		}
		*c = t.Alpha*sum + t.Beta**old
	}
}

// copyPanelsGo reads row after row, so that the processor sees that it runs through memory; panel
// after panel would touch a new page at each step.
func copyPanelsGo[T Float](dst []T, panel, ld int, src []T, stride, width, panels, rows int) {
	for p := range rows {
		for q := range panels {
			copy(dst[q*panel+p*ld:][:width], src[p*stride+q*width:])
		}
	}
}

func interleaveGo[T Float](dst []T, ld int, src []T, stride, width, rows int) {
	// a cache line of float32 at a time: rows a power of two apart fall into the same cache sets
	const block = 16
	for p0 := 0; p0 < rows; p0 += block {
		p1 := min(p0+block, rows)
		for i := range width {
			d := dst[p0*ld+i:]
			for p, v := range src[i*stride+p0 : i*stride+p1] {
				d[p*ld] = v
			}
		}
	}
}

func dot4Go[T Float](dst *[4]T, a []T, stride int, x []T) {
	n := len(x)
	a0, a1, a2, a3 := a[:n], a[stride:][:n], a[2*stride:][:n], a[3*stride:][:n]
	var s0, s1, s2, s3 T
	for p, v := range x {
		s0 += v * a0[p]
		s1 += v * a1[p]
		s2 += v * a2[p]
		s3 += v * a3[p]
	}
	dst[0], dst[1], dst[2], dst[3] = s0, s1, s2, s3
}

func dot4x4Go[T Float](dst *[16]T, a []T, stride int, x []T, xStride, n int) {
	for s := range 4 {
		dot4Go((*[4]T)(dst[4*s:]), a, stride, x[s*xStride:][:n])
	}
}

func addRows8Go[T Float](c []T, w *[8]T, b []T, stride int) {
	for j := range c {
		v := c[j]
		for r, x := range w {
			v += x * b[r*stride+j]
		}
		c[j] = v
	}
}

// sink keeps the compiler from dropping the arithmetic of peakGo.
var sink float64

func peakGo[T Float](n int) {
	var a, b, c, d, e, f, g, h T
	x, y := T(sink), T(sink)
	for range n {
		a, b, c, d, e, f, g, h = a*x+y, b*x+y, c*x+y, d*x+y, e*x+y, f*x+y, g*x+y, h*x+y
	}
	if s := a + b + c + d + e + f + g + h; s != 0 {
		sink = 0
	}
}
