package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

// loop is an elementwise kernel of map.cu: what it computes of the elements of its operands, of
// which the first is what dst held before. Numbers of the tests are small and whole, so that every
// result is exact.
type loop struct {
	kernel   string
	operands int // dst included
	number   int // of the function, -1 for none
	numbers  []float64
	f        func(v []float64) float64
}

var loops = []loop{
	{"map", 2, int(kernel.MulScalar), []float64{3, 0}, func(v []float64) float64 { return 3 * v[1] }},
	{"map_grad", 4, int(kernel.Square), []float64{0, 0, 0}, func(v []float64) float64 { return v[1] * 2 * v[2] }},
	{"map_grad", 4, int(kernel.Exp), []float64{0, 0, 1}, func(v []float64) float64 { return v[0] + v[1]*v[3] }},
	{"binary", 3, int(kernel.Sub), nil, func(v []float64) float64 { return v[1] - v[2] }},
	{"mul_add", 3, -1, nil, func(v []float64) float64 { return v[0] + v[1]*v[2] }},
	{"add_scaled", 2, -1, []float64{3}, func(v []float64) float64 { return v[0] + 3*v[1] }},
	{"fill", 1, -1, []float64{7}, func([]float64) float64 { return 7 }},
	{"select", 4, -1, nil, func(v []float64) float64 {
		if v[1] != 0 {
			return v[2]
		}
		return v[3]
	}},
	{"moving_average", 2, -1, []float64{2, -3}, func(v []float64) float64 { return 2*v[0] - 3*v[1] }},
	{"lerp", 2, -1, []float64{2}, func(v []float64) float64 { return v[0] + 2*(v[1]-v[0]) }},
	{"swap", 2, -1, nil, func(v []float64) float64 { return v[1] }},
}

// layouts are the strides of operands of a shape; the first three have a place for every element.
type layouts struct {
	shape   []int
	strides [][]int
}

var nests = []layouts{
	{[]int{1}, [][]int{{1}, {3}, {0}}},
	{[]int{7}, [][]int{{1}, {2}, {3}, {0}}},
	{[]int{3, 4, 5}, [][]int{{20, 5, 1}, {1, 3, 12}, {80, 10, 2}, {0, 1, 0}, {4, 1, 0}, {0, 0, 0}}},
	{[]int{2, 1, 3, 1, 2, 2}, [][]int{{12, 12, 4, 4, 2, 1}, {1, 0, 2, 0, 6, 12}, {36, 5, 12, 5, 6, 2}, {0, 0, 1, 0, 0, 3}}},
	{[]int{17, 31}, [][]int{{31, 1}, {1, 17}, {70, 2}, {0, 1}, {1, 0}}},
}

// span is the number of places that strides reach.
func span(shape, strides []int) int {
	last := 0
	for i, s := range strides {
		last += (shape[i] - 1) * max(s, 0)
	}
	return last + 1
}

// place is the offset of element i, in the order of rows.
func place(i int, shape, strides []int) (at int) {
	for axis := len(shape) - 1; axis >= 0; axis-- {
		at += i % shape[axis] * strides[axis]
		i /= shape[axis]
	}
	return at
}

// TestLoops runs the kernels of map.cu over operands that are contiguous, strided, broadcast, or
// the destination itself, with fewer threads than elements.
func TestLoops(t *testing.T) {
	open(t, Options{Staged: true})
	t.Run("float32", testLoops[float32])
	t.Run("float64", testLoops[float64])
}

func testLoops[T kernel.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, l := range loops {
		for _, n := range nests {
			for first := range 3 {
				t.Run(fmt.Sprint(l.kernel, n.shape, first), func(t *testing.T) {
					for shift := range n.strides {
						strides := make([][]int, l.operands)
						for o := range strides {
							strides[o] = n.strides[(first+o*(1+shift))%len(n.strides)]
						}
						strides[0] = n.strides[first]
						if l.kernel == "swap" {
							strides[1] = n.strides[(first+shift)%3] // a destination too
						}
						runLoop[T](t, r, l, n.shape, strides, -1)
					}
					for same := 1; same < l.operands; same++ {
						strides := slices.Repeat([][]int{n.strides[first]}, l.operands)
						runLoop[T](t, r, l, n.shape, strides, same)
					}
				})
			}
		}
	}
}

// runLoop runs a kernel over operands with the given strides, of which number same is the
// destination itself, and again without a nest if all are contiguous.
func runLoop[T kernel.Float](t *testing.T, r *rand.Rand, l loop, shape []int, strides [][]int, same int) {
	t.Helper()
	n, contiguous := 1, true
	for _, d := range shape {
		n *= d
	}
	nest := append([]int{len(shape), n}, shape...)
	for _, s := range strides {
		nest = append(nest, s...)
		for i := range n {
			contiguous = contiguous && place(i, shape, s) == i
		}
	}
	for _, given := range [][]int{nest, nil} {
		if given == nil && !contiguous {
			continue
		}
		operands := make([][]T, len(strides))
		for o, s := range strides {
			operands[o] = make([]T, span(shape, s))
			for i := range operands[o] {
				operands[o][i] = T(r.IntN(9) - 4)
			}
		}
		if same > 0 {
			operands[same] = operands[0]
		}
		before := make([][]T, len(strides))
		for o := range before {
			before[o] = slices.Clone(operands[o])
		}
		want, wantOther := slices.Clone(operands[0]), slices.Clone(operands[len(operands)-1])
		for i := range n {
			v := make([]float64, len(strides))
			for o, s := range strides {
				v[o] = float64(before[o][place(i, shape, s)])
			}
			want[place(i, shape, strides[0])] = T(l.f(v))
			if l.kernel == "swap" {
				wantOther[place(i, shape, strides[1])] = T(v[0])
			}
		}
		var args []device.Arg
		for o, x := range operands {
			if o == 0 || l.kernel == "swap" {
				args = append(args, device.InOut(x))
			} else {
				args = append(args, device.In(x))
			}
		}
		args = append(args, device.In(given), device.Int(n))
		if l.number >= 0 {
			args = append(args, device.Int(l.number))
		}
		for _, v := range l.numbers {
			args = append(args, device.Num(T(v)))
		}
		size := device.Size{Grid: [3]int{2, 1, 1}, Block: [3]int{32, 1, 1}}
		device.Launch[T](device.Active(), "map", l.kernel, size, args...)
		if !slices.Equal(operands[0], want) {
			t.Errorf("shape %v, strides %v, operand %d in place, nest %v: %v, want %v", shape, strides, same, given, operands[0], want)
		}
		if l.kernel == "swap" && same < 0 && !slices.Equal(operands[1], wantOther) {
			t.Errorf("shape %v, strides %v: the other one is %v, want %v", shape, strides, operands[1], wantOther)
		}
	}
}
