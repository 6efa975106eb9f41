package progress

import (
	"strings"
	"testing"
	"time"
)

// clock is a time that tests set.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// TestPlain wants a line a minute where there is no terminal, with the rate since the start and the
// time that the rest takes, and none after the end. What was there before, or is recalled on the
// way, is in the count and not in the rate.
func TestPlain(t *testing.T) {
	var b strings.Builder
	d, c := New(&b), &clock{time.Unix(1, 0)}
	d.now = c.now
	d.Step("too early") // nothing has begun
	d.Start(100, 10, "steps")
	for i := range 9 {
		if i == 6 {
			d.Skip(20)
		}
		c.Time = c.Add(20 * time.Second)
		d.Step("epoch 1")
	}
	d.Finish()
	c.Time = c.Add(time.Hour)
	d.Step("too late")
	want := "epoch 1  13 of 100 steps, 0.05 a second, 29m0s left\n" +
		"epoch 1  16 of 100 steps, 0.05 a second, 28m0s left\n" +
		"epoch 1  39 of 100 steps, 0.05 a second, 20m20s left\n"
	if b.String() != want {
		t.Errorf("printed\n%swant\n%s", b.String(), want)
	}
}

// lastPicture returns what a bar has drawn last.
func lastPicture(b *strings.Builder) string {
	return b.String()[strings.LastIndexByte(b.String(), '\r')+1:]
}

// TestBar goes on with 900 of 1,000 steps on a terminal: the bar shows them, and the rate of the
// steps that are made now.
func TestBar(t *testing.T) {
	var b strings.Builder
	d, c := New(&b), &clock{time.Unix(1, 0)}
	d.now, d.tty, d.throttle = c.now, true, 0
	d.Start(1000, 900, "steps")
	c.Time = c.Add(2 * time.Second)
	d.Step("epoch 9")
	last := lastPicture(&b)
	for _, want := range []string{"epoch 9  901 of 1000 steps, 0.5 a second, 3m18s left", "90%"} {
		if !strings.Contains(last, want) {
			t.Errorf("the bar %q lacks %q", last, want)
		}
	}
	d.Finish()
}

// TestBarOfBytes goes on with a download of which 3 of 4 MiB are there.
func TestBarOfBytes(t *testing.T) {
	var b strings.Builder
	d, c := New(&b), &clock{time.Unix(1, 0)}
	d.now, d.tty, d.throttle = c.now, true, 0
	d.StartBytes(4 << 20)
	d.To(3 << 20)
	c.Time = c.Add(2 * time.Second)
	d.To(3<<20 + 512<<10)
	if last := lastPicture(&b); !strings.Contains(last, "3.5 MiB of 4 MiB, 256 KiB a second") || !strings.Contains(last, "87%") {
		t.Errorf("the bar %q", last)
	}
	d.Finish()
}
