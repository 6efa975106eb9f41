package reservoir

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"elegans/esn"
	"elegans/internal/jsondiff"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Columns say which columns of a stream a network learns.
type Columns struct {
	// Targets are names or numbers, from 0, of the columns that are predicted; none stands for a
	// stream of inputs only, from which nothing is learnt.
	Targets []string `json:"targets,omitempty"`
	// SameRow predicts the target in the row of the inputs, and then it is no input. Otherwise a
	// row predicts the target of the next, and all columns are inputs.
	SameRow bool `json:"same_row,omitempty"`
}

// Fresh returns what makes a network for so many inputs and outputs that has learnt nothing, whose
// readout learns online.
func Fresh(r Recipe, c Columns) (func(inputs, outputs int) (*Model, error), error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	readout, err := esn.DecodeReadout(r.Readout)
	if err != nil {
		return nil, err
	}
	if err := canLearn(readout); err != nil {
		return nil, err
	}
	return func(inputs, outputs int) (*Model, error) {
		notes := Notes{Stream: &c}
		if r.Precision == Float32 {
			return fresh[float32](&r, notes, inputs, outputs, readout)
		}
		return fresh[float64](&r, notes, inputs, outputs, readout)
	}, nil
}

func fresh[T tensor.Float](r *Recipe, notes Notes, inputs, outputs int, readout esn.Readout) (*Model, error) {
	n, err := esn.NewNetwork[T](r.Reservoir, inputs, outputs, readout)
	if err != nil {
		return nil, err
	}
	return newModel(stream[T]{n.Stream()}, notes)
}

// Differs returns an error that names the first field in which a network differs from what a recipe
// and columns would make.
func (m *Model) Differs(r Recipe, c Columns) error {
	mine := Recipe{Reservoir: m.work.Config(), Precision: m.precision(), Penalties: r.Penalties}
	var err error
	if mine.Readout, err = esn.EncodeReadout(m.work.Readout()); err != nil {
		return err
	}
	var before Columns
	if m.Notes.Stream != nil {
		before = *m.Notes.Stream
	}
	var documents [2][]byte
	for i, d := range []struct {
		r *Recipe
		c Columns
	}{{&mine, before}, {&r, c}} {
		if documents[i], err = json.Marshal(map[string]any{"precision": d.r.Precision, "reservoir": d.r.Reservoir, "readout": d.r.Readout, "columns": d.c}); err != nil {
			return err
		}
	}
	field, found, want, err := jsondiff.First(documents[0], documents[1])
	if err == nil && field != "" {
		err = fmt.Errorf("%s is %s, expected %s", field, found, want)
	}
	return err
}

// precision returns the type of the states.
func (m *Model) precision() string {
	if _, ok := m.work.(stream[float32]); ok {
		return Float32
	}
	return Float64
}

// Pipe turns rows of a text into predictions, one at a time.
type Pipe struct {
	// Model is at work, or nil: then Make makes it when the first row shows how many inputs it has.
	Model *Model
	Make  func(inputs, outputs int) (*Model, error)
	// Columns say what is learnt.
	Columns Columns
	// Row is called after each row, if it is there.
	Row func() error

	line     int
	comma    rune
	inputs   []int // columns
	targets  []int
	width    int
	u, truth []float64
	out      []byte
}

// LineError is what is wrong with a line of a stream. The rows before it have been read.
type LineError struct {
	Line int
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("standard input, line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// LostError says that a prediction is no number.
type LostError struct{ Row int }

// Error implements error.
func (e *LostError) Error() string {
	return fmt.Sprintf("the prediction of row %d is not a finite number: the readout does not converge; a larger readout.alpha, or a smaller readout.rate, is more stable", e.Row)
}

// maxLine is the largest line of a stream, in bytes.
const maxLine = 1 << 20

// Run reads rows of numbers, separated by commas, semicolons or tabs, up to the end, and writes for
// each, at once, a line with the outputs, separated by commas. A first line that is not of numbers
// holds names, which a stream that goes on remembers. Where a target is named, the readout learns
// it: with Columns.SameRow after the prediction of its row, otherwise from the row before, before
// the prediction of the next.
//
// It returns nil at the end of the stream, the error of the context when that ends, and a
// *LineError for a row that is malformed, of which nothing was taken. A Read that is under way when
// the context ends is left alone.
func (p *Pipe) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := make(chan []byte)
	ended := make(chan error, 1)
	done := make(chan struct{})
	defer close(done)
	go func() {
		s := bufio.NewScanner(in)
		s.Buffer(make([]byte, 0, 1<<12), maxLine)
		for s.Scan() {
			select {
			case lines <- slices.Clone(s.Bytes()):
			case <-done:
				return
			}
		}
		ended <- s.Err()
	}()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			if errors.Is(err, bufio.ErrTooLong) {
				return &LineError{p.line + 1, fmt.Errorf("more than %d bytes, expected a row of numbers", maxLine)}
			}
			return err
		case line := <-lines:
			p.line++
			if err := p.take(line, out); err != nil {
				return err
			}
		}
	}
}

// take reads a line.
func (p *Pipe) take(line []byte, out io.Writer) error {
	if p.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	if p.comma == 0 {
		p.comma = ','
		for _, c := range ";\t" {
			if strings.Count(string(line), string(c)) > strings.Count(string(line), string(p.comma)) {
				p.comma = c
			}
		}
	}
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = p.comma, -1, true
	fields, err := r.Read()
	if err != nil {
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			err = fmt.Errorf("%w, expected fields quoted as in RFC 4180", parse.Err)
		}
		return &LineError{p.line, err}
	}
	if p.width == 0 {
		named := slices.ContainsFunc(fields, func(f string) bool { _, err := number(f); return errors.Is(err, strconv.ErrSyntax) })
		var names []string
		if named {
			names = slices.Clone(fields)
		}
		if err := p.begin(len(fields), names); err != nil {
			return &LineError{p.line, err}
		}
		if named {
			return nil
		}
	}
	if len(fields) != p.width {
		return &LineError{p.line, fmt.Errorf("%d fields, expected %d as in the first line", len(fields), p.width)}
	}
	values := make([]float64, len(fields))
	for i, f := range fields {
		if values[i], err = number(f); err != nil {
			return &LineError{p.line, fmt.Errorf("field %d is %s, expected a finite number", i+1, quote.Text(f))}
		}
	}
	return p.row(values, out)
}

// number reads a finite number.
func number(field string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = strconv.ErrRange
	}
	return v, err
}

// begin settles which of the columns are what.
func (p *Pipe) begin(width int, names []string) error {
	if p.Model != nil && names == nil && len(p.Model.Notes.Names) == width {
		names = p.Model.Notes.Names
	}
	for _, name := range p.Columns.Targets {
		at := slices.IndexFunc(names, func(n string) bool { return strings.TrimSpace(n) == name })
		if n, err := strconv.Atoi(name); at < 0 && err == nil && n >= 0 && n < width {
			at = n
		}
		if at < 0 {
			if names == nil {
				return fmt.Errorf("no names, so that the target %s is not found, expected a first line of names, or a number from 0 to %d", quote.Text(name), width-1)
			}
			return fmt.Errorf("no column %s, expected one of %s, or a number from 0 to %d", quote.Text(name), quote.Text(strings.Join(names, ", ")), width-1)
		}
		if slices.Contains(p.targets, at) {
			return fmt.Errorf("target %s twice", quote.Text(name))
		}
		p.targets = append(p.targets, at)
	}
	for i := range width {
		if !p.Columns.SameRow || !slices.Contains(p.targets, i) {
			p.inputs = append(p.inputs, i)
		}
	}
	if p.Model == nil {
		m, err := p.Make(len(p.inputs), len(p.targets))
		if err != nil {
			return err
		}
		p.Model = m
	}
	if len(p.inputs) != p.Model.Inputs {
		return fmt.Errorf("%d columns of input, expected the %d of the network", len(p.inputs), p.Model.Inputs)
	}
	if len(p.targets) > 0 && len(p.targets) != p.Model.Outputs {
		return fmt.Errorf("%d targets, expected the %d outputs of the network", len(p.targets), p.Model.Outputs)
	}
	p.Model.Notes.Names = names
	p.width, p.u, p.truth = width, make([]float64, len(p.inputs)), make([]float64, len(p.targets))
	return nil
}

// row learns and predicts.
func (p *Pipe) row(values []float64, out io.Writer) error {
	for i, c := range p.inputs {
		p.u[i] = values[c]
	}
	for i, c := range p.targets {
		p.truth[i] = values[c]
	}
	if err := p.Model.Check(p.u); err != nil { // before anything of the row is taken
		return &LineError{p.line, err}
	}
	learns := len(p.targets) > 0
	if learns && !p.Columns.SameRow && p.Model.Steps() > 0 {
		if err := p.Model.Learn(p.truth); err != nil {
			return &LineError{p.line, err}
		}
	}
	y, err := p.Model.Step(p.u)
	if err != nil {
		return &LineError{p.line, err}
	}
	p.out = p.out[:0]
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &LostError{p.Model.Steps()}
		}
		if i > 0 {
			p.out = append(p.out, ',')
		}
		p.out = strconv.AppendFloat(p.out, v, 'g', -1, 64)
	}
	if _, err := out.Write(append(p.out, '\n')); err != nil {
		return err
	}
	if learns && p.Columns.SameRow {
		if err := p.Model.Learn(p.truth); err != nil {
			return &LineError{p.line, err}
		}
	}
	if p.Row != nil {
		return p.Row()
	}
	return nil
}
