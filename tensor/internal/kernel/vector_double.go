package kernel

import "math"

// double is the sum of two numbers, the second at most half a unit in the last place of the first.
type double struct{ hi, lo float64 }

func (a double) add(b double) double {
	s := a.hi + b.hi
	d := s - a.hi
	return normal(s, (a.hi-(s-d))+(b.hi-d)+(a.lo+b.lo))
}

func (a double) mul(b double) double {
	p := a.hi * b.hi
	return normal(p, math.FMA(a.hi, b.hi, -p)+(a.hi*b.lo+a.lo*b.hi))
}

func (a double) div(b double) double {
	q := a.hi / b.hi
	rest := a.add(b.mul(double{-q, 0}))
	return normal(q, (rest.hi+rest.lo)/b.hi)
}

func normal(hi, lo float64) double {
	s := hi + lo
	return double{s, lo - (s - hi)}
}
