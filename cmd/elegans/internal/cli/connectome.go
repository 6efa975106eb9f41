package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"elegans/connectome"
	"elegans/connectome/draw"
	"elegans/connectome/measure"
	"elegans/data/atomicfile"
	"elegans/internal/quote"
	"elegans/lab/zoo"
)

type connectomeCmd struct {
	Info    connectomeInfoCmd    `cmd:"" help:"Show the measures of a connectome and the defects of its file."`
	Convert connectomeConvertCmd `cmd:"" help:"Convert a connectome to another file format, or write a control made from it."`
	Draw    connectomeDrawCmd    `cmd:"" help:"Draw a connectome as SVG."`
}

// graphHelp and graphOutHelp say where a graph may come from and go to.
var (
	graphHelp = fmt.Sprintf("%q, %q, %q, or a file (%s).", connectome.NameCanonical, connectome.NameCook,
		connectome.NameShipped, strings.Join(connectome.ReadExtensions(), ", "))
	graphOutHelp = fmt.Sprintf("File to write (%s).", strings.Join(connectome.WriteExtensions(), ", "))
)

// loadGraph reads a graph, or makes a control of it, and reports defects.
func loadGraph(env *environment, name, control string, seed uint64) (*connectome.Graph, []connectome.Defect, error) {
	ctx, done := observed(env)
	defer done()
	if control != "none" && !slices.Contains(zoo.Controls(), control) {
		// before a large file is read
		return nil, nil, badf("control %s: unknown, expected one of %s", quote.Text(control),
			strings.Join(zoo.Controls(), ", "))
	}
	g, defects, err := connectome.Load(ctx, name)
	if err != nil {
		return nil, nil, bad(err)
	}
	done()
	for _, d := range defects {
		fmt.Fprintf(env.stderr, "%s: %s\n", quote.Name(name), quote.Line(d.String()))
	}
	g, err = zoo.Control(control).Make(ctx, g, seed)
	return g, defects, bad(err)
}

type connectomeInfoCmd struct {
	Graph   string `arg:"" optional:"" default:"canonical" help:"${graphHelp}"`
	Control string `help:"Show a control made from it: ${controls}." default:"none" placeholder:"KIND"`
	Seed    uint64 `help:"Seed of the control." default:"1"`
	Quick   bool   `help:"Leave out the measures whose cost grows faster than the graph, and name them."`
	JSON    bool   `name:"json" help:"Print as a JSON object."`
}

func (connectomeInfoCmd) Help() string {
	return `Examples:
  elegans connectome info
  elegans connectome info --control rewired --seed 3
  elegans connectome info worm.graphml --json
  elegans connectome info flywire.csv --quick`
}

// Run implements the command.
func (c *connectomeInfoCmd) Run(env *environment) error {
	g, defects, err := loadGraph(env, c.Graph, c.Control, c.Seed)
	if err != nil {
		return err
	}
	if work := measure.Work(g); work > slowWork && !c.Quick {
		fmt.Fprintf(env.stderr,
			"the measures take about %.2g steps on this graph; --quick leaves out the slow ones\n", work)
	}
	ctx, done := observed(env)
	s, err := measure.Summarize(ctx, g, measure.Options{Quick: c.Quick})
	done()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(env.stdout).Encode(struct {
			*measure.Summary
			Defects []connectome.Defect `json:"defects"`
		}{s, defects})
	}
	writeSummary(env.stdout, s)
	return nil
}

// slowWork is from where on a user is told that --quick exists: some ten seconds.
const slowWork = 3e9

// writeSummary prints the measures as a table with one column a projection.
func writeSummary(w io.Writer, s *measure.Summary) {
	fmt.Fprintf(w, "%s: %d neurons (%d sensory, %d inter, %d motor; %d without a recorded role)\n",
		quote.Name(s.Name), s.Neurons, s.Roles["sensory"], s.Roles["inter"], s.Roles["motor"], s.NoRole)
	fmt.Fprintf(w, "%.0f chemical synapses (%d loops), %.0f gap junctions (%d loops), %d pairs with both\n",
		s.Synapses, s.ChemicalLoops, s.Junctions, s.GapLoops, s.ParallelPairs)
	if s.SpectralRadius != nil {
		fmt.Fprintf(w, "spectral radius of the weights %.4f\n", *s.SpectralRadius)
	}
	if s.TwoHopPaths != nil {
		fmt.Fprintf(w, "%d shortest paths of two hops, %.1f %% of them between neurons of one role\n",
			*s.TwoHopPaths, 100**s.TwoHopHomophily)
	}
	if s.LeftOut != nil {
		fmt.Fprintf(w, "left out: %s\n", strings.Join(s.LeftOut, ", "))
	}
	fmt.Fprintln(w)
	columns := []string{"dir", "chem", "gap", "und"}
	for name := range s.Projections {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	fmt.Fprintf(w, "%-32s", "")
	for _, c := range columns {
		fmt.Fprintf(w, " %10s", c)
	}
	fmt.Fprintln(w)
	for _, row := range []struct {
		name string
		of   func(p measure.ProjectionSummary) string
	}{
		{"edges", func(p measure.ProjectionSummary) string { return fmt.Sprint(p.Edges) }},
		{"density", func(p measure.ProjectionSummary) string { return fmt.Sprintf("%.6f", p.Density) }},
		{"reciprocity", func(p measure.ProjectionSummary) string { return fmt.Sprintf("%.6f", p.Reciprocity) }},
		{"clustering", func(p measure.ProjectionSummary) string { return optional(p.Clustering, "%.6f") }},
		{"transitivity", func(p measure.ProjectionSummary) string { return optional(p.Transitivity, "%.6f") }},
		{"triangles", func(p measure.ProjectionSummary) string { return optional(p.Triangles, "%d") }},
		{"strong components (largest)", func(p measure.ProjectionSummary) string {
			return fmt.Sprintf("%d (%d)", p.Strong, p.LargestStrong)
		}},
		{"weak components (largest)", func(p measure.ProjectionSummary) string {
			return fmt.Sprintf("%d (%d)", p.Weak, p.LargestWeak)
		}},
		{"mean shortest path", func(p measure.ProjectionSummary) string {
			if p.Paths == nil {
				return "-"
			}
			return fmt.Sprintf("%.6f", p.Paths.Mean)
		}},
		{"diameter", func(p measure.ProjectionSummary) string {
			if p.Paths == nil {
				return "-"
			}
			return fmt.Sprint(p.Paths.Diameter)
		}},
		{"mean in-degree (largest)", func(p measure.ProjectionSummary) string {
			return fmt.Sprintf("%.2f (%d)", p.InDegree.Mean, p.InDegree.Max)
		}},
		{"mean out-degree (largest)", func(p measure.ProjectionSummary) string {
			return fmt.Sprintf("%.2f (%d)", p.OutDegree.Mean, p.OutDegree.Max)
		}},
		{"degree assortativity", func(p measure.ProjectionSummary) string { return fmt.Sprintf("%.6f", p.DegreeAssortativity) }},
		{"role assortativity", func(p measure.ProjectionSummary) string { return fmt.Sprintf("%.6f", p.RoleAssortativity) }},
		{"homophily", func(p measure.ProjectionSummary) string { return fmt.Sprintf("%.6f", p.Homophily) }},
	} {
		fmt.Fprintf(w, "%-32s", row.name)
		for _, c := range columns {
			fmt.Fprintf(w, " %10s", row.of(s.Projections[c]))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "\ndir: chemical arcs and gap junctions in both directions; chem: chemical arcs; gap: gap junctions; und: dir without directions; all without loops.\nPaths are those inside the largest strong component.\n")
}

// optional formats a measure that only some projections have.
func optional[T any](v *T, format string) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf(format, *v)
}

type connectomeConvertCmd struct {
	Graph   string `arg:"" help:"${graphHelp}"`
	Out     string `arg:"" help:"${graphOutHelp}"`
	Control string `help:"Write a control made from it: ${controls}." default:"none" placeholder:"KIND"`
	Seed    uint64 `help:"Seed of the control." default:"1"`
}

func (connectomeConvertCmd) Help() string {
	help := `Examples:
  elegans connectome convert canonical worm.graphml
  elegans connectome convert worm.graphml worm.adj.csv
  elegans connectome convert canonical rewired.json --control rewired --seed 3

The formats, and what each keeps of a graph:`
	for _, f := range connectome.Formats() {
		help += fmt.Sprintf("\n  %-18s %-18s %s", f.Name, f.Keeps, strings.Join(f.Writes, " "))
	}
	return help
}

// Run implements the command.
func (c *connectomeConvertCmd) Run(env *environment) error {
	g, _, err := loadGraph(env, c.Graph, c.Control, c.Seed)
	if err != nil {
		return err
	}
	ctx, done := observed(env)
	err = connectome.Save(ctx, c.Out, g)
	done()
	if err != nil {
		return bad(err)
	}
	fmt.Fprintf(env.stderr, "wrote %s: %d neurons, %d connections\n", quote.Name(c.Out), g.Len(), len(g.Edges))
	return nil
}

type connectomeDrawCmd struct {
	Graph   string  `arg:"" optional:"" default:"canonical" help:"${graphHelp}"`
	Out     string  `arg:"" optional:"" help:"File to write (.svg); - or nothing for standard output." default:"-"`
	Control string  `help:"Draw a control made from it: ${controls}." default:"none" placeholder:"KIND"`
	Seed    uint64  `help:"Seed of the control." default:"1"`
	Title   string  `help:"Title."`
	Width   int     `help:"Width in pixels." default:"1400"`
	View    string  `help:"side or top." enum:"side,top" default:"side"`
	Stretch float64 `help:"Stretch of the crowded parts of the long axis, 0 (true to scale) to 1." default:"0.55"`
	NoEdges bool    `help:"Draw the neurons only."`
}

func (connectomeDrawCmd) Help() string {
	return `Examples:
  elegans connectome draw canonical worm.svg
  elegans connectome draw canonical top.svg --view top --stretch 0
  elegans connectome draw worm.graphml - > worm.svg`
}

// Run implements the command.
func (c *connectomeDrawCmd) Run(env *environment) error {
	if e := strings.ToLower(filepath.Ext(c.Out)); c.Out != "-" && e != ".svg" {
		return badf("%s: extension %s, expected .svg", quote.Name(c.Out), quote.Text(e))
	}
	if !(c.Stretch >= 0 && c.Stretch <= 1) {
		return badf("--stretch %v: expected 0 to 1", c.Stretch)
	}
	g, _, err := loadGraph(env, c.Graph, c.Control, c.Seed)
	if err != nil {
		return err
	}
	o := draw.Options{Title: c.Title, Width: c.Width, Stretch: c.Stretch, NoEdges: c.NoEdges}
	if c.Stretch == 0 {
		o.Stretch = -1 // the zero value stands for the default
	}
	if c.View == "top" {
		o.View = draw.Top
	}
	ctx, done := observed(env)
	defer done()
	if c.Out == "-" {
		return bad(draw.SVG(ctx, env.stdout, g, o))
	}
	return bad(atomicfile.Write(c.Out, func(w io.Writer) error { return draw.SVG(ctx, w, g, o) }))
}
