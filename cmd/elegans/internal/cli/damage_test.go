package cli

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elegans/autograd/train"
)

// call runs a command line within the test, interrupted when standard error has a text.
func call(interruptAt string, args ...string) (code int, stdout, stderr string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out bytes.Buffer
	errs := &interrupt{at: interruptAt, cancel: cancel}
	code = run(environment{ctx: ctx, stop: func() {}, stdout: &out, stderr: errs, args: args})
	return code, out.String(), errs.String()
}

// begun makes a small run of 3 epochs that was interrupted after the first.
func begun(t *testing.T, hidden string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	code, _, errs := call("epoch   1/3", "train", "mlp", "--hidden", hidden, "--epochs", "3", "--limit", "200", "--out", dir)
	if code != 130 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	return dir
}

// texts returns names and contents of all files in a folder.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDamagedRunCommands refuses a run that is no longer whole with exit code 2 and one line, and
// changes nothing in its folder.
func TestDamagedRunCommands(t *testing.T) {
	dir := begun(t, "4")
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666) }
	}
	remove := func(name string) func(dir string) error {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, name)) }
	}
	folder := func(name string) func(dir string) error {
		return func(dir string) error {
			_ = os.Remove(filepath.Join(dir, name))
			return os.Mkdir(filepath.Join(dir, name), 0o777)
		}
	}
	change := func(name, old, to string) func(dir string) error {
		return func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || !bytes.Contains(b, []byte(old)) {
				t.Errorf("%s does not have %q (%v)", name, old, err)
			}
			return write(name, strings.Replace(string(b), old, to, 1))(dir)
		}
	}
	flip := func(name string) func(dir string) error {
		return func(dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			b[len(b)-9] ^= 4
			return os.WriteFile(filepath.Join(dir, name), b, 0o666)
		}
	}
	cut := func(name string, n int64) func(dir string) error {
		return func(dir string) error { return os.Truncate(filepath.Join(dir, name), n) }
	}
	resume, eval := []string{"train", "--resume", "--out"}, []string{"eval"}
	for _, c := range []struct {
		name   string
		damage func(dir string) error
		args   []string // before the folder, or the checkpoint
		want   string
	}{
		{"flipped bit, resume", flip(train.LastFile), resume, "checksum"},
		{"flipped bit, eval", flip(train.LastFile), eval, "checksum"},
		{"flipped bit, inspect", flip(train.LastFile), []string{"inspect"}, "checksum"},
		{"truncated, resume", cut(train.LastFile, 3000), resume, train.LastFile},
		{"truncated, eval", cut(train.LastFile, 3000), eval, train.LastFile},
		{"empty, resume", cut(train.LastFile, 0), resume, train.LastFile},
		{"empty, eval", cut(train.LastFile, 0), eval, train.LastFile},
		{"gone, resume", remove(train.LastFile), resume, train.LastFile},
		{"gone, eval", remove(train.LastFile), eval, train.LastFile},
		{"gone, a new run", remove(train.LastFile), []string{"train", "mlp", "--out"}, train.BestFile},
		{"a folder, resume", folder(train.LastFile), resume, train.LastFile},
		{"a folder, eval", folder(train.LastFile), eval, train.LastFile},
		{"a link to nothing", func(dir string) error {
			_ = os.Remove(filepath.Join(dir, train.LastFile))
			return os.Symlink("nowhere", filepath.Join(dir, train.LastFile))
		}, resume, train.LastFile},
		{"no best, resume", remove(train.BestFile), resume, train.BestFile},
		{"flipped best, resume", flip(train.BestFile), resume, train.BestFile},
		{"best is a folder", folder(train.BestFile), resume, train.BestFile},
		{"rate edited", change(train.ConfigFile, `"lr": 0.003`, `"lr": 0.3`), resume, "train.lr"},
		{"rate edited in the checkpoint", change(train.LastFile, `\"lr\": 0.003`, `\"lr\": 0.004`), resume, ""},
		{"description cut", cut(train.ConfigFile, 40), resume, train.ConfigFile},
		{"a row less", change(train.EpochsFile, "\n1,", "\n2,"), resume, "epochs.csv:2: epoch 2, expected 1"},
		{"log cut", cut(train.EpochsFile, 20), resume, "epochs.csv"},
		{"log is words", write(train.EpochsFile, "epoch,train_loss\n1,low\n"), resume, "epochs.csv:2"},
		{"log gone", remove(train.EpochsFile), resume, "epochs.csv"},
	} {
		damaged := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		if err := c.damage(damaged); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		before, _ := os.ReadDir(damaged)
		was := map[string]string{}
		if c.name != "a link to nothing" {
			was = texts(t, damaged)
		}
		target := damaged
		if c.args[0] != "train" {
			target = filepath.Join(damaged, train.LastFile)
		}
		code, out, errs := call("", append(append([]string{}, c.args...), target)...)
		if code != exitBad || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "elegans: ") || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %q, %q, expected one line with %q", c.name, code, out, errs, c.want)
		}
		if after, _ := os.ReadDir(damaged); len(after) != len(before) {
			t.Errorf("%s: %v became %v", c.name, before, after)
		}
		for name, text := range was {
			if b, err := os.ReadFile(filepath.Join(damaged, name)); err != nil || string(b) != text {
				t.Errorf("%s: %s was changed (%v)", c.name, name, err)
			}
		}
	}
}

// TestReadOnlyFolder cannot save, says so and leaves the run as it was.
func TestReadOnlyFolder(t *testing.T) {
	dir := begun(t, "4")
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o777)
	if f, err := os.Create(filepath.Join(dir, "writable")); err == nil {
		_ = f.Close()
		t.Skip("this user may write everywhere")
	}
	was := texts(t, dir)
	code, _, errs := call("", "train", "--resume", "--out", dir)
	if code != exitFailed && code != exitBad || !strings.HasPrefix(errs[strings.LastIndex(strings.TrimSpace(errs), "\n")+1:], "elegans: ") {
		t.Errorf("exit code %d, %q", code, errs)
	}
	for name, text := range texts(t, dir) {
		if was[name] != text {
			t.Errorf("%s was changed", name)
		}
	}
}
