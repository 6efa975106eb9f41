package gradcheck

import (
	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

// convolution returns a row for a function of x, weight and bias.
func convolution(name string, f func(tp *tape, x, w, b *variable) *variable, x, w []int, bias int) row {
	shapes := [][]int{x, w}
	if bias > 0 {
		shapes = append(shapes, []int{bias})
	}
	return row{name: name, inputs: uniform(-1, 1, shapes...), f: func(tp *tape, in []*variable) []*variable {
		in = append(in[:len(in):len(in)], nil) // no bias
		return []*variable{f(tp, in[0], in[1], in[2])}
	}}
}

func conv2d(name string, o tensor.ConvOptions, x, w []int, bias int) row {
	return convolution(name, func(tp *tape, x, w, b *variable) *variable { return tp.Conv2d(x, w, b, o) }, x, w, bias)
}

func conv1d(name string, o autograd.Conv1dOptions, x, w []int, bias int) row {
	return convolution(name, func(tp *tape, x, w, b *variable) *variable { return tp.Conv1d(x, w, b, o) }, x, w, bias)
}

func convTranspose2d(name string, o tensor.ConvOptions, x, w []int, bias int) row {
	return convolution(name, func(tp *tape, x, w, b *variable) *variable { return tp.ConvTranspose2d(x, w, b, o) }, x, w, bias)
}

// image returns a row for a function of images without ties.
func image(name string, f func(tp *tape, x *variable) *variable, shape ...int) row {
	return row{name: name, f: unary(f), inputs: distinct(shape)}
}

func pair(a, b int) [2]int { return [2]int{a, b} }

func init() {
	type options = tensor.ConvOptions
	rows["Conv1d"] = []row{
		conv1d("plain", autograd.Conv1dOptions{}, []int{2, 3, 7}, []int{4, 3, 3}, 4),
		conv1d("stride, padding, dilation, groups", autograd.Conv1dOptions{Stride: 2, Padding: 2, Dilation: 2, Groups: 2}, []int{2, 4, 9}, []int{6, 2, 3}, 0),
	}
	rows["Conv2d"] = []row{
		conv2d("plain", options{}, []int{2, 3, 5, 4}, []int{4, 3, 3, 2}, 4),
		conv2d("no bias, more channels than outputs", options{Padding: pair(1, 1)}, []int{2, 4, 4, 5}, []int{2, 4, 3, 3}, 0),
		conv2d("stride and padding", options{Stride: pair(2, 2), Padding: pair(1, 1)}, []int{2, 2, 6, 5}, []int{3, 2, 3, 3}, 3),
		conv2d("different in height and width", options{Stride: pair(2, 1), Padding: pair(0, 2), Dilation: pair(1, 2)}, []int{1, 2, 5, 5}, []int{3, 2, 2, 3}, 3),
		conv2d("groups", options{Groups: 2, Padding: pair(1, 1)}, []int{2, 4, 4, 4}, []int{6, 2, 3, 3}, 6),
		conv2d("depthwise", options{Groups: 3, Padding: pair(1, 1)}, []int{2, 3, 4, 4}, []int{6, 1, 3, 3}, 6),
		conv2d("patches", options{Stride: pair(2, 2)}, []int{2, 2, 4, 6}, []int{3, 2, 2, 2}, 3),
		conv2d("stride over the kernel", options{Stride: pair(3, 3)}, []int{2, 2, 7, 8}, []int{3, 2, 2, 2}, 3),
	}
	rows["ConvTranspose2d"] = []row{
		convTranspose2d("plain", options{}, []int{2, 3, 3, 4}, []int{3, 2, 3, 2}, 2),
		convTranspose2d("stride, padding, output padding", options{Stride: pair(2, 2), Padding: pair(1, 1), OutputPadding: pair(1, 1)}, []int{2, 3, 3, 3}, []int{3, 4, 3, 3}, 4),
		convTranspose2d("groups, dilation", options{Padding: pair(1, 1), Dilation: pair(2, 2), Groups: 2}, []int{1, 4, 3, 4}, []int{4, 3, 2, 2}, 0),
	}
	rows["Unfold"] = []row{image("stride, padding", func(tp *tape, x *variable) *variable {
		return tp.Unfold(x, pair(2, 3), options{Stride: pair(2, 2), Padding: pair(1, 1)})
	}, 2, 2, 4, 5)}

	type pool = tensor.PoolOptions
	for _, c := range []struct {
		name string
		o    pool
	}{
		{"halves", pool{Kernel: pair(2, 2)}},
		{"overlapping, padding", pool{Kernel: pair(3, 3), Stride: pair(2, 2), Padding: pair(1, 1)}},
		{"ceil mode", pool{Kernel: pair(2, 2), CeilMode: true}},
		{"padding excluded", pool{Kernel: pair(3, 2), Stride: pair(2, 2), Padding: pair(1, 1), ExcludePadding: true}},
	} {
		rows["MaxPool2d"] = append(rows["MaxPool2d"], image(c.name, func(tp *tape, x *variable) *variable { return tp.MaxPool2d(x, c.o) }, 2, 2, 5, 6))
		rows["AvgPool2d"] = append(rows["AvgPool2d"], image(c.name, func(tp *tape, x *variable) *variable { return tp.AvgPool2d(x, c.o) }, 2, 2, 5, 6))
	}
	rows["MaxPool2d"] = append(rows["MaxPool2d"], image("dilation", func(tp *tape, x *variable) *variable {
		return tp.MaxPool2d(x, pool{Kernel: pair(2, 2), Stride: pair(1, 1), Dilation: pair(2, 2)})
	}, 2, 4, 5), image("even planes", func(tp *tape, x *variable) *variable { return tp.MaxPool2d(x, pool{Kernel: pair(2, 2)}) }, 2, 2, 4, 6))
	lines := autograd.Pool1dOptions{Kernel: 3, Stride: 2, Padding: 1}
	rows["MaxPool1d"] = []row{image("padding", func(tp *tape, x *variable) *variable { return tp.MaxPool1d(x, lines) }, 2, 2, 7)}
	rows["AvgPool1d"] = []row{image("padding", func(tp *tape, x *variable) *variable { return tp.AvgPool1d(x, lines) }, 2, 2, 7)}
	rows["AdaptiveAvgPool1d"] = []row{image("uneven", func(tp *tape, x *variable) *variable { return tp.AdaptiveAvgPool1d(x, 3) }, 2, 7)}
	rows["AdaptiveAvgPool2d"] = []row{
		image("uneven", func(tp *tape, x *variable) *variable { return tp.AdaptiveAvgPool2d(x, pair(2, 3)) }, 2, 2, 5, 7),
		image("larger than the input", func(tp *tape, x *variable) *variable { return tp.AdaptiveAvgPool2d(x, pair(4, 4)) }, 2, 3, 2),
	}

	for name, mode := range map[string]tensor.ResizeMode{"nearest": tensor.Nearest, "bilinear": tensor.Bilinear, "bilinear, corners": tensor.BilinearCorners} {
		for size, o := range map[string]tensor.ResizeOptions{"larger": {Size: pair(7, 8)}, "smaller": {Size: pair(3, 2)}, "scale": {Scale: [2]float64{2, 1.5}}} {
			o.Mode = mode
			rows["Upsample"] = append(rows["Upsample"], image(name+", "+size, func(tp *tape, x *variable) *variable { return tp.Upsample(x, o) }, 2, 4, 5))
		}
	}
	rows["PixelShuffle"] = []row{image("by 2", func(tp *tape, x *variable) *variable { return tp.PixelShuffle(x, 2) }, 2, 8, 2, 3)}
	for name, mode := range map[string]tensor.PadMode{"constant": tensor.PadConstant, "reflect": tensor.PadReflect, "replicate": tensor.PadReplicate, "circular": tensor.PadCircular} {
		rows["Pad"] = append(rows["Pad"],
			image(name, func(tp *tape, x *variable) *variable { return tp.Pad(x, []int{1, 2, 2, 1}, mode, 1.5) }, 2, 3, 4),
			image(name+", removing", func(tp *tape, x *variable) *variable { return tp.Pad(x, []int{-1, 2}, mode, 0) }, 2, 3, 4))
	}

	k := tensor.NewKey(2, "image layers")
	rows["nn.Conv1d"] = []row{layer("bias", nn.NewConv1d[float64](k, 2, 3, 3, true, autograd.Conv1dOptions{Padding: 1}), 2, 2, 5)}
	rows["nn.Conv2d"] = []row{
		layer("bias", nn.NewConv2d[float64](k, 2, 3, pair(3, 2), true, options{Padding: pair(1, 0)}), 2, 2, 4, 4),
		layer("no bias", nn.NewConv2d[float64](k, 2, 4, pair(2, 2), false, options{Groups: 2}), 2, 2, 4, 4),
	}
	rows["nn.UpsampleConv2d"] = []row{
		layer("padding", nn.NewUpsampleConv2d(nn.NewConv2d[float64](k, 2, 3, pair(3, 3), true, options{Padding: pair(1, 1)})), 2, 2, 3, 2),
		layer("no padding", nn.NewUpsampleConv2d(nn.NewConv2d[float64](k, 2, 3, pair(3, 3), false, options{})), 2, 2, 2, 3),
	}
	rows["nn.ConvTranspose2d"] = []row{layer("stride 2", nn.NewConvTranspose2d[float64](k, 2, 3, pair(2, 2), true, options{Stride: pair(2, 2)}), 2, 2, 3, 3)}
}
