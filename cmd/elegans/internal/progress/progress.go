package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"elegans/internal/memory"
)

// Display is a bar, or the lines that stand for it.
type Display struct {
	mu  sync.Mutex
	w   io.Writer
	tty bool
	bar *progressbar.ProgressBar
	now func() time.Time

	throttle time.Duration // least time between two pictures of the bar

	unit        string
	total, done int
	fresh       int       // units of done that were made since began
	began, said time.Time // began is zero while there is nothing to count
}

// plainEvery is the time between lines that stand for the bar.
const plainEvery = time.Minute

// New returns a display on w; a bar is shown only if w is a terminal.
func New(w io.Writer) *Display {
	f, ok := w.(*os.File)
	return &Display{w: w, tty: ok && term.IsTerminal(int(f.Fd())), now: time.Now, throttle: 100 * time.Millisecond}
}

// Start shows a bar of total units, of which done are there already; unit is such as "steps". Where
// there is no terminal, a line a minute stands for it.
func (d *Display) Start(total, done int, unit string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	d.unit, d.total, d.done, d.fresh, d.began, d.said = unit, total, done, 0, now, now
	if !d.tty {
		return
	}
	d.bar = d.newBar(int64(total))
	if done > 0 {
		_ = d.bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

// newBar returns a bar without a rate of its own, which would count what was done before.
func (d *Display) newBar(total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, progressbar.OptionSetWriter(d.w), progressbar.OptionSetWidth(28),
		progressbar.OptionThrottle(d.throttle), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}))
}

// Step moves the bar by one unit and says beside it what is going on.
func (d *Display) Step(what string) { d.Advance(1, what) }

// Advance moves the bar by some units and says beside it what is going on.
func (d *Display) Advance(units int, what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.began.IsZero() {
		return
	}
	d.done += units
	d.fresh += units
	now := d.now()
	if d.bar != nil {
		d.bar.Describe(d.state(what, now))
		_ = d.bar.Add(units)
		return
	}
	if now.Sub(d.said) < plainEvery || d.done >= d.total {
		return
	}
	d.said = now
	fmt.Fprintln(d.w, d.state(what, now))
}

// state says how far things are, how many units are made in a second, and how long the rest takes
// at this rate. Units that were there before say nothing about it.
func (d *Display) state(what string, now time.Time) string {
	if what != "" {
		what += "  "
	}
	if d.fresh == 0 {
		return fmt.Sprintf("%s%d of %d %s", what, d.done, d.total, d.unit)
	}
	rate := float64(d.fresh) / max(now.Sub(d.began).Seconds(), 1e-3)
	left := time.Duration(float64(d.total-d.done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s%d of %d %s, %.3g a second, %v left", what, d.done, d.total, d.unit, rate, left)
}

// Skip moves the bar by units that were made before.
func (d *Display) Skip(units int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done += units
	if d.bar != nil {
		_ = d.bar.Add(units)
	}
}

// StartBytes shows a bar of a download. Nothing stands for it where there is no terminal.
func (d *Display) StartBytes(total int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.began = time.Time{}
	if d.tty {
		d.bar = d.newBar(total)
	}
}

// To moves the bar to a position. What was there at the first call does not count for the rate.
func (d *Display) To(done int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar == nil {
		return
	}
	now := d.now()
	if d.began.IsZero() {
		d.began, d.fresh = now, 0
	} else {
		d.fresh += int(done) - d.done
	}
	d.done = int(done)
	rate := float64(d.fresh) / max(now.Sub(d.began).Seconds(), 1e-3)
	d.bar.Describe(fmt.Sprintf("%s of %s, %s a second",
		memory.Size(float64(done)), memory.Size(float64(d.bar.GetMax64())), memory.Size(rate)))
	_ = d.bar.Set64(done)
}

// Line prints a line that stays, above the bar.
func (d *Display) Line(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if d.bar == nil {
		fmt.Fprintln(d.w, text)
		return
	}
	_ = d.bar.Clear()
	fmt.Fprintln(d.w, text)
	_ = d.bar.RenderBlank()
}

// Finish removes the bar.
func (d *Display) Finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar != nil {
		_ = d.bar.Clear()
		d.bar = nil
	}
	d.began = time.Time{}
}
