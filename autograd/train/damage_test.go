package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/train"
	"elegans/data/safetensors"
)

// stopped makes a run of 4 epochs that was stopped in the third, and returns its folder.
func stopped(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	tr := newTrainer(dir, 4)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	tr.OnStep = func(p train.Progress) {
		if p.Epoch == 3 && p.Batch == 2 {
			stop()
		}
	}
	if _, err := tr.Run(ctx); !errors.Is(err, train.ErrStopped) {
		t.Fatal(err)
	}
	return dir
}

// rewriteLast changes the metadata of last.safetensors. The arrays stay; with summed the file gets
// a new checksum, otherwise none.
func rewriteLast(t *testing.T, dir string, summed bool, change func(meta map[string]string)) {
	t.Helper()
	path := filepath.Join(dir, train.LastFile)
	f := open(t, path)
	arrays := map[string]safetensors.Array{}
	for _, name := range f.Names() {
		v, err := safetensors.Get[float32](f, name)
		if err != nil {
			t.Fatal(err)
		}
		arrays[name] = safetensors.Of(v)
	}
	meta := f.Metadata()
	delete(meta, safetensors.ChecksumKey)
	change(meta)
	if summed {
		meta = safetensors.WithChecksum(arrays, meta)
	}
	if err := safetensors.Write(path, arrays, meta); err != nil {
		t.Fatal(err)
	}
}

// progressOf changes the progress in last.safetensors, as somebody would who can count a checksum.
func progressOf(change func(p map[string]any)) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		rewriteLast(t, dir, true, func(meta map[string]string) {
			var p map[string]any
			if err := json.Unmarshal([]byte(meta["progress"]), &p); err != nil {
				t.Fatal(err)
			}
			change(p)
			b, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			meta["progress"] = string(b)
		})
	}
}

// edit changes the text of a file.
func edit(name string, change func(text string) string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		after := change(string(b))
		if after == string(b) {
			t.Fatalf("%s was not changed", name)
		}
		if err := os.WriteFile(path, []byte(after), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// without removes a file.
func without(name string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// aFolder puts a folder in the place of a file.
func aFolder(name string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		without(name)(t, dir)
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// flip changes one bit in the last bytes of a file, which are numbers.
func flip(name string) func(t *testing.T, dir string) {
	return edit(name, func(text string) string {
		b := []byte(text)
		b[len(b)-100] ^= 1
		return string(b)
	})
}

// line changes a line of a text, counted from 1.
func line(n int, change func(line string) string) func(text string) string {
	return func(text string) string {
		lines := strings.SplitAfter(text, "\n")
		lines[n-1] = change(lines[n-1])
		return strings.Join(lines, "")
	}
}

func always(s string) func(string) string { return func(string) string { return s } }

// TestDamagedRuns refuses to go on with what is no longer whole, in one line that names the file,
// and leaves the folder as it is.
func TestDamagedRuns(t *testing.T) {
	dir := stopped(t)
	type p = map[string]any
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		file   string // that the error names
		want   string
	}{
		{"a bit of a weight", flip(train.LastFile), train.LastFile, "checksum"},
		{"a bit of a best weight", flip(train.BestFile), train.BestFile, "checksum"},
		{"no checkpoint", without(train.LastFile), "", "no such file"},
		{"an empty checkpoint", edit(train.LastFile, always("")), train.LastFile, "0 bytes"},
		{"half a checkpoint", edit(train.LastFile, func(s string) string { return s[:len(s)/2] }), train.LastFile, "bytes of data"},
		{"a text", edit(train.LastFile, always("not a checkpoint\n")), train.LastFile, "header length"},
		{"a folder", aFolder(train.LastFile), train.LastFile, "regular file"},
		{"no best", without(train.BestFile), train.BestFile, "not there, expected the parameters of the best epoch"},
		{"half of the best", edit(train.BestFile, func(s string) string { return s[:len(s)/2] }), train.BestFile, "bytes of data"},
		{"best is a folder", aFolder(train.BestFile), train.BestFile, "regular file"},
		{"another description", edit(train.ConfigFile, always(`{"test":false}`)), train.ConfigFile,
			"another configuration: test is false there and true now"},
		{"no description", edit(train.ConfigFile, always(`{`)), train.ConfigFile, "its configuration: "},
		{"description is a folder", aFolder(train.ConfigFile), train.ConfigFile, "expected a file"},
		{"a row less", edit("epochs.csv", line(3, always(""))), "epochs.csv", "rows for 1 epochs, expected one for each of the 2"},
		{"the first row less", edit("epochs.csv", line(2, always(""))), "epochs.csv:2", "epoch 2, expected 1"},
		{"no rows", edit("epochs.csv", always("")), "epochs.csv", "rows for 0 epochs, expected one for each of the 2"},
		{"no log", without("epochs.csv"), "epochs.csv", "rows for 0 epochs"},
		{"a row twice", edit("epochs.csv", line(2, func(s string) string { return s + s })), "epochs.csv:3", "epoch 1, expected 2"},
		{"a short row", edit("epochs.csv", line(2, always("1,2\n"))), "epochs.csv:2", "wrong number of fields"},
		{"a quote", edit("epochs.csv", line(2, always("1,\"2\n"))), "epochs.csv:3", `"`},
		{"no number", edit("epochs.csv", line(3, always("2,x\x1b[31m,0,0,0,0\n"))), "epochs.csv:3", `"train_accuracy" is "x\x1b[31m", expected a number`},
		{"no header", edit("epochs.csv", line(1, always(""))), "epochs.csv:1", `column 1 is "1", expected epoch`},
		{"a column twice", edit("epochs.csv", line(1, func(s string) string {
			return strings.Replace(s, "valid_loss", "valid_accuracy", 1)
		})), "epochs.csv:1", `column 5 is "valid_accuracy"`},
		{"log is a folder", aFolder("epochs.csv"), "epochs.csv", "expected a file"},

		{"no progress", func(t *testing.T, dir string) {
			rewriteLast(t, dir, true, func(meta map[string]string) { delete(meta, "progress") })
		}, train.LastFile, "parameters alone"},
		{"progress is no JSON", func(t *testing.T, dir string) {
			rewriteLast(t, dir, true, func(meta map[string]string) { meta["progress"] = `{"step":` })
		}, train.LastFile, "the progress in its metadata is damaged"},
		{"empty progress", func(t *testing.T, dir string) {
			rewriteLast(t, dir, true, func(meta map[string]string) { meta["progress"] = `{}` })
		}, train.LastFile, "found no epochs_done, batch or step"},
		{"infinite seconds", func(t *testing.T, dir string) {
			rewriteLast(t, dir, true, func(meta map[string]string) {
				meta["progress"] = strings.Replace(meta["progress"], `"seconds":`, `"seconds":1e999,"s":`, 1)
			})
		}, train.LastFile, "the progress in its metadata is damaged"},
		{"another configuration", func(t *testing.T, dir string) {
			rewriteLast(t, dir, true, func(meta map[string]string) { meta["config"] = `{"test":1}` })
		}, train.LastFile, "test is 1 there and true now"},
		{"a position outside", progressOf(func(p p) { p["batch"] = 10000 }), train.LastFile, "expected a place in 4 epochs of"},
		{"negative epochs", progressOf(func(p p) { p["epochs_done"] = -1 }), train.LastFile, "expected a place in 4 epochs of"},
		{"another step", progressOf(func(p p) { p["step"] = 0 }), train.LastFile, "expected a place in 4 epochs of"},
		{"half a step", progressOf(func(p p) { p["step"] = 1.5 }), train.LastFile, "the progress in its metadata is damaged"},
		{"fewer sums", progressOf(func(p p) { p["sums"].(map[string]any)["sums"] = []float64{1} }), train.LastFile,
			"sums: 2 names, 1 sums and 2 weights"},
		{"no weights", progressOf(func(p p) { delete(p["sums"].(map[string]any), "weight") }), train.LastFile,
			"sums: 2 names, 2 sums and 0 weights"},
		{"more names", progressOf(func(p p) { p["sums"].(map[string]any)["names"] = []string{"a", "b", "c"} }), train.LastFile,
			"sums: 3 names"},
		{"a name twice", progressOf(func(p p) { p["sums"].(map[string]any)["names"] = []string{"a", "a"} }), train.LastFile,
			`sums: the name "a"`},
		{"a negative weight", progressOf(func(p p) { p["sums"].(map[string]any)["weight"] = []float64{1, -1} }), train.LastFile,
			`the weight -1 of "loss"`},
		{"best to come", progressOf(func(p p) { p["best"].(map[string]any)["epoch"] = 3 }), train.LastFile, "best.epoch 3"},
		{"best epoch 0", progressOf(func(p p) { p["best"].(map[string]any)["epoch"] = 0 }), train.LastFile, "best.epoch 0"},
		{"stale", progressOf(func(p p) { p["stale"] = 7 }), train.LastFile, "stale 7, expected"},
		{"stopped early", progressOf(func(p p) { p["stopped"] = true }), train.LastFile, "stopped early"},
		{"negative seconds", progressOf(func(p p) { p["seconds"] = -1 }), train.LastFile, "seconds -1"},
		{"nothing seen", progressOf(func(p p) { p["seen"] = 0 }), train.LastFile, "seen 0"},
		{"a count of a state", progressOf(func(p p) { p["optimizer"].(map[string]any)["1.weight.count"] = -3 }), train.LastFile,
			`"1.weight.count" is -3, expected a count`},
		{"no rate", progressOf(func(p p) { delete(p["optimizer"].(map[string]any), "lr") }), train.LastFile, `no number "lr"`},
		{"no average", progressOf(func(p p) { delete(p, "average") }), train.LastFile, "average state"},
	} {
		damaged := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		c.damage(t, damaged)
		before := content(t, damaged)
		err := newTrainer(damaged, 4).Resume()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			!strings.Contains(err.Error(), filepath.Join(damaged, c.file)) {
			t.Errorf("%s: error %v, expected %q of %s", c.name, err, c.want, c.file)
		}
		if after := content(t, damaged); after != before {
			t.Errorf("%s: the folder was changed", c.name)
		}
	}
}

// content returns names and texts of everything in a folder.
func content(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		b.WriteString(path + "\n")
		if d.Type().IsRegular() {
			text, err := os.ReadFile(filepath.Join(dir, path))
			b.Write(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWholeRuns goes on where nothing is lost: a checkpoint without a checksum, as former programs
// wrote it, a link to the checkpoint, a config.json that is lost, and a log whose last line is cut.
// All come to the same end.
func TestWholeRuns(t *testing.T) {
	whole := t.TempDir()
	run(t, newTrainer(whole, 4))
	dir := stopped(t)
	for name, change := range map[string]func(t *testing.T, dir string){
		"nothing":     func(*testing.T, string) {},
		"no checksum": func(t *testing.T, dir string) { rewriteLast(t, dir, false, func(map[string]string) {}) },
		"a link": func(t *testing.T, dir string) {
			path, elsewhere := filepath.Join(dir, train.LastFile), filepath.Join(t.TempDir(), "elsewhere")
			if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
				t.Skip(err)
			}
		},
		"no config.json": without(train.ConfigFile),
		"a cut line":     edit("epochs.csv", func(s string) string { return s + "3,0.5" }),
		"half a save": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, ".last.safetensors.01234567.tmp"), []byte("half"), 0o666); err != nil {
				t.Fatal(err)
			}
		},
		"later rows": edit("epochs.csv", func(s string) string { return s + "3,0,0,0,0,0\n" }),
	} {
		copied := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		change(t, copied)
		tr := newTrainer(copied, 4)
		if err := tr.Resume(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		run(t, tr)
		same(t, whole, copied)
		if left, err := filepath.Glob(filepath.Join(copied, ".*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left %q (%v)", name, left, err)
		}
	}
}

// TestStopInValidation stops a run while it validates: the checkpoint stands before the validation,
// which the next session makes.
func TestStopInValidation(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	run(t, newTrainer(whole, 3))
	tr := newTrainer(parts, 3)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := 0
	tr.Valid = counted{tr.Valid, func() {
		if served++; served == tr.Valid.Steps()+2 { // in the second epoch
			stop()
		}
	}}
	if _, err := tr.Run(ctx); !errors.Is(err, train.ErrStopped) {
		t.Fatal(err)
	}
	log, err := train.ReadEpochs(parts)
	if err != nil || len(log.Values) != 1 {
		t.Errorf("%d epochs in the log (%v), expected 1", len(log.Values), err)
	}
	tr = newTrainer(parts, 3)
	if err := tr.Resume(); err != nil {
		t.Fatal(err)
	}
	run(t, tr)
	same(t, whole, parts)
}

// counted is a source that says when it serves a batch.
type counted struct {
	train.Source[float32]
	served func()
}

func (c counted) Next() (train.Batch[float32], bool) {
	c.served()
	return c.Source.Next()
}

// TestStopWithoutCheckpoint reports that nothing could be saved, which is no orderly stop.
func TestStopWithoutCheckpoint(t *testing.T) {
	dir := t.TempDir()
	tr := newTrainer(dir, 4)
	tr.Save = 0
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	tr.OnStep = func(p train.Progress) {
		if p.Step == 3 {
			aFolder(train.LastFile)(t, dir)
			stop()
		}
	}
	_, err := tr.Run(ctx)
	if err == nil || errors.Is(err, train.ErrStopped) || !strings.Contains(err.Error(), "no checkpoint was saved") {
		t.Errorf("error %v", err)
	}
}

// TestReadEpochs reads the log of a run by columns.
func TestReadEpochs(t *testing.T) {
	dir := stopped(t)
	l, err := train.ReadEpochs(dir)
	if err != nil || len(l.Values) != 2 {
		t.Fatal(l, err)
	}
	loss, ok := l.Column("train_loss")
	if !ok || len(loss) != 2 || !(loss[1] < loss[0]) || math.IsNaN(loss[0]) {
		t.Errorf("losses %v, %v", loss, ok)
	}
	if _, ok := l.Column("m0"); ok {
		t.Error("a column that is not there")
	}
	if l, err := train.ReadEpochs(t.TempDir()); err != nil || len(l.Values) != 0 {
		t.Errorf("no log: %v, %v", l, err)
	}
}
