package draw

import (
	"cmp"
	"context"
	"math"
	"slices"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
)

// Point is a place in a picture: X to the right, Y down, in pixels.
type Point struct{ X, Y float64 }

// View says from where the worm is seen.
type View uint8

const (
	// Side shows the antero-posterior axis to the right and the dorsal side up.
	Side View = iota
	// Top shows the antero-posterior axis to the right and the worm's left side down.
	Top
)

// Placement says where everything is.
type Placement struct {
	Points  []Point // one a neuron
	Width   float64
	Height  float64
	Outline []Point // closed outline of the body; none on a circle
	Ticks   []Tick  // along the body; none on a circle
}

// Tick marks a place on the long axis.
type Tick struct {
	X           float64
	Micrometres int
}

// Layout places every neuron in a picture of the given width. radius is that of the largest disc;
// discs of that size are pushed apart. With stretch 0 the long axis is true to scale, with 1 every
// neuron gets the same share of it. If a neuron has no soma position all are placed on a circle.
func Layout(g *connectome.Graph, view View, width, radius, stretch float64) *Placement {
	p, _ := layout(context.Background(), g, view, width, radius, stretch)
	return p
}

func layout(ctx context.Context, g *connectome.Graph, view View, width, radius, stretch float64) (*Placement, error) {
	for i := range g.Neurons {
		if !g.Neurons[i].HasSoma {
			return circle(g, width, radius), nil
		}
	}
	if g.Len() == 0 {
		return circle(g, width, radius), nil
	}
	step := meter.Start(ctx, "placing", "neurons", int64(g.Len()))
	p := &Placement{Points: make([]Point, g.Len()), Width: width}
	axis := newAxis(g, 7*radius, width-16*radius, stretch)
	// Across the body the scale is that of the true long axis, twice: a worm is ten times longer
	// than thick.
	across := 2 * (width - 23*radius) / math.Max(1, axis.last-axis.first)
	ventral := newVentralCurve(g)
	for i := range g.Neurons {
		if err := step.Add(1); err != nil {
			return nil, err
		}
		s := g.Neurons[i].Soma
		p.Points[i].X = axis.place(s.Y)
		if view == Top {
			p.Points[i].Y = s.X * across
		} else {
			p.Points[i].Y = across * (bodyRadius*profile(p.Points[i].X/width) - (s.Z - ventral.at(s.Y)))
		}
	}
	separate(p.Points, 1.7*radius, 5*radius, width-15*radius)
	p.Outline = outline(p.Points, width, radius, across)
	low, high := extent(p.Outline)
	shift := 3*radius - low
	for _, points := range [][]Point{p.Points, p.Outline} {
		for i := range points {
			points[i].Y += shift
		}
	}
	p.Height = high - low + 6*radius
	every := 50.0 // micrometres; more where the places are not those of a worm
	for axis.last-axis.first > 1000*every && every < 1e12 {
		every *= 10
	}
	for k := math.Ceil(axis.first / every); k*every <= math.Min(axis.last, 1e15) && len(p.Ticks) < 1000; k++ {
		um := int(k * every)
		x := axis.place(float64(um))
		if n := len(p.Ticks); n == 0 || x-p.Ticks[n-1].X > 5*radius {
			p.Ticks = append(p.Ticks, Tick{x, um})
		}
	}
	return p, ctx.Err()
}

// longAxis maps micrometres to pixels: a mixture of a linear scale and the share of neurons that
// lie further forward.
type longAxis struct {
	sorted      []float64
	first, last float64
	left, right float64
	stretch     float64
	low, high   float64 // crowd of the ends
}

func newAxis(g *connectome.Graph, left, right, stretch float64) *longAxis {
	a := &longAxis{left: left, right: right, stretch: stretch}
	for i := range g.Neurons {
		a.sorted = append(a.sorted, g.Neurons[i].Soma.Y)
	}
	slices.Sort(a.sorted)
	a.first, a.last = a.sorted[0], a.sorted[len(a.sorted)-1]
	a.low, a.high = a.crowd(a.first), a.crowd(a.last)
	return a
}

// blur is half the length, in micrometres, over which the step function of the share is smoothed,
// so that a crowded place is widened and not torn.
const blur = 40

// crowd counts the neurons that lie further forward than y, those within blur of it in part.
func (a *longAxis) crowd(y float64) float64 {
	first, _ := slices.BinarySearch(a.sorted, y-blur)
	sum := float64(first)
	for _, v := range a.sorted[first:] {
		if v > y+blur {
			break
		}
		sum += smoothStep((y - v) / blur)
	}
	return sum
}

func (a *longAxis) place(y float64) float64 {
	linear, share := .5, .5
	if a.last > a.first {
		linear = (y - a.first) / (a.last - a.first)
		share = (a.crowd(y) - a.low) / (a.high - a.low)
	}
	return a.left + (a.right-a.left)*((1-a.stretch)*linear+a.stretch*share)
}

// smoothStep rises from 0 at -1 to 1 at 1.
func smoothStep(t float64) float64 {
	t = math.Min(1, math.Max(-1, t))
	return .5 + t*(3-t*t)/4
}

// separate pushes points apart until neighbours are about a distance d from each other, between
// left and right. Points on the same spot go apart in a direction given by their index.
func separate(points []Point, d, left, right float64) {
	const rounds = 80
	if len(points) > 4000 { // all pairs would take minutes
		return
	}
	for range rounds {
		for i := range points {
			for j := range i {
				dx, dy := points[i].X-points[j].X, points[i].Y-points[j].Y
				dist := math.Hypot(dx, dy)
				if dist >= d {
					continue
				}
				gap := d - dist
				if dist == 0 {
					dx, dy, dist = math.Cos(float64(i)), math.Sin(float64(i)), 1
				}
				push := .25 * gap / dist
				points[i].X += push * dx
				points[i].Y += push * dy
				points[j].X -= push * dx
				points[j].Y -= push * dy
			}
		}
		for i := range points {
			points[i].X = math.Min(math.Max(points[i].X, left), right)
		}
	}
}

// outline returns the body around the points: the profile of a worm, symmetric about the long axis,
// made wider where neurons would lie outside.
func outline(points []Point, width, radius, across float64) []Point {
	const stations = 400
	first, last := width, 0.0
	for _, p := range points {
		first, last = math.Min(first, p.X), math.Max(last, p.X)
	}
	first, last = math.Min(first, 7*radius)-4*radius, math.Max(last, width-16*radius)+13*radius
	place := func(k int) float64 { return first + (last-first)*float64(k)/stations }
	half := make([]float64, stations+1)
	for k := range half {
		half[k] = across * bodyRadius * profile(float64(k)/stations)
		for _, p := range points {
			if math.Abs(p.X-place(k)) <= width/25 {
				half[k] = math.Max(half[k], math.Abs(p.Y))
			}
		}
	}
	for range 250 {
		half = smooth(half)
	}
	var out []Point
	for k := range half { // a round head, a pointed tail
		t := float64(k) / stations
		half[k] += 2 * radius
		if t < .05 {
			half[k] *= ellipse(1 - t/.05)
		} else if t > .9 {
			u := (t - .9) / .1
			half[k] *= 1 - u*u
		}
		out = append(out, Point{place(k), -half[k]})
	}
	for k := stations; k >= 0; k-- {
		out = append(out, Point{place(k), half[k]})
	}
	return out
}

// ellipse returns the height of the unit circle at x.
func ellipse(x float64) float64 { return math.Sqrt(math.Max(0, 1-x*x)) }

func smooth(v []float64) []float64 {
	out := slices.Clone(v)
	for k := range v {
		out[k] = (v[max(k-1, 0)] + 2*v[k] + v[min(k+1, len(v)-1)]) / 4
	}
	return out
}

func extent(points []Point) (low, high float64) {
	low, high = points[0].Y, points[0].Y
	for _, p := range points {
		low, high = math.Min(low, p.Y), math.Max(high, p.Y)
	}
	return low, high
}

// circle places the neurons on a circle, sensory ones first, then inter and motor neurons.
func circle(g *connectome.Graph, width, radius float64) *Placement {
	p := &Placement{Points: make([]Point, g.Len()), Width: width, Height: width / 2}
	order := make([]int, g.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.RoleOf(a), g.RoleOf(b)) })
	r := p.Height/2 - 3*radius
	for k, i := range order {
		angle := 2*math.Pi*float64(k)/float64(g.Len()) + math.Pi
		p.Points[i] = Point{width/2 + r*math.Cos(angle), p.Height/2 + r*math.Sin(angle)}
	}
	return p
}
