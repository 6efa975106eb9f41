package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"elegans/tensor/internal/device"
	"elegans/tensor/internal/kernel"
)

// bound is how far a result may lie from that of the Go definition, which is computed in float64:
// so many units in the last place, or an absolute difference, whichever is more.
type bound struct{ ulp, abs float64 }

// row is what a test compares of a function: its parameters, and bounds for float32 and float64.
type row struct {
	a, b     float64
	f32, f64 bound
	// no subnormal arguments: Go's own logarithm takes those of float64 for 2^-1023 on amd64
	normal bool
}

// A value that overflows or underflows on the way is met with as an absolute difference: tiny32 is
// a few of the subnormal numbers of float32.
const tiny32, tiny64 = 1e-38, 1e-307

// mapRows bounds the functions of one variable.
var mapRows = map[kernel.Unary]row{
	kernel.Neg:         {},
	kernel.Abs:         {},
	kernel.Square:      {},
	kernel.Sqrt:        {},
	kernel.Rsqrt:       {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Reciprocal:  {},
	kernel.Exp:         {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Expm1:       {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Log:         {f32: bound{ulp: 2}, f64: bound{ulp: 2}, normal: true},
	kernel.Log1p:       {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Sin:         {f32: bound{ulp: 2}, f64: bound{ulp: 2, abs: 1e-16}},
	kernel.Cos:         {f32: bound{ulp: 2}, f64: bound{ulp: 2, abs: 1e-16}},
	kernel.Erf:         {f32: bound{abs: 3e-7}, f64: bound{ulp: 2}},
	kernel.Tanh:        {f32: bound{ulp: 2}, f64: bound{ulp: 3}},
	kernel.Sigmoid:     {f32: bound{ulp: 4}, f64: bound{ulp: 4}},
	kernel.ReLU:        {},
	kernel.Hardswish:   {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Hardsigmoid: {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.LeakyReLU:   {a: 0.01},
	kernel.ELU:         {a: 1.5, f32: bound{ulp: 3}, f64: bound{ulp: 3}},
	kernel.CELU:        {a: 1.5, f32: bound{ulp: 3}, f64: bound{ulp: 3}},
	kernel.SELU:        {f32: bound{ulp: 3}, f64: bound{ulp: 3}},
	kernel.SiLU:        {f32: bound{ulp: 4, abs: tiny32}, f64: bound{ulp: 4, abs: tiny64}},
	kernel.Mish:        {f32: bound{ulp: 6, abs: tiny32}, f64: bound{ulp: 6, abs: tiny64}},
	kernel.Softplus:    {a: 2, b: 20, f32: bound{ulp: 4}, f64: bound{ulp: 4}},
	kernel.Softsign:    {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.LogSigmoid:  {f32: bound{ulp: 4}, f64: bound{ulp: 4}},
	kernel.GELU:        {f32: bound{abs: 1e-6}, f64: bound{ulp: 6, abs: tiny64}},
	kernel.GELUTanh:    {f32: bound{abs: 1e-6}, f64: bound{ulp: 6, abs: 2e-16}},
	kernel.PowScalar:   {a: 2.5, f32: bound{ulp: 4}, f64: bound{ulp: 24}},
	kernel.Clamp:       {a: -1, b: 2},
	kernel.AddScalar:   {a: 1.5},
	kernel.MulScalar:   {a: 1.5},
}

// slopeRows bounds their derivatives.
var slopeRows = map[kernel.Unary]row{
	kernel.Neg:         {},
	kernel.Abs:         {},
	kernel.Square:      {},
	kernel.Sqrt:        {},
	kernel.Rsqrt:       {f32: bound{ulp: 3}, f64: bound{ulp: 3}},
	kernel.Reciprocal:  {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Exp:         {},
	kernel.Expm1:       {},
	kernel.Log:         {},
	kernel.Log1p:       {f32: bound{ulp: 2}, f64: bound{ulp: 2}},
	kernel.Sin:         {f32: bound{ulp: 2}, f64: bound{ulp: 2, abs: 1e-16}},
	kernel.Cos:         {f32: bound{ulp: 2}, f64: bound{ulp: 2, abs: 1e-16}},
	kernel.Erf:         {f32: bound{abs: 3e-7}, f64: bound{abs: 1e-15}},
	kernel.Tanh:        {f32: bound{abs: 2e-7}, f64: bound{abs: 3e-16}},
	kernel.Sigmoid:     {f32: bound{abs: 1e-7}, f64: bound{abs: 2e-16}},
	kernel.ReLU:        {},
	kernel.Hardswish:   {f32: bound{abs: 2e-7}, f64: bound{abs: 3e-16}},
	kernel.Hardsigmoid: {},
	kernel.LeakyReLU:   {a: 0.01},
	kernel.ELU:         {a: 1.5, f32: bound{abs: 3e-7}, f64: bound{abs: 5e-16}},
	kernel.CELU:        {a: 1.5, f32: bound{abs: 3e-7}, f64: bound{abs: 5e-16}},
	kernel.SELU:        {f32: bound{abs: 3e-7}, f64: bound{abs: 5e-16}},
	kernel.SiLU:        {f32: bound{abs: 2e-6}, f64: bound{abs: 2e-15}},
	kernel.Mish:        {f32: bound{abs: 2e-6}, f64: bound{abs: 2e-15}},
	kernel.Softplus:    {a: 2, b: 20, f32: bound{ulp: 4}, f64: bound{ulp: 4}},
	kernel.Softsign:    {f32: bound{ulp: 4, abs: tiny32}, f64: bound{ulp: 4, abs: tiny64}},
	kernel.LogSigmoid:  {f32: bound{ulp: 4}, f64: bound{ulp: 4}},
	kernel.GELU:        {f32: bound{abs: 1e-6}, f64: bound{abs: 2e-15}},
	kernel.GELUTanh:    {f32: bound{abs: 4e-6}, f64: bound{abs: 4e-15}},
	kernel.PowScalar:   {a: 2.5, f32: bound{ulp: 4}, f64: bound{ulp: 24}},
	kernel.Clamp:       {a: -1, b: 2},
	kernel.AddScalar:   {a: 1.5},
	kernel.MulScalar:   {a: 1.5},
}

// binaryRows bounds the functions of two variables. In float64 it is package math's power that is
// off: e^(y*ln x) with a rounded logarithm, hundreds of ulp where the product is large.
// The rounding of b-1 does the same to the derivative by the base in float32.
var binaryRows = map[kernel.Binary]row{
	kernel.Add:     {},
	kernel.Sub:     {},
	kernel.Mul:     {},
	kernel.Div:     {},
	kernel.Max:     {},
	kernel.Min:     {},
	kernel.Pow:     {f32: bound{ulp: 4}, f64: bound{ulp: 600}, normal: true},
	kernel.PowBase: {f32: bound{ulp: 120, abs: tiny32}, f64: bound{ulp: 600, abs: tiny64}, normal: true},
	kernel.PowExp:  {f32: bound{ulp: 6, abs: tiny32}, f64: bound{ulp: 600, abs: tiny64}, normal: true},
	kernel.Share:   {},
}

func isDouble[T kernel.Float]() bool { return unsafe.Sizeof(T(0)) == 8 }

// ulpOf is the distance from x to the next number of type T.
func ulpOf[T kernel.Float](x float64) float64 {
	x = math.Abs(x)
	if isDouble[T]() {
		return math.Nextafter(x, math.Inf(1)) - x
	}
	return math.Ldexp(1, math.Ilogb(max(x, 0x1p-126))-23)
}

// off returns how far got is from want in units of the larger of the two bounds, and 0 where
// both are NaN or the same number.
func off[T kernel.Float](got T, want float64, b bound) float64 {
	g, rounded := float64(got), float64(T(want))
	switch {
	case g == rounded || math.IsNaN(g) && math.IsNaN(want):
		return 0
	case math.IsNaN(g) != math.IsNaN(want), math.IsInf(g, 0), math.IsInf(rounded, 0), b == (bound{}):
		return math.Inf(1)
	}
	return math.Abs(g-want) / max(b.ulp*ulpOf[T](want), b.abs)
}

// points returns special numbers and random ones of every magnitude.
func points[T kernel.Float](seed uint64, normal bool) []T {
	least, tiny, huge := float64(math.SmallestNonzeroFloat32), 0x1p-126, float64(math.MaxFloat32)
	if isDouble[T]() {
		least, tiny, huge = math.SmallestNonzeroFloat64, 0x1p-1022, math.MaxFloat64
	}
	var x []T
	for _, v := range []float64{
		0, least, 3 * least, tiny / 2, tiny, 1e-20, 1e-10, 1e-4, 0.5, 1, 1.5, 2, 3, 6, 8.5, 10, 20, 40, 88, 89, 100, 104, 709, 710, 746,
		1e5, 1e10, 1e15, huge / 4, huge, math.Inf(1),
	} {
		if !normal || v == 0 || v >= tiny {
			x = append(x, T(v), T(math.Copysign(v, -1)))
		}
	}
	x = append(x, T(math.NaN()))
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 3000 {
		v := r.NormFloat64() * []float64{1, 4, 20}[i%3]
		if i%8 == 7 {
			v = math.Ldexp(r.NormFloat64(), r.IntN(160)-80)
		}
		x = append(x, T(v))
	}
	return x
}

// boundOf chooses the bound of a type.
func boundOf[T kernel.Float](r row) bound {
	if isDouble[T]() {
		return r.f64
	}
	return r.f32
}

// inDouble returns the numbers as float64.
func inDouble[T kernel.Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// ones returns n ones.
func ones[T kernel.Float](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// judge compares the results of a kernel set or the device with those of the definition.
func judge[T kernel.Float](t *testing.T, who string, got []T, want []float64, b bound, at func(i int) string) {
	t.Helper()
	worst, where := 0.0, -1
	for i, g := range got {
		if d := off(g, want[i], b); d > worst {
			worst, where = d, i
		}
	}
	if worst > 1 {
		t.Errorf("%s: at %s: %v, the definition says %v (%.3g ulp, %.3g; allowed %v ulp, %v)", who, at(where), got[where], want[where],
			math.Abs(float64(got[where])-want[where])/ulpOf[T](want[where]), math.Abs(float64(got[where])-want[where]), b.ulp, b.abs)
	} else if where >= 0 {
		t.Logf("%s: at %s: %.3g ulp, %.3g", who, at(where), math.Abs(float64(got[where])-want[where])/ulpOf[T](want[where]),
			math.Abs(float64(got[where])-want[where]))
	}
}

// TestMap compares the functions of one variable and their derivatives: the Go definition in
// float64, every kernel set of this processor, and the device.
func TestMap(t *testing.T) {
	open(t, Options{Staged: true})
	for op := range kernel.Unary(kernel.NumUnary) {
		t.Run(fmt.Sprint("float32/", op), func(t *testing.T) { testMap[float32](t, op) })
		t.Run(fmt.Sprint("float64/", op), func(t *testing.T) { testMap[float64](t, op) })
	}
}

func testMap[T kernel.Float](t *testing.T, op kernel.Unary) {
	value, ok := mapRows[op]
	slope, too := slopeRows[op]
	if !ok || !too {
		t.Fatalf("function %d has no row in mapRows or slopeRows", op)
	}
	x := points[T](uint64(op), value.normal)
	n := len(x)
	definition := kernel.Named[float64]("go")
	want := make([]float64, n)
	definition.Map[op](want, inDouble(x), float64(T(value.a)), float64(T(value.b)))
	// The derivative is that by the value which the forward pass has left.
	y := make([]T, n)
	for i := range y {
		y[i] = T(want[i])
	}
	wantSlope := make([]float64, n)
	definition.MapGrad[op](wantSlope, ones[float64](n), inDouble(x), inDouble(y), float64(T(slope.a)), float64(T(slope.b)), 0)
	at := func(i int) string { return fmt.Sprint(x[i]) }

	for _, name := range kernel.Names() {
		k := kernel.Named[T](name)
		got := make([]T, n)
		k.Map[op](got, x, T(value.a), T(value.b))
		judge(t, name, got, want, boundOf[T](value), at)
		k.MapGrad[op](got, ones[T](n), x, y, T(slope.a), T(slope.b), 0)
		judge(t, name+", derivative", got, wantSlope, boundOf[T](slope), at)
	}
	d, dst, none, number := device.Active(), make([]T, n), device.In[int](nil), device.Int(int(op))
	device.Launch[T](d, "map", "map", device.Each(n), device.Out(dst), device.In(x), none, device.Int(n), number,
		device.Num(T(value.a)), device.Num(T(value.b)))
	judge(t, "device", dst, want, boundOf[T](value), at)
	device.Launch[T](d, "map", "map_grad", device.Each(n), device.Out(dst), device.In(ones[T](n)), device.In(x), device.In(y), none,
		device.Int(n), number, device.Num(T(slope.a)), device.Num(T(slope.b)), device.Num(T(0)))
	judge(t, "device, derivative", dst, wantSlope, boundOf[T](slope), at)
}

// TestBinary compares the functions of two variables in the same way.
func TestBinary(t *testing.T) {
	open(t, Options{Staged: true})
	for op := range kernel.Binary(kernel.NumBinary) {
		t.Run(fmt.Sprint("float32/", op), func(t *testing.T) { testBinary[float32](t, op) })
		t.Run(fmt.Sprint("float64/", op), func(t *testing.T) { testBinary[float64](t, op) })
	}
}

func testBinary[T kernel.Float](t *testing.T, op kernel.Binary) {
	r, ok := binaryRows[op]
	if !ok {
		t.Fatalf("function %d has no row in binaryRows", op)
	}
	var a, b []T
	add := func(p, q T) {
		if less := float64(q) - 1; op == kernel.PowBase && p <= 0 && float64(T(less)) != less {
			return // rounded, b-1 may be odd where it was not, and the result have the other sign
		}
		a, b = append(a, p), append(b, q)
	}
	x, y := points[T](uint64(op), r.normal), points[T](uint64(op)+100, r.normal)
	for i, p := range x {
		add(p, y[i])
		const special = 60 // numbers that are not random
		for j := 0; i < special && j < special; j++ {
			add(p, y[j])
		}
	}
	n := len(a)
	want := make([]float64, n)
	kernel.Named[float64]("go").Binary[op](want, inDouble(a), inDouble(b))
	at := func(i int) string { return fmt.Sprint(a[i], " and ", b[i]) }
	for _, name := range kernel.Names() {
		got := make([]T, n)
		kernel.Named[T](name).Binary[op](got, a, b)
		judge(t, name, got, want, boundOf[T](r), at)
	}
	dst := make([]T, n)
	device.Launch[T](device.Active(), "map", "binary", device.Each(n), device.Out(dst), device.In(a), device.In(b), device.In[int](nil),
		device.Int(n), device.Int(int(op)))
	judge(t, "device", dst, want, boundOf[T](r), at)
}
