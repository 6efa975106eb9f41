// Package meter lets a long operation say how far it has come and stop when it is no longer wanted.
// The observer travels in the context, so that a function needs one parameter for both.
package meter

import (
	"context"
	"time"
)

// Progress is how far an operation has come.
type Progress struct {
	What        string // what is done: "reading", "paths of dir"
	Unit        string // what is counted: "bytes", "edges", "vertices"
	Done, Total int64
}

type key struct{}

// With returns a context in which meters report to observe, which is called from the goroutine of
// the operation, at most ten times a second and once at the end.
func With(ctx context.Context, observe func(Progress)) context.Context {
	return context.WithValue(ctx, key{}, observe)
}

// Meter counts the steps of one operation.
type Meter struct {
	ctx     context.Context
	observe func(Progress)
	now     Progress
	said    time.Time
}

// every is the time between two reports.
const every = 100 * time.Millisecond

// Start begins an operation of so many steps.
func Start(ctx context.Context, what, unit string, total int64) *Meter {
	m := &Meter{ctx: ctx, now: Progress{What: what, Unit: unit, Total: total}, said: time.Now()}
	m.observe, _ = ctx.Value(key{}).(func(Progress))
	return m
}

// At says that so many steps are done. It returns the error of the context once that has ended. A
// loop calls it about every millisecond of its work.
func (m *Meter) At(done int64) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if m.now.Done = done; m.observe == nil {
		return nil
	}
	if now := time.Now(); now.Sub(m.said) >= every {
		m.said = now
		m.observe(m.now)
	}
	return nil
}

// Add says that n more steps are done; it is At otherwise.
func (m *Meter) Add(n int64) error { return m.At(m.now.Done + n) }

// End reports that the operation is over, if it reported anything.
func (m *Meter) End() {
	if m.observe != nil {
		m.now.Done = m.now.Total
		m.observe(m.now)
	}
}
