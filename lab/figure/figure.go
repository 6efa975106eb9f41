package figure

import (
	_ "embed" // the style sheet
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

//go:embed style.html
var style string

// AddStyle adds the template "style" to those of a page: its style sheet. The template is given the
// Colour of the subject, as CSS returns it.
func AddStyle(t *template.Template) *template.Template { return template.Must(t.Parse(style)) }

// Colours is how many ColourOf tells apart.
const Colours = 5

// colours of the arms, told apart also without colour vision (after Okabe and Ito).
var colours = [Colours]color.NRGBA{
	{0, 114, 96, 255}, {213, 94, 0, 255}, {86, 130, 200, 255}, {70, 70, 82, 255}, {230, 159, 0, 255},
}

// Ink is the colour of text, and Grey that of the lines of an axis.
var (
	Ink  = color.NRGBA{43, 43, 51, 255}
	Grey = color.NRGBA{222, 217, 206, 255}
)

// Colour is one that plots and style sheets share.
type Colour color.NRGBA

// ColourOf returns the colour of the arm at a position.
func ColourOf(i int) Colour { return Colour(colours[i%Colours]) }

// CSS returns the colour for a style sheet.
func (c Colour) CSS() template.CSS {
	return template.CSS(fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
}

// Faint returns the colour with another opacity.
func (c Colour) Faint(opacity uint8) color.NRGBA { return color.NRGBA{c.R, c.G, c.B, opacity} }

// NewPlot returns an empty plot in the style of the report.
func NewPlot(x, y string) *plot.Plot {
	p := plot.New()
	sans := font.Font{Typeface: "Liberation", Variant: "Sans"}
	p.BackgroundColor = color.Transparent
	p.X.Label.Text, p.Y.Label.Text = x, y
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font = sans
		a.Label.TextStyle.Font.Size = 11
		a.Label.TextStyle.Color = Ink
		a.Tick.Label.Font = sans
		a.Tick.Label.Font.Size = 10
		a.Tick.Label.Color = Ink
		a.LineStyle.Color, a.Tick.LineStyle.Color = Grey, Grey
		a.Padding = 6
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color, grid.Horizontal.Width = Grey, 0.5
	p.Add(grid)
	return p
}

// SVG draws a plot as an element that takes the width of its place.
func SVG(p *plot.Plot, width, height vg.Length) template.HTML {
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
