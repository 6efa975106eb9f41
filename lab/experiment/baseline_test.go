package experiment

import (
	"context"
	"math"
	"testing"

	"elegans/data"
	"elegans/lab/recipe"
	"elegans/tensor"
)

// strokes are images of 6x6 pixels, each with one dark row and one dark column.
func strokes(t *testing.T, n int, seed uint64) *data.Dataset {
	t.Helper()
	k := tensor.NewKey(seed, "strokes")
	x := tensor.New[float32](n, 1, 6, 6)
	for i := range n {
		row, column := int(k.Uint64(uint64(2*i))%6), int(k.Uint64(uint64(2*i+1))%6)
		for j := range 6 {
			x.Set(0.9, i, 0, row, j)
			x.Set(0.9, i, 0, j, column)
		}
	}
	d, err := data.FromTensor("strokes", "", []string{"a"}, x, make([]int, n))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPrincipalComponents(t *testing.T) {
	c := &recipe.Config{Data: recipe.Data{Binarize: 0.3}}
	d := strokes(t, 500, 1)
	p, err := principal(context.Background(), c, d)
	if err != nil {
		t.Fatal(err)
	}
	n := len(p.mean)
	gram := tensor.New[float32](n, n)
	tensor.MatMul(gram, p.axes.T(), p.axes)
	for i := range n {
		for j := range n {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(float64(gram.At(i, j))-want) > 1e-5 {
				t.Fatalf("axes %d and %d have the product %v", i, j, gram.At(i, j))
			}
		}
	}
	x := c.Inputs(d, 0, 100)
	y := tensor.New[float32](100, n)
	before := math.Inf(1)
	for _, k := range []int{0, 1, 3, 6, 10, n} {
		p.reconstruct(y, x, k)
		sum := 0.0
		for i, v := range y.Data() {
			sum += float64(v-x.Data()[i]) * float64(v-x.Data()[i])
		}
		if sum > before {
			t.Errorf("%d components leave the error %v, fewer left %v", k, sum, before)
		}
		before = sum
	}
	if before > 1e-6 {
		t.Errorf("all components leave the error %v", before)
	}
}

func TestBaselines(t *testing.T) {
	c := &recipe.Config{Data: recipe.Data{Binarize: 0.3}}
	sets := &recipe.Sets{Train: strokes(t, 500, 1), Test: strokes(t, 200, 2)}
	list, err := baselines(context.Background(), c, sets, []int{10})
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	// 11 of 36 pixels are dark, so no pixel is dark in more than half of the images.
	for i, want := range []float64{25. / 36, 25. / 36, 1} {
		if math.Abs(list[i].Accuracy-want) > 1e-9 {
			t.Errorf("%s: accuracy %v, want %v", list[i].Name, list[i].Accuracy, want)
		}
	}
}
