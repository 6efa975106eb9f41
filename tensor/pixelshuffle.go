package tensor

import (
	"fmt"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/parallel"
)

// PixelShuffle moves groups of r*r channels into blocks of r by r pixels (Shi et al. 2016): x [N,
// C*r*r, H, W]  ->  dst [N, C, H*r, W*r],
//
//	dst[n, c, h*r+i, w*r+j] = x[n, c*r*r+i*r+j, h, w]
func PixelShuffle[T Float](dst, x *Tensor[T], r int) {
	runShuffle("PixelShuffle", dst, x, r, false)
}

// PixelShuffleGrad adds the gradient of PixelShuffle to dx, given dy, that with respect to its
// result.
func PixelShuffleGrad[T Float](dx, dy *Tensor[T], r int) {
	runShuffle("PixelShuffleGrad", dy, dx, r, true)
}

// PixelShuffleShape appends the shape of the result of PixelShuffle to dst.
func PixelShuffleShape(dst, x []int, r int) []int {
	checkAttributes("PixelShuffle", x, r)
	if len(x) != 4 || r < 1 || x[1]%(r*r) != 0 {
		PanicShape("PixelShuffle", fmt.Sprintf("want x [N, C*r*r, H, W] with r = %d", r), x)
	}
	return append(dst, x[0], x[1]/(r*r), x[2]*r, x[3]*r)
}

// runShuffle checks the shapes of x and its shuffled form y, and copies x to y or, for the
// gradient, adds y to x.
func runShuffle[T Float](op string, y, x *Tensor[T], r int, grad bool) {
	var buf [MaxDims]int
	want := PixelShuffleShape(buf[:0], x.Shape(), r)
	for d, n := range want {
		if y.ndim != 4 || y.shape[d] != n {
			PanicShape(op, "the result does not fit", x.Shape(), y.Shape())
		}
	}
	if device.Active() != nil {
		shuffleAxes(y, x, r, grad)
		return
	}
	b := shuffle[T]{y.Data(), x.Data(), r, x.shape[2], x.shape[3], grad}
	parallel.For(want[0]*want[1], max(1, chunkElems/max(1, want[2]*want[3])), b)
}

// shuffle is the parallel loop over planes of y, each of which is dealt out from r*r planes of x of
// h by w.
type shuffle[T Float] struct {
	y, x    []T
	r, h, w int
	grad    bool
}

// Do treats planes lo to hi-1.
func (s shuffle[T]) Do(lo, hi int) {
	plane := s.h * s.w
	for p := lo; p < hi; p++ {
		y, x := s.y[p*s.r*s.r*plane:][:s.r*s.r*plane], s.x[p*s.r*s.r*plane:][:s.r*s.r*plane]
		if s.r == 2 {
			s.double(y, x)
			continue
		}
		for i := range y {
			row, col := i/(s.w*s.r), i%(s.w*s.r)
			from := ((row%s.r)*s.r+col%s.r)*plane + row/s.r*s.w + col/s.r
			if s.grad {
				x[from] += y[i]
			} else {
				y[i] = x[from]
			}
		}
	}
}

// double is the loop for r = 2: rows of y alternate between the elements of two rows of x.
func (s shuffle[T]) double(y, x []T) {
	plane, w := s.h*s.w, s.w
	for row := range 2 * s.h {
		out := y[row*2*w:][:2*w]
		from := (row&1)*2*plane + row>>1*w
		a, b := x[from:][:w], x[from+plane:][:w]
		if s.grad {
			for j := range a {
				a[j] += out[2*j]
				b[j] += out[2*j+1]
			}
			continue
		}
		for j := range a {
			out[2*j], out[2*j+1] = a[j], b[j]
		}
	}
}
