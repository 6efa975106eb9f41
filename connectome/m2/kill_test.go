package m2

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"elegans/autograd/train"
)

// childEnv makes the test binary a training process that works in the folder that it names.
const childEnv = "ELEGANS_TEST_M2_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

func child(dir string) int {
	tr := blotTrainer(childTB{}, dir, 12)
	if train.HasRun(dir) {
		if err := tr.Resume(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if _, err := tr.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// childTB stands for the test in the process that has none.
type childTB struct{ testing.TB }

func (childTB) Helper()           {}
func (childTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// TestKilledRunsResumeExactly kills a training process with SIGKILL again and again; optimiser,
// average, batch statistics and logs must be those of a run that was left alone.
func TestKilledRunsResumeExactly(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no processes on this system")
	}
	alone, killed := t.TempDir(), t.TempDir()
	start := time.Now()
	if out, err := process(alone).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(start)
	wanted := 6
	if testing.Short() {
		wanted = 2
	}
	for kills := 0; ; {
		c := process(killed)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		patience := whole * time.Duration(2+kills) / 12
		if kills >= wanted {
			patience = time.Hour
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("after %d kills: %v", kills, err)
			}
			for _, name := range []string{train.LastFile, train.BestFile, "epochs.csv", "steps.csv"} {
				a, errA := os.ReadFile(filepath.Join(alone, name))
				b, errB := os.ReadFile(filepath.Join(killed, name))
				if errA == nil && errB == nil && name == train.LastFile {
					a, b = tensors(a), tensors(b)
				}
				if errA != nil || errB != nil || !bytes.Equal(a, b) {
					t.Errorf("%s differs (%v, %v)", name, errA, errB)
				}
			}
			if kills > 0 {
				return
			}
			// It ended before it was killed: the machine was slower when it was measured.
			if err := os.RemoveAll(killed); err != nil {
				t.Fatal(err)
			}
			whole /= 2
		case <-time.After(patience):
			_ = c.Process.Kill()
			<-ended
			kills++
		}
	}
}

func process(dir string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+dir)
	return c
}

// tensors returns what follows the header of a safetensors file, which also holds the time that
// training took.
func tensors(file []byte) []byte { return file[8+binary.LittleEndian.Uint64(file):] }
