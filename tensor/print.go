package tensor

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unsafe"

	"elegans/tensor/internal/device"
)

// How tensors are printed, NumPy's defaults.
const (
	printThreshold = 1000 // elements beyond which only the edges are shown
	printEdge      = 3    // elements shown at each end of an axis then
	printWidth     = 75   // of a line
	printPrecision = 8    // digits after the point, at most
)

// String formats the tensor as NumPy does: nested brackets, aligned columns, at most 8 digits after
// the point and no more than identify the number; exponents if the magnitudes ask for them; and
// only the edges of the axes if there are more than 1000 elements.
func (t *Tensor[T]) String() string { return t.text(printPrecision) }

// Format implements fmt.Formatter: %v and %s are String, with a precision as in %.3v for the digits
// after the point.
func (t *Tensor[T]) Format(s fmt.State, verb rune) {
	if verb != 'v' && verb != 's' {
		fmt.Fprintf(s, "%%!%c(tensor %v)", verb, t.Shape())
		return
	}
	precision, ok := s.Precision()
	if !ok {
		precision = printPrecision
	}
	fmt.Fprint(s, t.text(precision))
}

func (t *Tensor[T]) text(precision int) string {
	device.Wait()
	bits := 8 * int(unsafe.Sizeof(*new(T)))
	switch {
	case t.Len() == 0:
		return "[]"
	case t.ndim == 0:
		return scalarText(float64(t.data[0]), bits)
	}
	p := printer[T]{t: t, summarise: t.Len() > printThreshold}
	p.measure(precision, bits)
	var b strings.Builder
	p.axis(&b, 0, 0, " ", printWidth)
	return b.String()
}

// scalarText formats a single number, with an exponent below 1e-4 and from 1e16 on.
func scalarText(v float64, bits int) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return nonFinite(v)
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.FormatFloat(v, 'e', -1, bits)
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func nonFinite(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case v < 0:
		return "-inf"
	}
	return "inf"
}

// printer knows how the numbers of one tensor are written.
type printer[T Float] struct {
	t         *Tensor[T]
	summarise bool
	exponent  bool
	bits      int
	precision int // digits after the point, at most; with exponents exactly
	left      int // width before the point
	right     int // width after it, the exponent included
	expDigits int
}

// shown calls f with the numbers that are printed.
func (p *printer[T]) shown(axis, at int, f func(v float64)) {
	if axis == p.t.ndim {
		f(float64(p.t.data[at]))
		return
	}
	n := p.t.shape[axis]
	for i := 0; i < n; i++ {
		if p.cut(n) && i == printEdge {
			i = n - printEdge
		}
		p.shown(axis+1, at+i*p.t.strides[axis], f)
	}
}

// cut reports whether the middle of an axis of n elements is left out.
func (p *printer[T]) cut(n int) bool { return p.summarise && n > 2*printEdge }

// measure chooses between plain and exponent form and finds the widths.
func (p *printer[T]) measure(precision, bits int) {
	p.bits, p.precision = bits, precision
	largest, smallest := 0.0, math.Inf(1)
	finite := false
	p.shown(0, 0, func(v float64) {
		if a := math.Abs(v); !math.IsNaN(v) && !math.IsInf(v, 0) {
			finite = true
			if a != 0 {
				largest, smallest = max(largest, a), min(smallest, a)
			}
		}
	})
	limit := 1e8
	if bits == 32 {
		limit = 1e6
	}
	p.exponent = largest >= limit || largest > 0 && (smallest < 1e-4 || largest/smallest > 1000)
	if finite {
		digits := 0
		p.shown(0, 0, func(v float64) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return
			}
			whole, fraction, exp := p.parts(v)
			p.left = max(p.left, len(whole))
			digits = max(digits, len(fraction))
			p.expDigits = max(p.expDigits, len(exp)-1)
		})
		p.right = digits
		if p.exponent {
			p.precision = digits
			p.right += p.expDigits + 2
		}
	}
	p.shown(0, 0, func(v float64) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			p.left = max(p.left, len(nonFinite(v))-p.right-1)
		}
	})
}

// parts returns the digits before and after the point, and the exponent with its sign: those that
// identify the number, as far as the precision goes.
func (p *printer[T]) parts(v float64) (whole, fraction, exp string) {
	form := byte('f')
	if p.exponent {
		form = 'e'
	}
	s := strconv.FormatFloat(v, form, -1, p.bits)
	mantissa, exp, _ := strings.Cut(s, "e")
	whole, fraction, _ = strings.Cut(mantissa, ".")
	if len(fraction) > p.precision {
		mantissa, exp, _ = strings.Cut(strconv.FormatFloat(v, form, p.precision, p.bits), "e")
		whole, fraction, _ = strings.Cut(mantissa, ".")
		fraction = strings.TrimRight(fraction, "0")
	}
	return whole, fraction, exp
}

// word returns one number, padded.
func (p *printer[T]) word(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Sprintf("%*s", p.left+p.right+1, nonFinite(v))
	}
	whole, fraction, exp := p.parts(v)
	if !p.exponent {
		return fmt.Sprintf("%*s.%-*s", p.left, whole, p.right, fraction)
	}
	fraction += strings.Repeat("0", p.precision-len(fraction))
	return fmt.Sprintf("%*s.%se%c%s%s", p.left, whole, fraction, exp[0], strings.Repeat("0", p.expDigits-len(exp)+1), exp[1:])
}

// axis writes the elements along one axis, from position at on, in brackets. Lines are at most
// width long and begin with indent.
func (p *printer[T]) axis(b *strings.Builder, axis, at int, indent string, width int) {
	n, stride := p.t.shape[axis], p.t.strides[axis]
	b.WriteByte('[')
	if axis == p.t.ndim-1 {
		p.line(b, n, stride, at, indent, width-1)
	} else {
		for i := 0; i < n; i++ {
			if i > 0 {
				b.WriteString(strings.Repeat("\n", p.t.ndim-axis-1) + indent)
			}
			if p.cut(n) && i == printEdge {
				b.WriteString("..." + strings.Repeat("\n", p.t.ndim-axis-1) + indent)
				i = n - printEdge
			}
			p.axis(b, axis+1, at+i*stride, indent+" ", width-1)
		}
	}
	b.WriteByte(']')
}

// line writes the elements along the last axis, wrapped.
func (p *printer[T]) line(b *strings.Builder, n, stride, at int, indent string, width int) {
	line := ""
	add := func(word string) {
		if line != "" {
			line += " "
		}
		if line != "" && len(indent)+len(line)+len(word) > width {
			b.WriteString(strings.TrimRight(line, " ") + "\n" + indent)
			line = ""
		}
		line += word
	}
	for i := 0; i < n; i++ {
		if p.cut(n) && i == printEdge {
			add("...")
			i = n - printEdge
		}
		add(p.word(float64(p.t.data[at+i*stride])))
	}
	b.WriteString(line)
}
