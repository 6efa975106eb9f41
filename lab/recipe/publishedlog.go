package recipe

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"

	"elegans/autograd/train"
	"elegans/data/atomicfile"
	"elegans/internal/regular"
)

// LogFile is the log of an autoencoder's run with the columns of the published one.
const LogFile = "log.csv"

// publishedColumns pairs the columns of the published log with those of epochs.csv.
var publishedColumns = [][2]string{
	{"epoch", "epoch"}, {"accuracy", "train_accuracy"}, {"loss", "train_loss"}, {"m0", "train_m0"}, {"m1", "train_m1"},
	{"val_accuracy", "valid_accuracy"}, {"val_loss", "valid_loss"}, {"val_m0", "valid_m0"}, {"val_m1", "valid_m1"},
}

// WriteLog writes log.csv from epochs.csv in the folder of a run: the columns of the published log
// in their order, epochs counted from 0 as there; what belongs to validation is left out in a run
// without. It is derived anew from the whole epochs.csv, so a run that was resumed has the log of
// one that was not.
func WriteLog(dir string) error {
	path := filepath.Join(dir, "epochs.csv")
	b, err := regular.ReadFile(path, train.MaxLog)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(rows) == 0 {
		return nil
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	out := make([][]string, len(rows))
	for _, c := range publishedColumns {
		from, ok := at[c[1]]
		if !ok {
			continue
		}
		out[0] = append(out[0], c[0])
		for i, row := range rows[1:] {
			value := row[from]
			if c[0] == "epoch" {
				value = strconv.Itoa(i)
			}
			out[i+1] = append(out[i+1], value)
		}
	}
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(out); err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, LogFile), text.Bytes())
}
