package esn

import (
	"fmt"
	"slices"
	"strings"

	"elegans/internal/quote"
	"elegans/tensor"
)

// Classes are the names of classes, in the order of the columns of targets and outputs.
type Classes []string

// ClassesOf returns the classes that labels name, sorted.
func ClassesOf(labels []string) Classes { return slices.Compact(slices.Sorted(slices.Values(labels))) }

// Targets returns rows [len(labels), classes] with a 1 in the column of each label.
func (c Classes) Targets(labels ...string) (*tensor.Tensor[float64], error) {
	columns := make([]int, len(labels))
	for i, l := range labels {
		if columns[i] = slices.Index(c, l); columns[i] < 0 {
			return nil, fmt.Errorf("esn: label %d is %s, expected one of %s", i, quote.Text(l), strings.Join(c, ", "))
		}
	}
	y := tensor.New[float64](len(labels), len(c))
	tensor.OneHot(y, columns)
	return y, nil
}

// Names returns the class of the largest output of every row of y [T, classes], the first of equal
// ones.
func (c Classes) Names(y *tensor.Tensor[float64]) []string {
	best := make([]int, y.Dim(0))
	tensor.Argmax(best, y, 1)
	names := make([]string, len(best))
	for t, k := range best {
		names[t] = c[k]
	}
	return names
}
