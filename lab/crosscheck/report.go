package crosscheck

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"elegans/internal/quote"
	"elegans/tensor"
)

// Verdict says how a comparison ended.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"      // every element is within tolerance
	Over    Verdict = "over"    // an element is not, or the case failed without a comparison
	Skipped Verdict = "skipped" // nothing here can run the case
	// the reference refuses the operands of the case, and so does the engine
	Refused Verdict = "refused"
	// the reference stops at a mistake of its own, and the engine does what was meant
	Sound Verdict = "sound"
)

// Diff is a difference; it is infinite where an infinity or NaN has no counterpart. In JSON, where
// such numbers do not exist, it is then null.
type Diff float64

// MarshalJSON writes a number, or null if it is not finite.
func (d Diff) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(d), 0) || math.IsNaN(float64(d)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(d))
}

// Row is the comparison of one tensor, or the reason why a case has none.
type Row struct {
	Manifest string `json:"manifest"` // its file name without extension
	Case     string `json:"case"`     // empty if the manifest as a whole is meant
	// "out0", "grad x"; empty if the case as a whole is meant
	Tensor  string  `json:"tensor,omitempty"`
	MaxAbs  Diff    `json:"max_abs"` // largest |a-b|
	MaxRel  Diff    `json:"max_rel"` // largest |a-b|/|b|, over b != 0
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail,omitempty"` // where it departs, or why it was not compared
}

// Report is the result of Run.
type Report struct {
	Rows    []Row
	Cases   int // of all manifests, skipped ones included
	Tensors int // compared
	Over    int // tensors over tolerance, and cases that failed without a comparison
	Skipped int // cases
	// First is the first row over tolerance, nil if there is none. Tensors are compared in the
	// order in which they are computed, so this is where two programs part.
	First *Row
	// NoManifest lists the folders below the one that was checked that hold no manifest.
	NoManifest []string
	// Device describes the device that computed; it is empty if the processor did, and then so is
	// Where.
	Device string
	Where  []Where
}

// Where says where a case was computed.
type Where struct {
	Manifest string `json:"manifest"`
	Case     string `json:"case"`
	Ran      string `json:"ran"` // "device", "partly", "processor"
	// Tally counts the launches by kernel, and the operations that stayed on the processor.
	tensor.DeviceTally
}

// OK reports whether every case was run and agrees.
func (r *Report) OK() bool { return r.Over == 0 && r.Skipped == 0 }

// Summary is the last line of the table.
func (r *Report) Summary() string {
	s := fmt.Sprintf("%d cases, %d tensors compared, %d over tolerance, %d skipped", r.Cases, r.Tensors, r.Over, r.Skipped)
	if r.First != nil {
		s += "; first to depart: " + r.First.place()
	}
	if r.Device != "" {
		n := map[string]int{}
		for _, w := range r.Where {
			n[w.Ran]++
		}
		s += fmt.Sprintf("; %d cases computed on the device, %d partly, %d on the processor", n["device"], n["partly"], r.Cases-n["device"]-n["partly"])
	}
	if len(r.NoManifest) > 0 {
		s += "; no manifest in " + quote.Names(r.NoManifest)
	}
	return s
}

// place names manifest, case and tensor.
func (row *Row) place() string {
	s := quote.Name(row.Manifest)
	for _, part := range []string{row.Case, row.Tensor} {
		if part != "" {
			s += ": " + quote.Name(part)
		}
	}
	return s
}

// Join adds the rows and counts of another report.
func (r *Report) Join(o Report) {
	r.Rows = append(r.Rows, o.Rows...)
	r.Cases += o.Cases
	r.Tensors += o.Tensors
	r.Over += o.Over
	r.Skipped += o.Skipped
	r.NoManifest = append(r.NoManifest, o.NoManifest...)
	r.Device = o.Device
	r.Where = append(r.Where, o.Where...)
	if r.First == nil {
		r.First = o.First
	}
}

// WriteTable writes one line a row, and Summary as the last line.
func (r *Report) WriteTable(w io.Writer) error {
	wide := [2]int{len("case"), len("tensor")}
	for _, row := range r.Rows {
		wide[0], wide[1] = max(wide[0], width(row.Case)), max(wide[1], width(row.Tensor))
	}
	var b strings.Builder
	line := func(name, tensor, abs, rel, verdict, detail string) {
		s := fmt.Sprintf("%-*s  %-*s  %8s  %8s  %-7s  %s", wide[0], name, wide[1], tensor, abs, rel, verdict, detail)
		b.WriteString(strings.TrimRight(s, " ") + "\n")
	}
	manifest := ""
	for _, row := range r.Rows {
		if row.Manifest != manifest {
			manifest = row.Manifest
			b.WriteString(quote.Name(manifest) + "\n")
			line("case", "tensor", "max abs", "max rel", "verdict", "")
		}
		abs, rel := number(row.MaxAbs), number(row.MaxRel)
		if row.Tensor == "" {
			abs, rel = "", ""
		}
		line(shown(row.Case), shown(row.Tensor), abs, rel, string(row.Verdict), brief(row.Detail))
	}
	r.writeWhere(&b)
	b.WriteString(r.Summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeWhere writes a line for each case that was computed where a device computes.
func (r *Report) writeWhere(b *strings.Builder) {
	if r.Device == "" {
		return
	}
	fmt.Fprintf(b, "where each case was computed; the device is %s\n", quote.Line(r.Device))
	for _, w := range r.Where {
		fmt.Fprintf(b, "%s: %-9s  %s\n", quote.Name(w.Manifest)+": "+shown(w.Case), w.Ran, w.DeviceTally)
	}
}

// maxDetail is the number of bytes of a reason that the table shows.
const maxDetail = 400

// brief is a reason as the table shows it: one line of moderate length.
func brief(detail string) string {
	if len(detail) > maxDetail {
		detail = fmt.Sprintf("%s... (%d bytes)", detail[:maxDetail], len(detail))
	}
	return quote.Line(detail)
}

// shown is a name as the table shows it, and width how many columns of it the table provides for.
func shown(name string) string {
	if name == "" {
		return ""
	}
	return quote.Name(name)
}

func width(name string) int { return min(utf8.RuneCountInString(shown(name)), 120) }

func number(d Diff) string { return strconv.FormatFloat(float64(d), 'e', 1, 64) }

// WriteJSON writes one object a row, each on its own line, and an object with the counts as the
// last line.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	for i := range r.Rows {
		if err := enc.Encode(&r.Rows[i]); err != nil {
			return err
		}
	}
	for i := range r.Where {
		if err := enc.Encode(&r.Where[i]); err != nil {
			return err
		}
	}
	return enc.Encode(struct {
		Cases      int      `json:"cases"`
		Tensors    int      `json:"tensors"`
		Over       int      `json:"over"`
		Skipped    int      `json:"skipped"`
		First      *Row     `json:"first_to_depart,omitempty"`
		NoManifest []string `json:"no_manifest,omitempty"`
		Device     string   `json:"device,omitempty"`
	}{r.Cases, r.Tensors, r.Over, r.Skipped, r.First, r.NoManifest, r.Device})
}

// recorder builds the report.
type recorder struct {
	report   Report
	opts     Options
	manifest string
	current  string // case
	excess   error  // why the manifest asks for more memory than it may have
}

// begin starts a case.
func (rec *recorder) begin(name string) {
	rec.end()
	rec.current = name
	rec.report.Cases++
}

// end says where the case that was begun last was computed.
func (rec *recorder) end() {
	if tally := tensor.TakeDeviceTally(); tally.Where() != "" && rec.report.Cases > 0 {
		rec.report.Where = append(rec.report.Where, Where{rec.manifest, rec.current, tally.Where(), tally})
	}
}

func (rec *recorder) add(row Row) {
	row.Manifest, row.Case = rec.manifest, rec.current
	if row.Verdict == Over && rec.report.First == nil {
		rec.report.First = &row
	}
	rec.report.Rows = append(rec.report.Rows, row)
	if rec.opts.Each != nil {
		rec.opts.Each(row)
	}
}

// compare adds the row of one tensor.
func (rec *recorder) compare(name string, d difference) {
	rec.report.Tensors++
	row := Row{Tensor: name, MaxAbs: Diff(d.abs), MaxRel: Diff(d.rel), Verdict: OK, Detail: d.detail}
	if !d.within {
		row.Verdict = Over
		rec.report.Over++
	}
	rec.add(row)
}

// fail marks the case as over tolerance without a comparison.
func (rec *recorder) fail(reason string) {
	rec.report.Over++
	rec.add(Row{Verdict: Over, Detail: reason})
}

func (rec *recorder) skip(reason string) {
	rec.report.Skipped++
	rec.add(Row{Verdict: Skipped, Detail: reason})
}

func (rec *recorder) sound(reason string) { rec.add(Row{Verdict: Sound, Detail: reason}) }

func (rec *recorder) refused(reason string) { rec.add(Row{Verdict: Refused, Detail: reason}) }
