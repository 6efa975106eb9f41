package autograd

import (
	"math"
	"slices"
	"strings"
	"testing"

	"elegans/tensor"

	"pgregory.net/rapid"
)

// naiveEinsum evaluates an equation with an arrow and without "..." by loops over all letters.
func naiveEinsum(equation string, xs []*tensor.Tensor[float64]) *tensor.Tensor[float64] {
	left, right, _ := strings.Cut(equation, "->")
	terms := strings.Split(left, ",")
	size := map[rune]int{}
	for i, t := range terms {
		for a, l := range t {
			size[l] = max(size[l], xs[i].Dim(a))
		}
	}
	var letters []rune
	for l := range size {
		letters = append(letters, l)
	}
	slices.Sort(letters)
	pick := func(value map[rune]int, term string, shape []int) []int {
		index := []int{}
		for a, l := range term {
			index = append(index, min(value[l], shape[a]-1))
		}
		return index
	}
	var shape []int
	for _, l := range right {
		shape = append(shape, size[l])
	}
	y := tensor.New[float64](shape...)
	value := map[rune]int{}
	var loop func(n int)
	loop = func(n int) {
		if n == len(letters) {
			p := 1.0
			for i, t := range terms {
				p *= xs[i].At(pick(value, t, xs[i].Shape())...)
			}
			at := pick(value, right, shape)
			y.Set(y.At(at...)+p, at...)
			return
		}
		for i := range size[letters[n]] {
			value[letters[n]] = i
			loop(n + 1)
		}
	}
	loop(0)
	return y
}

// TestEinsumProperty compares random equations with loops.
func TestEinsumProperty(t *testing.T) {
	tp := NewTape[float64]()
	rapid.Check(t, func(t *rapid.T) {
		tp.Reset()
		const letters = "abcde"
		size := rapid.SliceOfN(rapid.IntRange(1, 4), len(letters), len(letters)).Draw(t, "lengths")
		var terms []string
		var xs []*tensor.Tensor[float64]
		var vs []*Var[float64]
		for i := range rapid.IntRange(1, 3).Draw(t, "operands") {
			term := rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 0, 4, -1).Draw(t, "term")
			shape := []int{}
			for _, l := range term {
				shape = append(shape, size[strings.IndexRune(letters, l)])
			}
			terms = append(terms, term)
			xs = append(xs, tensor.Uniform[float64](tensor.NewKey(uint64(i), "operand"), -1, 1, shape...))
			vs = append(vs, tp.Input(xs[i]))
		}
		used := []rune{}
		for _, l := range letters {
			if strings.ContainsRune(strings.Join(terms, ""), l) {
				used = append(used, l)
			}
		}
		used = rapid.Permutation(used).Draw(t, "order")
		equation := strings.Join(terms, ",") + "->" + string(used[:rapid.IntRange(0, len(used)).Draw(t, "kept")])
		got, want := tp.Einsum(equation, vs...).Value, naiveEinsum(equation, xs)
		if !tensor.SameShape(got, want) {
			t.Fatalf("%s: shape %v, want %v", equation, got.Shape(), want.Shape())
		}
		for i, w := range want.Data() {
			if g := got.Data()[i]; math.Abs(g-w) > 1e-12 {
				t.Fatalf("%s: element %d is %v, want %v", equation, i, g, w)
			}
		}
	})
}

func TestEinsumForms(t *testing.T) {
	tp := NewTape[float64]()
	a, b := tp.Input(tensor.New[float64](2, 3, 4, 5)), tp.Input(tensor.New[float64](3, 5, 6))
	for _, c := range []struct {
		equation string
		xs       []*Var[float64]
		want     []int
	}{
		{"...ij,...jk", []*Var[float64]{a, b}, []int{2, 3, 4, 6}},
		{"...ij,...jk->ki...", []*Var[float64]{a, b}, []int{6, 4, 2, 3}},
		{"zyxw", []*Var[float64]{a}, []int{5, 4, 3, 2}},
		{"aB,...->...Ba", []*Var[float64]{tp.Input(tensor.New[float64](2, 7)), tp.Input(tensor.New[float64](4))}, []int{4, 7, 2}},
		{" i j , j -> i ", []*Var[float64]{tp.Input(tensor.New[float64](2, 0)), tp.Input(tensor.New[float64](0))}, []int{2}},
	} {
		if got := tp.Einsum(c.equation, c.xs...).Shape(); !slices.Equal(got, c.want) {
			t.Errorf("%s: shape %v, want %v", c.equation, got, c.want)
		}
	}
	m := tp.Input(tensor.New[float64](2, 3))
	for equation, want := range map[string]string{
		"ij,jk":   "2 terms for 1 operands",
		"i":       "has 2 axes",
		"ijk":     "has 2 axes",
		"i1":      "is no letter",
		"ij->ik":  "in no operand",
		"ij->ii":  "twice",
		"ii->i":   "lengths 2 and 3",
		"i..j->i": "is no letter",
	} {
		func() {
			defer func() {
				if err, ok := recover().(*tensor.ShapeError); !ok || !strings.Contains(err.Error(), want) || err.Op != "Einsum" {
					t.Errorf("%s: %v, want %q", equation, err, want)
				}
			}()
			tp.Einsum(equation, m)
		}()
	}
}
