package autograd

import (
	"fmt"
	"slices"
	"strings"

	"elegans/tensor"
)

// Einsum sums products of the elements of its operands under Einstein's convention: each letter of
// the equation names an axis, axes of the same letter run together, and letters that are not in the
// result are summed over.
//
//	"ij,jk->ik"       product of matrices          "ii->i"        diagonal
//	"bhqe,bhke->bhqk" attention scores             "b...e,en"     no arrow
//
// Without an arrow the result has the letters that occur once, sorted, after the axes of "...".
//
// Axes of length 1 are broadcast; so are those that "..." stands for, aligned at the last. Operands
// are taken from left to right, each step a batched matrix product; with many operands the order is
// the caller's choice. The gradients follow from those of the steps.
func (tp *Tape[T]) Einsum(equation string, xs ...*Var[T]) *Var[T] {
	e := parseEinsum(equation, shapesOf(xs))
	var acc einsumTerm[T]
	for i, x := range xs {
		later := e.output // labels that are needed after this operand
		for _, l := range e.inputs[i+1:] {
			later = later + l
		}
		t := tp.einsumSimplify(einsumTerm[T]{x, e.inputs[i]})
		needed := later
		if i > 0 {
			needed += acc.labels
		}
		t = tp.einsumSum(t, needed)
		if i == 0 {
			acc = t
		} else {
			acc = tp.einsumProduct(acc, t, later)
		}
	}
	acc = tp.einsumPermute(acc, onlyIn(e.output, acc.labels))
	return tp.Reshape(acc.v, e.shape...)
}

// einsumTerm is a variable and the labels of its axes, one byte each.
type einsumTerm[T tensor.Float] struct {
	v      *Var[T]
	labels string
}

func shapesOf[T tensor.Float](xs []*Var[T]) [][]int {
	shapes := make([][]int, len(xs))
	for i, x := range xs {
		shapes[i] = x.Shape()
	}
	return shapes
}

// onlyIn returns the bytes of s that occur in set.
func onlyIn(s, set string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(set, r) {
			return r
		}
		return -1
	}, s)
}

// without returns the bytes of s that do not occur in set.
func without(s, set string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(set, r) {
			return -1
		}
		return r
	}, s)
}

// einsumSimplify takes diagonals of repeated labels and drops axes of length 1, which broadcasting
// makes superfluous.
func (tp *Tape[T]) einsumSimplify(t einsumTerm[T]) einsumTerm[T] {
	for i := 0; i < len(t.labels); i++ {
		j := strings.IndexByte(t.labels[i+1:], t.labels[i]) + i + 1
		if j == i {
			continue
		}
		var order []int
		rest := ""
		for a := range t.labels {
			if a != i && a != j {
				order = append(order, a)
				rest += t.labels[a : a+1]
			}
		}
		t = einsumTerm[T]{tp.Diagonal(tp.Permute(t.v, append(order, i, j)...), 0), rest + t.labels[i:i+1]}
		i = -1
	}
	var shape []int
	labels := ""
	for a, n := range t.v.Shape() {
		if n != 1 {
			shape = append(shape, n)
			labels += t.labels[a : a+1]
		}
	}
	if len(labels) < len(t.labels) {
		t = einsumTerm[T]{tp.Reshape(t.v, shape...), labels}
	}
	return t
}

// einsumSum sums over the labels that are not needed.
func (tp *Tape[T]) einsumSum(t einsumTerm[T], needed string) einsumTerm[T] {
	var axes []int
	for a := range t.labels {
		if strings.IndexByte(needed, t.labels[a]) < 0 {
			axes = append(axes, a)
		}
	}
	if len(axes) == 0 {
		return t
	}
	return einsumTerm[T]{tp.Sum(t.v, axes...), onlyIn(t.labels, needed)}
}

// einsumPermute brings the axes into the order of the labels.
func (tp *Tape[T]) einsumPermute(t einsumTerm[T], labels string) einsumTerm[T] {
	if labels == t.labels {
		return t
	}
	axes := make([]int, len(labels))
	for i := range labels {
		axes[i] = strings.IndexByte(t.labels, labels[i])
	}
	return einsumTerm[T]{tp.Permute(t.v, axes...), labels}
}

// einsumProduct multiplies two terms and sums over the labels that both have and that are not
// needed later, as a batched matrix product
//
//	[batch, rows of a, contracted] [batch, contracted, columns of b]
func (tp *Tape[T]) einsumProduct(a, b einsumTerm[T], later string) einsumTerm[T] {
	a = tp.einsumSum(a, b.labels+later)
	shared := onlyIn(a.labels, b.labels)
	batch, contracted := onlyIn(shared, later), without(shared, later)
	rows, columns := without(a.labels, b.labels), without(b.labels, a.labels)
	a = tp.einsumPermute(a, batch+rows+contracted)
	b = tp.einsumPermute(b, batch+contracted+columns)
	as, bs := a.v.Shape(), b.v.Shape()
	nb, nr, nc := len(batch), len(rows), len(contracted)
	product := func(s []int) int {
		p := 1
		for _, d := range s {
			p *= d
		}
		return p
	}
	m, k, n := product(as[nb:nb+nr]), product(as[nb+nr:]), product(bs[nb+nc:])
	shape := slices.Concat(as[:nb+nr], bs[nb+nc:])
	var y *Var[T]
	if nb == 0 {
		y = tp.MatMul(tp.Reshape(a.v, m, k), tp.Reshape(b.v, k, n))
	} else {
		size := product(as[:nb])
		y = tp.MatMul(tp.Reshape(a.v, size, m, k), tp.Reshape(b.v, size, k, n))
	}
	return einsumTerm[T]{tp.Reshape(y, shape...), batch + rows + columns}
}

// einsum is an equation whose "..." have been replaced by labels of their own, the bytes 1, 2, ...
type einsum struct {
	inputs []string
	output string
	shape  []int // of the result
}

func parseEinsum(equation string, shapes [][]int) einsum {
	fail := func(format string, args ...any) {
		tensor.PanicShape("Einsum", fmt.Sprintf("%q: ", equation)+fmt.Sprintf(format, args...), shapes...)
	}
	left, right, explicit := strings.Cut(strings.ReplaceAll(equation, " ", ""), "->")
	e := einsum{inputs: strings.Split(left, ",")}
	if len(e.inputs) != len(shapes) {
		fail("%d terms for %d operands", len(e.inputs), len(shapes))
	}
	dots := 0 // axes that the longest "..." stands for
	for i, term := range e.inputs {
		letters := strings.Replace(term, "...", "", 1)
		if j := strings.IndexFunc(letters, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }); j >= 0 {
			fail("%q is no letter", letters[j])
		}
		extra := len(shapes[i]) - len(letters)
		if extra < 0 || extra > 0 && len(letters) == len(term) {
			fail("operand %d has %d axes, not those of %q", i, len(shapes[i]), term)
		}
		dots = max(dots, extra)
	}
	all := ""
	for i := 1; i <= dots; i++ {
		all += string(rune(i))
	}
	size := map[byte]int{}
	for i, term := range e.inputs {
		extra := len(shapes[i]) - len(strings.Replace(term, "...", "", 1))
		e.inputs[i] = strings.Replace(term, "...", all[dots-extra:], 1)
		for a := range e.inputs[i] {
			l, n := e.inputs[i][a], shapes[i][a]
			if old, ok := size[l]; !ok || old == 1 {
				size[l] = n
			} else if n != 1 && n != old {
				fail("an axis has lengths %d and %d", old, n)
			}
		}
	}
	if explicit {
		e.output = strings.Replace(right, "...", all, 1)
	} else {
		e.output = all + implicitOutput(strings.Join(e.inputs, ""), dots)
	}
	for i := range e.output {
		l := e.output[i]
		n, ok := size[l]
		if !ok {
			fail("%q in the result is in no operand", l)
		}
		if strings.IndexByte(e.output[:i], l) >= 0 {
			fail("%q is twice in the result", l)
		}
		e.shape = append(e.shape, n)
	}
	for i, term := range e.inputs {
		// An axis of length 1 cannot take the diagonal with a longer one.
		for a := range term {
			if b := strings.IndexByte(term, term[a]); shapes[i][b] != shapes[i][a] {
				fail("an axis has lengths %d and %d in operand %d", shapes[i][b], shapes[i][a], i)
			}
		}
	}
	return e
}

// implicitOutput returns the letters that occur once, sorted; labels of "..." do not count.
func implicitOutput(letters string, dots int) string {
	var once []byte
	for i := range letters {
		if l := letters[i]; int(l) > dots && strings.Count(letters, string(rune(l))) == 1 {
			once = append(once, l)
		}
	}
	slices.Sort(once)
	return string(once)
}
