package tensor

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
)

// TestPrintsLikeNumPy compares with recorded output of NumPy; testdata/numpy_print.py made it.
func TestPrintsLikeNumPy(t *testing.T) {
	var cases []struct {
		Name, Dtype, Text string
		Shape             []int
		Hex               []string
		Step              float64
	}
	text, err := os.ReadFile("testdata/numpy_print.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		x := New[float64](c.Shape...)
		for i := range x.data {
			x.data[i] = float64(i) * c.Step
		}
		for i, h := range c.Hex {
			if x.data[i], err = strconv.ParseFloat(h, 64); err != nil {
				t.Fatal(err)
			}
		}
		got := x.String()
		if c.Dtype == "float32" {
			got = Convert[float32](x).String()
		}
		if got != c.Text {
			t.Errorf("%s:\n%s\nNumPy:\n%s", c.Name, got, c.Text)
		}
	}
}

func TestFormat(t *testing.T) {
	x := FromSlice([]float64{1. / 3, 2. / 3, 1, 2}, 2, 2).T()
	for format, want := range map[string]string{
		"%v":   "[[0.33333333 1.        ]\n [0.66666667 2.        ]]",
		"%.2s": "[[0.33 1.  ]\n [0.67 2.  ]]",
		"%d":   "%!d(tensor [2 2])",
	} {
		if got := fmt.Sprintf(format, x); got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
	}
}
