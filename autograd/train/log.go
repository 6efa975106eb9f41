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

// openLog opens a log for appending. Rows whose first column is upTo or more are dropped: they were
// written after the checkpoint that the run goes on from.
func openLog(path string, upTo int) (*csvLog, error) {
	l := &csvLog{path: path}
	rows, err := readLog(path)
	if err != nil {
		return nil, err
	}
	kept := rows[:0]
	for i, r := range rows {
		if n, err := strconv.Atoi(r[0]); i == 0 || err == nil && n < upTo {
			kept = append(kept, r)
		}
	}
	if upTo == 0 {
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
