package train

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"elegans/data/atomicfile"
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

// readLog returns the whole rows of a log; a last line that a killed process left unfinished is
// dropped, and a missing file is an empty one.
func readLog(path string) ([][]string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	end := len(b)
	for end > 0 && b[end-1] != '\n' {
		end--
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(io.LimitReader(f, int64(end))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: not a log of this program: %w", path, err)
	}
	return rows, nil
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
