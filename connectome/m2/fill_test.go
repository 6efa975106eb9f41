package m2

import (
	"math"
	"testing"

	"elegans/internal/reference"
)

// TestFillValues compares the formula with values that were recorded from another program.
func TestFillValues(t *testing.T) {
	for _, name := range []string{"m2_full_gamma1.json", "m2_full_gamma05.json"} {
		var m struct {
			Fill  Fill
			Check map[string]struct {
				First []float64 `json:"first4"`
				Last  float64
				L2    float64
			} `json:"fill_check"`
		}
		reference.Decode(t, "m2/"+name, &m)
		sizes := map[string][3]int{ // elements, fan in and out
			"enc.conv1.kernel": {2160, 9, 2160}, "enc.dense.kernel": {5880 * 784, 5880, 784}, "s_init.gamma": {784}, "tn.inter.54.kernel": {784 * 784, 784, 784},
			"tn.motor.28.bias": {784}, "mha.query.kernel": {784 * 86 * 32, 784 * 86, 784 * 32}, "mha.out.kernel": {784 * 86 * 32, 86 * 32, 86 * 784},
			"dec.bn.moving_variance": {8}, "dec.out.bias": {1},
		}
		if len(m.Check) != len(sizes) {
			t.Errorf("%s: %d tensors to check, want %d", name, len(m.Check), len(sizes))
		}
		reference.Compared(t, "m2/"+name, len(m.Check), len(sizes))
		for tensor, want := range m.Check {
			s, known := sizes[tensor]
			if !known {
				t.Errorf("%s: unknown tensor %q", name, tensor)
				continue
			}
			value, err := m.Fill.formula(tensor, s[1], s[2])
			if err != nil {
				t.Fatal(err)
			}
			squares := 0.0
			for i := range s[0] {
				squares += value(i) * value(i)
			}
			for i, w := range want.First {
				if value(i) != w {
					t.Errorf("%s: %s[%d] is %v, want %v", name, tensor, i, value(i), w)
				}
			}
			if last := value(s[0] - 1); last != want.Last || math.Abs(math.Sqrt(squares)-want.L2) > 1e-12*want.L2 {
				t.Errorf("%s: %s: last %v, norm %v, want %v, %v", name, tensor, last, math.Sqrt(squares), want.Last, want.L2)
			}
		}
	}
}

func TestFillRefusesUnknownKinds(t *testing.T) {
	if _, err := (Fill{}).formula("enc.conv1.scale", 0, 0); err == nil {
		t.Error("no error")
	}
}
