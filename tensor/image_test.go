package tensor

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestImageAdjoints: the gradients of linear operations are their transposes, <A x, y> = <x, A' y>,
// and accumulate.
func TestImageAdjoints(t *testing.T) {
	type operation struct {
		shape    func(x []int) []int
		run      func(y, x *Tensor[float64])
		gradient func(dx, dy *Tensor[float64])
	}
	average := func(o PoolOptions) operation {
		return operation{
			func(x []int) []int { return PoolShape(nil, x, o) },
			func(y, x *Tensor[float64]) { AvgPool(y, x, o) }, func(dx, dy *Tensor[float64]) { AvgPoolGrad(dx, dy, o) },
		}
	}
	resizing := func(o ResizeOptions) operation {
		return operation{
			func(x []int) []int { return ResizeShape(nil, x, o) },
			func(y, x *Tensor[float64]) { Resize(y, x, o) }, func(dx, dy *Tensor[float64]) { ResizeGrad(dx, dy, 1, o) },
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		upTo := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		x := Uniform[float64](NewKey(rapid.Uint64().Draw(t, "seed"), "x"), -1, 1, upTo("images", 1, 3), 4, upTo("height", 3, 8), upTo("width", 3, 8))
		kernel := [2]int{upTo("kernel height", 1, 3), upTo("kernel width", 1, 3)}
		stride := [2]int{upTo("stride", 1, 3), upTo("stride", 1, 3)}
		padding := [2]int{upTo("padding", 0, kernel[0]/2), upTo("padding", 0, kernel[1]/2)}
		size := [2]int{upTo("new height", 1, 12), upTo("new width", 1, 12)}
		pad := []int{upTo("left", -2, 2), upTo("right", -1, 2), upTo("top", -2, 2), upTo("bottom", -1, 2)}
		mode := PadMode(upTo("mode", 0, 3))
		if mode == PadCircular {
			for i := range pad { // the other side may need what is cut off
				pad[i] = max(0, pad[i])
			}
		}
		conv := ConvOptions{Stride: stride, Padding: padding}
		for name, op := range map[string]operation{
			"AvgPool":          average(PoolOptions{Kernel: kernel, Stride: stride, Padding: padding, CeilMode: size[0]%2 == 0}),
			"AvgPool, exclude": average(PoolOptions{Kernel: kernel, Stride: stride, Padding: padding, ExcludePadding: true}),
			"AdaptiveAvgPool": {
				func(x []int) []int { return []int{x[0], x[1], size[0], size[1]} },
				AdaptiveAvgPool[float64], AdaptiveAvgPoolGrad[float64],
			},
			"Resize, nearest":  resizing(ResizeOptions{Size: size}),
			"Resize, bilinear": resizing(ResizeOptions{Mode: Bilinear, Scale: [2]float64{1.5, 0.4}}),
			"Resize, corners":  resizing(ResizeOptions{Mode: BilinearCorners, Size: size}),
			"PixelShuffle": {
				func(x []int) []int { return PixelShuffleShape(nil, x, 2) },
				func(y, x *Tensor[float64]) { PixelShuffle(y, x, 2) }, func(dx, dy *Tensor[float64]) { PixelShuffleGrad(dx, dy, 2) },
			},
			"Unfold": {
				func(x []int) []int { return UnfoldShape(nil, x, kernel, conv) },
				func(y, x *Tensor[float64]) { Unfold(y, x, kernel, conv) }, func(dx, dy *Tensor[float64]) { UnfoldGrad(dx, dy, kernel, conv) },
			},
			"Pad": {
				func(x []int) []int { return PadShape(nil, x, pad) },
				func(y, x *Tensor[float64]) { Pad(y, x, pad, mode, 0) }, func(dx, dy *Tensor[float64]) { PadGrad(dx, dy, pad, mode) },
			},
		} {
			y := Full[float64](math.NaN(), op.shape(x.Shape())...)
			op.run(y, x)
			dy := Uniform[float64](NewKey(5, "dy"), -1, 1, y.Shape()...)
			dx := Full[float64](1, x.Shape()...)
			op.gradient(dx, dy)
			left, right := 0.0, 0.0
			for i, v := range y.Data() {
				left += v * dy.Data()[i]
			}
			for i, v := range x.Data() {
				right += v * (dx.Data()[i] - 1)
			}
			if !(math.Abs(left-right) < 1e-11) {
				t.Fatalf("%s of %v to %v: <Ax, y> = %v, <x, A'y> = %v", name, x.Shape(), y.Shape(), left, right)
			}
		}
	})
}

// TestMaxPool compares values and gradients with the definition: windows of a copy padded with
// -Inf.
func TestMaxPool(t *testing.T) {
	defer SetWorkers(Workers())
	rapid.Check(t, func(t *rapid.T) {
		upTo := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		SetWorkers(upTo("workers", 1, 3))
		x := Uniform[float32](NewKey(rapid.Uint64().Draw(t, "seed"), "x"), -3, 3, upTo("planes", 1, 40), upTo("height", 4, 12), upTo("width", 4, 12))
		for i, v := range x.Data() {
			x.Data()[i] = float32(math.Round(float64(v))) // ties
		}
		o := PoolOptions{Kernel: [2]int{2, 2}}
		if rapid.Bool().Draw(t, "any window") {
			o = PoolOptions{Stride: [2]int{upTo("stride", 1, 3), upTo("stride", 1, 3)}, Dilation: [2]int{upTo("dilation", 1, 2), upTo("dilation", 1, 2)}, CeilMode: rapid.Bool().Draw(t, "ceil")}
			for d := range 2 {
				o.Kernel[d] = upTo("kernel", 1, 2)
				o.Padding[d] = upTo("padding", 0, o.Kernel[d]/2)
			}
		}
		y := New[float32](PoolShape(nil, x.Shape(), o)...)
		MaxPool(y, x, o)
		dy := Uniform[float32](NewKey(5, "dy"), -1, 1, y.Shape()...)
		beta := float32(upTo("beta", 0, 1))
		dx := Full[float32](1, x.Shape()...)
		want := Full(beta, x.Shape()...)
		MaxPoolGrad(dx, dy, x, y, beta, o)

		w := o.windows("MaxPool", x.Shape())
		for p := range x.Dim(0) {
			for r := range w[0].out {
				for q := range w[1].out {
					best, h, v := float32(math.Inf(-1)), -1, -1
					for a := range w[0].kernel {
						for b := range w[1].kernel {
							i, j := r*w[0].stride+a*w[0].dilation-w[0].padding, q*w[1].stride+b*w[1].dilation-w[1].padding
							if i >= 0 && i < w[0].in && j >= 0 && j < w[1].in && x.At(p, i, j) > best {
								best, h, v = x.At(p, i, j), i, j
							}
						}
					}
					if y.At(p, r, q) != best {
						t.Fatalf("%+v: result %d, %d, %d is %v, want %v", o, p, r, q, y.At(p, r, q), best)
					}
					if h >= 0 {
						want.Set(want.At(p, h, v)+dy.At(p, r, q), p, h, v)
					}
				}
			}
		}
		for i, v := range dx.Data() {
			if math.Abs(float64(v-want.Data()[i])) > 1e-5 {
				t.Fatalf("%+v: gradient %d is %v, want %v", o, i, v, want.Data()[i])
			}
		}
	})
}

// TestConvMatchesUnfold: a convolution is the product of the weight and the unfolded image.
func TestConvMatchesUnfold(t *testing.T) {
	o := ConvOptions{Stride: [2]int{2, 1}, Padding: [2]int{1, 2}, Dilation: [2]int{1, 2}}
	k := NewKey(1, "conv")
	x, weight := Uniform[float64](k.Sub("x"), -1, 1, 2, 3, 9, 8), Uniform[float64](k.Sub("weight"), -1, 1, 5, 3, 3, 2)
	y := New[float64](ConvShape(nil, x.Shape(), weight.Shape(), o)...)
	Conv(y, x, weight, nil, o)
	columns := New[float64](UnfoldShape(nil, x.Shape(), [2]int{3, 2}, o)...)
	Unfold(columns, x, [2]int{3, 2}, o)
	want := weight.Reshape(5, -1).MatMul(columns).Reshape(y.Shape()...)
	for i, v := range y.Data() {
		if math.Abs(v-want.Data()[i]) > 1e-13 {
			t.Fatalf("element %d is %v, want %v", i, v, want.Data()[i])
		}
	}
}

// TestImageMisuse: every mistake is a ShapeError that names the operation.
func TestImageMisuse(t *testing.T) {
	n := func(shape ...int) *Tensor[float32] { return New[float32](shape...) }
	for name, c := range map[string]struct {
		op string
		f  func()
	}{
		"channels":         {"Conv", func() { Conv(n(1, 2, 3, 3), n(1, 3, 5, 5), n(2, 4, 3, 3), nil, ConvOptions{}) }},
		"axes":             {"Conv", func() { Conv(n(1, 2, 3, 3), n(1, 3, 5, 5), n(2, 3, 3), nil, ConvOptions{}) }},
		"groups":           {"Conv", func() { Conv(n(1, 2, 3, 3), n(1, 3, 5, 5), n(2, 1, 3, 3), nil, ConvOptions{Groups: 2}) }},
		"result":           {"Conv", func() { Conv(n(1, 2, 4, 3), n(1, 3, 5, 5), n(2, 3, 3, 3), nil, ConvOptions{}) }},
		"bias":             {"Conv", func() { Conv(n(1, 2, 3, 3), n(1, 3, 5, 5), n(2, 3, 3, 3), n(3), ConvOptions{}) }},
		"kernel too large": {"Conv", func() { ConvShape(nil, []int{1, 3, 5, 5}, []int{2, 3, 6, 3}, ConvOptions{}) }},
		"negative stride":  {"Conv", func() { ConvShape(nil, []int{1, 3, 5, 5}, []int{2, 3, 3, 3}, ConvOptions{Stride: [2]int{-1, 1}}) }},
		"output padding": {"ConvTranspose", func() {
			ConvTransposeShape(nil, []int{1, 3, 5, 5}, []int{3, 2, 3, 3}, ConvOptions{OutputPadding: [2]int{1, 0}})
		}},
		"pool padding":      {"MaxPool", func() { MaxPool(n(1, 3, 3), n(1, 3, 3), PoolOptions{Kernel: [2]int{2, 2}, Padding: [2]int{2, 2}}) }},
		"pool kernel":       {"AvgPool", func() { AvgPool(n(1, 3, 3), n(1, 3, 3), PoolOptions{}) }},
		"pool result":       {"AvgPool", func() { AvgPool(n(1, 2, 3), n(1, 6, 6), PoolOptions{Kernel: [2]int{2, 2}}) }},
		"adaptive, empty":   {"AdaptiveAvgPool", func() { AdaptiveAvgPool(n(1, 0, 3), n(1, 6, 6)) }},
		"no size":           {"Resize", func() { Resize(n(1, 2, 3), n(1, 6, 6), ResizeOptions{}) }},
		"shuffled channels": {"PixelShuffle", func() { PixelShuffle(n(1, 1, 6, 6), n(1, 3, 3, 3), 2) }},
		"odd pad":           {"Pad", func() { Pad(n(3, 3), n(3, 3), []int{1}, PadConstant, 0) }},
		"reflection":        {"Pad", func() { Pad(n(3, 6), n(3, 3), []int{3, 0}, PadReflect, 0) }},
		"unfold":            {"Unfold", func() { Unfold(n(1, 9, 10), n(1, 1, 5, 5), [2]int{3, 3}, ConvOptions{}) }},
	} {
		func() {
			defer func() {
				var e *ShapeError
				if err, _ := recover().(error); !errors.As(err, &e) || e.Op != c.op {
					t.Errorf("%s: %v, want a ShapeError of %s", name, err, c.op)
				}
			}()
			c.f()
		}()
	}
}

func ExampleConv() {
	image := FromSlice([]float32{
		0, 0, 0, 0,
		0, 1, 1, 0,
		0, 1, 1, 0,
		0, 0, 0, 0,
	}, 1, 1, 4, 4)
	edges := FromSlice([]float32{-1, 1}, 1, 1, 1, 2) // the difference to the right neighbour
	y := New[float32](ConvShape(nil, image.Shape(), edges.Shape(), ConvOptions{})...)
	Conv(y, image, edges, nil, ConvOptions{})
	fmt.Println(y.Reshape(4, 3).Slice(0, 1, 3, 1))
	// Output:
	// [[ 1.  0. -1.]
	//  [ 1.  0. -1.]]
}

func ExampleMaxPool() {
	x := Arange[float32](0, 16).Reshape(4, 4)
	o := PoolOptions{Kernel: [2]int{2, 2}}
	y := New[float32](PoolShape(nil, x.Shape(), o)...)
	MaxPool(y, x, o)
	fmt.Println(y)
	// Output:
	// [[ 5.  7.]
	//  [13. 15.]]
}

func ExamplePad() {
	x := Arange[float32](1, 3)
	for _, mode := range []PadMode{PadConstant, PadReflect, PadReplicate, PadCircular} {
		y := New[float32](PadShape(nil, x.Shape(), []int{2, 1})...)
		Pad(y, x, []int{2, 1}, mode, 9)
		fmt.Println(y)
	}
	// Output:
	// [9. 9. 1. 2. 3. 9.]
	// [3. 2. 1. 2. 3. 2.]
	// [1. 1. 1. 2. 3. 3.]
	// [2. 3. 1. 2. 3. 1.]
}

func ExampleResize() {
	x := FromSlice([]float32{0, 4}, 1, 2)
	o := ResizeOptions{Mode: Bilinear, Size: [2]int{1, 4}}
	y := New[float32](ResizeShape(nil, x.Shape(), o)...)
	Resize(y, x, o)
	fmt.Println(y)
	// Output: [[0. 1. 3. 4.]]
}
