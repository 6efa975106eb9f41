package data

import (
	"slices"
	"testing"

	"elegans/tensor"
)

// numberedPixels returns n images of h x w pixels; pixel p of image i is (i*h*w + p + 1) / 2^12, so
// that every pixel tells where it came from.
func numberedPixels(t *testing.T, n, h, w int) *Dataset {
	t.Helper()
	x := tensor.New[float32](n, 1, h, w)
	for i := range x.Data() {
		x.Data()[i] = float32(i+1) / (1 << 12)
	}
	d, err := FromTensor("numbers", "", []string{"a", "b"}, x, make([]int, n))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// epoch is what a loader gives in an epoch: the order of the images, and the pixels of each.
func epochOf(l *Loader, epoch int) (order []int, pixels map[int][]float32) {
	pixels = map[int][]float32{}
	for b := range l.Epoch(epoch, 0) {
		for j, i := range b.Indices {
			order = append(order, i)
			size := b.Images.Len() / len(b.Indices)
			pixels[i] = slices.Clone(b.Images.Data()[j*size : (j+1)*size])
		}
	}
	return order, pixels
}

// TestEpochsDiffer: every epoch has an order of its own, and every image is changed in a way of its
// own in every epoch.
func TestEpochsDiffer(t *testing.T) {
	d := numberedPixels(t, 40, 5, 5)
	l := NewLoader(d, LoaderConfig{BatchSize: 7, Seed: 4, Shuffle: true, Augment: []Augment{Shift{Max: 2}}})
	defer l.Close()
	var orders [][]int
	var all []map[int][]float32
	for epoch := range 4 {
		order, pixels := epochOf(l, epoch)
		if len(pixels) != 40 || len(order) != 40 {
			t.Fatalf("epoch %d: %d images, %d of them different, expected 40", epoch, len(order), len(pixels))
		}
		for k, other := range orders {
			if slices.Equal(order, other) {
				t.Errorf("epochs %d and %d have one order", k, epoch)
			}
			same := 0
			for i := range pixels {
				if slices.Equal(pixels[i], all[k][i]) {
					same++
				}
			}
			if same > 12 { // of 25 shifts, one in 25 images meets the same again
				t.Errorf("epochs %d and %d shift %d of 40 images alike", k, epoch, same)
			}
		}
		orders, all = append(orders, order), append(all, pixels)
	}
}

// TestAugmentationFollowsTheImage: what happens to an image in an epoch depends on the image, not
// on its place in a batch or on who else is in it.
func TestAugmentationFollowsTheImage(t *testing.T) {
	d := numberedPixels(t, 40, 5, 5)
	augment := []Augment{Shift{Max: 2}, Flip{}}
	var want map[int][]float32
	for _, c := range []LoaderConfig{
		{BatchSize: 1, Seed: 4, Augment: augment}, {BatchSize: 40, Seed: 4, Augment: augment, Prefetch: 1},
		{BatchSize: 7, Seed: 4, Augment: augment, Shuffle: true, Prefetch: 5}, {BatchSize: 13, Seed: 4, Augment: augment, Shuffle: true},
	} {
		l := NewLoader(d, c)
		_, pixels := epochOf(l, 2)
		l.Close()
		if want == nil {
			want = pixels
		}
		for i := range pixels {
			if !slices.Equal(pixels[i], want[i]) {
				t.Fatalf("batches of %d, shuffled %v: image %d is changed otherwise than alone", c.BatchSize, c.Shuffle, i)
			}
		}
	}
}

// TestAugmentationsDrawApart: two augmentations of one kind, one after the other, do not draw the
// same numbers.
func TestAugmentationsDrawApart(t *testing.T) {
	d := numberedPixels(t, 60, 9, 9)
	moved := func(augment ...Augment) map[int][2]int {
		l := NewLoader(d, LoaderConfig{BatchSize: 60, Seed: 1, Augment: augment})
		defer l.Close()
		_, pixels := epochOf(l, 0)
		by := map[int][2]int{}
		for i, pix := range pixels {
			for p, v := range pix {
				if v == float32(i*81+4*9+4+1)/(1<<12) { // the pixel in the middle
					by[i] = [2]int{p/9 - 4, p%9 - 4}
				}
			}
		}
		return by
	}
	one, two := moved(Shift{Max: 2}), moved(Shift{Max: 2}, Shift{Max: 2})
	doubled := 0
	for i := range 60 {
		if two[i] == [2]int{2 * one[i][0], 2 * one[i][1]} {
			doubled++
		}
	}
	if len(one) != 60 || len(two) != 60 || doubled > 20 {
		t.Errorf("the second shift of %d of 60 images is the first one again", doubled)
	}
}

// TestSeekAnywhere compares the batches after a seek to every place of two epochs with those of a
// loader that comes there by itself.
func TestSeekAnywhere(t *testing.T) {
	d := numberedPixels(t, 23, 4, 4)
	c := LoaderConfig{BatchSize: 5, Seed: 9, Shuffle: true, Augment: []Augment{Shift{Max: 1}}}
	type batch struct {
		indices []int
		pixels  []float32
	}
	var want []batch
	whole := NewLoader(d, c)
	defer whole.Close()
	for range 2 * whole.Steps() {
		b := whole.Next()
		want = append(want, batch{slices.Clone(b.Indices), slices.Clone(b.Images.Data())})
	}
	for k := range want {
		l := NewLoader(d, c)
		l.Seek(k/l.Steps(), k%l.Steps())
		for j := k; j < min(k+3, len(want)); j++ {
			b := l.Next()
			if !slices.Equal(b.Indices, want[j].indices) || !slices.Equal(b.Images.Data(), want[j].pixels) {
				t.Fatalf("batch %d after a seek to batch %d is %v, expected %v", j, k, b.Indices, want[j].indices)
			}
		}
		l.Close()
	}
}
