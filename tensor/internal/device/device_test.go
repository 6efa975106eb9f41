package device

import (
	"errors"
	"strings"
	"testing"
	"unsafe"
)

// fake is a backend that remembers what was asked of it.
type fake struct {
	launched []Kernel
	waits    int
	fails    error
	memory   [][]uint64 // lent, nil if it stages
	lends    bool
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Launch(k Kernel, args []Arg) error {
	f.launched = append(f.launched, k)
	return f.fails
}

func (f *fake) Wait() error {
	f.waits++
	return f.fails
}

func (f *fake) Alloc(bytes int) (unsafe.Pointer, error) {
	if !f.lends {
		return nil, f.fails
	}
	f.memory = append(f.memory, make([]uint64, (bytes+7)/8))
	return unsafe.Pointer(&f.memory[len(f.memory)-1][0]), f.fails
}

// use makes a fake the device for a test.
func use(t *testing.T, f *fake) *Device {
	t.Helper()
	Use(f)
	t.Cleanup(Drop)
	return Active()
}

func TestWithoutDevice(t *testing.T) {
	if Active() != nil {
		t.Fatal("a device is active")
	}
	Wait()
	Stay("Sort")
	if s := Lend[float32](10); s != nil {
		t.Error("memory was lent")
	}
}

func TestLaunch(t *testing.T) {
	f := &fake{}
	d := use(t, f)
	x := []float32{1, 2}
	Launch[float32](d, "map", "map", Each(1000), In(x), Out([]float64(nil)), Int(-3), Num(float32(.5)))
	Launch[float64](d, "map", "map", Each(0))
	if len(f.launched) != 1 || f.launched[0].Name != "map_f32" || f.launched[0].Grid != [3]int{4, 1, 1} || f.launched[0].Block != [3]int{256, 1, 1} {
		t.Errorf("launched %+v", f.launched)
	}
	Stay("Sort")
	Stay("Sort")
	if f.waits != 2 {
		t.Errorf("%d waits", f.waits)
	}
	tally := d.TakeTally()
	if tally.Where() != "partly" || tally.String() != "map_f32 1 on the processor: Sort 2" {
		t.Errorf("%s: %s", tally.Where(), tally)
	}
	if empty := d.TakeTally(); empty.Where() != "" || empty.String() != "" {
		t.Errorf("taken twice: %s", empty)
	}
	var sum Tally
	sum.Add(tally)
	sum.Add(Tally{Launched: map[string]int{"map_f32": 2}})
	if sum.Launched["map_f32"] != 3 || sum.Stayed["Sort"] != 2 {
		t.Errorf("sum %s", sum)
	}
}

// TestFailures: what fails panics with an error that names kernel, sizes and cause.
func TestFailures(t *testing.T) {
	cause := errors.New("cuLaunchKernel: OutOfMemory")
	d := use(t, &fake{fails: cause})
	for want, f := range map[string]func(){
		"kernel map_f64, 1 x 1 x 1 blocks of 256 threads, arguments [3], none, 7, number: cuLaunchKernel": func() {
			Launch[float64](d, "map", "map", Each(3), InOut([]float64{1, 2, 3}), In([]int(nil)), Int(7), Double(2))
		},
		"waiting for the device: ":            Wait,
		"32 bytes of the device's memory: cu": func() { d.alloc(32) },
	} {
		func() {
			defer func() {
				err, _ := recover().(*Error)
				if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, cause) {
					t.Errorf("panics with %v, want %s", err, want)
				}
			}()
			f()
		}()
	}
}

func TestLend(t *testing.T) {
	f := &fake{lends: true}
	d := use(t, f)
	seen := map[*float64]bool{}
	for _, n := range []int{1, 3, 100, 5000, 1 << 18, 7} {
		s := Lend[float64](n)
		if len(s) != n || seen[&s[0]] {
			t.Fatalf("%d elements lent of %d, or twice the same", len(s), n)
		}
		seen[&s[0]] = true
		for i := range s {
			if s[i] != 0 {
				t.Fatalf("element %d of %d is %v", i, n, s[i])
			}
			s[i] = 1 // a later loan that overlaps would see it
		}
	}
	if len(f.memory) != 2 {
		t.Errorf("%d allocations, want one for the small pieces and one for the large one", len(f.memory))
	}
	a := Borrow[float32](d, 1000)
	a.Release()
	if b := Borrow[float32](d, 1020); &b.Data[0] != &a.Data[0] {
		t.Error("scratch memory is not used again")
	}
	if b := Borrow[float32](d, 1000); &b.Data[0] == &a.Data[0] {
		t.Error("scratch memory is lent twice at once")
	}
}

func TestScratchOfGo(t *testing.T) {
	d := use(t, &fake{})
	if s := Borrow[float32](d, 5); len(s.Data) != 5 {
		t.Errorf("%d elements", len(s.Data))
	} else {
		s.Release()
	}
	Borrow[float32](d, 0).Release()
}

func TestSizes(t *testing.T) {
	for name, c := range map[string]struct{ got, want Size }{
		"each":       {Each(257), Size{[3]int{2, 1, 1}, [3]int{256, 1, 1}}},
		"very many":  {Each(1 << 40), Size{[3]int{maxBlocks, 1, 1}, [3]int{256, 1, 1}}},
		"short rows": {Rows(5, 3), Size{[3]int{5, 1, 1}, [3]int{32, 1, 1}}},
		"long rows":  {Rows(5, 1000), Size{[3]int{5, 1, 1}, [3]int{256, 1, 1}}},
		"lines":      {Lines(3, 100, 40), Size{[3]int{6, 1, 1}, [3]int{32, 8, 1}}},
		"few lines":  {Lines(3, 5, 3), Size{[3]int{3, 1, 1}, [3]int{4, 8, 1}}},
		"rows":       {Lines(1<<40, 70, 1), Size{[3]int{maxBlocks, 1, 1}, [3]int{1, 128, 1}}},
		"no lines":   {Lines(3, 5, 0), Size{[3]int{0, 1, 1}, [3]int{1, 32, 1}}},
		"once":       {Once(1 << 20), Size{[3]int{1, 1, 1}, [3]int{1, 1024, 1}}},
		"tiles":      {Tiles(17, 33, 3, 16, 16), Size{[3]int{3, 2, 3}, [3]int{16, 16, 1}}},
		"many tiles": {Tiles(1<<30, 1, 1<<20, 16, 16), Size{[3]int{1, 65535, 65535}, [3]int{16, 16, 1}}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}
