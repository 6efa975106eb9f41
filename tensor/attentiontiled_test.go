package tensor

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// smallTiles makes attention cut small operands into many tiles.
func smallTiles(t testing.TB, forward, backward [2]int) {
	fq, fk, bq, bk := forwardQueries, forwardKeys, backwardQueries, backwardKeys
	t.Cleanup(func() { forwardQueries, forwardKeys, backwardQueries, backwardKeys = fq, fk, bq, bk })
	forwardQueries, forwardKeys, backwardQueries, backwardKeys = forward[0], forward[1], backward[0], backward[1]
}

// attentionCase is attention on operands that hold the heads side by side, and its mask.
type attentionCase struct {
	q, k, v, dy                 *Tensor[float64] // [B, L, H*D]
	batch, heads, lq, lk, d, dv int
	mask                        AttentionMask[float64]
	scale                       float64
}

func drawAttention(t *rapid.T) *attentionCase {
	size := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	c := &attentionCase{batch: size("batch", 1, 3), heads: size("heads", 1, 3), lq: size("lq", 1, 13), lk: size("lk", 1, 13), d: size("d", 1, 5), dv: size("dv", 1, 5)}
	key := tensorKey(t)
	draw := func(name string, shape ...int) *Tensor[float64] {
		return Uniform[float64](key.Sub(name), -2, 2, shape...)
	}
	c.q, c.k = draw("q", c.batch, c.lq, c.heads*c.d), draw("k", c.batch, c.lk, c.heads*c.d)
	c.v, c.dy = draw("v", c.batch, c.lk, c.heads*c.dv), draw("dy", c.batch, c.lq, c.heads*c.dv)
	c.scale = rapid.SampledFrom([]float64{1, .5, -2}).Draw(t, "scale")
	some := func(name string, shape ...int) *Tensor[float64] { // ones and zeros
		x := draw(name, shape...)
		for i, v := range x.Data() {
			x.Data()[i] = 0
			if v > .5 {
				x.Data()[i] = 1
			}
		}
		return x
	}
	broadcast := [][]int{{c.lk}, {c.lq, c.lk}, {c.heads, 1, c.lk}, {c.batch, 1, c.lq, 1}, {c.batch, c.heads, c.lq, c.lk}}
	if rapid.Bool().Draw(t, "add") {
		c.mask.Add = draw("add", rapid.SampledFrom(broadcast).Draw(t, "shape of add")...)
		if rapid.Bool().Draw(t, "add blocks") { // as in programs whose masks are numbers
			for i, v := range c.mask.Add.Data() {
				if v > .5 {
					c.mask.Add.Data()[i] = math.Inf(-1)
				}
			}
		}
	}
	if rapid.Bool().Draw(t, "blocked") {
		c.mask.Blocked = some("blocked", rapid.SampledFrom(broadcast).Draw(t, "shape of blocked")...)
	}
	if rapid.Bool().Draw(t, "keys") {
		c.mask.KeyBlocked = some("keys", c.batch, c.lk)
	}
	c.mask.Causal = rapid.Bool().Draw(t, "causal")
	return c
}

func headsOf[T Float](x *Tensor[T], heads int) *Tensor[T] {
	v := HeadsView(x, 0, heads, x.shape[2]/heads)
	return &v
}

// plain computes attention and its gradients through the weights; the gradients begin at 1.
func (c *attentionCase) plain() (y, lse, dq, dk, dv *Tensor[float64]) {
	q, k, v, dy := headsOf(c.q, c.heads), headsOf(c.k, c.heads), headsOf(c.v, c.heads), headsOf(c.dy, c.heads)
	w := New[float64](c.batch, c.heads, c.lq, c.lk)
	AttentionWeights(w, q, k, c.mask, c.scale)
	y, lse = New[float64](c.batch, c.lq, c.heads*c.dv), New[float64](c.batch, c.heads, c.lq)
	MatMul(headsOf(y, c.heads), w, v)
	dw, ds := New[float64](w.Shape()...), New[float64](w.Shape()...)
	vt, wt, st := Transposed(v), Transposed(w), Transposed(ds)
	Gemm(dw, dy, &vt, 1, 0)
	SoftmaxGrad(ds, w, dw, -1)
	dq, dk, dv = Full[float64](1, c.q.Shape()...), Full[float64](1, c.k.Shape()...), Full[float64](1, c.v.Shape()...)
	MatMulAdd(headsOf(dv, c.heads), &wt, dy)
	Gemm(headsOf(dq, c.heads), ds, k, c.scale, 1)
	Gemm(headsOf(dk, c.heads), &st, q, c.scale, 1)
	return y, lse, dq, dk, dv
}

// tiled computes the same without the weights.
func (c *attentionCase) tiled() (y, lse, dq, dk, dv *Tensor[float64]) {
	q, k, v, dy := headsOf(c.q, c.heads), headsOf(c.k, c.heads), headsOf(c.v, c.heads), headsOf(c.dy, c.heads)
	y, lse = Full(math.NaN(), c.batch, c.lq, c.heads*c.dv), Full(math.NaN(), c.batch, c.heads, c.lq)
	Attention(headsOf(y, c.heads), lse, q, k, v, c.mask, c.scale)
	dq, dk, dv = Full[float64](1, c.q.Shape()...), Full[float64](1, c.k.Shape()...), Full[float64](1, c.v.Shape()...)
	AttentionGrad(AttentionGrads[float64]{headsOf(dq, c.heads), headsOf(dk, c.heads), headsOf(dv, c.heads)}, dy, headsOf(y, c.heads), lse, q, k, v, c.mask, c.scale)
	return y, lse, dq, dk, dv
}

func mustBeClose(t *rapid.T, what string, got, want *Tensor[float64]) {
	t.Helper()
	for i, v := range want.Data() {
		if !(math.Abs(got.Data()[i]-v) <= 1e-12*max(1, math.Abs(v))) {
			t.Fatalf("%s: element %d is %v, expected %v", what, i, got.Data()[i], v)
		}
	}
}

// TestTiledAttention compares attention by tiles, with tiles of any size, with the way through the
// weights.
func TestTiledAttention(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		side := rapid.IntRange(1, 6)
		smallTiles(t, [2]int{side.Draw(r, "fq"), side.Draw(r, "fk")}, [2]int{side.Draw(r, "bq"), side.Draw(r, "bk")})
		c := drawAttention(r)
		y, _, dq, dk, dv := c.plain()
		gotY, lse, gotQ, gotK, gotV := c.tiled()
		mustBeClose(r, "y", gotY, y)
		mustBeClose(r, "gradient of q", gotQ, dq)
		mustBeClose(r, "gradient of k", gotK, dk)
		mustBeClose(r, "gradient of v", gotV, dv)
		for i, v := range lse.Data() {
			row := y.Data()[i/(c.heads*c.lq)*c.lq*c.heads*c.dv:]
			if nothing := math.IsInf(v, -1); math.IsNaN(v) || nothing && row[i%c.lq*c.heads*c.dv+i/c.lq%c.heads*c.dv] != 0 {
				r.Errorf("lse[%d] is %v", i, v)
			}
		}
	})
}

// TestTiledAttentionLong compares lengths beyond one tile, in both precisions, and wants the same
// bits from any number of workers.
func TestTiledAttentionLong(t *testing.T) {
	testLong[float64](t, 1e-12)
	testLong[float32](t, 2e-5)
}

func testLong[T Float](t *testing.T, tolerance float64) {
	defer SetWorkers(Workers())
	const b, h, lq, lk, d, dv = 1, 2, 531, 777, 20, 24
	key := NewKey(3, "long")
	q, k := Normal[T](key.Sub("q"), 0, 1, b, h, lq, d), Normal[T](key.Sub("k"), 0, 1, b, h, lk, d)
	v, dy := Normal[T](key.Sub("v"), 0, 1, b, h, lk, dv), Normal[T](key.Sub("dy"), 0, 1, b, h, lq, dv)
	mask, scale := AttentionMask[T]{Causal: true}, T(.3)
	w, dw, ds := New[T](b, h, lq, lk), New[T](b, h, lq, lk), New[T](b, h, lq, lk)
	AttentionWeights(w, q, k, mask, scale)
	vt, wt, st := Transposed(v), Transposed(w), Transposed(ds)
	Gemm(dw, dy, &vt, 1, 0)
	SoftmaxGrad(ds, w, dw, -1)
	want := []*Tensor[T]{w.MatMul(v), New[T](q.Shape()...), New[T](k.Shape()...), New[T](v.Shape()...)}
	Gemm(want[1], ds, k, scale, 0)
	Gemm(want[2], &st, q, scale, 0)
	MatMul(want[3], &wt, dy)
	var first [][]T
	for _, workers := range []int{1, 2, 3, 8} {
		SetWorkers(workers)
		lse := New[T](b, h, lq)
		got := []*Tensor[T]{New[T](want[0].Shape()...), New[T](q.Shape()...), New[T](k.Shape()...), New[T](v.Shape()...)}
		Attention(got[0], lse, q, k, v, mask, scale)
		AttentionGrad(AttentionGrads[T]{got[1], got[2], got[3]}, dy, got[0], lse, q, k, v, mask, scale)
		for i, g := range got {
			if workers > 1 {
				if !slices.Equal(g.Data(), first[i]) {
					t.Errorf("result %d differs between 1 and %d workers", i, workers)
				}
				continue
			}
			first = append(first, g.Data())
			for j, x := range g.Data() {
				if diff := math.Abs(float64(x - want[i].Data()[j])); !(diff <= tolerance*max(1, math.Abs(float64(x)))) {
					t.Fatalf("%T: result %d, element %d: %v, expected %v", x, i, j, x, want[i].Data()[j])
				}
			}
		}
	}
}

// TestTiledAttentionEdges: lengths of zero, NaN that stays visible in its row, and wrong shapes.
func TestTiledAttentionEdges(t *testing.T) {
	none := AttentionMask[float64]{}
	for _, n := range [][2]int{{0, 3}, {3, 0}, {0, 0}} {
		q, k := Full[float64](1, 1, 2, n[0], 4), Full[float64](1, 1, 2, n[1], 4)
		y, lse := Full(math.NaN(), 1, 2, n[0], 4), New[float64](1, 2, n[0])
		dq, dk := Full[float64](1, q.Shape()...), Full[float64](1, k.Shape()...)
		Attention(y, lse, q, k, k, none, 1)
		AttentionGrad(AttentionGrads[float64]{dq, dk, nil}, y, y, lse, q, k, k, none, 1)
		for _, v := range y.Data() {
			if v != 0 {
				t.Errorf("%d queries and %d keys: y %v, expected 0", n[0], n[1], y.Data())
			}
		}
		for _, v := range slices.Concat(dq.Data(), dk.Data()) {
			if v != 1 {
				t.Errorf("%d queries and %d keys: gradients %v and %v, expected 1", n[0], n[1], dq.Data(), dk.Data())
			}
		}
	}
	q, k := Full[float64](1, 1, 1, 3, 2), Full[float64](1, 1, 1, 4, 2)
	q.Set(math.NaN(), 0, 0, 1, 0)
	y, lse := New[float64](1, 1, 3, 2), New[float64](1, 1, 3)
	Attention(y, lse, q, k, k, none, 1)
	if d := y.Data(); d[0] != 1 || d[2] == d[2] || d[4] != 1 {
		t.Errorf("y %v, expected NaN in the second row alone", d)
	}
	for name, f := range map[string]func(){
		"keys and values of different lengths": func() { Attention(y, lse, q, k, q, none, 1) },
		"lse of another length":                func() { Attention(y, New[float64](1, 1, 2), q, k, k, none, 1) },
		"mask of other keys":                   func() { Attention(y, lse, q, k, k, AttentionMask[float64]{KeyBlocked: New[float64](1, 3)}, 1) },
		"gradient of another shape": func() {
			AttentionGrad(AttentionGrads[float64]{Q: k}, y, y, lse, q, k, k, none, 1)
		},
	} {
		func() {
			defer func() {
				if _, ok := recover().(*ShapeError); !ok {
					t.Errorf("%s: no ShapeError", name)
				}
			}()
			f()
		}()
	}
}
