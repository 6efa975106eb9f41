package elem

import (
	"math"
	"testing"
)

func TestHalfAllValues(t *testing.T) {
	for h := range 1 << 16 {
		got := float64(half(uint16(h)))
		sign, exp, frac := 1.0, h>>10&31, float64(h&1023)
		if h>>15 == 1 {
			sign = -1
		}
		want := sign * math.Ldexp(1+frac/1024, exp-15)
		switch {
		case exp == 0:
			want = sign * math.Ldexp(frac, -24)
		case exp == 31 && frac == 0:
			want = math.Inf(int(sign))
		case exp == 31:
			if !math.IsNaN(got) {
				t.Fatalf("%#04x: %v, want NaN", h, got)
			}
			continue
		}
		if got != want || math.Signbit(got) != math.Signbit(want) {
			t.Fatalf("%#04x: %v, want %v", h, got, want)
		}
	}
}

func TestFloatsAndInts(t *testing.T) {
	ff := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for _, c := range []struct {
		k     Kind
		float float64
		int   int64
	}{{U8, 255, 255}, {I8, -1, -1}, {U16, 65535, 65535}, {I16, -1, -1}, {U32, 1<<32 - 1, 1<<32 - 1}, {I32, -1, -1}, {I64, -1, -1}, {U64, 0x1p64, -1}} {
		var f [1]float64
		var i [1]int64
		Floats(f[:], ff, c.k)
		bad := Ints(i[:], ff, c.k)
		if f[0] != c.float || i[0] != c.int || (bad == 0) != (c.k == U64) {
			t.Errorf("kind %d: %v, %d, %d; want %v, %d", c.k, f[0], i[0], bad, c.float, c.int)
		}
	}
	var f [2]float32
	Floats(f[:], []byte{0x80, 0x3f, 0x20, 0xc0}, BF16)
	if f != [2]float32{1, -2.5} {
		t.Errorf("BF16: %v", f)
	}
	v := []float64{1, math.Pi, math.Inf(-1), 5e-324}
	back := make([]float64, len(v))
	b := AppendFloats(nil, v)
	Swap(b, 8)
	Swap(b, 8)
	Floats(back, b, F64)
	for i := range v {
		if back[i] != v[i] {
			t.Errorf("F64 round trip: %v, want %v", back[i], v[i])
		}
	}
}

func TestCount(t *testing.T) {
	for _, c := range []struct {
		shape []int
		n     int64
		ok    bool
	}{{nil, 4, true}, {[]int{3, 5}, 60, true}, {[]int{1 << 30, 1 << 30, 1 << 30, 1 << 30}, 0, false}, {[]int{0, math.MaxInt, math.MaxInt}, 0, true}, {[]int{-1}, 0, false}, {[]int{26}, 0, false}} {
		if n, ok := Count(c.shape, 4, 100); n != c.n || ok != c.ok {
			t.Errorf("Count(%v) = %d, %v; want %d, %v", c.shape, n, ok, c.n, c.ok)
		}
	}
}
