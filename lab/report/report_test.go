package report

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"elegans/connectome"
	"elegans/data"
	"elegans/lab/experiment"
	"elegans/lab/figure"
	"elegans/lab/recipe"
	"elegans/lab/stats"
	"elegans/lab/zoo"
	"elegans/tensor"
)

var update = flag.Bool("update", false, "write the pages in testdata anew")

var someMachine = machine{Kernels: "go (of go)", Platform: "plan9/mips", Go: "go1"}

// images returns a data set of 2x3 pixels, three images of two classes.
func images(t *testing.T, classes ...string) *data.Dataset {
	t.Helper()
	x := tensor.Uniform[float32](tensor.NewKey(1, "images"), 0, 1, 3, 1, 2, 3)
	d, err := data.FromTensor("small", "drawn for a test", classes, x, []int{0, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// classifiers is an invented result of two arms with so many runs each.
func classifiers(t *testing.T, seeds int) *experiment.Result {
	t.Helper()
	c := &experiment.Comparison{
		Arms: []experiment.Arm{
			{Name: "worm", Title: "C. elegans", About: "its own wiring"},
			{Name: "random", Title: "random graph", About: "no wiring"},
		},
		Seeds: seeds, Seed: 4, Jobs: 2,
		Text: experiment.Text{
			Images: "drawings", Column: "network", Digits: 1, Finding: "It reads %s %% of the drawings",
		},
	}
	d := images(t, "circle", "square")
	res := &experiment.Result{
		Comparison: c, Sets: &recipe.Sets{Train: d, Valid: d, Test: d}, Steps: []int{6, 6}, Seconds: 1.25,
	}
	for i, a := range c.Arms {
		config := recipe.Default("mlp")
		config.Model.Classes, config.Train.Epochs, config.Train.Seed = 2, 2, 4
		res.Configs = append(res.Configs, config)
		for s := range seeds {
			x := float64(i) + float64(s)/4
			res.Runs = append(res.Runs, experiment.Run{
				Arm: a.Name, Seed: uint64(4 + s), Parameters: 1234567, Steps: 6,
				Accuracy: .9 - .1*x, Loss: .1 + .2*x, Valid: .8 - .1*x, Seconds: .5,
				Curve: []experiment.Point{
					{Epoch: 1, TrainLoss: 2 - x, TrainAcc: .5, ValidLoss: 1, ValidAcc: .6},
					{Epoch: 2, TrainLoss: 1 - x/2, TrainAcc: .8, ValidLoss: .5, ValidAcc: .8 - .1*x},
				},
				Test: &recipe.Predictions{
					Labels: []int{0, 1, 1}, Read: []int{s % 2, 1, i}, Probability: []float64{.5, .75, 1},
				},
			})
		}
	}
	contrast(res)
	return res
}

// contrast compares the runs of an invented result.
func contrast(res *experiment.Result) {
	accuracies := func(a experiment.Arm) (x []float64) {
		for _, r := range res.Of(a.Name) {
			x = append(x, r.Accuracy)
		}
		return x
	}
	arms := res.Comparison.Arms
	for _, a := range arms[1:] {
		d := stats.Welch(accuracies(arms[0]), accuracies(a))
		res.Contrasts = append(res.Contrasts, experiment.Contrast{Control: a.Name, Difference: d})
	}
}

// autoencoders is classifiers made into networks that reconstruct.
func autoencoders(t *testing.T) *experiment.Result {
	t.Helper()
	res := classifiers(t, 2)
	res.Comparison.Text.Digits = 3
	res.Sets.Valid = nil
	for i := range res.Configs {
		res.Configs[i].Model, res.Configs[i].Data.Binarize = zoo.Spec{Model: "m2-small"}, .3
	}
	res.Configs[1].Train.EMA = .9
	res.Steps[1] = 8
	for i := range res.Runs {
		res.Runs[i].Test = nil
	}
	res.Baselines = []experiment.Baseline{
		{Name: "background", About: "no ink anywhere", Accuracy: .8},
		{Name: "PCA, 2 codes", About: "projection", Codes: 2, Accuracy: .85},
	}
	one := []float32{0, .2, .4, .6, .8, 1}
	res.Samples = []experiment.Sample{
		{Input: one, Output: [][]float32{one, one, {-1, 0, 0, 0, 0, 2}}},
		{Input: one, Output: [][]float32{one, one, one}},
	}
	return res
}

var (
	svgs   = regexp.MustCompile(`(?s)<svg.*?</svg>`)
	pngs   = regexp.MustCompile(`data:image/png;base64,[A-Za-z0-9+/=]+`)
	styles = regexp.MustCompile(`(?s)<style>.*?</style>`)
)

// outline leaves out of a page what is drawn, and the style sheet.
func outline(html []byte) string {
	s := svgs.ReplaceAllString(string(html), "<svg/>")
	return styles.ReplaceAllString(pngs.ReplaceAllString(s, "PNG"), "<style/>")
}

func pageOf(t *testing.T, res *experiment.Result) string {
	t.Helper()
	html, err := page(res, made(res, "elegans compare", someMachine))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, html)
	return string(html)
}

// wellFormed reads every plot of a page as XML, and wants no link to anything outside.
func wellFormed(t *testing.T, html []byte) {
	t.Helper()
	for _, s := range svgs.FindAll(html, -1) {
		for d := xml.NewDecoder(bytes.NewReader(s)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %.300s", err, s)
			}
		}
	}
	if m := regexp.MustCompile(`(src|href)="(https?:)?//[^"]*"`).Find(html); m != nil {
		t.Errorf("the page needs %s", m)
	}
}

// TestPages compares the pages of small results with those in testdata, which -update writes.
func TestPages(t *testing.T) {
	for name, res := range map[string]*experiment.Result{
		"classifiers": classifiers(t, 2), "autoencoders": autoencoders(t),
	} {
		got := outline([]byte(pageOf(t, res)))
		path := filepath.Join("testdata", name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: the page is\n%s", path, firstDifferent(got, string(want)))
		}
	}
}

// firstDifferent shows the first line in which two texts differ.
func firstDifferent(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("%s\nin line %d, expected\n%s", g[i], i+1, w[i])
		}
	}
	return fmt.Sprintf("of %d lines, expected %d", len(g), len(w))
}

// TestParts leaves out what a result does not have.
func TestParts(t *testing.T) {
	heads := regexp.MustCompile(`<h2>(.*?)</h2>`)
	const difference, learning, made = "Is there a difference?", "Learning", "How this was made"
	const misreads = "What C. elegans misreads"
	for _, c := range []struct {
		name   string
		change func(res *experiment.Result)
		want   []string
	}{
		{"everything", func(res *experiment.Result) {
			g := connectome.Canonical()
			values := make([]float64, g.Len())
			values[5] = 1
			res.Activation = &experiment.Neurons{Graph: g, Values: values}
			res.Comparison.Text.Limits = []string{"much"}
			res.Samples = []experiment.Sample{{Input: make([]float32, 6)}}
		}, []string{difference, learning, "The neurons", misreads, "Reconstructions", made, "What this does not show"}},
		{"a single arm", func(res *experiment.Result) {
			res.Comparison.Arms, res.Configs, res.Steps = res.Comparison.Arms[:1], res.Configs[:1], res.Steps[:1]
			res.Runs, res.Contrasts = res.Runs[:2], nil
		}, []string{learning, misreads, made}},
		{"no curves, no predictions", func(res *experiment.Result) {
			for i := range res.Runs {
				res.Runs[i].Curve, res.Runs[i].Test = nil, nil
			}
		}, []string{difference, made}},
		{"curves of unequal length", func(res *experiment.Result) {
			res.Runs[0].Curve = res.Runs[0].Curve[:1]
			res.Runs[2].Curve = nil
		}, []string{difference, learning, misreads, made}},
	} {
		res := classifiers(t, 2)
		c.change(res)
		var got []string
		for _, m := range heads.FindAllStringSubmatch(pageOf(t, res), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: parts %q, expected %q", c.name, got, c.want)
		}
	}
}

// TestPlotColours draws every arm in the colour that it has in the table and the legend.
func TestPlotColours(t *testing.T) {
	res := classifiers(t, 2)
	res.Comparison.Arms, res.Runs = res.Comparison.Arms[:1], res.Runs[:2]
	inDots, err := dots(res)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCurves(res)
	if err != nil {
		t.Fatal(err)
	}
	for _, drawn := range append(c.Plots, inDots) {
		for i := range figure.Colours {
			want := i == 0
			if got := strings.Contains(strings.ToLower(string(drawn)), string(figure.ColourOf(i).CSS())); got != want {
				t.Errorf("the plot of the first arm has the colour of arm %d: %v, want %v", i, got, want)
			}
		}
	}
	if got := newTable(res).Rows[0].Colour; got != figure.ColourOf(0).CSS() || c.Legend[0].Colour != got {
		t.Errorf("colour %s in the table, %s in the legend, want %s", got, c.Legend[0].Colour, figure.ColourOf(0).CSS())
	}
}

// TestOneRun has one run of each network: no intervals, no tests.
func TestOneRun(t *testing.T) {
	s := pageOf(t, classifiers(t, 1))
	for _, want := range []string{
		"one run of each network says nothing about the differences between them.",
		`<td class="strong">90.0</td><td>0.100</td>`, "; one run each.",
		`<td>random graph</td><td class="strong">&#43;10.0</td><td>–</td><td>–</td><td>–</td><td>–</td><td>–</td>`,
		"<dt>Seeds</dt><dd>4; the same",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(s, "±  ") || strings.Contains(s, "NaN") || strings.Contains(s, "± -") {
		t.Error("an interval of a single run")
	}
}

// TestHostileNames puts markup wherever a user can put a name or a text.
func TestHostileNames(t *testing.T) {
	const evil = `</svg></style><script>alert("x")</script>&amp;'%s %d`
	res := classifiers(t, 2)
	text := &res.Comparison.Text
	text.Title, text.Kicker, text.Images, text.Column, text.Model = evil, evil, evil, evil, evil
	text.Finding = ""
	text.Sources, text.Limits = [][2]string{{evil, evil}}, []string{evil}
	for i := range res.Comparison.Arms {
		res.Comparison.Arms[i].Title, res.Comparison.Arms[i].About = evil, evil
	}
	d := images(t, evil, evil+"2")
	res.Sets = &recipe.Sets{Train: d, Test: d}
	res.Baselines = []experiment.Baseline{{Name: evil, About: evil, Codes: 1}}
	blank := make([]float32, 6)
	res.Samples = []experiment.Sample{{Input: blank, Output: [][]float32{blank, blank, blank}}}
	g := &connectome.Graph{Neurons: []connectome.Neuron{{Name: evil}, {Name: "b", Class: evil}}}
	res.Activation = &experiment.Neurons{Graph: g, Values: []float64{1, 2}}
	res.Runs[0].Model = nil
	html, err := page(res, made(res, evil, someMachine))
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, html)
	s := string(html)
	if strings.Contains(s, "<script") || strings.Count(s, "</style>") != 1 || strings.Contains(s, "ZgotmplZ") {
		t.Error("markup of a name became markup of the page")
	}
	if strings.Contains(s, "%!") {
		t.Error("a name was taken for a format")
	}
	table, err := resultsCSV(res)
	if err != nil || len(strings.Split(strings.TrimSpace(string(table)), "\n")) != 5 {
		t.Errorf("%v: %s", err, table)
	}
}

// TestWrite trains two perceptrons and looks at the files.
func TestWrite(t *testing.T) {
	base := recipe.Default("mlp")
	base.Train.Epochs, base.Train.Batch, base.Model.Config = 1, 400, zoo.MLPConfig{Hidden: []int{3}}
	linear := experiment.Variant(base, func(c *recipe.Config, _ uint64) error {
		c.Model.Config = zoo.MLPConfig{Hidden: []int{4}}
		return nil
	})
	res, err := experiment.Comparison{
		Arms:  []experiment.Arm{{Name: "three", Config: experiment.Variant(base, nil)}, {Name: "four", Config: linear}},
		Seeds: 2, Seed: 1,
	}.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Write(dir, res, "from Go"); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var s experiment.Summary
	d := json.NewDecoder(bytes.NewReader(read("results.json")))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil || len(s.Networks) != 2 || len(s.Runs) != 4 {
		t.Fatalf("results.json: %v, %+v", err, s)
	}
	if s.Verdict != res.Verdict() || s.Runs[3].Loss != res.Runs[3].Loss {
		t.Errorf("results.json: %+v", s)
	}
	var keys any
	if err := json.Unmarshal(read("results.json"), &keys); err != nil {
		t.Fatal(err)
	}
	snakeCase(t, "results.json", keys)
	r := res.Runs[0]
	want := "network,seed,parameters,steps,accuracy,loss,valid_accuracy,seconds\n" +
		fmt.Sprintf("three,1,%d,%d,%v,%v,", r.Parameters, r.Steps, r.Accuracy, r.Loss)
	if got := read("results.csv"); !bytes.HasPrefix(got, []byte(want)) || bytes.Count(got, []byte("\n")) != 5 {
		t.Errorf("results.csv: %s", got)
	}
	want = "network,seed,epoch,train_loss,train_accuracy,valid_loss,valid_accuracy\nthree,1,1,"
	if got := read("curves.csv"); !bytes.HasPrefix(got, []byte(want)) || bytes.Count(got, []byte("\n")) != 5 {
		t.Errorf("curves.csv: %s", got)
	}
	wellFormed(t, read("index.html"))
	config, model, err := recipe.FromCheckpoint[float32](filepath.Join(dir, "three.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := config.Predict(context.Background(), model, res.Sets.Test); err != nil || p.Accuracy() != r.Accuracy || p.Loss != r.Loss {
		t.Errorf("the checkpoint gives %+v, %v; the run gave %v", p, err, r.Accuracy)
	}
	if err := Write(filepath.Join(dir, "missing"), res, ""); err == nil {
		t.Error("a report in a folder that does not exist")
	}
}

// snakeCase wants keys of lower-case letters, digits and _.
func snakeCase(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(k) {
				t.Errorf("%s has the key %q", path, k)
			}
			snakeCase(t, path+"."+k, x)
		}
	case []any:
		for _, x := range v {
			snakeCase(t, path, x)
		}
	}
}

// TestConfusion counts by hand.
func TestConfusion(t *testing.T) {
	res := classifiers(t, 2)
	c := newConfusion("C. elegans", res.Of("worm"), []string{"circle", "square"})
	// two runs: {0, 1, 0} and {1, 1, 0} for {0, 1, 1}
	for i, want := range [][]int{{1, 1}, {2, 2}} {
		for j, n := range want {
			if got := c.Rows[i].Cells[j].Count; got != n {
				t.Errorf("%s read as %s: %d, expected %d", c.Classes[i], c.Classes[j], got, n)
			}
		}
	}
	if c.Wrong != 3 || c.Total != 6 || c.Runs != 2 {
		t.Errorf("%+v", c)
	}
}

// TestMisreads puts first what most runs of the subject get wrong.
func TestMisreads(t *testing.T) {
	m, err := newMisreads(classifiers(t, 2))
	if err != nil || m.Count != 2 || m.Runs != 2 || m.ControlRuns != 2 {
		t.Fatalf("%v %+v", err, m)
	}
	for i, want := range []misread{
		{Index: 2, True: "square", Read: "circle", Wrong: 2, ControlsWrong: 0, Confidence: "100 %"},
		{Index: 0, True: "circle", Read: "square", Wrong: 1, ControlsWrong: 1, Confidence: "50 %"},
	} {
		got := m.Shown[i]
		got.Image = template.URL("")
		if got != want {
			t.Errorf("%+v, expected %+v", got, want)
		}
	}
}

// TestColourPicture keeps the colours of an image of three channels.
func TestColourPicture(t *testing.T) {
	x := tensor.New[float32](1, 3, 1, 1)
	x.Set(1, 0, 0, 0, 0)
	red, err := data.FromTensor("red", "", []string{"a"}, x, []int{0})
	if err != nil {
		t.Fatal(err)
	}
	url, err := picture(red, 0)
	if err != nil || !strings.HasPrefix(string(url), "data:image/png;base64,") {
		t.Fatal(url, err)
	}
	grey, err := picture(images(t, "a", "b"), 0)
	if err != nil || grey == url {
		t.Error(grey, err)
	}
}
