package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// sleep1 and sleep2 are Student's data: hours of additional sleep with two drugs.
var (
	sleep1 = []float64{.7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2}
	sleep2 = []float64{1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4}
)

// TestWelch compares with SciPy 1.17.1: ttest_ind(a, b, equal_var=False), its confidence_interval,
// and (t.ppf(.975, df) + norm.ppf(.8)) times the standard error. R's help of t.test prints the
// first row, rounded.
func TestWelch(t *testing.T) {
	for _, c := range []struct {
		name                          string
		a, b                          []float64
		t, p, df, low, high, detected float64
	}{
		{"sleep", sleep1, sleep2, -1.8608134674868526, .0793941401873583, 17.776473516178488, -3.3654832307117104,
			.20548323071171137, 2.5000962600558787},
		{"fifteen each", []float64{27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4},
			[]float64{27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4},
			-2.8529548701715215, .008071938172194903, 27.88730398842012, -4.868022741791966, -.7986439248746979,
			2.870522291780722},
		{"three and two", []float64{.9499, .9526, .9415}, []float64{.97, .9638},
			-4.146092934529061, .029292290790946633, 2.79060377137787, -.03404290494992055, -.0037570950500795067,
			.018979442520522485},
	} {
		d := Welch(c.a, c.b)
		got := []float64{d.T, d.P, d.DF, d.Mean - d.Half, d.Mean + d.Half, d.Detectable, d.PHolm}
		for i, want := range []float64{c.t, c.p, c.df, c.low, c.high, c.detected, c.p} {
			if !near(got[i], want, 1e-9*(1+math.Abs(want))) {
				t.Errorf("%s: value %d is %v, expected %v (%+v)", c.name, i, got[i], want, d)
			}
		}
	}
}

// TestWelchWithoutTest gives samples that no test can judge.
func TestWelchWithoutTest(t *testing.T) {
	for _, c := range []struct {
		name        string
		a, b        []float64
		p           float64
		significant bool
	}{
		{"one run", []float64{1}, []float64{2, 3}, 1, false},
		{"no variation, no difference", []float64{2, 2}, []float64{2, 2, 2}, 1, false},
		{"no variation, a difference", []float64{2, 2}, []float64{1, 1}, 0, true},
	} {
		if d := Welch(c.a, c.b); d.P != c.p || d.DF != 0 || d.Half != 0 || d.Significant() != c.significant {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
	if d := Welch([]float64{1, 2, 3}, []float64{1, 2, 3}); !near(d.P, 1, 1e-12) || d.Mean != 0 || d.DF != 4 {
		t.Errorf("equal samples: %+v", d)
	}
}

// TestHolm compares with p.adjust(p, "holm") of R, by statsmodels 0.15.0: multipletests(p,
// method="holm").
func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{.04, .01, .03}, []float64{.06, .03, .06}},
		{[]float64{.01, .02, .03, .04, .05}, []float64{.05, .08, .09, .09, .09}},
		{[]float64{.001, .9, .02, .02, .5}, []float64{.005, 1, .08, .08, 1}},
		{[]float64{.3}, []float64{.3}},
		{[]float64{0, 1, .2}, []float64{0, 1, .4}},
		{nil, nil},
	} {
		p := slices.Clone(c.p)
		got := Holm(p)
		same := slices.EqualFunc(got, c.want, func(a, b float64) bool { return near(a, b, 1e-12) })
		if !same || !slices.Equal(p, c.p) {
			t.Errorf("Holm(%v) = %v, expected %v; the argument is now %v", c.p, got, c.want, p)
		}
	}
}

// TestHolmProperties wants adjusted values in the order of the given ones, none smaller than that,
// none above the Bonferroni bound.
func TestHolmProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 12).Draw(t, "p")
		q := Holm(p)
		for i := range p {
			if q[i] < p[i] || q[i] > min(1, p[i]*float64(len(p))) {
				t.Fatalf("%v became %v", p, q)
			}
			for j := range p {
				if p[i] < p[j] && q[i] > q[j] {
					t.Fatalf("%v became %v", p, q)
				}
			}
		}
	})
}

// TestEstimate compares with SciPy 1.17.1: t.interval(.95, n-1, loc=mean, scale=sem).
func TestEstimate(t *testing.T) {
	for _, c := range []struct {
		x                   []float64
		mean, sd, low, high float64
	}{
		{[]float64{1, 2, 3, 4, 5}, 3, 1.5811388300841898, 1.0367568385224428, 4.963243161477557},
		{sleep1, .75, 1.7890096577591623, -.5297804135262318, 2.0297804135262316},
		{[]float64{.9499, .9526, .9415}, .948, .005788782255362514, .9336198676943428, .9623801323056571},
	} {
		e := NewEstimate(c.x)
		if e.N != len(c.x) || !near(e.Mean, c.mean, 1e-12) || !near(e.SD, c.sd, 1e-12) ||
			!near(e.Mean-e.Half, c.low, 1e-9) || !near(e.Mean+e.Half, c.high, 1e-9) {
			t.Errorf("%v: %+v, expected %+v", c.x, e, c)
		}
	}
	if e := NewEstimate([]float64{1}); e.Half != 0 || e.SD != 0 || e.HalfText(1, 2) != "-" {
		t.Errorf("one run: %+v", e)
	}
	if s := (Estimate{N: 2, Half: .01234}).HalfText(100, 2); s != "1.23" {
		t.Error(s)
	}
}

// TestEmptySamples wants a panic that names the function.
func TestEmptySamples(t *testing.T) {
	for want, f := range map[string]func(){
		"stats.NewEstimate: 0 observations, expected at least 1": func() { NewEstimate(nil) },
		"stats.Welch: 0 observations, expected at least 1":       func() { Welch([]float64{1}, nil) },
	} {
		func() {
			defer func() {
				var e *SampleError
				if err, _ := recover().(error); !errors.As(err, &e) || err.Error() != want {
					t.Errorf("panic %v, expected %s", err, want)
				}
			}()
			f()
		}()
	}
}

func TestFormatP(t *testing.T) {
	for p, want := range map[float64]string{
		0: "< 0.001", .00099: "< 0.001", .001: "0.001", .0404: "0.040", 1: "1.000",
	} {
		if got := FormatP(p); got != want {
			t.Errorf("%v: %s, expected %s", p, got, want)
		}
	}
}
