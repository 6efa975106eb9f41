package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"
	"path/filepath"

	"elegans/data/atomicfile"
	"elegans/lab/experiment"
)

// autoencoderView is what the page of the comparison of autoencoders shows.
type autoencoderView struct {
	view
	Baselines       []baselineRow
	Pictures        []pictureRow
	Samples         []experiment.Sample
	Model, Training string
}

type baselineRow struct{ Name, About, Percent string }

type pictureRow struct {
	Title string
	Image template.URL
}

// WriteAutoencoders writes the report of the comparison of autoencoders into a folder that exists:
// index.html, results.json, results.csv and curves.csv. command is how the program was called.
func WriteAutoencoders(dir string, res *experiment.Autoencoders, command string) error {
	v := autoencoderView{Samples: res.Samples}
	var err error
	if v.view, err = newView(&res.Result, command); err != nil {
		return err
	}
	var rest []string // titles of the baselines that are shown
	for _, b := range res.Baselines {
		v.Baselines = append(v.Baselines, baselineRow{b.Name, b.About, res.Percent(b.Accuracy)})
		if b.Codes > 0 {
			rest = append(rest, b.Name)
		}
	}
	row := func(title string, of func(s experiment.Sample) []float32) error {
		url, err := strip(res.Samples, of)
		v.Pictures = append(v.Pictures, pictureRow{title, url})
		return err
	}
	err = row("image", func(s experiment.Sample) []float32 { return s.Input })
	for i, n := range res.Networks {
		if err == nil {
			err = row(n.Title, func(s experiment.Sample) []float32 { return s.Output[i] })
		}
	}
	for i, title := range rest {
		if err == nil {
			err = row(title, func(s experiment.Sample) []float32 { return s.Output[len(res.Networks)+i] })
		}
	}
	if err != nil {
		return err
	}
	m, t := res.Base.Model.M2, res.Base.Train
	v.Model = fmt.Sprintf("%s: encoder %v and decoder %v channels, code of %d numbers, %d in the narrowest layer; network of %d numbers a neuron, %d rounds, %s over the synapses, attention of %d heads over the motor neurons",
		res.Base.Model.Model, m.Encoder, m.Decoder, m.Width, min(m.Hidden[1], 16*m.Latent), m.Network.Width, m.Network.Rounds, m.Network.Combine, m.Heads)
	v.Training = fmt.Sprintf("%d epochs in batches of %d, %s with learning rate %v, schedule %s and weight decay %v", t.Epochs, t.Batch, t.Optimizer, t.LR, t.Schedule, t.WeightDecay)
	if t.Clip > 0 {
		v.Training += fmt.Sprintf(", gradients clipped at %v", t.Clip)
	}
	if t.EMA > 0 {
		v.Training += fmt.Sprintf(", parameters averaged with decay %v", t.EMA)
	}
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, "autoencoder.html", &v); err != nil {
		return err
	}
	results, err := json.MarshalIndent(res.Summary(), "", "  ")
	if err != nil {
		return err
	}
	table, err := resultsCSV(&res.Result)
	if err != nil {
		return err
	}
	points, err := curvesCSV(&res.Result)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{{"results.json", append(results, '\n')}, {"results.csv", table}, {"curves.csv", points}, {"index.html", page.Bytes()}} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, f.name), f.b); err != nil {
			return err
		}
	}
	return nil
}

// strip draws one picture a sample side by side, ink dark, as a PNG in a data URL.
func strip(samples []experiment.Sample, of func(s experiment.Sample) []float32) (template.URL, error) {
	const side, gap = 28, 2
	m := image.NewGray(image.Rect(0, 0, len(samples)*(side+gap)-gap, side))
	for i := range m.Pix {
		m.Pix[i] = 225
	}
	for k, s := range samples {
		for i, p := range of(s) {
			m.SetGray(k*(side+gap)+i%side, i/side, color.Gray{Y: uint8(math.Round(255 * float64(1-min(max(p, 0), 1))))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}
