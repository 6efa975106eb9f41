//go:build amd64 && !purego

package kernel

// dropoutF32AVX512 is Vector.Dropout; states are the first eight states of the stream.
//
//go:noescape
func dropoutF32AVX512(dst, x []float32, states *[8]uint64, d *Drop[float32])

func dropoutAVX512(dst, x []float32, d Drop[float32]) {
	var states [8]uint64
	for i := range states {
		states[i] = d.Key + (d.First/2+uint64(i)+1)*golden
	}
	dropoutF32AVX512(dst, x, &states, &d)
}
