package report

import (
	"fmt"
	"html"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"elegans/lab/experiment"
	"elegans/lab/stats"
)

// cells returns the rows of the first table of a page, each cell without markup.
func cells(t *testing.T, page string) [][]string {
	t.Helper()
	first, _, found := strings.Cut(page, "</table>")
	if !found {
		t.Fatal("no table on the page")
	}
	markup := regexp.MustCompile(`<[^>]*>`)
	var rows [][]string
	for _, row := range regexp.MustCompile(`(?s)<tr>(.*?)</tr>`).FindAllStringSubmatch(first, -1) {
		var texts []string
		for _, c := range regexp.MustCompile(`(?s)<t[dh][^>]*>(.*?)</t[dh]>`).FindAllStringSubmatch(row[1], -1) {
			name, _, _ := strings.Cut(c[1], "<small>") // what a network stands for follows its name
			texts = append(texts, html.UnescapeString(markup.ReplaceAllString(name, "")))
		}
		rows = append(rows, texts)
	}
	return rows
}

// TestTableNumbers computes every number of the table of networks from the runs, for many seeds.
func TestTableNumbers(t *testing.T) {
	const seeds = 7
	res := classifiers(t, seeds)
	for i := range res.Runs {
		r := &res.Runs[i]
		r.Accuracy, r.Loss = .9+.01*math.Sin(float64(i)), .2+.05*math.Cos(float64(3*i))
		r.Valid, r.Seconds = .8+.001*float64(i), float64(i)
	}
	rows := cells(t, pageOf(t, res))
	if len(rows) != 3 {
		t.Fatalf("%d rows: %q", len(rows), rows)
	}
	// quantile .975 of Student's t with 6 degrees of freedom, from a table
	const t6 = 2.4469118511449692
	interval := func(of func(r experiment.Run) float64, runs []experiment.Run, factor float64, digits int) string {
		sum, square := 0.0, 0.0
		for _, r := range runs {
			sum += of(r)
		}
		mean := sum / seeds
		for _, r := range runs {
			square += (of(r) - mean) * (of(r) - mean)
		}
		half := t6 * math.Sqrt(square/(seeds-1)/seeds)
		return fmt.Sprintf("%.*f ± %.*f", digits, factor*mean, digits, factor*half)
	}
	for i, a := range res.Comparison.Arms {
		runs := res.Runs[i*seeds : (i+1)*seeds]
		seconds, valid := 0.0, 0.0
		for _, r := range runs {
			seconds += r.Seconds / seeds
			valid += 100 * r.Valid / seeds
		}
		want := []string{
			a.Title, interval(func(r experiment.Run) float64 { return r.Accuracy }, runs, 100, 1),
			interval(func(r experiment.Run) float64 { return r.Loss }, runs, 1, 3),
			fmt.Sprintf("%.1f", valid), "1,234,567", fmt.Sprintf("%.1f", seconds),
		}
		if got := rows[i+1]; strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("row %d: %q, expected %q", i, got, want)
		}
	}
}

// TestContrastNumbers compares the rows of the table of differences with Welch's test of the runs.
func TestContrastNumbers(t *testing.T) {
	res := classifiers(t, 4)
	s := html.UnescapeString(pageOf(t, res))
	var x, y []float64
	for i, r := range res.Runs {
		if i < 4 {
			x = append(x, r.Accuracy)
		} else {
			y = append(y, r.Accuracy)
		}
	}
	d := stats.Welch(x, y)
	for _, want := range []string{
		fmt.Sprintf("%+.1f", 100*d.Mean),
		fmt.Sprintf("%+.1f to %+.1f", 100*(d.Mean-d.Half), 100*(d.Mean+d.Half)),
		stats.FormatP(d.P),
	} {
		if want = strings.ReplaceAll(want, "-", "−"); !strings.Contains(s, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestExtremeNumbers draws what training can come to: losses of 0, all or nothing right, a thousand
// epochs, runs without any scatter.
func TestExtremeNumbers(t *testing.T) {
	for name, change := range map[string]func(r *experiment.Run){
		"a loss of 0":   func(r *experiment.Run) { r.Loss, r.Curve[1].TrainLoss, r.Curve[1].ValidLoss = 0, 0, 0 },
		"all right":     func(r *experiment.Run) { r.Accuracy, r.Valid, r.Curve[0].ValidAcc, r.Curve[1].ValidAcc = 1, 1, 1, 1 },
		"nothing right": func(r *experiment.Run) { r.Accuracy, r.Valid, r.Curve[0].ValidAcc, r.Curve[1].ValidAcc = 0, 0, 0, 0 },
		"a huge loss":   func(r *experiment.Run) { r.Loss, r.Curve[0].TrainLoss = 1e30, 1e30 },
		"a thousand epochs": func(r *experiment.Run) {
			p := r.Curve[0]
			r.Curve = nil
			for e := range 1000 {
				p.Epoch = e + 1
				r.Curve = append(r.Curve, p)
			}
		},
		"one epoch": func(r *experiment.Run) { r.Curve = r.Curve[:1] },
	} {
		res := classifiers(t, 3)
		for i := range res.Runs {
			change(&res.Runs[i])
		}
		res.Contrasts = nil
		contrast(res)
		if s := pngs.ReplaceAllString(pageOf(t, res), ""); strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("%s: the page shows a number that is none", name)
		}
	}
}

// TestNoNumbers refuses results with numbers that are none, and writes no file of the report.
func TestNoNumbers(t *testing.T) {
	for _, wrong := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for name, change := range map[string]func(r *experiment.Run){
			"loss":     func(r *experiment.Run) { r.Loss = wrong },
			"accuracy": func(r *experiment.Run) { r.Accuracy = wrong },
			"curve":    func(r *experiment.Run) { r.Curve[1].TrainLoss = wrong },
		} {
			res := classifiers(t, 2)
			change(&res.Runs[1])
			dir := t.TempDir()
			if err := Write(dir, res, "test"); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s %v: error %v, expected a refusal in one line", name, wrong, err)
			}
			if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
				t.Errorf("%s %v: wrote %v (%v)", name, wrong, files, err)
			}
		}
	}
}
