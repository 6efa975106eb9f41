package crosscheck

import (
	"elegans/autograd"
	"elegans/tensor"
)

// opsImage registers convolution, pooling, resizing, padding and patches.
func opsImage[T tensor.Float](r registry[T]) {
	r.add("conv1d", func(c *Case[T]) {
		c.Out(c.Tape.Conv1d(c.Var("x"), c.Var("weight"), c.Opt("bias"), autograd.Conv1dOptions{
			Stride: c.AttrInt("stride", 1), Padding: c.AttrInt("padding", 0), Dilation: c.AttrInt("dilation", 1), Groups: c.AttrInt("groups", 1),
		}))
	})
	r.add("conv2d", func(c *Case[T]) {
		c.Out(c.Tape.Conv2d(c.Var("x"), c.Var("weight"), c.Opt("bias"), convOptions(&c.Attrs)))
	})
	r.add("conv_transpose2d", func(c *Case[T]) {
		c.Out(c.Tape.ConvTranspose2d(c.Var("x"), c.Var("weight"), c.Opt("bias"), convOptions(&c.Attrs)))
	})
	r.add("unfold", func(c *Case[T]) { c.Out(c.Tape.Unfold(c.Var("x"), c.Pair("kernel_size", 1), convOptions(&c.Attrs))) })

	r.add("max_pool1d", func(c *Case[T]) { c.Out(c.Tape.MaxPool1d(c.Var("x"), poolLines(&c.Attrs))) })
	r.add("avg_pool1d", func(c *Case[T]) { c.Out(c.Tape.AvgPool1d(c.Var("x"), poolLines(&c.Attrs))) })
	r.add("max_pool2d", func(c *Case[T]) { c.Out(c.Tape.MaxPool2d(c.Var("x"), poolPlanes(&c.Attrs))) })
	r.add("avg_pool2d", func(c *Case[T]) { c.Out(c.Tape.AvgPool2d(c.Var("x"), poolPlanes(&c.Attrs))) })
	r.add("adaptive_avg_pool1d", func(c *Case[T]) { c.Out(c.Tape.AdaptiveAvgPool1d(c.Var("x"), c.AttrInt("output_size", 1))) })
	r.add("adaptive_avg_pool2d", func(c *Case[T]) { c.Out(c.Tape.AdaptiveAvgPool2d(c.Var("x"), c.Pair("output_size", 1))) })

	r.add("upsample_nearest", func(c *Case[T]) { c.Out(c.Tape.Upsample(c.Var("x"), resizeOptions(&c.Attrs, tensor.Nearest))) })
	r.add("upsample_bilinear", func(c *Case[T]) {
		mode := tensor.Bilinear
		if c.Bool("align_corners", false) {
			mode = tensor.BilinearCorners
		}
		c.Out(c.Tape.Upsample(c.Var("x"), resizeOptions(&c.Attrs, mode)))
	})
	r.add("pixel_shuffle", func(c *Case[T]) { c.Out(c.Tape.PixelShuffle(c.Var("x"), c.AttrInt("upscale_factor", 1))) })
	r.add("pad", func(c *Case[T]) {
		modes := map[string]tensor.PadMode{
			"constant": tensor.PadConstant, "reflect": tensor.PadReflect, "replicate": tensor.PadReplicate, "circular": tensor.PadCircular,
		}
		mode := modes[c.Choice("mode", "constant", "reflect", "replicate", "circular")]
		c.Out(c.Tape.Pad(c.Var("x"), c.AttrInts("pad"), mode, c.Float("value", 0)))
	})
}

func convOptions(a *Attrs) tensor.ConvOptions {
	return tensor.ConvOptions{
		Stride: a.Pair("stride", 1), Padding: a.Pair("padding", 0), Dilation: a.Pair("dilation", 1), Groups: a.AttrInt("groups", 1),
		OutputPadding: a.Pair("output_padding", 0),
	}
}

func poolPlanes(a *Attrs) tensor.PoolOptions {
	return tensor.PoolOptions{
		Kernel: a.Pair("kernel_size", 1), Stride: a.Pair("stride", 0), Padding: a.Pair("padding", 0), Dilation: a.Pair("dilation", 1),
		CeilMode: a.Bool("ceil_mode", false), ExcludePadding: !a.Bool("count_include_pad", true),
	}
}

func poolLines(a *Attrs) autograd.Pool1dOptions {
	return autograd.Pool1dOptions{
		Kernel: a.AttrInt("kernel_size", 1), Stride: a.AttrInt("stride", 0), Padding: a.AttrInt("padding", 0), Dilation: a.AttrInt("dilation", 1),
		CeilMode: a.Bool("ceil_mode", false), ExcludePadding: !a.Bool("count_include_pad", true),
	}
}

func resizeOptions(a *Attrs, mode tensor.ResizeMode) tensor.ResizeOptions {
	o := tensor.ResizeOptions{Mode: mode}
	switch {
	case a.HasAttr("size"):
		o.Size = a.Pair("size", 0)
	case a.HasAttr("scale_factor"):
		if list, ok := a.get("scale_factor").([]any); ok && len(list) == 2 {
			for d, v := range list {
				if o.Scale[d], ok = v.(float64); !ok {
					a.wrong("scale_factor", "a number or two")
				}
			}
		} else {
			s := a.Float("scale_factor", 1)
			o.Scale = [2]float64{s, s}
		}
	}
	return o
}
