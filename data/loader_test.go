package data_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"elegans/data"
	"elegans/tensor"
)

// digest condenses a batch.
func digest(b *data.Batch) string {
	h := fnv.New64a()
	for _, v := range b.Images.Data() {
		u := math.Float32bits(v)
		h.Write([]byte{byte(u), byte(u >> 8), byte(u >> 16), byte(u >> 24)})
	}
	return fmt.Sprint(b.Epoch, b.Step, b.Labels, b.Indices, b.Images.Shape(), h.Sum64())
}

var strong = []data.Augment{data.Shift{Max: 2}, data.Flip{}, data.Crop{Pad: 1, Fill: 0.5}, data.Cutout{Size: 3}, data.Affine{Degrees: 15, Scale: 0.1, Shear: 0.1, Shift: 1},
	data.Normalize{Mean: []float32{0.3}, Std: []float32{0.4}}}

func TestLoaderIsExactAndResumable(t *testing.T) {
	d := data.AllDigits().Take(103)
	cfg := data.LoaderConfig{BatchSize: 10, Seed: 7, Shuffle: true, Augment: strong}
	l := data.NewLoader(d, cfg)
	defer l.Close()
	if l.Steps() != 11 {
		t.Fatalf("%d steps, want 11", l.Steps())
	}
	var want []string
	for e := range 3 {
		seen := make([]int, 0, d.Len())
		for b := range l.Epoch(e, 0) {
			want = append(want, digest(b))
			seen = append(seen, b.Indices...)
		}
		order := make([]int, d.Len())
		l.Order(order, e)
		if !slices.Equal(seen, order) {
			t.Fatalf("epoch %d does not follow Order", e)
		}
		if slices.Sort(seen); seen[0] != 0 || seen[102] != 102 || len(slices.Compact(seen)) != 103 {
			t.Fatalf("epoch %d is not a permutation", e)
		}
	}
	// Another amount of prefetch, odd pauses, and any number of interruptions change nothing.
	cfg.Prefetch = 5
	for at := 0; at < len(want); at += 7 {
		m := data.NewLoader(d, cfg)
		m.Seek(2, 3) // and elsewhere first
		m.Next()
		m.Seek(at/11, at%11)
		for i := at; i < min(at+9, len(want)); i++ {
			if i%4 == 0 {
				time.Sleep(time.Millisecond)
			}
			if got := digest(m.Next()); got != want[i] {
				t.Fatalf("resumed at %d, batch %d: %s, want %s", at, i, got, want[i])
			}
		}
		m.Close()
		if m.Next() != nil {
			t.Fatal("a batch after Close")
		}
	}
	if want[0] == want[11] {
		t.Error("two epochs begin alike")
	}
}

func TestLoaderDropLastAndPlainOrder(t *testing.T) {
	l := data.NewLoader(toy(t, 7), data.LoaderConfig{BatchSize: 3, DropLast: true})
	defer l.Close()
	var got []int
	for b := range l.Epoch(0, 0) {
		got = append(got, b.Indices...)
	}
	for range l.Epoch(4, 2) {
		t.Error("a batch after the last step")
	}
	if e, s := l.Position(); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5}) || e != 1 || s != 0 {
		t.Errorf("indices %v, then epoch %d step %d", got, e, s)
	}
}

func TestLoaderAllocatesNothing(t *testing.T) {
	l := data.NewLoader(data.AllDigits(), data.LoaderConfig{BatchSize: 64, Shuffle: true, Augment: strong})
	defer l.Close()
	for range 2 * l.Steps() {
		l.Next()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const batches = 200
	for range batches {
		l.Next()
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > batches/20 { // the runtime itself makes a few
		t.Errorf("%d allocations in %d batches", n, batches)
	}
}

func TestLoaderLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 50 {
		l := data.NewLoader(toy(t, 20), data.LoaderConfig{BatchSize: 4, Prefetch: 1 + i%3})
		for range i % 7 {
			l.Next()
		}
		l.Close()
		l.Close()
	}
	for range 60_000 { // as long as a loaded machine may need; normally at once
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}

func TestLoaderPassesPanicsOn(t *testing.T) {
	l := data.NewLoader(toy(t, 4), data.LoaderConfig{BatchSize: 2, Augment: []data.Augment{data.Normalize{Mean: []float32{1, 2}, Std: []float32{1}}}})
	defer func() {
		if _, ok := recover().(*tensor.UsageError); !ok {
			t.Error("no *tensor.UsageError")
		}
		if l.Next() != nil {
			t.Error("a batch after the panic")
		}
	}()
	l.Next()
}

func BenchmarkLoader(b *testing.B) {
	for _, c := range []struct {
		name string
		aug  []data.Augment
	}{{"plain", nil}, {"shift", []data.Augment{data.Shift{Max: 2}}}, {"affine", []data.Augment{data.Affine{Degrees: 10, Scale: 0.1, Shift: 2}}}} {
		b.Run(c.name, func(b *testing.B) {
			pixels, labels := make([]uint8, 1280*784), make([]int, 1280)
			d, err := data.FromBytes("bench", "", []string{"a"}, pixels, 255, labels, 1, 28, 28)
			if err != nil {
				b.Fatal(err)
			}
			l := data.NewLoader(d, data.LoaderConfig{BatchSize: 128, Shuffle: true, Augment: c.aug})
			defer l.Close()
			l.Next()
			b.ReportAllocs()
			for b.Loop() {
				l.Next()
			}
			b.ReportMetric(128*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
