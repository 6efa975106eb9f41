package report

import (
	"fmt"
	"html/template"
	"image/color"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// colours of the arms, told apart also without colour vision (after Okabe and Ito).
var colours = []color.NRGBA{
	{0, 114, 96, 255}, {213, 94, 0, 255}, {86, 130, 200, 255}, {70, 70, 82, 255}, {230, 159, 0, 255},
}

var (
	ink  = color.NRGBA{43, 43, 51, 255}
	grey = color.NRGBA{222, 217, 206, 255}
)

// colour is one that plots and style sheets share.
type colour color.NRGBA

// colourOf returns the colour of the arm at a position.
func colourOf(i int) colour { return colour(colours[i%len(colours)]) }

func (c colour) css() template.CSS {
	return template.CSS(fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
}

// faint returns the colour with another opacity.
func (c colour) faint(opacity uint8) color.NRGBA { return color.NRGBA{c.R, c.G, c.B, opacity} }

// newPlot returns an empty plot in the style of the report.
func newPlot(x, y string) *plot.Plot {
	p := plot.New()
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	p.BackgroundColor = color.Transparent
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font = sans
		a.Label.TextStyle.Font.Size = 11
		a.Label.TextStyle.Color = ink
		a.Tick.Label.Font = sans
		a.Tick.Label.Font.Size = 10
		a.Tick.Label.Color = ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = grey, grey
		a.Padding = 6
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color, grid.Horizontal.Width = grey, 0.5
	p.Add(grid)
	return p
}

// svg draws a plot as an element that takes the width of its place.
func svg(p *plot.Plot, width, height vg.Length) template.HTML {
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil { // a strings.Builder takes everything
		panic(err)
	}
	s := b.String()
	s = s[strings.Index(s, "<svg"):]
	s = sizes.ReplaceAllString(s, "<svg")
	s = families.ReplaceAllString(s, "font-family:inherit")
	return template.HTML(s)
}

var (
	sizes    = regexp.MustCompile(`^<svg width="[^"]*" height="[^"]*"`)
	families = regexp.MustCompile(`font-family:[^;"]*`)
)
