package esn

import (
	"fmt"

	"elegans/tensor"
)

// Stack returns the reservoir as a stack of one layer, for what is asked of stacks.
func (r *Reservoir[T]) Stack() *Deep[T] { return &Deep[T]{Layers: []*Reservoir[T]{r}} }

// dynamics is one layer under a given input, in float64, with its derivatives:
//
//	F(x, t) = (1-a) x + a f(W x + d[t]),   J(x, t) = (1-a) I + a f'(W x + d[t]) W
type dynamics struct {
	w     *sparse
	drive *tensor.Tensor[float64] // d [T, N]
	leak  []float64               // [N]
	op    tensor.UnaryOp
	slope float64

	z, y, df, one *tensor.Tensor[float64] // [N], of the last step
	product       []float64
}

// dynamicsOf returns every layer of a stack under the input u [T, K], without feedback. The input
// of a layer above the first is the states below it, run from the zero state.
func (d *Deep[T]) dynamicsOf(u *tensor.Tensor[T]) ([]*dynamics, error) {
	if len(d.Layers) == 0 {
		return nil, fmt.Errorf("esn: a deep reservoir without layers")
	}
	var list []*dynamics
	layer := u
	for l, r := range d.Layers {
		if err := r.check(layer, Options[T]{}); err != nil {
			return nil, fmt.Errorf("layer %d: %w", l, err)
		}
		n := r.Size()
		states := tensor.New[T](u.Dim(0), n)
		r.drive(states, layer, Options[T]{})
		if l > 0 && l <= len(d.Skip) && d.Skip[l-1] != nil {
			addProduct(states, u, d.Skip[l-1])
		}
		m := &dynamics{
			w: matrixOf(r.W), drive: tensor.Convert[float64](states), leak: make([]float64, n), op: r.Activation, slope: float64(r.Slope),
			z: tensor.New[float64](n), y: tensor.New[float64](n), df: tensor.New[float64](n), one: tensor.Full(1.0, n), product: make([]float64, n),
		}
		for i := range m.leak {
			m.leak[i] = 1
			if r.Leak != nil {
				m.leak[i] = float64(r.Leak.Data()[min(i, r.Leak.Len()-1)])
			}
		}
		list = append(list, m)
		if l < len(d.Layers)-1 {
			r.step(states, Options[T]{})
			layer = states
		}
	}
	return list, nil
}

// step replaces x by F(x, t).
func (m *dynamics) step(x []float64, t int) {
	n := m.w.n
	z := m.z.Data()
	m.w.multiply(z, x)
	for i, v := range m.drive.Data()[t*n : (t+1)*n] {
		z[i] += v
	}
	tensor.Map(m.op, m.y, m.z, m.slope, 0)
	for i, f := range m.y.Data() {
		x[i] += m.leak[i] * (f - x[i])
	}
}

// differentiate makes tangent ready for the point of the last step.
func (m *dynamics) differentiate() {
	tensor.MapGrad(m.op, m.df, m.one, m.z, m.y, m.slope, 0, 0)
}

// tangent replaces v by J v.
func (m *dynamics) tangent(v []float64) {
	m.w.multiply(m.product, v)
	df := m.df.Data()
	for i, p := range m.product {
		v[i] += m.leak[i] * (df[i]*p - v[i])
	}
}

// jacobian returns J at z = 0, the update linearised about the zero state without input.
func (m *dynamics) jacobian() *sparse {
	m.z.Zero()
	tensor.Map(m.op, m.y, m.z, m.slope, 0)
	m.differentiate()
	j := &sparse{n: m.w.n, ptr: []int{0}}
	for i := range m.w.n {
		own := 1 - m.leak[i]
		for k := m.w.ptr[i]; k < m.w.ptr[i+1]; k++ {
			v := m.leak[i] * m.df.At(i) * m.w.val[k]
			if m.w.col[k] == i {
				own += v
			} else {
				j.put(m.w.col[k], v)
			}
		}
		j.put(i, own)
		j.ptr = append(j.ptr, len(j.col))
	}
	return j
}
