package devices

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"elegans/lab/inspect"
	"elegans/tensor"
)

// Row is the comparison of a tensor.
type Row struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	// largest difference of elements; null in JSON if a number that is not finite has no
	// counterpart
	MaxAbs inspect.Number `json:"max_abs"`
	// that, relative to the largest element of the processor's
	MaxRel inspect.Number `json:"max_rel"`
	OK     bool           `json:"ok"`
	Detail string         `json:"detail,omitempty"` // why not
}

// Report is a comparison of two traces.
type Report struct {
	Device    string  `json:"device"`
	Type      string  `json:"dtype"`
	Tolerance float64 `json:"tolerance"`
	Rows      []Row   `json:"tensors"`
	Departing int     `json:"departing"` // rows that are not OK
	First     string  `json:"first_to_depart,omitempty"`
	tensor.DeviceTally
}

// Compare compares what the device computed with what the processor did: every difference of
// elements may be as large as tolerance times the largest element of the processor's tensor. The
// two must be traces of one model and task; the error says where they are not.
func Compare[T tensor.Float](want, got *Trace[T], tolerance float64) (*Report, error) {
	r := &Report{Device: got.Device, Type: fmt.Sprintf("%T", T(0)), Tolerance: tolerance, DeviceTally: got.Tally}
	if len(want.Tensors) != len(got.Tensors) {
		return nil, fmt.Errorf("%d tensors on the device, %d on the processor", len(got.Tensors), len(want.Tensors))
	}
	for i, w := range want.Tensors {
		g := got.Tensors[i]
		if g.Name != w.Name || !slices.Equal(g.Shape, w.Shape) {
			return nil, fmt.Errorf("tensor %d is %s %v on the device, %s %v on the processor", i, g.Name, g.Shape, w.Name, w.Shape)
		}
		row := difference(g.Values, w.Values, tolerance)
		row.Name, row.Shape = w.Name, w.Shape
		if !row.OK {
			if r.Departing == 0 {
				r.First = w.Name
			}
			r.Departing++
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

func difference[T tensor.Float](got, want []T, tolerance float64) Row {
	largest := 0.0
	for _, v := range want {
		if !math.IsInf(float64(v), 0) && !math.IsNaN(float64(v)) {
			largest = max(largest, math.Abs(float64(v)))
		}
	}
	row, worst := Row{OK: true}, 0
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		if g == w || math.IsNaN(g) && math.IsNaN(w) {
			continue
		}
		d := math.Abs(g - w)
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		if d > float64(row.MaxAbs) {
			row.MaxAbs, worst = inspect.Number(d), i
		}
	}
	if row.MaxAbs > 0 {
		// Infinite where the processor has zeros only.
		row.MaxRel = inspect.Number(float64(row.MaxAbs) / largest)
		if !(float64(row.MaxRel) <= tolerance) {
			row.OK = false
			row.Detail = fmt.Sprintf("element %d is %v, on the processor %v", worst, got[worst], want[worst])
		}
	}
	return row
}

// OK reports whether every tensor agrees.
func (r *Report) OK() bool { return r.Departing == 0 }

// Summary is the last line of the table.
func (r *Report) Summary() string {
	s := fmt.Sprintf("%s: %d tensors, %d depart by more than %g of their largest element", r.Type, len(r.Rows), r.Departing, r.Tolerance)
	if r.First != "" {
		s += "; the first is " + r.First
	}
	return s
}

// WriteTable writes a line for each tensor, what ran where, and Summary.
func (r *Report) WriteTable(w io.Writer) error {
	wide := 0
	for _, row := range r.Rows {
		wide = max(wide, len(row.Name))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s\n%-*s  %8s  %8s\n", r.Type, r.Device, wide, "tensor", "max abs", "max rel")
	for _, row := range r.Rows {
		verdict := "ok"
		if !row.OK {
			verdict = "DEPARTS: " + row.Detail
		}
		fmt.Fprintf(&b, "%-*s  %8.1e  %8.1e  %s\n", wide, row.Name, float64(row.MaxAbs), float64(row.MaxRel), verdict)
	}
	fmt.Fprintf(&b, "%s: %s\n%s\n", r.Where(), r.DeviceTally, r.Summary())
	_, err := io.WriteString(w, b.String())
	return err
}
