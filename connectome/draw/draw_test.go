package draw_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/connectome/draw"
)

// picture draws a graph and checks that the result is well-formed XML without a number that is none
// and without anything fetched from elsewhere.
func picture(t *testing.T, g *connectome.Graph, o draw.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.SVG(t.Context(), &b, g, o); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || a.Name.Local == "href" {
					t.Fatalf("%s %s=%.80q", e.Name.Local, a.Name.Local, a.Value)
				}
			}
		}
	}
	return b.String()
}

func bare(n int) *connectome.Graph {
	neurons := make([]connectome.Neuron, n)
	var edges []connectome.Edge
	for i := range neurons {
		neurons[i] = connectome.Neuron{Name: fmt.Sprintf("<%d>", i), Role: connectome.Role(i % 4)}
		edges = append(edges, connectome.Edge{Pre: i, Post: (i + 1) % n, Weight: 1})
	}
	g, err := connectome.New("bare", neurons, edges)
	if err != nil {
		panic(err)
	}
	return g
}

func TestSVG(t *testing.T) {
	worm := connectome.Canonical()
	signed, positive := make([]float64, worm.Len()), make([]float64, worm.Len())
	for i := range signed {
		signed[i], positive[i] = math.Sin(float64(i)), float64(i)
	}
	for name, o := range map[string]draw.Options{
		"roles": {Title: "a <b> & c"}, "top": {View: draw.Top}, "true to scale": {Stretch: -1}, "stretched": {Stretch: 1}, "small": {Width: 200}, "bare": {NoEdges: true},
		"signed": {Values: signed, Unit: "activation"}, "positive": {Values: positive}, "constant": {Values: make([]float64, worm.Len())},
	} {
		svg := picture(t, worm, o)
		if n := strings.Count(svg, "<title>"); n != worm.Len() {
			t.Errorf("%s: %d neurons", name, n)
		}
		if again := picture(t, worm, o); again != svg {
			t.Errorf("%s: two runs differ", name)
		}
		if (o.Values == nil) != strings.Contains(svg, "sensory (98)") {
			t.Errorf("%s: wrong legend", name)
		}
	}
	for n := range 4 {
		picture(t, bare(n), draw.Options{})
	}
	one := bare(1)
	one.Neurons[0].HasSoma = true
	picture(t, one, draw.Options{})
}

// TestLayout: every neuron lies inside the picture, inside the body, and apart from the others;
// head is left of tail, dorsal above ventral.
func TestLayout(t *testing.T) {
	g := connectome.Canonical()
	at := func(name string) int {
		i, ok := g.Index(name)
		if !ok {
			t.Fatal(name)
		}
		return i
	}
	const width, radius = 1400., 7.
	for _, view := range []draw.View{draw.Side, draw.Top} {
		for _, stretch := range []float64{0, .5, 1} {
			p := draw.Layout(g, view, width, radius, stretch)
			closest := math.Inf(1)
			for i, a := range p.Points {
				if !(a.X > 0 && a.X < width && a.Y > 0 && a.Y < p.Height) || !inside(a, p.Outline) {
					t.Errorf("view %d, stretch %v: %s lies outside at %v", view, stretch, g.Neurons[i].Name, a)
				}
				for _, b := range p.Points[:i] {
					closest = math.Min(closest, math.Hypot(a.X-b.X, a.Y-b.Y))
				}
			}
			if closest < radius {
				t.Errorf("view %d, stretch %v: two neurons %.1f pixels apart", view, stretch, closest)
			}
			if p.Points[at("IL2DL")].X >= p.Points[at("PVCL")].X {
				t.Error("head is right of tail")
			}
			for k := 1; k < len(p.Ticks); k++ {
				if p.Ticks[k].X <= p.Ticks[k-1].X || p.Ticks[k].Micrometres <= p.Ticks[k-1].Micrometres {
					t.Errorf("ticks %v", p.Ticks)
				}
			}
			switch view {
			case draw.Side:
				if p.Points[at("RID")].Y >= p.Points[at("VD05")].Y {
					t.Error("dorsal is below ventral")
				}
			case draw.Top:
				if p.Points[at("ALML")].Y <= p.Points[at("ALMR")].Y {
					t.Error("left is above right")
				}
			}
		}
	}
}

// inside reports whether a point lies in a closed polygon: a ray to the right crosses its boundary
// an odd number of times.
func inside(p draw.Point, polygon []draw.Point) bool {
	in := false
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			in = !in
		}
	}
	return in
}

func TestRefusals(t *testing.T) {
	g := bare(3)
	for _, o := range []draw.Options{
		{Values: []float64{1}}, {Values: []float64{1, 2, math.NaN()}}, {Values: []float64{1, 2, math.Inf(1)}}, {Width: 10}, {Width: 1 << 20}, {Stretch: 2}, {Stretch: math.NaN()},
	} {
		if err := draw.SVG(t.Context(), io.Discard, g, o); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, v := range []float64{math.MaxFloat64, -math.MaxFloat64} { // the scale must not overflow
		picture(t, g, draw.Options{Values: []float64{0, 1, v}})
	}
}

func ExampleSVG() {
	var picture bytes.Buffer
	err := draw.SVG(context.Background(), &picture, connectome.Canonical(), draw.Options{Title: "C. elegans"})
	fmt.Println(err, strings.Count(picture.String(), "<circle"), "discs")
	// Output: <nil> 282 discs
}

// TestStops: a picture ends with its context, with and without edges and places.
func TestStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, g := range []*connectome.Graph{connectome.Canonical(), ring(t)} {
		if err := draw.SVG(ctx, io.Discard, g, draw.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%d neurons: %v", g.Len(), err)
		}
	}
}

// TestFarPlaces: places of another scale than a worm's have few ticks.
func TestFarPlaces(t *testing.T) {
	for _, far := range []float64{1e6, 1e9, 1e18, 1e300} {
		g, err := connectome.New("far", []connectome.Neuron{
			{Name: "a", HasSoma: true}, {Name: "b", HasSoma: true, Soma: connectome.Position{X: far / 7, Y: far, Z: 1}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p := draw.Layout(g, draw.Side, 1400, 7, .5); len(p.Ticks) > 1000 {
			t.Errorf("%d ticks for places up to %g", len(p.Ticks), far)
		}
	}
}

// ring returns a graph without places.
func ring(t *testing.T) *connectome.Graph {
	t.Helper()
	g, err := connectome.New("ring", []connectome.Neuron{{Name: "a"}, {Name: "b"}},
		[]connectome.Edge{{Pre: 0, Post: 1, Weight: 1}, {Pre: 1, Post: 0, Weight: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
