//go:build amd64 && !purego

package kernel

import "unsafe"

func gemmAVX2(f32 *MicroKernel[float32], f64 *MicroKernel[float64]) {
	*f32 = MicroKernel[float32]{
		MR: 6, NR: 16, Lanes: 8, KC: 384,
		Run: tile32AVX2, CopyPanels: copyPanels[float32], Interleave: interleave32AVX2, Dot4: dot4x32AVX2, Dot4x4: dot4x4x32AVX2, DotRows: 8, AddRows8: addRows8x32AVX2,
		Peak: peak32AVX2, PeakFLOPs: 12 * 8 * 2,
	}
	*f64 = MicroKernel[float64]{
		MR: 6, NR: 8, Lanes: 4, KC: 256,
		Run: tile64AVX2, CopyPanels: copyPanels[float64], Interleave: interleave64AVX2, Dot4: dot4x64AVX2, Dot4x4: dot4x4x64AVX2, DotRows: 8, AddRows8: addRows8x64AVX2,
		Peak: peak64AVX2, PeakFLOPs: 12 * 4 * 2,
	}
}

func gemmAVX512(f32 *MicroKernel[float32], f64 *MicroKernel[float64]) {
	f32.MR, f32.NR, f32.Lanes, f32.KC, f32.Run = 14, 32, 16, 384, tile32AVX512
	f64.MR, f64.NR, f64.Lanes, f64.KC, f64.Run = 14, 16, 8, 256, tile64AVX512
	f32.Dot4x4, f32.DotRows = dot4x4x32AVX512, 16
	f32.Peak, f32.PeakFLOPs = peak32AVX512, 28*16*2
	f64.Peak, f64.PeakFLOPs = peak64AVX512, 28*8*2
}

//go:noescape
func tile32AVX2(t *Tile[float32])

//go:noescape
func tile64AVX2(t *Tile[float64])

//go:noescape
func tile32AVX512(t *Tile[float32])

//go:noescape
func tile64AVX512(t *Tile[float64])

func peak32AVX2(n int)
func peak64AVX2(n int)
func peak32AVX512(n int)
func peak64AVX512(n int)

// copyPanelBytes is CopyPanels with all lengths in bytes, 8 <= width <= 128. A row of a panel is
// covered by two vectors that overlap; rows longer than 64 bytes need AVX-512.
//
//go:noescape
func copyPanelBytes(dst unsafe.Pointer, panel, ld int, src unsafe.Pointer, stride, width, panels, rows int)

func copyPanels[T Float](dst []T, panel, ld int, src []T, stride, width, panels, rows int) {
	size := int(unsafe.Sizeof(dst[0]))
	if width*size < 8 || rows == 0 || panels == 0 {
		copyPanelsGo(dst, panel, ld, src, stride, width, panels, rows)
		return
	}
	_, _ = dst[(panels-1)*panel+(rows-1)*ld+width-1], src[(rows-1)*stride+panels*width-1]
	const callBytes = 256 << 10 // assembly cannot be interrupted
	some := max(callBytes/(width*panels*size), 1)
	for p := 0; p < rows; p += some {
		copyPanelBytes(unsafe.Pointer(&dst[p*ld]), panel*size, ld*size, unsafe.Pointer(&src[p*stride]), stride*size, width*size, panels, min(some, rows-p))
	}
}

// interleave4x32 transposes four rows of 8*blocks elements: dst[p*ld+i] = src[i*stride+p].
//
//go:noescape
func interleave4x32(dst *float32, ld int, src *float32, stride, blocks int)

// interleave4x64 transposes four rows of 4*blocks elements: dst[p*ld+i] = src[i*stride+p].
//
//go:noescape
func interleave4x64(dst *float64, ld int, src *float64, stride, blocks int)

// interleave32AVX2 takes four rows at a time; the last four may repeat some of those before.
func interleave32AVX2(dst []float32, ld int, src []float32, stride, width, rows int) {
	whole := rows &^ 7
	if width < 4 || whole == 0 {
		interleaveGo(dst, ld, src, stride, width, rows)
		return
	}
	_, _ = dst[(rows-1)*ld+width-1], src[(width-1)*stride+rows-1]
	for i := 0; i < width; i += 4 {
		i := min(i, width-4)
		interleave4x32(&dst[i], ld, &src[i*stride], stride, whole/8)
	}
	if whole < rows {
		interleaveGo(dst[whole*ld:], ld, src[whole:], stride, width, rows-whole)
	}
}

func interleave64AVX2(dst []float64, ld int, src []float64, stride, width, rows int) {
	whole := rows &^ 3
	if width < 4 || whole == 0 {
		interleaveGo(dst, ld, src, stride, width, rows)
		return
	}
	_, _ = dst[(rows-1)*ld+width-1], src[(width-1)*stride+rows-1]
	for i := 0; i < width; i += 4 {
		i := min(i, width-4)
		interleave4x64(&dst[i], ld, &src[i*stride], stride, whole/4)
	}
	if whole < rows {
		interleaveGo(dst[whole*ld:], ld, src[whole:], stride, width, rows-whole)
	}
}

// dot4x32 computes dst[r] = sum over p of a[r*stride+p] * x[p] for p < 16*blocks, in two vectors of
// partial sums a row.
//
//go:noescape
func dot4x32(dst *[4]float32, a *float32, stride int, x *float32, blocks int)

// dot4x64 is the same for p < 8*blocks.
//
//go:noescape
func dot4x64(dst *[4]float64, a *float64, stride int, x *float64, blocks int)

func dot4x32AVX2(dst *[4]float32, a []float32, stride int, x []float32) {
	*dst = [4]float32{}
	_ = a[3*stride+len(x)-1]
	whole := len(x) / 16
	if whole > 0 {
		dot4x32(dst, &a[0], stride, &x[0], whole)
	}
	dotTail(dst, a, stride, x, 16*whole)
}

func dot4x64AVX2(dst *[4]float64, a []float64, stride int, x []float64) {
	*dst = [4]float64{}
	_ = a[3*stride+len(x)-1]
	whole := len(x) / 8
	if whole > 0 {
		dot4x64(dst, &a[0], stride, &x[0], whole)
	}
	dotTail(dst, a, stride, x, 8*whole)
}

// dot4x4x32AVX2 reads the rows of a once from afar, and three times from the near cache.
func dot4x4x32AVX2(dst *[16]float32, a []float32, stride int, x []float32, xStride, n int) {
	for s := range 4 {
		dot4x32AVX2((*[4]float32)(dst[4*s:]), a, stride, x[s*xStride:][:n])
	}
}

func dot4x4x64AVX2(dst *[16]float64, a []float64, stride int, x []float64, xStride, n int) {
	for s := range 4 {
		dot4x64AVX2((*[4]float64)(dst[4*s:]), a, stride, x[s*xStride:][:n])
	}
}

// dot4x4x32 is Dot4x4 for n = 16*blocks.
//
//go:noescape
func dot4x4x32(dst *[16]float32, a *float32, stride int, x *float32, xStride, blocks int)

func dot4x4x32AVX512(dst *[16]float32, a []float32, stride int, x []float32, xStride, n int) {
	*dst = [16]float32{}
	_, _ = a[3*stride+n-1], x[3*xStride+n-1]
	whole := n / 16
	if whole > 0 {
		dot4x4x32(dst, &a[0], stride, &x[0], xStride, whole)
	}
	if 16*whole < n {
		for s := range 4 {
			dotTail((*[4]float32)(dst[4*s:]), a, stride, x[s*xStride:][:n], 16*whole)
		}
	}
}

// dotTail adds the products from p on.
func dotTail[T Float](dst *[4]T, a []T, stride int, x []T, p int) {
	for r := range dst {
		for q := p; q < len(x); q++ {
			dst[r] += a[r*stride+q] * x[q]
		}
	}
}

// addRows8x32 is AddRows8 for 16*blocks columns.
//
//go:noescape
func addRows8x32(c *float32, w *[8]float32, b *float32, stride, blocks int)

// addRows8x64 is AddRows8 for 8*blocks columns.
//
//go:noescape
func addRows8x64(c *float64, w *[8]float64, b *float64, stride, blocks int)

func addRows8x32AVX2(c []float32, w *[8]float32, b []float32, stride int) {
	whole := len(c) &^ 15
	if whole > 0 {
		_ = b[7*stride+whole-1]
		addRows8x32(&c[0], w, &b[0], stride, whole/16)
	}
	addRows8Go(c[whole:], w, b[whole:], stride)
}

func addRows8x64AVX2(c []float64, w *[8]float64, b []float64, stride int) {
	whole := len(c) &^ 7
	if whole > 0 {
		_ = b[7*stride+whole-1]
		addRows8x64(&c[0], w, &b[0], stride, whole/8)
	}
	addRows8Go(c[whole:], w, b[whole:], stride)
}
