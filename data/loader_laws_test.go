package data_test

import (
	"fmt"
	"slices"
	"testing"

	"elegans/data"
	"elegans/tensor"
)

// expected makes the batch of an epoch and step from the Dataset alone: images lo to hi of the
// order, each augmented by a key of (seed, epoch, image, place in the list).
func expected(d *data.Dataset, cfg data.LoaderConfig, order []int, epoch, step int) (images [][]float32, labels, indices []int) {
	lo := step * cfg.BatchSize
	c, h, w := d.Shape()
	for _, i := range order[lo:min(lo+cfg.BatchSize, d.Len())] {
		m := data.Image{C: c, H: h, W: w, Pix: make([]float32, c*h*w)}
		d.Pixels(m.Pix, i)
		for k, a := range cfg.Augment {
			a.Apply(&m, tensor.NewKey(cfg.Seed, "augment", uint64(epoch), uint64(i)).Sub("op", uint64(k)))
		}
		images, labels, indices = append(images, m.Pix), append(labels, d.Label(i)), append(indices, i)
	}
	return images, labels, indices
}

// same reports how a batch differs from what is expected, "" for not at all.
func same(b *data.Batch, d *data.Dataset, cfg data.LoaderConfig, order []int, epoch, step int) string {
	images, labels, indices := expected(d, cfg, order, epoch, step)
	c, h, w := d.Shape()
	switch {
	case b.Epoch != epoch || b.Step != step:
		return fmt.Sprintf("epoch %d, step %d", b.Epoch, b.Step)
	case !slices.Equal(b.Indices, indices):
		return fmt.Sprintf("images %v, want %v", b.Indices, indices)
	case !slices.Equal(b.Labels, labels):
		return fmt.Sprintf("labels %v, want %v", b.Labels, labels)
	case !slices.Equal(b.Images.Shape(), []int{len(images), c, h, w}):
		return fmt.Sprintf("shape %v", b.Images.Shape())
	case !slices.Equal(b.Images.Data(), slices.Concat(images...)):
		return "other pixels"
	}
	return ""
}

// TestLoaderSeeksExactly goes to every step of three epochs, from every other place in turn, and
// compares what comes there, and what comes next, with batches made by hand.
func TestLoaderSeeksExactly(t *testing.T) {
	d := data.AllDigits().Take(29)
	for name, cfg := range map[string]data.LoaderConfig{
		"shuffled":  {BatchSize: 6, Seed: 3, Shuffle: true, Augment: strong},
		"cut":       {BatchSize: 6, Seed: 3, Shuffle: true, DropLast: true, Augment: strong[:1]},
		"in order":  {BatchSize: 6, Seed: 3, Augment: strong[4:]},
		"one image": {BatchSize: 1, Seed: 4, Shuffle: true},
		"one batch": {BatchSize: 29, Seed: 5, Shuffle: true, Augment: strong},
	} {
		l := data.NewLoader(d, cfg)
		const epochs = 3
		var orders [epochs + 1][]int
		for e := range orders {
			orders[e] = make([]int, d.Len())
			l.Order(orders[e], e)
		}
		places := epochs * l.Steps()
		for i := range places {
			at := i * 7 % places // coprime with most, so that seeks go back and forth
			l.Seek(at/l.Steps(), at%l.Steps())
			for range 2 {
				if e, s := l.Position(); e != at/l.Steps() || s != at%l.Steps() {
					t.Fatalf("%s: position %d, %d before batch %d", name, e, s, at)
				}
				e, s := at/l.Steps(), at%l.Steps()
				if diff := same(l.Next(), d, cfg, orders[e], e, s); diff != "" {
					t.Fatalf("%s: epoch %d, step %d after a seek: %s", name, e, s, diff)
				}
				at++
			}
		}
		l.Close()
	}
}

// TestLoaderOrders looks at the orders of many epochs: each a permutation, no two alike, no image
// that is always left out of cut epochs, and others for another seed.
func TestLoaderOrders(t *testing.T) {
	const n, epochs = 23, 40
	d := data.AllDigits().Take(n)
	orders := func(seed uint64) (list [][]int) {
		l := data.NewLoader(d, data.LoaderConfig{BatchSize: 5, Seed: seed, Shuffle: true, DropLast: true})
		defer l.Close()
		for e := range epochs {
			order := make([]int, n)
			l.Order(order, e)
			sorted := slices.Sorted(slices.Values(order))
			for i, v := range sorted {
				if v != i {
					t.Fatalf("epoch %d is no permutation: %v", e, order)
				}
			}
			list = append(list, order)
		}
		return list
	}
	one, two := orders(1), orders(2)
	trained, first := make([]int, n), map[int]bool{}
	for e := range one {
		for f := range e {
			if slices.Equal(one[e], one[f]) {
				t.Errorf("epochs %d and %d have one order", f, e)
			}
		}
		if slices.Equal(one[e], two[e]) {
			t.Errorf("epoch %d does not depend on the seed", e)
		}
		for _, i := range one[e][:20] {
			trained[i]++
		}
		first[one[e][0]] = true
	}
	for i, times := range trained {
		if times == 0 {
			t.Errorf("image %d is left out of all %d epochs", i, epochs)
		}
	}
	if len(first) < 15 { // of 23 places in 40 draws, 19 are to be expected
		t.Errorf("%d epochs begin with %d different images", epochs, len(first))
	}
}

// TestLoaderAugmentsAnew sees each image in several epochs: otherwise each time, alike for another
// size of the batches, and as it is without augmentation.
func TestLoaderAugmentsAnew(t *testing.T) {
	const n, epochs = 12, 5
	d := data.AllDigits().Take(n)
	seen := func(cfg data.LoaderConfig) (pixels [epochs][n]string) {
		l := data.NewLoader(d, cfg)
		defer l.Close()
		for e := range epochs {
			for b := range l.Epoch(e, 0) {
				for j, i := range b.Indices {
					pixels[e][i] = fmt.Sprint(b.Images.Data()[j*64:][:64])
				}
			}
		}
		return pixels
	}
	shift := []data.Augment{data.Affine{Degrees: 20, Shift: 2}}
	a := seen(data.LoaderConfig{BatchSize: 5, Seed: 1, Shuffle: true, Augment: shift})
	for i := range n {
		for e := range epochs {
			for f := range e {
				if a[e][i] == a[f][i] {
					t.Errorf("image %d is the same in the epochs %d and %d", i, f, e)
				}
			}
		}
	}
	if a != seen(data.LoaderConfig{BatchSize: 12, Seed: 1, Augment: shift, Prefetch: 4}) {
		t.Error("the augmentation of an image depends on its batch")
	}
	if a == seen(data.LoaderConfig{BatchSize: 5, Seed: 2, Shuffle: true, Augment: shift}) {
		t.Error("the augmentation does not depend on the seed")
	}
	plain := seen(data.LoaderConfig{BatchSize: 5, Seed: 1, Shuffle: true})
	pix := make([]float32, 64)
	for i := range n {
		d.Pixels(pix, i)
		for e := range epochs {
			if plain[e][i] != fmt.Sprint(pix) {
				t.Fatalf("image %d is changed without augmentation", i)
			}
		}
	}
}

// TestLoaderBatchesBelongToIt keeps what a batch held and sees it replaced: the next one goes into
// other memory than the one that is held, and the Dataset is untouched.
func TestLoaderBatchesBelongToIt(t *testing.T) {
	d := data.AllDigits().Take(20)
	before, _ := d.Images()
	l := data.NewLoader(d, data.LoaderConfig{BatchSize: 4, Augment: []data.Augment{data.Binarize{Threshold: .5}}})
	defer l.Close()
	b := l.Next()
	held := slices.Clone(b.Images.Data())
	for range 1000 { // time for the producer to make what it can
		if !slices.Equal(b.Images.Data(), held) {
			t.Fatal("a batch changes while it is held")
		}
	}
	for range 3 * l.Steps() {
		l.Next()
	}
	if after, _ := d.Images(); !slices.Equal(before.Data(), after.Data()) {
		t.Error("the images of the Dataset have changed")
	}
}
