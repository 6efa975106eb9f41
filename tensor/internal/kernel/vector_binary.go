package kernel

// setBinaryGo fills the tables of functions of two variables: arithmetic with the loops below, the
// others from their scalar definitions.
func setBinaryGo[T Float](v *Vector[T]) {
	v.Binary = [NumBinary]func(dst, a, b []T){addGo[T], subGo[T], mulGo[T], divGo[T], binaryMaxGo[T], binaryMinGo[T]}
	v.BinaryVS = [NumBinary]func(dst, a []T, b T){addVSGo[T], subVSGo[T], mulVSGo[T], divVSGo[T], maxVSGo[T], minVSGo[T]}
	v.BinarySV = [NumBinary]func(dst []T, a T, b []T){addSVGo[T], subSVGo[T], mulSVGo[T], divSVGo[T], maxSVGo[T], minSVGo[T]}
	for op, f := range binaryDefinitions {
		if v.Binary[op] == nil {
			setBinaryOf(v, Binary(op), f)
		}
	}
}

// setBinaryOf makes the three kernels of a function from its scalar definition in float64.
func setBinaryOf[T Float](v *Vector[T], op Binary, f func(a, b float64) float64) {
	v.Binary[op] = func(dst, a, b []T) {
		for i, x := range a {
			dst[i] = T(f(float64(x), float64(b[i])))
		}
	}
	v.BinaryVS[op] = func(dst, a []T, b T) {
		for i, x := range a {
			dst[i] = T(f(float64(x), float64(b)))
		}
	}
	v.BinarySV[op] = func(dst []T, a T, b []T) {
		for i, y := range b {
			dst[i] = T(f(float64(a), float64(y)))
		}
	}
}

func addGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = x + y
	}
}

func addVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = x + y
	}
}

func addSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = x + y
	}
}

func subGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = x - y
	}
}

func subVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = x - y
	}
}

func subSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = x - y
	}
}

func mulGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = x * y
	}
}

func mulVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = x * y
	}
}

func mulSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = x * y
	}
}

func divGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = x / y
	}
}

func divVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = x / y
	}
}

func divSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = x / y
	}
}

func binaryMaxGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = max(x, y)
	}
}

func maxVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = max(x, y)
	}
}

func maxSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = max(x, y)
	}
}

func binaryMinGo[T Float](dst, a, b []T) {
	for i, x := range a {
		y := b[i]
		dst[i] = min(x, y)
	}
}

func minVSGo[T Float](dst, a []T, y T) {
	for i, x := range a {
		dst[i] = min(x, y)
	}
}

func minSVGo[T Float](dst []T, x T, b []T) {
	for i, y := range b {
		dst[i] = min(x, y)
	}
}
