package train

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/internal/quote"
)

// FuzzProgress: no progress makes the reader of checkpoints panic, and one that it accepts is a
// place in the run, survives being written and read, and can be added to.
func FuzzProgress(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `null`, `[]`, `{"epochs_done":1,"batch":0,"step":4,"seen":40}`,
		`{"epochs_done":2,"batch":1,"step":9,"sums":{"names":["loss"],"sums":[1.5],"weight":[3]},"best":{"epoch":1,"value":0.5},"stale":1,"seconds":2.5,"seen":90}`,
		`{"epoch":1,"batch":0,"step":4,"best":{"epoch":0,"value":1},"seen":40}`, `{"epochs_done":1,"batch":0,"step":4,"sums":{"names":["a","b"],"sums":[1]}}`,
		`{"epochs_done":-1,"batch":0,"step":-4}`, `{"epochs_done":1e99,"batch":0,"step":0}`, `{"epochs_done":3,"batch":4,"step":16,"stopped":true,"seen":16}`,
		`{"epochs_done":0,"batch":0,"step":0,"optimizer":{"lr":1},"average":{"updates":2},"plateau":{"lr":0.1}}`, `{"epochs_done":0,"batch":0,"step":0,"sums":null}`,
	} {
		f.Add([]byte(s))
	}
	const epochs, steps, patience = 5, 4, 3
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodeProgress(b)
		if err == nil {
			err = p.check(epochs, steps, patience)
		}
		if err != nil {
			if text := quote.Line(err.Error()); text == "" || strings.ContainsAny(text, "\n\r\x1b") {
				t.Fatalf("error %q", text)
			}
			return
		}
		if p.Epochs < 0 || p.Epochs > epochs || p.Batch < 0 || p.Batch > steps || p.Step != p.Epochs*steps+p.Batch || p.Stale < 0 {
			t.Fatalf("a place that is none was accepted: %+v", p)
		}
		p.Sums.Add("loss", 1, 2)
		p.Sums.means()
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeProgress(text)
		if err == nil {
			err = again.check(epochs, steps, patience)
		}
		if err != nil {
			t.Fatalf("%s\nwas written as\n%s\nwhich is refused: %v", b, text, err)
		}
		if twice, err := json.Marshal(again); err != nil || string(twice) != string(text) {
			t.Fatalf("%s\nbecame\n%s", text, twice)
		}
	})
}

// FuzzEpochs: no epochs.csv makes its reader panic; one that it accepts has a row of numbers for
// every epoch from 1 on.
func FuzzEpochs(f *testing.F) {
	for _, s := range []string{
		"", "epoch\n", "epoch,train_loss,valid_accuracy,lr\n1,0.5,0.25,0.1\n2,0.25,0.5,0.05\n", "epoch,a\n1,2\n3,4\n", "epoch,a\n1,2,3\n",
		"epoch,a\n0,2\n1,3\n", "epoch,a\n1,NaN\n", "epoch,a\n1,x\n", "epoch,a,a\n1,2,3\n", "a\n1\n", "epoch,a\n1,2\n2,", "\"epoch\",\"a\nb\"\n1,2\n",
		"epoch,a\r\n1,2\r\n", "\xef\xbb\xbfepoch,a\n1,2\n", "epoch,\x1b[31m\n1,2\n", strings.Repeat(",", 500) + "\n",
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		// one file for each process of the fuzzer
		if err := os.WriteFile(filepath.Join(dir, EpochsFile), b, 0o666); err != nil {
			t.Fatal(err)
		}
		l, err := ReadEpochs(dir)
		if err != nil {
			if text := quote.Line(err.Error()); !strings.Contains(text, EpochsFile) || strings.ContainsAny(text, "\n\r\x1b") {
				t.Fatalf("error %q", text)
			}
			return
		}
		for i, row := range l.Values {
			if len(row) != len(l.Columns) || row[0] != float64(i+1) {
				t.Fatalf("row %d is %v under %q", i, row, l.Columns)
			}
		}
		for _, name := range l.Columns {
			if v, ok := l.Column(name); !ok || len(v) != len(l.Values) {
				t.Fatalf("column %q: %v", name, v)
			}
		}
	})
}
