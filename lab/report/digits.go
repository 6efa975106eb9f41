package report

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"slices"

	"elegans/data"
	"elegans/lab/experiment"
)

// confusion counts what the runs of a network read, by true class.
type confusion struct {
	Classes []string
	Rows    [][]cell
	Total   int
}

type cell struct {
	Count int
	Style template.CSS
}

// newConfusion adds up the runs of a network.
func newConfusion(runs []experiment.Run, classes []string) confusion {
	n := len(classes)
	counts := make([][]int, n)
	for i := range counts {
		counts[i] = make([]int, n)
	}
	c := confusion{Classes: classes}
	worst := 1
	for _, r := range runs {
		for i, label := range r.Test.Labels {
			counts[label][r.Test.Read[i]]++
			c.Total++
		}
	}
	for i := range counts {
		for j, v := range counts[i] {
			if i != j {
				worst = max(worst, v)
			}
		}
	}
	for i := range counts {
		row := make([]cell, n)
		for j, v := range counts[i] {
			row[j].Count = v
			switch {
			case i == j:
				row[j].Style = "background:#e4eee9;color:#4d6a5f"
			case v > 0:
				row[j].Style = template.CSS(fmt.Sprintf("background:rgba(192,57,43,%.2f);color:%s", .12+.6*float64(v)/float64(worst), hex(ink)))
			default:
				row[j].Style = "color:transparent"
			}
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// misread is a test image that the worm gets wrong.
type misread struct {
	Index      int
	Image      template.URL
	True       string
	Read       string // most frequent wrong answer
	Worms      int    // runs of the worm that are wrong
	WormRuns   int
	Others     int // runs of all controls that are wrong
	OtherRuns  int
	Confidence string // mean probability of the wrong answers
}

// misreads lists the test images that at least one worm gets wrong, those that most get wrong
// first.
func misreads(res *experiment.Result) ([]misread, error) {
	worms := res.Of(res.Networks[0].Name)
	classes := res.Sets.Test.Classes()
	var list []misread
	for i := range worms[0].Test.Labels {
		m := misread{Index: i, WormRuns: len(worms), OtherRuns: len(res.Runs) - len(worms)}
		answers := make([]int, len(classes))
		sum := 0.0
		for _, r := range res.Runs {
			wrong := r.Test.Read[i] != r.Test.Labels[i]
			switch {
			case wrong && r.Network == res.Networks[0].Name:
				m.Worms++
				answers[r.Test.Read[i]]++
				sum += r.Test.Probability[i]
			case wrong:
				m.Others++
			}
		}
		if m.Worms == 0 {
			continue
		}
		most := 0
		for k, n := range answers {
			if n > answers[most] {
				most = k
			}
		}
		m.True, m.Read, m.Confidence = classes[worms[0].Test.Labels[i]], classes[most], fmt.Sprintf("%.0f %%", 100*sum/float64(m.Worms))
		var err error
		if m.Image, err = picture(res.Sets.Test, i); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b misread) int {
		return cmp.Or(cmp.Compare(b.Worms, a.Worms), cmp.Compare(b.Others, a.Others))
	})
	return list, nil
}

// picture returns a grey image as a PNG in a data URL, dark ink on a light ground.
func picture(d *data.Dataset, i int) (template.URL, error) {
	c, h, w := d.Shape()
	pix := make([]float32, c*h*w)
	d.Pixels(pix, i)
	m := image.NewGray(image.Rect(0, 0, w, h))
	for k := range h * w {
		m.SetGray(k%w, k/w, color.Gray{Y: uint8(250 - 225*pix[k])})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}
