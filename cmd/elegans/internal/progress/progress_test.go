package progress

import (
	"strings"
	"testing"
	"time"
)

// TestPlain wants a line a minute where there is no terminal, with the rate since the start and the
// time that the rest takes, and none after the end.
func TestPlain(t *testing.T) {
	var b strings.Builder
	d := New(&b)
	d.Step("too early") // nothing has begun
	d.Start(100, 10, "steps")
	for i := range 9 {
		d.plain("epoch 1", d.began.Add(time.Duration(20*(i+1))*time.Second))
	}
	d.Finish()
	d.Step("too late")
	want := "epoch 1  13 of 100 steps, 0.05 a second, 29m0s left\nepoch 1  16 of 100 steps, 0.05 a second, 28m0s left\nepoch 1  19 of 100 steps, 0.05 a second, 27m0s left\n"
	if b.String() != want {
		t.Errorf("printed\n%swant\n%s", b.String(), want)
	}
}
