package draw

import (
	"math"

	"elegans/connectome"
)

// bodyRadius is half the thickness of an adult hermaphrodite in the middle, in micrometres.
const bodyRadius = 29

// profile returns the thickness of the drawn body at a share t of its length, from 0 at the head to
// 1 at the tail, relative to the middle.
func profile(t float64) float64 {
	knots := [...]struct{ t, thickness float64 }{{0, .5}, {.08, .6}, {.35, .95}, {.5, 1}, {.7, .95}, {.9, .5}, {1, .2}}
	for k := 1; k < len(knots); k++ {
		if a, b := knots[k-1], knots[k]; t <= b.t {
			f := .5 - .5*math.Cos(math.Pi*math.Max(0, t-a.t)/(b.t-a.t))
			return a.thickness*(1-f) + b.thickness*f
		}
	}
	return knots[len(knots)-1].thickness
}

// ventralCurve follows the ventral nerve cord, by which the side view straightens the body: the
// animal whose cells were measured lay in a bend.
type ventralCurve struct {
	first, step float64
	z           []float64
}

func newVentralCurve(g *connectome.Graph) *ventralCurve {
	first, last := math.Inf(1), math.Inf(-1)
	for i := range g.Neurons {
		first, last = math.Min(first, g.Neurons[i].Soma.Y), math.Max(last, g.Neurons[i].Soma.Y)
	}
	const stations = 120
	c := &ventralCurve{first: first, step: math.Max(last-first, 1) / stations, z: make([]float64, stations+1)}
	for k := range c.z {
		y := first + float64(k)*c.step
		lowest := math.Inf(1)
		for reach := 3 * c.step; math.IsInf(lowest, 1); reach *= 2 {
			for i := range g.Neurons {
				if s := g.Neurons[i].Soma; math.Abs(s.Y-y) <= reach {
					lowest = math.Min(lowest, s.Z)
				}
			}
		}
		c.z[k] = lowest
	}
	for range 8 {
		c.z = smooth(c.z)
	}
	return c
}

// at returns the height of the cord at a place on the long axis.
func (c *ventralCurve) at(y float64) float64 {
	t := math.Min(math.Max((y-c.first)/c.step, 0), float64(len(c.z)-1))
	k := min(int(t), len(c.z)-2)
	f := t - float64(k)
	return c.z[k]*(1-f) + c.z[k+1]*f
}
