package draw

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"elegans/connectome"
	"elegans/connectome/internal/meter"
)

// Options of a picture. The zero value is usable: 1400 pixels wide, side view, colours by role.
type Options struct {
	Title string
	Width int // in pixels; 0 means 1400
	View  View
	// Stretch of the long axis, up to 1. Negative means none: true to scale. 0 means the default,
	// .55.
	Stretch float64
	Values  []float64 // one a neuron: colours by value instead of role
	Unit    string    // what the values are, for the legend
	NoEdges bool
}

const (
	defaultWidth   = 1400
	defaultStretch = .55
	ink            = "#2b2b33"
	paper          = "#fcfbf8"
	body           = "#f3ead9"
	bodyEdge       = "#d8c7a6"
	gapColour      = "#8a5fb0"
)

// Colour returns the colour of a role, as #rrggbb.
func Colour(r connectome.Role) string {
	switch r {
	case connectome.Sensory:
		return "#e69f00"
	case connectome.Motor:
		return "#c8386f"
	}
	return "#0072b2"
}

// SVG writes a picture of the graph: the body, the edges faintly (chemical ones in the colour of
// the sending role, gap junctions violet), a disc a neuron whose area grows with its number of
// edges and which shows its name when pointed at, and a legend. It ends with the error of the
// context soon after that is done.
func SVG(ctx context.Context, w io.Writer, g *connectome.Graph, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	if o.Width < 200 || o.Width > 20000 {
		return fmt.Errorf("draw: width %d, expected 200 to 20000", o.Width)
	}
	switch {
	case math.IsNaN(o.Stretch) || o.Stretch > 1:
		return fmt.Errorf("draw: stretch %v, expected at most 1", o.Stretch)
	case o.Stretch == 0:
		o.Stretch = defaultStretch
	case o.Stretch < 0:
		o.Stretch = 0
	}
	scale, err := newScale(o.Values, g.Len())
	if err != nil {
		return err
	}
	width := float64(o.Width)
	largest := width / 190
	p, err := layout(ctx, g, o.View, width, largest, o.Stretch)
	if err != nil {
		return err
	}
	top := width / 60
	if o.Title != "" {
		top = width / 30
	}
	font := width / 90
	foot := 4.6 * font
	height := top + p.Height + foot

	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" font-family=\"system-ui, sans-serif\" font-size=\"%.1f\" fill=\"%s\">\n",
		width, height, width, height, font, ink)
	fmt.Fprintf(b, "<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", paper)
	if o.Title != "" {
		fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" font-weight=\"600\">%s</text>\n",
			3*largest, .8*top, 1.5*font, escape(o.Title))
	}
	fmt.Fprintf(b, "<g transform=\"translate(0 %.1f)\">\n", top)
	if len(p.Outline) > 0 {
		fmt.Fprintf(b, "<path d=\"%s\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%.1f\"/>\n",
			closed(p.Outline), body, bodyEdge, width/900)
	}
	if !o.NoEdges {
		if err := edges(ctx, b, g, p, width, scale != nil); err != nil {
			return err
		}
	}
	discs(b, g, p, o.Values, scale, largest)
	ticks(b, p, o.View, font)
	fmt.Fprint(b, "</g>\n")
	legend(b, g, scale, o, 3*largest, height-1.1*font, font)
	fmt.Fprint(b, "</svg>\n")
	return b.Flush()
}

// edges draws one path a role and one for the gap junctions: thousands of separate elements would
// make the file several times larger. A pass over the edges for each path keeps none of them in
// memory.
func edges(ctx context.Context, b *bufio.Writer, g *connectome.Graph, p *Placement, width float64, muted bool) error {
	step := meter.Start(ctx, "drawing", "edges", 4*int64(len(g.Edges)))
	// fewer edges can be stronger
	opacity := math.Min(.6, .15*math.Sqrt(2700/float64(len(g.Edges)+1)))
	if muted {
		opacity /= 2
	}
	for k := range 4 { // gap, then sensory, inter, motor
		colour, bend := gapColour, 0.0
		if k > 0 {
			// The control point lies beside the middle, to the right of the direction, so that the
			// two arcs of a mutual pair part.
			colour, bend = Colour(connectome.Role(k)), .16
		}
		if muted {
			colour = "#777777"
		}
		begun := false
		for i := range g.Edges {
			e := &g.Edges[i]
			if i&4095 == 0 {
				if err := step.At(int64(k*len(g.Edges) + i)); err != nil {
					return err
				}
			}
			own := 0
			if e.Layer == connectome.Chemical {
				own = int(g.RoleOf(e.Pre))
			}
			if own != k || e.Pre == e.Post {
				continue
			}
			if !begun {
				b.WriteString("<path d=\"")
				begun = true
			}
			a, c := p.Points[e.Pre], p.Points[e.Post]
			x, y := (a.X+c.X)/2-bend*(c.Y-a.Y), (a.Y+c.Y)/2+bend*(c.X-a.X)*sideways(a, c, width)
			if _, err := fmt.Fprintf(b, "M%.1f %.1fQ%.1f %.1f %.1f %.1f", a.X, a.Y, x, y, c.X, c.Y); err != nil {
				return err
			}
		}
		if begun {
			fmt.Fprintf(b, "\" fill=\"none\" stroke=\"%s\" stroke-opacity=\"%.2f\" stroke-width=\"%.2f\"/>\n",
				colour, opacity, width/2600)
		}
	}
	return nil
}

// sideways damps the bend of long edges, which would leave the body.
func sideways(a, c Point, width float64) float64 {
	return 1 / (1 + math.Abs(c.X-a.X)/(.08*width))
}

func discs(b *bufio.Writer, g *connectome.Graph, p *Placement, values []float64, scale *scale, largest float64) {
	degree := make([]int, g.Len())
	most := 1
	for _, e := range g.Edges {
		degree[e.Pre]++
		degree[e.Post]++
		most = max(most, degree[e.Pre], degree[e.Post])
	}
	fmt.Fprintf(b, "<g stroke=\"#ffffff\" stroke-width=\"%.2f\">\n", largest/9)
	for i, at := range p.Points {
		n := &g.Neurons[i]
		colour, hint := Colour(g.RoleOf(i)), n.Name+", "+n.Role.String()
		if n.Role == connectome.Unknown {
			hint = n.Name + ", no role recorded"
		}
		if len(n.Transmitters) > 0 {
			hint += ", " + strings.Join(n.Transmitters, " + ")
		}
		if scale != nil {
			colour = scale.colour(values[i])
			hint += fmt.Sprintf(": %.4g", values[i])
		}
		r := largest * (.42 + .58*math.Sqrt(float64(degree[i])/float64(most)))
		fmt.Fprintf(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.2f\" fill=\"%s\"><title>%s</title></circle>\n",
			at.X, at.Y, r, colour, escape(hint))
	}
	fmt.Fprint(b, "</g>\n")
}

func ticks(b *bufio.Writer, p *Placement, view View, font float64) {
	if len(p.Ticks) == 0 {
		return
	}
	y := p.Height + .4*font
	fmt.Fprintf(b, "<g fill=\"#8b8577\" stroke=\"none\" font-size=\"%.1f\" text-anchor=\"middle\">\n", .8*font)
	for _, t := range p.Ticks {
		fmt.Fprintf(b, "<rect x=\"%.1f\" y=\"%.1f\" width=\"1\" height=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\">%d</text>\n",
			t.X, y, .5*font, t.X, y+1.5*font, t.Micrometres)
	}
	up, down := "dorsal", "ventral"
	if view == Top {
		up, down = "right", "left"
	}
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\">\u00b5m</text>\n", p.Ticks[len(p.Ticks)-1].X+2.4*font, y+1.5*font)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s \u2191 \u00b7 %s \u2193 \u00b7 head \u2190 \u2192 tail</text>\n</g>\n",
		p.Width-2*font, .9*font, up, down)
}

func legend(b *bufio.Writer, g *connectome.Graph, scale *scale, o Options, x, y, font float64) {
	if scale != nil {
		scale.legend(b, o.Unit, x, y, font)
		return
	}
	for _, r := range connectome.Roles {
		label := fmt.Sprintf("%s (%d)",
			map[connectome.Role]string{connectome.Sensory: "sensory", connectome.Inter: "interneuron",
				connectome.Motor: "motor"}[r], len(g.WithRole(r)))
		fmt.Fprintf(b, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			x+.5*font, y-.35*font, .45*font, Colour(r), x+1.4*font, y, label)
		x += (3 + .6*float64(len(label))) * font
	}
	if o.NoEdges {
		return
	}
	chemical, _ := g.Count(connectome.Chemical)
	gap, loops := g.Count(connectome.Gap)
	for _, line := range []struct{ colour, label string }{
		{ink, fmt.Sprintf("%d chemical connections, coloured by sender", chemical)},
		{gapColour, fmt.Sprintf("%d gap junctions", gap-loops)},
	} {
		fmt.Fprintf(b, "<path d=\"M%.1f %.1fh%.1f\" stroke=\"%s\" stroke-opacity=\".6\" stroke-width=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			x, y-.35*font, 1.6*font, line.colour, .12*font, x+2.1*font, y, line.label)
		x += (4 + .55*float64(len(line.label))) * font
	}
}

func closed(points []Point) string {
	var s strings.Builder
	for i, p := range points {
		command := 'L'
		if i == 0 {
			command = 'M'
		}
		fmt.Fprintf(&s, "%c%.1f %.1f", command, p.X, p.Y)
	}
	return s.String() + "Z"
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}
