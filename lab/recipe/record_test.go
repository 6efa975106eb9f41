package recipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/autograd/train"
	"elegans/data"
	"elegans/internal/reference"
	"elegans/lab/zoo"
	"elegans/tensor"
)

// rows writes lines of a CSV file: images of 2x2 in which the bright pixel tells the class.
func rows(n int, bright int, classes ...string) string {
	var b strings.Builder
	for i := range n {
		k := i % len(classes)
		b.WriteString(classes[k])
		for j := range 4 {
			v := 0
			if j == int(classes[k][0]-'a')%4 {
				v = bright
			}
			fmt.Fprintf(&b, ",%d", v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// onCSV is a recipe of a few steps on a CSV file, or a folder of two.
func onCSV(path string) Config {
	c := Default("mlp")
	c.Model.Config = zoo.MLPConfig{Hidden: []int{4}}
	c.Data.Name, c.Data.Dir = "csv", path
	c.Train.Epochs, c.Train.Batch = 3, 8
	return c
}

func fit(t *testing.T, c Config, dir string) *Model {
	t.Helper()
	m, err := Fit(context.Background(), c, dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestRecord looks at what a run records of files with and without a division of their own.
func TestRecord(t *testing.T) {
	dir := t.TempDir()
	whole := writeFile(t, filepath.Join(dir, "whole.csv"), rows(40, 255, "a", "b"))
	writeFile(t, filepath.Join(dir, "two", "train.csv"), rows(30, 255, "a", "b"))
	writeFile(t, filepath.Join(dir, "two", "test.csv"), rows(10, 1, "a", "b"))
	for path, want := range map[string]string{
		whole:                     "all 40; [0 255]; used 29 3 8",
		filepath.Join(dir, "two"): "train 30, test 10; [0 255]; used 27 3 10",
	} {
		c := onCSV(path)
		m := fit(t, c, filepath.Join(dir, "run", filepath.Base(path)))
		r := m.Config.Data.Record
		var parts []string
		for _, p := range r.Parts {
			parts = append(parts, fmt.Sprintf("%s %d", p.Name, p.Images))
			if len(p.SHA256) != 64 {
				t.Errorf("sum %q", p.SHA256)
			}
		}
		got := fmt.Sprintf("%s; %v; used %d %d %d", strings.Join(parts, ", "), r.Range, r.Used.Train, r.Used.Valid, r.Used.Test)
		if got != want {
			t.Errorf("%s: %s, want %s", filepath.Base(path), got, want)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "run", filepath.Base(path), train.ConfigFile)); err != nil || !strings.Contains(string(b), r.Parts[0].SHA256) {
			t.Errorf("config.json lacks the record (%v): %s", err, b)
		}
	}
}

// TestDataOfTheRun changes the files of a run. Changes are found wherever they are, also outside
// the part that is used.
func TestDataOfTheRun(t *testing.T) {
	base := t.TempDir()
	one := func(dir string) string { return filepath.Join(dir, "data.csv") }
	text := rows(40, 255, "a", "b")
	two := map[string]string{"train.csv": rows(30, 255, "a", "b"), "test.csv": rows(10, 255, "a", "b")}
	for name, c := range map[string]struct {
		limit  int
		change func(dir string) // of the data
		want   string
	}{
		"nothing":       {0, func(string) {}, ""},
		"a pixel":       {0, func(dir string) { writeFile(t, one(dir), strings.Replace(text, "255", "254", 1)) }, "its part all has 40 images with the SHA-256 "},
		"a label":       {0, func(dir string) { writeFile(t, one(dir), "b"+text[1:]) }, "its part all has 40 images"},
		"an image more": {0, func(dir string) { writeFile(t, one(dir), text+"a,255,0,0,0\n") }, "its part all has 41 images"},
		"an image less": {0, func(dir string) { writeFile(t, one(dir), rows(39, 255, "a", "b")) }, "its part all has 39 images"},
		"the order": {0, func(dir string) {
			lines := strings.SplitAfter(text, "\n")
			writeFile(t, one(dir), strings.Join(lines[1:], "")+lines[0])
		}, "its part all"},
		"a name of a class": {0, func(dir string) { writeFile(t, one(dir), strings.ReplaceAll(text, "b,", "f,")) }, `"f"`},
		"an image beyond the limit": {10, func(dir string) {
			writeFile(t, one(dir), text[:len(text)-len("255,0,0\n")]+"254,0,0\n")
		}, "its part all"},
		"a division of their own": {0, func(dir string) {
			if err := os.Remove(one(dir)); err != nil {
				t.Fatal(err)
			}
			for file, text := range two {
				writeFile(t, filepath.Join(one(dir), file), text)
			}
		}, "it comes as train and test, that as all"},
	} {
		dir := filepath.Join(base, strings.ReplaceAll(name, " ", "-"))
		writeFile(t, one(dir), text)
		conf := onCSV(one(dir))
		conf.Data.Limit = c.limit
		m := fit(t, conf, filepath.Join(dir, "run"))
		c.change(dir)
		check := func(what string, err error) {
			t.Helper()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: error %v, want %q", name, what, err, c.want)
			}
		}
		_, err := Fit(context.Background(), conf, filepath.Join(dir, "run"))
		check("going on", err)
		_, err = m.Config.OpenGiven(context.Background(), nil, nil, Source{})
		check("measuring", err)
		if err != nil && name == "a pixel" {
			var changed *ChangedError
			if !errors.As(err, &changed) || !strings.Contains(err.Error(), "--data-dir") {
				t.Errorf("error %v", err)
			}
		}
		moved := filepath.Join(dir, "moved", "to")
		if err := os.MkdirAll(filepath.Dir(moved), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(one(dir), moved); err != nil {
			t.Fatal(err)
		}
		if name != "a name of a class" {
			g, err := m.Config.OpenGiven(context.Background(), nil, &moved, Source{})
			if err != nil || g.Own != (c.want == "") {
				t.Errorf("%s: data that have moved: own %v, error %v", name, g.Own, err)
			}
		}
		conf.Data.Dir = moved
		_, err = Fit(context.Background(), conf, filepath.Join(dir, "run"))
		check("going on with data that have moved", err)
	}
}

// TestOtherData measures a model on data that are not the run's.
func TestOtherData(t *testing.T) {
	dir := t.TempDir()
	trained := writeFile(t, filepath.Join(dir, "train.csv"), rows(90, 255, "a", "b", "c"))
	c := onCSV(trained)
	c.Train.Epochs, c.Train.LR = 40, .03
	m := fit(t, c, filepath.Join(dir, "run"))
	if m.Test.Accuracy != 1 {
		t.Fatalf("accuracy %v of three pixels", m.Test.Accuracy)
	}
	for name, f := range map[string]struct{ text, want string }{
		"a part of the classes":      {rows(20, 255, "c", "b"), "20 of 20 right"},
		"one class":                  {rows(7, 255, "c"), "7 of 7 right"},
		"an unknown class":           {rows(20, 255, "b", "c", "d"), `data set csv has images of "d", which is not among the classes "a", "b", "c" of the run`},
		"unknown classes":            {rows(20, 255, "d", "e"), `"d", "e", which are not among`},
		"numbers in place of names":  {strings.NewReplacer("a,", "0,", "b,", "1,").Replace(rows(20, 255, "a", "b")), `"0", "1", which are not among`},
		"another form":               {"a,1,2\nb,2,1\na,1,2\nb,2,1\na,1,2\nb,2,1\n", "has images of [1 1 2] (channels, height, width), this model expects [1 2 2]"},
		"zeros and ones by chance":   {rows(20, 1, "a", "b"), "20 images"},
		"values between 0 and 1":     {strings.ReplaceAll(rows(20, 1, "a", "b"), ",1", ",0.5"), "has values between 0 and 1, the run had whole numbers up to 255"},
		"values above those trained": {rows(20, 300, "a", "b"), "300, expected 0 to 255"},
	} {
		path := writeFile(t, filepath.Join(dir, "other.csv"), f.text)
		g, err := m.Config.OpenGiven(context.Background(), nil, &path, Source{})
		if err != nil {
			if !strings.Contains(err.Error(), f.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error %v, want %q", name, err, f.want)
			}
			continue
		}
		d, what, err := g.Part("")
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Config.Predict(context.Background(), m.Net, d)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%d of %d right, %d images", p.Correct(), d.Len(), d.Len())
		if !strings.Contains(got, f.want) || g.Own || what != fmt.Sprintf("all %d images of other.csv (csv), which is not the run's data", d.Len()) {
			t.Errorf("%s: %s (%s), want %s", name, got, what, f.want)
		}
		if name == "zeros and ones by chance" {
			var pixels [4]float32
			if d.Pixels(pixels[:], 0); pixels[0] != 1./255 {
				t.Errorf("%s: %v, expected the scale of the run", name, pixels)
			}
		}
		for _, part := range []string{"train", "valid", "test"} {
			if _, _, err := g.Part(part); err == nil {
				t.Errorf("%s: there is a part %s", name, part)
			}
		}
	}

	// Files with a division of their own keep it.
	two := filepath.Join(dir, "two")
	writeFile(t, filepath.Join(two, "train.csv"), rows(30, 255, "a", "b"))
	writeFile(t, filepath.Join(two, "test.csv"), rows(10, 255, "b", "a"))
	g, err := m.Config.OpenGiven(context.Background(), nil, &two, Source{})
	if err != nil {
		t.Fatal(err)
	}
	if d, what, err := g.Part(""); err != nil || d.Len() != 10 || what != "test part of two (csv), which is not the run's data" {
		t.Errorf("%s: %v", what, err)
	}
	if _, _, err := g.Part("valid"); err == nil {
		t.Error("there is a validation part")
	}
	if d, _, err := g.Part("train"); err != nil || d.Len() != 30 {
		t.Errorf("training part: %v", err)
	}

	// The images that a run was trained on are known under any name.
	whole := writeFile(t, filepath.Join(dir, "folder", "train.csv"), rows(90, 255, "a", "b", "c"))
	writeFile(t, filepath.Join(dir, "folder", "test.csv"), rows(9, 255, "a", "b", "c"))
	folder := filepath.Dir(whole)
	if g, err = m.Config.OpenGiven(context.Background(), nil, &folder, Source{}); err != nil || g.Own || !strings.Contains(strings.Join(g.Notes, ";"), "the part all of the run's own data is among these images") {
		t.Errorf("%+v: %v", g, err)
	}
	copied := onCSV(writeFile(t, filepath.Join(dir, "copy.csv"), rows(90, 255, "a", "b", "c")))
	copied.Data.SplitSeed++
	copied.Train.From = filepath.Join(dir, "run", train.LastFile)
	if _, err := Fit(context.Background(), copied, filepath.Join(dir, "seen")); err == nil || !strings.Contains(err.Error(), "trained on images that would judge it now") {
		t.Errorf("a copy of the run's data, divided otherwise: %v", err)
	}

	// Another set is never read from the run's folder.
	if err := os.Remove(trained); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	name := "fashion-mnist"
	if _, err := m.Config.OpenGiven(context.Background(), &name, nil, Source{}); err == nil || !strings.Contains(err.Error(), "--download") {
		t.Errorf("fashion-mnist that nobody has: %v", err)
	}
}

// TestOldRunsAreNotCompared: what an earlier program did not record is left as it is.
func TestOldRunsAreNotCompared(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, filepath.Join(dir, "data.csv"), rows(40, 255, "a", "b"))
	m := fit(t, onCSV(path), filepath.Join(dir, "run"))
	m.Config.Data.Record = nil
	other := writeFile(t, filepath.Join(dir, "other.csv"), rows(12, 255, "a", "b"))
	g, err := m.Config.OpenGiven(context.Background(), nil, &other, Source{})
	if err != nil || g.Own || g.Whole.Len() != 12 || !strings.Contains(strings.Join(g.Notes, ";"), "no record") {
		t.Errorf("%+v: %v", g, err)
	}
	if g, err = m.Config.OpenGiven(context.Background(), nil, &path, Source{}); err != nil || !g.Own {
		t.Errorf("the folder of the run: %v", err)
	}
	former, err := readConfig(filepath.Join(checkpoints, "stopped", train.LastFile))
	if err != nil || former.Data.Record != nil {
		t.Fatalf("%v", err)
	}
}

// TestFormerRunKeepsItsDescription goes on with a run of an earlier program by Begin: its
// description stays without a record.
func TestFormerRunKeepsItsDescription(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(checkpoints, "stopped"))); err != nil {
		t.Fatal(err)
	}
	c, err := ReadRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	run, err := Begin(context.Background(), c, dir, Options{Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	run.OnStep = func(train.Progress) { stop() }
	if _, err := run.Fit(ctx); !errors.Is(err, train.ErrStopped) {
		t.Fatal(err)
	}
	run.Close()
	if c, err := ReadRun(dir); err != nil || c.Data.Record != nil {
		t.Errorf("the record is %+v (%v)", c.Data.Record, err)
	}
}

// TestPartsThatDoNotFit are refused before anything is trained or written.
func TestPartsThatDoNotFit(t *testing.T) {
	dir := t.TempDir()
	for name, f := range map[string]struct{ train, test, want string }{
		"another form":     {rows(20, 255, "a", "b"), "a,1,2\nb,2,1\n", "test.csv: 2 values a row, expected 4 as in train.csv"},
		"an unknown class": {rows(20, 255, "a", "b"), rows(6, 255, "a", "c"), `"c", which is not among the classes "a", "b" of the training part`},
		"numbers":          {"0,1,0,0,0\n2,0,1,0,0\n0,1,0,0,0\n2,0,1,0,0\n", "0,1,0,0,0\n1,0,1,0,0\n", `"1", which is not among the classes "0", "2" of the training part`},
	} {
		data := filepath.Join(dir, "data")
		writeFile(t, filepath.Join(data, "train.csv"), f.train)
		writeFile(t, filepath.Join(data, "test.csv"), f.test)
		_, err := Fit(context.Background(), onCSV(data), filepath.Join(dir, "run"))
		if err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: error %v, want %q", name, err, f.want)
		}
		if _, err := os.Stat(filepath.Join(dir, "run")); err == nil {
			t.Fatalf("%s: a folder was made", name)
		}
	}
}

// TestFromKeepsTheClasses: a model knows classes by number, so a run that begins with it counts its
// labels in the same order.
func TestFromKeepsTheClasses(t *testing.T) {
	dir := t.TempDir()
	c := onCSV(writeFile(t, filepath.Join(dir, "abc.csv"), rows(60, 255, "a", "b", "c")))
	c.Train.Epochs, c.Train.LR = 40, .03
	fit(t, c, filepath.Join(dir, "first"))
	second := onCSV(writeFile(t, filepath.Join(dir, "cb.csv"), rows(40, 255, "c", "b")))
	second.Train.Epochs, second.Train.LR = 1, 0
	second.Train.From = filepath.Join(dir, "first", train.LastFile)
	m := fit(t, second, filepath.Join(dir, "second"))
	if !slices.Equal(m.Config.Data.Classes, []string{"a", "b", "c"}) || m.Test.Accuracy != 1 {
		t.Errorf("classes %q, accuracy %v of a model that knows all of them", m.Config.Data.Classes, m.Test.Accuracy)
	}
	second.Data.Dir = writeFile(t, filepath.Join(dir, "cd.csv"), rows(40, 255, "c", "d"))
	if _, err := Fit(context.Background(), second, filepath.Join(dir, "third")); err == nil || !strings.Contains(err.Error(), `"d", which is not among the classes "a", "b", "c"`) {
		t.Errorf("error %v", err)
	}
}

// TestFilesOfOneRun: config.json and best.safetensors must be of the run in last.safetensors.
func TestFilesOfOneRun(t *testing.T) {
	dir := t.TempDir()
	c := onCSV(writeFile(t, filepath.Join(dir, "data.csv"), rows(40, 255, "a", "b")))
	other := c
	other.Model.Config = zoo.MLPConfig{Hidden: []int{5}}
	fit(t, other, filepath.Join(dir, "other"))
	for name, f := range map[string]struct {
		spoil func(run string)
		want  string
	}{
		"an edited rate": {func(run string) {
			path := filepath.Join(run, train.ConfigFile)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, path, string(bytes.Replace(b, []byte(`"lr": 0.003`), []byte(`"lr": 0.01`), 1)))
		}, "config.json has train.lr 0.01 and last.safetensors has 0.003"},
		"another checkpoint": {func(run string) {
			copyFile(t, filepath.Join(dir, "other", train.LastFile), filepath.Join(run, train.LastFile))
		},
			"config.json has model.hidden [4] and last.safetensors has [5]"},
		"another best": {func(run string) {
			copyFile(t, filepath.Join(dir, "other", train.BestFile), filepath.Join(run, train.BestFile))
		},
			"best.safetensors has model.hidden [5] and last.safetensors has [4]"},
		"a broken description": {func(run string) { writeFile(t, filepath.Join(run, train.ConfigFile), `{"train":{"epochs":3`) }, "config.json:1: the file ends"},
	} {
		run := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		fit(t, c, run)
		f.spoil(run)
		_, err := ReadRun(run)
		if err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s: error %v, want %q", name, err, f.want)
		}
		if _, err := Fit(context.Background(), c, run); err == nil || !strings.Contains(err.Error(), f.want) {
			t.Errorf("%s, going on: error %v, want %q", name, err, f.want)
		}
	}
	run := filepath.Join(dir, "another-checkpoint")
	fit(t, c, filepath.Join(dir, "again"))
	changed := c
	changed.Train.LR = .1
	_, err := Fit(context.Background(), changed, filepath.Join(dir, "again"))
	if err == nil || !strings.Contains(err.Error(), "train.lr is 0.003 in the run that is there, and not 0.1: go on without that change") {
		t.Errorf("another rate: %v", err)
	}
	if _, err := Begin(context.Background(), c, run, Options{New: true}); !errors.Is(err, ErrHasRun) {
		t.Errorf("a new run in the folder of another: %v", err)
	}
	if _, err := Begin(context.Background(), c, filepath.Join(dir, "none"), Options{Resume: true}); err == nil {
		t.Error("a run that is not there went on")
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(b))
}

// TestOtherKernels: a run that goes on with other kernels says so, since its bits are others.
func TestOtherKernels(t *testing.T) {
	active, available := tensor.Kernels()
	if len(available) < 2 {
		t.Skip("this processor has one set of kernels")
	}
	defer func() {
		if err := tensor.UseKernels(active); err != nil {
			t.Fatal(err)
		}
	}()
	dir := t.TempDir()
	c := onCSV(writeFile(t, filepath.Join(dir, "data.csv"), rows(40, 255, "a", "b")))
	begin := func() *Training {
		t.Helper()
		run, err := Begin(context.Background(), c, filepath.Join(dir, "run"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	for i, kernels := range []string{"go", "go", active, "go"} {
		if err := tensor.UseKernels(kernels); err != nil {
			t.Fatal(err)
		}
		run := begin()
		warned := strings.Contains(strings.Join(run.Notes, "\n"), "kernels")
		if want := i > 1; warned != want {
			t.Errorf("session %d, with %s: notes %q", i, kernels, run.Notes)
		}
		ctx, stop := context.WithCancel(context.Background())
		run.OnStep = func(train.Progress) { stop() }
		if _, err := run.Fit(ctx); !errors.Is(err, train.ErrStopped) {
			t.Fatal(err)
		}
		run.Close()
	}
}

// TestIncompleteBatch counts what an epoch leaves out, and trains on it when that is asked for.
func TestIncompleteBatch(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, filepath.Join(dir, "data.csv"), rows(108, 255, "a", "b"))
	for _, f := range []struct {
		batch       int
		keep        bool
		note        string
		steps, seen int // of an epoch
	}{
		{64, false, "86 images in batches of 64 leave out 22 of every epoch, others each time; train.keep_last (--keep-last) trains on all", 1, 64},
		{64, true, "", 2, 86},
		{43, false, "", 2, 86},
		{86, false, "", 1, 86},
		{100, false, "", 1, 86},
		{100, true, "", 1, 86},
	} {
		c := onCSV(path)
		c.Data.ValidFraction, c.Train.Epochs, c.Train.Batch, c.Train.KeepLast = 0, 1, f.batch, f.keep
		run, err := Begin(context.Background(), c, filepath.Join(dir, fmt.Sprint(f.batch, f.keep)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		run.OnStep = func(p train.Progress) { seen = p.Seen }
		out, err := run.Fit(context.Background())
		run.Close()
		if err != nil || out.Steps != f.steps || seen != f.seen || run.Config.Steps(run.Sets) != f.steps || strings.Join(run.Notes, "") != f.note {
			t.Errorf("batches of %d: %d steps, %d images, notes %q (%v); want %+v", f.batch, out.Steps, seen, run.Notes, err, f)
		}
	}
}

// TestFashionIsNotMNIST measures a run on MNIST on another set of the same form.
func TestFashionIsNotMNIST(t *testing.T) {
	dir := reference.Optional(t, "mnist")
	c := Default("mlp")
	c.Data.Name, c.Data.Dir, c.Data.Limit, c.Train.Epochs = "mnist", dir, 200, 1
	m := fit(t, c, filepath.Join(t.TempDir(), "run"))
	name := "fashion-mnist"
	_, err := m.Config.OpenGiven(context.Background(), &name, &dir, Source{})
	var unknown *data.ClassError
	if !errors.As(err, &unknown) || len(unknown.Unknown) != 10 {
		t.Errorf("fashion-mnist: %v", err)
	}
	g, err := m.Config.OpenGiven(context.Background(), nil, &dir, Source{})
	if err != nil || !g.Own || g.Test.Len() != 10000 {
		t.Errorf("its own: %v", err)
	}
}
