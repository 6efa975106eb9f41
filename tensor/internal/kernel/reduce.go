package kernel

// AddTo computes dst[i] += src[i]. len(src) >= len(dst).
func AddTo[T Float](dst, src []T) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] += v
	}
}
