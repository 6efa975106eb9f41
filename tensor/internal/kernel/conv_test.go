package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// guardedPixels returns n random elements, some of them special, between guard bands that check
// panics over when they have changed.
func guardedPixels[T Float](r *rand.Rand, n int) (s []T, check func(t *testing.T)) {
	const band = 32
	all := make([]T, n+2*band)
	for i := range all {
		all[i] = 1e30
	}
	s = all[band : band+n : band+n]
	for i := range s {
		switch r.IntN(20) {
		case 0:
			s[i] = T(math.NaN())
		case 1:
			s[i] = T(math.Inf(1 - 2*r.IntN(2)))
		case 2:
			s[i] = 5e-45 // subnormal as a float32
		case 3:
			s[i] = 0
		default:
			s[i] = T(r.IntN(9) - 4) // with ties
		}
	}
	return s, func(t *testing.T) {
		t.Helper()
		for i, v := range all {
			if (i < band || i >= band+n) && v != 1e30 {
				t.Fatalf("element %d of %d was written", i-band, n)
			}
		}
	}
}

func samePixel[T Float](a, b T) bool { return a == b || a != a && b != b }

// eachPixelSet runs f for every set of this processor.
func eachPixelSet[T Float](t *testing.T, f func(t *testing.T, s *Set[T])) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) { f(t, Named[T](name)) })
	}
}

func TestGatherScatter(t *testing.T) {
	t.Run("float32", testGatherScatter[float32])
	t.Run("float64", testGatherScatter[float64])
}

// testGatherScatter copies pieces of all lengths, to and from all small offsets.
func testGatherScatter[T Float](t *testing.T) {
	eachPixelSet(t, func(t *testing.T, s *Set[T]) {
		r := rand.New(rand.NewPCG(1, 2))
		w := s.Conv.Width
		for length := range 68 {
			ld := length + r.IntN(5)
			rows := make([]int32, r.IntN(5))
			for i := range rows {
				rows[i] = int32(r.IntN(9))
			}
			var blocks []Block
			for at := 0; at < length; {
				n := 1 + r.IntN(min(w, length-at))
				blocks = append(blocks, Block{Sparse: int32(at + len(blocks)), Dense: int32(at), Len: int32(n)})
				at += n
			}
			image, checkImage := guardedPixels[T](r, 9+length+len(blocks)+w)
			packed, checkPacked := guardedPixels[T](r, len(rows)*ld+length+w)
			want := append([]T{}, image...)
			for _, b := range blocks {
				for i, shift := range rows {
					for j := range int(b.Len) {
						want[int(shift+b.Sparse)+j] += packed[i*ld+int(b.Dense)+j]
					}
				}
			}
			got := append([]T{}, image...)
			s.Conv.Scatter(got, packed, ld, rows, blocks)
			for i := range got {
				if !samePixel(got[i], want[i]) {
					t.Fatalf("Scatter of length %d: element %d is %v, want %v", length, i, got[i], want[i])
				}
			}
			s.Conv.Gather(packed, ld, image, rows, blocks)
			for i, shift := range rows {
				for _, b := range blocks {
					for j := range int(b.Len) {
						if got, want := packed[i*ld+int(b.Dense)+j], image[int(shift+b.Sparse)+j]; !samePixel(got, want) {
							t.Fatalf("Gather of length %d: row %d, element %d is %v, want %v", length, i, int(b.Dense)+j, got, want)
						}
					}
				}
			}
			checkImage(t)
			checkPacked(t)
		}
	})
}

func TestMaxPool(t *testing.T) {
	t.Run("float32", testMaxPool[float32])
	t.Run("float64", testMaxPool[float64])
}

func testMaxPool[T Float](t *testing.T) {
	eachPixelSet(t, func(t *testing.T, s *Set[T]) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 68 {
			for rows := range 4 {
				width := 2*n + r.IntN(3)
				x, checkX := guardedPixels[T](r, 2*rows*width)
				y, checkY := guardedPixels[T](r, rows*n)
				dy, _ := guardedPixels[T](r, rows*n)
				dx, checkDx := guardedPixels[T](r, 2*rows*width)
				s.Pool.Max(y, x, rows, n, width)
				want := append([]T{}, dx...)
				add := r.IntN(2) == 1
				for i := range y {
					a, b := 2*(i/n)*width+2*(i%n), (2*(i/n)+1)*width+2*(i%n)
					first := -1
					m := max(x[a], x[a+1], x[b], x[b+1])
					if !samePixel(y[i], m) {
						t.Fatalf("n = %d: maximum %d is %v, want %v", n, i, y[i], m)
					}
					for _, place := range [4]int{a, a + 1, b, b + 1} {
						if !add {
							want[place] = 0
						}
						if first < 0 && samePixel(x[place], m) {
							first = place
						}
					}
					want[first] += dy[i]
				}
				s.Pool.MaxGrad(dx, dy, x, y, rows, n, width, add)
				for i := range dx {
					if !samePixel(dx[i], want[i]) {
						t.Fatalf("n = %d, rows %d, width %d, add %v: gradient %d is %v, want %v", n, rows, width, add, i, dx[i], want[i])
					}
				}
				checkX(t)
				checkY(t)
				checkDx(t)
			}
		}
	})
}

func TestDouble(t *testing.T) {
	t.Run("float32", testDouble[float32])
	t.Run("float64", testDouble[float64])
}

func testDouble[T Float](t *testing.T) {
	eachPixelSet(t, func(t *testing.T, s *Set[T]) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 68 {
			for rows := range 4 {
				x, checkX := guardedPixels[T](r, rows*n)
				y, checkY := guardedPixels[T](r, 4*rows*n)
				s.Pool.Double(y, x, rows, n)
				for i, v := range y {
					if w := x[i/(4*n)*n+i%(2*n)/2]; !samePixel(v, w) {
						t.Fatalf("n = %d: element %d is %v, want %v", n, i, v, w)
					}
				}
				dy, _ := guardedPixels[T](r, 4*rows*n)
				for _, add := range []bool{false, true} {
					want := append([]T{}, x...)
					for i := range want {
						at := i/n*4*n + 2*(i%n)
						sum := dy[at] + dy[at+2*n] + (dy[at+1] + dy[at+2*n+1])
						if add {
							sum += want[i]
						}
						want[i] = sum
					}
					s.Pool.DoubleGrad(x, dy, rows, n, add)
					for i, v := range x {
						if !samePixel(v, want[i]) {
							t.Fatalf("n = %d, add %v: gradient %d is %v, want %v", n, add, i, v, want[i])
						}
					}
				}
				checkX(t)
				checkY(t)
			}
		}
	})
}
