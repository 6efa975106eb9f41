package kernel

import "math"

// gauss describes the function e^(-q*x*x/2), times a factor, at points a distance of gaussStep
// apart.
type gauss struct {
	q float64
	// at0 is the value at 0, ratio that half a step further on divided by it, and decay the ratio
	// of successive ratios.
	at0, ratio, decay double
}

// gaussStep is the distance of two points of normalPoints and erfPoints.
const gaussStep = 1. / 256

var (
	normalDensity = gauss{
		1, double{0.3989422804014327, -2.49232720227773e-17},
		double{0.9999980926531862, -1.15648176586434e-18}, double{0.9999961853100103, -9.251849715289835e-18},
	}
	erfSlope = gauss{
		2, double{1.1283791670955126, 1.533545961316588e-17},
		double{0.9999961853100103, -9.251849715289835e-18}, double{0.9999923706345725, 3.700757532611435e-17},
	}
)

// points calls f for j = 0, 1, ..., n-1 with the value at point j and the integral from there to
// point j+1, both with twice the usual precision.
func (g gauss) points(n int, f func(j int, value, integral double)) {
	const h = gaussStep
	for j := range n {
		value := g.at0
		g.half()
		// The integral is that of the Taylor series about the middle m, whose coefficients are
		// Hermite polynomials of m.
		m := (float64(j) + 0.5) * h
		y, k := g.q*m*m, g.q*h*h
		series := k * ((y-1)/24 + k*(((y-6)*y+3)/1920+k*((((y-15)*y+45)*y-15)/322560)))
		f(j, value, g.at0.mul(double{h, 0}).mul(double{1, 0}.add(double{series, 0})))
		g.half()
	}
}

// half moves on by half a step.
func (g *gauss) half() {
	g.at0 = g.at0.mul(g.ratio)
	g.ratio = g.ratio.mul(g.decay)
}

// normalEnd is where normalPoints ends.
const normalEnd = 8.5

// normalPoints holds 1-Phi(j/256) and the normal density, Phi'(j/256). It is computed when the
// program starts, in about 0.1 ms.
var normalPoints = makeNormalPoints()

func makeNormalPoints() (t [normalEnd/gaussStep + 1][2]float64) {
	var integrals [len(t)]double
	normalDensity.points(len(t), func(j int, value, integral double) {
		t[j][1], integrals[j] = value.hi, integral
	})
	tail := double{9.479534822203318e-18, 7.041129563898285e-34} // 1-Phi(8.5)
	for j := len(t) - 1; ; j-- {
		t[j][0] = tail.hi
		if j == 0 {
			return t
		}
		tail = tail.add(integrals[j-1])
	}
}

// gelu is x*Phi(x) within 2 ulp. For negative x the error function would cancel; so it is max(x,0)
// - t*Q(t) with t = |x| and Q = 1-Phi, which for t = a+d, a the nearest of normalPoints, is
//
//	Q(a) - d*Phi'(a) * (E(w) + d^2*F(w) + d^4*G(w)),  w = a*d,
//
// where E, F and G are the integrals of e^(-w*s) times 1, -s^2/2 and s^4/8 over s from 0 to 1: the
// expansion of e^(-w*s - (d*s)^2/2) in powers of d^2. The polynomials are Chebyshev interpolations
// on |w| <= 8.5/512.
func gelu(x float64) float64 {
	t := math.Abs(x)
	switch {
	case x < -normalEnd:
		return geluFar(x)
	case !(t <= normalEnd):
		return x
	}
	j := int(t/gaussStep + 0.5)
	a := float64(j) * gaussStep
	d := t - a
	w, z := a*d, d*d
	e := 1 + w*(geluE1+w*(geluE2+w*(geluE3+w*(geluE4+w*geluE5))))
	f := geluF0 + w*(geluF1+w*(geluF2+w*geluF3))
	g := geluG0 + w*geluG1
	p := normalPoints[j]
	return max(x, 0) - math.FMA(t, p[0], -t*(p[1]*(d*(e+z*(f+z*g)))))
}

const (
	geluE1 = -0.5000000000000000162
	geluE2 = 0.16666666665818872839
	geluE3 = -0.041666666665606925553
	geluE4 = 0.008333415361031056319
	geluE5 = -0.0013888991423422730877
	geluF0 = -0.16666666663840682672
	geluF1 = 0.12499999999505453738
	geluF2 = -0.050000820278573384765
	geluF3 = 0.013889032437401116311
	geluG0 = 0.025001230421157049667
	geluG1 = -0.020833692204943598568
)

// geluFar is gelu for x < -8.5: -e^(-x^2/2) times a polynomial in 1/x^2, a Chebyshev interpolation
// (relative error 6e-17) of the asymptotic series of Mills' ratio.
func geluFar(x float64) float64 {
	if x < -39 {
		return 0 // less than the least number
	}
	square := x * x
	rest := math.FMA(x, x, -square) // square + rest is the exact square
	s := 1 / square
	sum := 0.0
	for _, c := range geluFarSeries {
		sum = sum*s + c
	}
	// math.Exp would round once more: e^(-x^2/2) = 2^n*e^r.
	const ln2Hi, ln2Lo = 0x1.62e42feep-1, math.Ln2 - 0x1.62e42feep-1
	n := math.Round(square * (-0.5 / math.Ln2))
	r := -square/2 - n*ln2Hi - (n*ln2Lo + rest/2)
	return -math.Ldexp(sum+sum*math.Expm1(r), int(n))
}

// geluFarSeries lists the coefficients from the highest power to the lowest.
var geluFarSeries = [...]float64{
	-1020748570.7706167, 144457865.08232367, -11610503.009894932, 781359.4870919996, -53666.23377128551, 4145.466286003591,
	-376.9937503877523, 41.888919664608125, -5.984134168117683, 1.1968268411602299, -0.3989422804014052, 0.39894228040143265,
}
