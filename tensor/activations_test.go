package tensor_test

import (
	"math"
	"strings"
	"testing"

	"elegans/tensor"
)

// TestActivations holds the table against itself: names in order and found again, and derivatives
// that need no x where the table says so.
func TestActivations(t *testing.T) {
	x := tensor.Normal[float64](tensor.NewKey(1, "test"), 0, 2, 64)
	one := tensor.Full(1.0, 64)
	before := ""
	var unscaled []string
	for _, a := range tensor.Activations() {
		if a.Name <= before {
			t.Errorf("%s stands after %s", a.Name, before)
		}
		before = a.Name
		if found, err := tensor.ActivationOf(a.Name); err != nil || found != a {
			t.Errorf("%s: found %+v, %v", a.Name, found, err)
		}
		if a.Gain == 1 {
			unscaled = append(unscaled, a.Name)
		} else if want := map[bool]float64{true: 5.0 / 3, false: math.Sqrt2}[a.Name == "tanh"]; a.Gain != want {
			t.Errorf("%s: gain %v, want %v", a.Name, a.Gain, want)
		}
		if !a.FromResult {
			continue
		}
		y, want, got := tensor.New[float64](64), tensor.New[float64](64), tensor.New[float64](64)
		tensor.Map(a.Op, y, x, a.A, a.B)
		tensor.MapGrad(a.Op, want, one, x, y, a.A, a.B, 0)
		tensor.MapGrad(a.Op, got, one, y, y, a.A, a.B, 0)
		for i, w := range want.Data() {
			if got.Data()[i] != w {
				t.Fatalf("%s: the derivative needs x", a.Name)
			}
		}
	}
	if got := strings.Join(unscaled, " "); got != "celu hardsigmoid hardswish hardtanh identity mish selu sigmoid softplus softsign" {
		t.Errorf("activations with gain 1: %s", got)
	}
	if _, err := tensor.ActivationOf("Tanh"); err == nil || !strings.Contains(err.Error(), `unknown activation "Tanh", expected one of celu, elu`) {
		t.Errorf("error %v", err)
	}
}
