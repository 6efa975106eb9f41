package train

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"elegans/data/atomicfile"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// csvLog appends rows to a CSV file whose first column is a number that grows.
type csvLog struct {
	path   string
	header []string
	file   *os.File
	w      *csv.Writer
	row    []string
}

// openLog opens a log for appending. Rows whose first column is more than last are dropped: they
// were written after the checkpoint that the run goes on from. renumber gets the rows, the header
// first, as an earlier program may have written them.
func openLog(path string, last int, renumber func(rows [][]string)) (*csvLog, error) {
	l := &csvLog{path: path}
	rows, err := readLog(path)
	if err != nil {
		return nil, err
	}
	renumber(rows)
	kept := rows[:0]
	for i, r := range rows {
		if n, err := strconv.Atoi(r[0]); i == 0 || err == nil && n <= last {
			kept = append(kept, r)
		}
	}
	if last == 0 {
		kept = nil
	}
	if len(kept) > 0 {
		l.header = kept[0]
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		c := csv.NewWriter(w)
		return errors.Join(c.WriteAll(kept), c.Error())
	})
	if err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
		return nil, err
	}
	l.w = csv.NewWriter(l.file)
	return l, nil
}

// renumberEpochs makes the first column count from 1: former programs counted from 0.
func renumberEpochs(rows [][]string) {
	if len(rows) < 2 || rows[1][0] != "0" {
		return
	}
	for _, r := range rows[1:] {
		if n, err := strconv.Atoi(r[0]); err == nil {
			r[0] = strconv.Itoa(n + 1)
		}
	}
}

// renumberSteps makes the second column of steps.csv, the epoch, count from 1. It is a function of
// the first, the number of the step.
func renumberSteps(perEpoch int) func(rows [][]string) {
	return func(rows [][]string) {
		for i, r := range rows {
			if step, err := strconv.Atoi(r[0]); i > 0 && err == nil && len(r) > 1 {
				r[1] = strconv.Itoa((step-1)/perEpoch + 1)
			}
		}
	}
}

// EpochLog is the content of epochs.csv.
type EpochLog struct {
	Columns []string    // the first is "epoch"
	Values  [][]float64 // a row an epoch, from epoch 1 on
}

// Column returns the values of a column; ok is false if there is none of that name.
func (l *EpochLog) Column(name string) (values []float64, ok bool) {
	k := slices.Index(l.Columns, name)
	if k < 0 {
		return nil, false
	}
	for _, row := range l.Values {
		values = append(values, row[k])
	}
	return values, true
}

// ReadEpochs reads epochs.csv in the folder of a run. A missing file is an empty log. An error
// names file and line where a row is not of the epoch that is due, or has something else than
// numbers.
func ReadEpochs(dir string) (*EpochLog, error) {
	path := filepath.Join(dir, EpochsFile)
	rows, err := readLog(path)
	if err != nil || len(rows) == 0 {
		return &EpochLog{}, err
	}
	renumberEpochs(rows)
	l := &EpochLog{Columns: rows[0]}
	for i, name := range rows[0] {
		if i == 0 && name != "epoch" || slices.Contains(rows[0][:i], name) {
			return nil, fmt.Errorf("%s:1: column %d is %s, expected epoch and then names that differ", path, i+1, quote.Text(name))
		}
	}
	for i, row := range rows[1:] {
		values := make([]float64, len(row))
		for k, text := range row {
			if values[k], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("%s:%d: %s is %s, expected a number", path, i+2, quote.Text(rows[0][k]), quote.Text(text))
			}
		}
		if values[0] != float64(i+1) {
			return nil, fmt.Errorf("%s:%d: epoch %v, expected %d", path, i+2, values[0], i+1)
		}
		l.Values = append(l.Values, values)
	}
	return l, nil
}

// MaxLog is the largest log that is read, in bytes: far more than a row for each of the epochs that
// a run can have.
const MaxLog = 1 << 30

// readLog returns the whole rows of a log; a last line that a killed process left unfinished is
// dropped, and a missing file is an empty one.
func readLog(path string) ([][]string, error) {
	b, err := regular.ReadFile(path, MaxLog)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(b[:bytes.LastIndexByte(b, '\n')+1])).ReadAll()
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return nil, fmt.Errorf("%s:%d: %w, expected a log of this program", path, parse.Line, parse.Err)
	}
	return rows, err
}

// write appends a row, and the header before the first; columns are given once.
func (l *csvLog) write(header []string, first int, values ...float64) error {
	if l.header == nil {
		l.header = append([]string{}, header...)
		if err := l.w.Write(l.header); err != nil {
			return err
		}
	}
	l.row = append(l.row[:0], strconv.Itoa(first))
	for _, v := range values {
		l.row = append(l.row, strconv.FormatFloat(v, 'g', -1, 64))
	}
	return l.w.Write(l.row)
}

// flush puts the rows on the disk, so that they survive what the checkpoint written after them
// survives.
func (l *csvLog) flush() error {
	l.w.Flush()
	return errors.Join(l.w.Error(), l.file.Sync())
}

func (l *csvLog) close() error { return errors.Join(l.flush(), l.file.Close()) }
