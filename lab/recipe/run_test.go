package recipe

import (
	"context"
	"math"
	"testing"

	"elegans/lab/zoo"
)

// runOnce trains one epoch and checks that the loss is a number.
func runOnce(t *testing.T, c *Config, sets *Sets) {
	t.Helper()
	c.Train.Epochs = 1
	model, err := zoo.Build[float32](c.Model)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.NewRun(model, sets)
	if err != nil {
		t.Fatalf("%s, %s: %v", c.Train.Optimizer, c.Train.Schedule, err)
	}
	defer r.Close()
	res, err := r.Run(context.Background())
	if err != nil || res.Steps != 1 || math.IsNaN(res.Last.Train["loss"]) {
		t.Fatalf("%s, %s: %+v, %v", c.Train.Optimizer, c.Train.Schedule, res, err)
	}
	p, err := c.Predict(context.Background(), model, sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Evaluate(r.Valid)
	if err != nil {
		t.Fatal(err)
	}
	if q, err := c.Predict(context.Background(), model, sets.Valid); err != nil || math.Abs(q.Loss-mean(t, m.Mean, "loss")) > 1e-5 || math.Abs(q.Accuracy()-mean(t, m.Mean, "accuracy")) > 1e-9 {
		t.Errorf("Predict gives loss %v and accuracy %v, Evaluate %+v (%v)", q.Loss, q.Accuracy(), m, err)
	}
	if len(p.Labels) != sets.Test.Len() {
		t.Errorf("%d predictions for %d images", len(p.Labels), sets.Test.Len())
	}
}

func mean(t *testing.T, of func(string) (float64, bool), name string) float64 {
	t.Helper()
	v, ok := of(name)
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return v
}
