package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"elegans/data/npy"
	"elegans/data/safetensors"
	"elegans/internal/reference"
)

// commandCall is a command line in the program's own process.
type commandCall struct {
	t              *testing.T
	code           int
	stdout, stderr string
	args           []string
}

func command(t *testing.T, args ...string) *commandCall {
	t.Helper()
	var out, log bytes.Buffer
	code := run(environment{ctx: context.Background(), stop: func() {}, stdout: &out, stderr: &log, args: args})
	return &commandCall{t, code, out.String(), log.String(), args}
}

// ends checks the exit code, and one line that begins with the program's name where it is 2.
func (c *commandCall) ends(code int) *commandCall {
	c.t.Helper()
	if c.code != code {
		c.t.Fatalf("elegans %s: exit code %d, want %d\n%s%s", strings.Join(c.args, " "), c.code, code, c.stdout, c.stderr)
	}
	if code == 2 && (c.stdout != "" || !strings.HasPrefix(c.stderr, "elegans: ") || strings.Count(c.stderr, "\n") != 1) {
		c.t.Errorf("elegans %s: want one line, found %q and %q", strings.Join(c.args, " "), c.stdout, c.stderr)
	}
	return c
}

// says checks that what was printed, on either side, matches a pattern.
func (c *commandCall) says(pattern string) *commandCall {
	c.t.Helper()
	if !regexp.MustCompile(pattern).MatchString(c.stdout + c.stderr) {
		c.t.Errorf("elegans %s: nothing matches %q in\n%s%s", strings.Join(c.args, " "), pattern, c.stdout, c.stderr)
	}
	return c
}

// TestCases runs the inputs of testdata/cases, each of which went wrong once.
func TestCases(t *testing.T) {
	cases := filepath.Join("..", "..", "..", "..", "testdata", "cases")
	in := func(name string) string { return filepath.Join(cases, name) }
	train := func(t *testing.T, more ...string) *commandCall {
		args := append([]string{"train", "mlp", "--hidden", "4", "--out", filepath.Join(t.TempDir(), "run")}, more...)
		return command(t, args...)
	}

	for name, want := range map[string]string{
		"default_nofor.graphml": "a\tb\tC\t5\nb\tc\tC\t2\n",
		"igraph_xy.graphml":     "AVAL\tAVAR\tC\t1\n",
		"yed.graphml":           "AVAL\tAVAR\tC\t1\n",
		"latin1.graphml":        "Müller\tb\tC\t1\n",
		"tabs_named.csv":        "ADAL\tAIBR\tC\t1\nADAL\tADFL\tE\t2\n",
		"source_pre_post.csv":   "AVAL\tAVAR\tC\t2\nAVAR\tAVAL\tC\t3\n",
		"r_writetable.csv":      "A\tB\tC\t2\nB\tC\tC\t1\nC\tA\tC\t3\n",
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.tsv")
			c := command(t, "connectome", "convert", in(name), out).ends(0)
			b, err := os.ReadFile(out)
			if want := "pre\tpost\ttype\tweight\n" + want; err != nil || string(b) != want {
				t.Errorf("%q, %v, want %q", b, err, want)
			}
			if name == "source_pre_post.csv" {
				c.says(`not used: "source"`)
			}
		})
	}
	t.Run("int_header.csv", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		train(t, "--epochs", "1", "--data", "csv", "--data-dir", in("int_header.csv"), "--label-column=-1",
			"--test-fraction", ".3", "--valid-fraction", ".3", "--out", dir).ends(0)
		b, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil || !regexp.MustCompile(`"classes": \[\s*"a",\s*"b"\s*\]`).Match(b) {
			t.Errorf("classes other than a and b: %v\n%s", err, b)
		}
	})
	t.Run("classes by name", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "run")
		train(t, "--epochs", "30", "--data", "csv", "--data-dir", in("train_abc.csv"), "--out", dir).ends(0)
		command(t, "eval", filepath.Join(dir, "last.safetensors"), "--data-dir", in("eval_bcd.csv")).ends(2).says(`"d"`)
	})
	t.Run("linked class", func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{"cat", "dog"} {
			if err := os.CopyFS(filepath.Join(dir, "set", name), os.DirFS(in("symclass/"+name))); err != nil {
				t.Fatal(err)
			}
		}
		owl, err := filepath.Abs(in("elsewhere/owl"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(owl, filepath.Join(dir, "set", "owl")); err != nil {
			t.Skip(err)
		}
		out := filepath.Join(dir, "run")
		train(t, "--epochs", "1", "--gray", "--data", "folder", "--data-dir", filepath.Join(dir, "set"), "--out", out).ends(0)
		if b, err := os.ReadFile(filepath.Join(out, "config.json")); err != nil || !bytes.Contains(b, []byte(`"owl"`)) {
			t.Errorf("no class owl: %v", err)
		}
	})
	t.Run("trainval", func(t *testing.T) {
		train(t, "--epochs", "1", "--gray", "--data", "folder", "--data-dir", in("trainval")).ends(0).
			says(`19 images to train on`).says(`no test part`).says(`valid loss`)
	})
	t.Run("86 pictures in batches of 64", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "rows.csv")
		var b strings.Builder
		for i := range 86 {
			fmt.Fprintf(&b, "%d,%d,%d,%d,%d\n", i%2, i, 255-i, i%7, 200)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		train(t, "--epochs", "1", "--data", "csv", "--data-dir", file, "--test-fraction", ".01", "--valid-fraction", "0").ends(0).
			says(`leave out 21 of every epoch`)
	})
	t.Run("pictures with channels last", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "rgb.npz")
		writeNPZ(t, file, map[string][]int{"x_train": {40, 32, 32, 3}, "y_train": {40}, "x_test": {12, 32, 32, 3}, "y_test": {12}})
		c := train(t, "--epochs", "1", "--data", "npy", "--data-dir", file)
		if c.code == 2 {
			c.ends(2).says(`channels`)
		} else { // 3 channels of 32x32 make 3,072 inputs for each of four units
			c.ends(0).says(fmt.Sprintf("%d parameters", 3072*4+4+4*3+3)).says(`\[N, H, W, C\]`)
		}
	})
	t.Run("convt", func(t *testing.T) {
		command(t, "crosscheck", in("convt")).ends(0).says(`1 cases, 1 tensors compared, 0 over tolerance, 0 skipped`)
	})
	t.Run("c64.safetensors", func(t *testing.T) {
		f, err := safetensors.Open(in("c64.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		read, refused := 0, 0
		for _, name := range f.Names() {
			if _, err := safetensors.Get[float64](f, name); err == nil {
				read++
			} else {
				refused++
			}
		}
		if read == 0 || refused == 0 {
			t.Errorf("%d tensors read and %d refused, want some of both", read, refused)
		}
	})
	t.Run("the worm for networkx and igraph", func(t *testing.T) {
		dir := t.TempDir()
		file, again := filepath.Join(dir, "worm.graphml"), filepath.Join(dir, "again.tsv")
		command(t, "connectome", "convert", "canonical", file).ends(0)
		b, err := os.ReadFile(file)
		if err != nil || bytes.Contains(b, []byte(`directed="false"`)) {
			t.Errorf("undirected edges in a directed graph, which networkx refuses: %v", err)
		}
		command(t, "connectome", "convert", file, again).ends(0).says("279 neurons, 2711 connections")
	})
	t.Run("weights of MNIST on Fashion-MNIST", func(t *testing.T) {
		mnist := reference.Optional(t, "mnist")
		dir := filepath.Join(t.TempDir(), "run")
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		train(t, "--epochs", "1", "--data", "mnist", "--data-dir", mnist, "--limit", "500", "--out", dir).ends(0)
		command(t, "eval", filepath.Join(dir, "last.safetensors"), "--data", "fashion-mnist").ends(2).says("fashion-mnist")
	})
	t.Run("what we write we read", func(t *testing.T) {
		if testing.Short() {
			t.Skip("1.3 million edges take half a minute")
		}
		dir := t.TempDir()
		edges, graphml := filepath.Join(dir, "edges.csv"), filepath.Join(dir, "edges.graphml")
		var b bytes.Buffer
		b.WriteString("pre,post,weight\n")
		for i := range 1_300_000 {
			fmt.Fprintf(&b, "n%d,n%d,%d\n", i%20_000, (i*7+i/20_000+1)%20_000, 1+i%9)
		}
		if err := os.WriteFile(edges, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		command(t, "connectome", "convert", edges, graphml).ends(0).says("20000 neurons")
		c := command(t, "connectome", "convert", graphml, filepath.Join(dir, "again.tsv")).ends(0)
		c.says("20000 neurons")
	})
}

// writeNPZ writes arrays of bytes, or of labels from 0 to 2 where they have one axis.
func writeNPZ(t *testing.T, file string, shapes map[string][]int) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, shape := range shapes {
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if len(shape) == 1 {
			labels := make([]int64, shape[0])
			for i := range labels {
				labels[i] = int64(i % 3)
			}
			err = npy.WriteInts(w, labels, shape...)
		} else {
			err = writeBytes(w, shape)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// writeBytes writes an array of uint8 in the format of NumPy, version 1.0.
func writeBytes(w io.Writer, shape []int) error {
	n, axes := 1, ""
	for _, d := range shape {
		n *= d
		axes += fmt.Sprintf("%d, ", d)
	}
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", axes)
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i*31))
	}
	_, err := w.Write(b)
	return err
}
