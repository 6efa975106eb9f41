package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Display is a bar, or the lines that stand for it.
type Display struct {
	mu  sync.Mutex
	w   io.Writer
	tty bool
	bar *progressbar.ProgressBar

	// Without a terminal:
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
	return &Display{w: w, tty: ok && term.IsTerminal(int(f.Fd()))}
}

// Start shows a bar of total units, of which done are there already; unit is such as "steps". Where
// there is no terminal, a line a minute stands for it.
func (d *Display) Start(total, done int, unit string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.tty {
		now := time.Now()
		d.unit, d.total, d.done, d.fresh, d.began, d.said = unit, total, done, 0, now, now
		return
	}
	d.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(d.w), progressbar.OptionSetWidth(28), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(unit), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}))
	if done > 0 {
		_ = d.bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

// Step moves the bar by one unit and says beside it what is going on.
func (d *Display) Step(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar == nil {
		d.plain(what, time.Now())
		return
	}
	if what != "" {
		d.bar.Describe(what)
	}
	_ = d.bar.Add(1)
}

// Skip moves the bar by units that were made before, which say nothing about the rate.
func (d *Display) Skip(units int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar == nil {
		d.done += units
		return
	}
	_ = d.bar.Add(units)
}

// plain counts a unit, and prints where things stand if the last line is long ago.
func (d *Display) plain(what string, now time.Time) {
	if d.began.IsZero() {
		return
	}
	d.done++
	d.fresh++
	if now.Sub(d.said) < plainEvery || d.done >= d.total {
		return
	}
	d.said = now
	rate := float64(d.fresh) / now.Sub(d.began).Seconds()
	left := time.Duration(float64(d.total-d.done) / rate * float64(time.Second)).Round(time.Second)
	if what != "" {
		what += "  "
	}
	fmt.Fprintf(d.w, "%s%d of %d %s, %.3g a second, %v left\n", what, d.done, d.total, d.unit, rate, left)
}

// StartBytes shows a bar of a download.
func (d *Display) StartBytes(total int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tty {
		d.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(d.w), progressbar.OptionSetWidth(28), progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
}

// To moves the bar to a position.
func (d *Display) To(done int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bar != nil {
		_ = d.bar.Set64(done)
	}
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
