package meter_test

import (
	"context"
	"errors"
	"testing"

	"elegans/connectome/internal/meter"
)

func TestMeter(t *testing.T) {
	var last meter.Progress
	ctx, stop := context.WithCancel(meter.With(context.Background(), func(p meter.Progress) { last = p }))
	m := meter.Start(ctx, "reading", "bytes", 10)
	if err := errors.Join(m.At(3), m.Add(2)); err != nil {
		t.Fatal(err)
	}
	m.End()
	if want := (meter.Progress{What: "reading", Unit: "bytes", Done: 10, Total: 10}); last != want {
		t.Errorf("the last report is %+v, want %+v", last, want)
	}
	stop()
	if err := m.Add(1); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
	plain := meter.Start(context.Background(), "", "", 1)
	if err := plain.At(1); err != nil {
		t.Error(err)
	}
	plain.End()
}
