package task

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/internal/memory"
)

// sampleTS is made by hand: three cases of two channels and unequal lengths.
const sampleTS = `# a comment
@problemName Made by hand
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength false
@classLabel true left right

@data
1,2,3:4,5,6:left
-1.5e1, 2 : 0,0 :right
7:8:left
`

func TestReadTS(t *testing.T) {
	set, err := ReadTS(write(t, "a.ts", sampleTS))
	if err != nil {
		t.Fatal(err)
	}
	if set.Name != "Made by hand" || !slices.Equal(set.Classes, []string{"left", "right"}) || !slices.Equal(set.Labels, []int{0, 1, 0}) {
		t.Errorf("%+v", set)
	}
	for i, want := range [][]float64{{1, 4, 2, 5, 3, 6}, {-15, 0, 2, 0}, {7, 8}} {
		if got := set.Series[i]; !slices.Equal(got.Data(), want) || got.Dim(1) != 2 {
			t.Errorf("case %d: %v of shape %v, want %v", i, got.Data(), got.Shape(), want)
		}
	}
}

func TestReadTSRefuses(t *testing.T) {
	for what, change := range map[string][2]string{
		"line 3: ":            {"@timeStamps false", "@timeStamps true"},
		"line 4: ":            {"@missing false", "@missing perhaps"},
		"line 6: ":            {"@dimensions 2", "@dimensions -2"},
		"2 channels":          {"@dimensions 2", "@dimensions 3"},
		"twice":               {"true left right", "true left left"},
		"names of the":        {"@classLabel true left right", "@classLabel false"},
		"for classification":  {"@classLabel true left right", ""},
		"begins with @":       {"@data\n1", "1"},
		`the label "rigth"`:   {"0,0 :right", "0,0:rigth"},
		"channel 2 has 2":     {"4,5,6", "4,5"},
		"channel 2 has 4":     {"4,5,6", "4,5,6,7"},
		"channel 2, value 2":  {"4,5,6", "4,?,6"},
		"channel 1, value 1:": {"1,2,3", "NaN,2,3"},
		"as @seriesLength":    {"@equalLength false", "@seriesLength 3"},
		"no colon":            {"7:8:left", "left"},
		"expected 2 as":       {"7:8:left", "7:left"},
	} {
		text := strings.Replace(sampleTS, change[0], change[1], 1)
		if text == sampleTS {
			t.Fatalf("%q is not in the sample", change[0])
		}
		_, err := ReadTS(write(t, "a.ts", text))
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "a.ts: line ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q for %q: %v, want %q", change[1], change[0], err, what)
		}
	}
	if _, err := ReadTS(write(t, "a.ts", sampleTS[:strings.Index(sampleTS, "1,2,3")])); err == nil {
		t.Error("a set without cases was taken")
	}
	if _, err := ReadTS(write(t, "a.ts", "@classLabel true a\n")); err == nil || !strings.Contains(err.Error(), "a line @data") {
		t.Errorf("without @data: %v", err)
	}
	path := write(t, "a.ts", sampleTS+strings.Repeat("1:2:left\n", 1<<18))
	t.Setenv(memory.Variable, "3MiB")
	if _, err := ReadTS(path); !errors.Is(err, memory.ErrLimit) {
		t.Errorf("%v, want the refusal of the memory", err)
	}
}

func FuzzReadTS(f *testing.F) {
	f.Add(sampleTS)
	f.Add("@classLabel true a\n@data\n1:a\n")
	f.Add("@targetLabel true\n@data\n")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := newText(strings.NewReader(s), "fuzz.ts")
		if err != nil {
			return
		}
		set, err := readTS(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("%q: not a line: %q", s, err)
			}
			return
		}
		for i, x := range set.Series {
			if x.Dim(0) < 1 || x.Dim(1) != set.Series[0].Dim(1) || set.Labels[i] >= len(set.Classes) {
				t.Errorf("%q: case %d of shape %v", s, i, x.Shape())
			}
		}
	})
}

// TestVowelsOfAFolder makes a problem of two small files.
func TestVowelsOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{vowelsTrain, vowelsTest} {
		text := sampleTS
		if name == vowelsTrain {
			text += "1,2:3,4:left\n5,4:3,2:right\n1:1:right\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	task, err := Get("japanese_vowels")
	if err != nil {
		t.Fatal(err)
	}
	p, err := task.Make(Options{Seed: 1, Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Train) != 4 || len(p.Validate) != 2 || len(p.Test) != 3 || len(p.Fit()) != 6 || !slices.Equal(p.Classes, []string{"left", "right"}) {
		t.Errorf("%d, %d and %d sequences of %q", len(p.Train), len(p.Validate), len(p.Test), p.Classes)
	}
	for class := range 2 { // one of each class validates
		n := 0.0
		for _, s := range p.Validate {
			n += s.Target.At(0, class)
		}
		if n != 1 {
			t.Errorf("%v sequences of class %d validate", n, class)
		}
	}
	for _, o := range []Options{{}, {Path: t.TempDir()}} {
		if _, err := task.Make(o); err == nil || !strings.HasPrefix(err.Error(), "task japanese_vowels: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
