package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"elegans/autograd/train"
)

// childEnv makes the test binary a training process that works in the folder that it names.
const childEnv = "ELEGANS_TEST_TRAIN_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

func child(dir string) int {
	tr := newTrainer(dir, 6)
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

// TestKilledRunsResumeExactly kills a training process with SIGKILL at random moments, again and
// again, until it has finished; the result must be that of a run that was left alone.
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
	wanted := 20
	if testing.Short() {
		wanted = 3
	}
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for round := 0; ; round++ {
		c := process(killed)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		patience := time.Duration(float64(whole) * (0.1 + 0.4*rng.Float64()))
		if kills >= wanted {
			patience = time.Hour
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("after %d kills: %v", kills, err)
			}
			if kills >= wanted {
				t.Logf("killed %d times", kills)
				same(t, alone, killed)
				return
			}
			same(t, alone, killed)
			if err := os.RemoveAll(killed); err != nil { // done before enough kills: begin again
				t.Fatal(err)
			}
			whole /= 2 // the machine may have been slower when it was measured
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
