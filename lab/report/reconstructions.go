package report

import (
	"html/template"

	"elegans/lab/experiment"
)

// reconstructions are rows of test images, as they are and as each network reconstructs them.
type reconstructions struct {
	Count      int
	Components bool // whether principal components have rows
	Rows       []pictureRow
}

type pictureRow struct {
	Title string
	Image template.URL
}

func newReconstructions(res *experiment.Result) (*reconstructions, error) {
	if len(res.Samples) == 0 {
		return nil, nil
	}
	titles := []string{}
	for _, a := range res.Comparison.Arms {
		titles = append(titles, a.Title)
	}
	r := &reconstructions{Count: len(res.Samples)}
	for _, b := range res.Baselines {
		if b.Codes > 0 {
			titles = append(titles, b.Name)
			r.Components = true
		}
	}
	_, h, w := res.Sets.Test.Shape()
	row := func(title string, of func(s experiment.Sample) []float32) error {
		images := make([][]float32, len(res.Samples))
		for i, s := range res.Samples {
			images[i] = of(s)
		}
		url, err := strip(images, h, w)
		r.Rows = append(r.Rows, pictureRow{title, url})
		return err
	}
	if err := row("image", func(s experiment.Sample) []float32 { return s.Input }); err != nil {
		return nil, err
	}
	for i, title := range titles[:len(res.Samples[0].Output)] {
		if err := row(title, func(s experiment.Sample) []float32 { return s.Output[i] }); err != nil {
			return nil, err
		}
	}
	return r, nil
}
