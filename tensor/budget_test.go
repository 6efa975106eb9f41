package tensor_test

import (
	"errors"
	"testing"

	"elegans/tensor"
)

// TestBudget: tensors of every distribution count, with the key and with those derived from it, and
// the one that exceeds the limit is not made.
func TestBudget(t *testing.T) {
	for name, draw := range map[string]func(k tensor.Key, shape ...int){
		"uniform": func(k tensor.Key, shape ...int) { tensor.Uniform[float32](k, 0, 1, shape...) },
		"normal":  func(k tensor.Key, shape ...int) { tensor.Normal[float64](k, 0, 1, shape...) },
	} {
		k := tensor.NewKey(1, "test").Within(10)
		draw(k, 2, 3)
		draw(k.Sub("part"), 4)
		for _, shape := range [][]int{{1}, {1 << 40, 1 << 40}} {
			err := func() (err error) {
				defer func() { err, _ = recover().(error) }()
				draw(k.Sub("other", 1), shape...)
				return nil
			}()
			var over *tensor.BudgetError
			if !errors.As(err, &over) || over.Limit != 10 || over.Elements < 11 {
				t.Errorf("%s: a tensor of shape %v after 10 of 10 elements: %v", name, shape, err)
			}
		}
	}
}
