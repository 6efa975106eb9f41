package cuda

import (
	"fmt"
	"slices"
	"testing"

	"elegans/tensor/internal/device"
)

// TestGroups: operands that overlap are staged as one memory, which is uploaded if one of them is
// read and comes back if one of them is written.
func TestGroups(t *testing.T) {
	m := make([]float64, 20)
	for name, c := range map[string]struct {
		args []device.Arg
		want string // first element, elements, what happens, operands
	}{
		"apart":            {[]device.Arg{device.Out(m[10:14]), device.In(m[2:4])}, "[2+2 in [1]] [10+4 out [0]]"},
		"side by side":     {[]device.Arg{device.Out(m[4:8]), device.In(m[2:4])}, "[2+2 in [1]] [4+4 out [0]]"},
		"the same":         {[]device.Arg{device.Out(m[2:4]), device.In(m[2:4])}, "[2+2 in out [0 1]]"},
		"one within":       {[]device.Arg{device.In(m[:10]), device.Out(m[2:4])}, "[0+10 in out [0 1]]"},
		"one sticks out":   {[]device.Arg{device.InOut(m[5:10]), device.In(m[2:6])}, "[2+8 in out [1 0]]"},
		"two written":      {[]device.Arg{device.Out(m[5:10]), device.Out(m[2:6])}, "[2+8 out [1 0]]"},
		"three in a chain": {[]device.Arg{device.In(m[4:7]), device.In(m[6:9]), device.In(m[2:5])}, "[2+7 in [2 0 1]]"},
		"within, then out": {[]device.Arg{device.In(m[:10]), device.In(m[2:4]), device.Out(m[9:12])}, "[0+12 in out [0 1 2]]"},
		"none":             {[]device.Arg{device.In([]float64(nil)), device.Int(3)}, ""},
	} {
		var d Device
		slots := make([]uint64, len(c.args))
		var got []string
		first := device.In(m).Ptr
		for _, g := range d.groups(slots, c.args) {
			s := fmt.Sprintf("[%d+%d", (g.host-uintptr(first))/8, g.bytes/8)
			if g.in {
				s += " in"
			}
			if g.out {
				s += " out"
			}
			if uintptr(g.ptr) != g.host {
				t.Errorf("%s: the memory to copy is another one", name)
			}
			got = append(got, s+fmt.Sprintf(" %v]", g.operands))
		}
		if s := fmt.Sprint(got); s != "["+c.want+"]" {
			t.Errorf("%s: %s, want [%s]", name, s, c.want)
		}
	}
}

// TestRing: pieces of the ring do not overlap and do not leave it, until a wait; then it begins
// anew.
func TestRing(t *testing.T) {
	d := open(t, Options{})
	var r ring
	defer func() {
		if err := d.call(r.free); err != nil {
			t.Error(err)
		}
	}()
	err := d.call(func() error {
		var end uint64
		for i := 0; ; i++ {
			bytes := []int{1, ringMost, 255, 256, 257, 300_000}[i%6]
			p, ok, err := r.take(bytes)
			if err != nil {
				return err
			}
			if !ok {
				if r.used+bytes <= ringBytes {
					t.Errorf("%d bytes refused where %d of %d are used", bytes, r.used, ringBytes)
				}
				break
			}
			if uint64(p) < end || uint64(p)+uint64(bytes) > uint64(r.ptr)+ringBytes {
				t.Fatalf("piece %d of %d bytes lies at %d of %d, the last one ends at %d", i, bytes, uint64(p-r.ptr), ringBytes, end-uint64(r.ptr))
			}
			end = uint64(p) + uint64(bytes)
		}
		if _, ok, err := r.take(ringMost + 1); ok || err != nil {
			t.Errorf("a piece of more than %d bytes: %v %v", ringMost, ok, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.ring.used = 100
	if err := d.Wait(); err != nil || d.ring.used != 0 {
		t.Errorf("after a wait %d bytes are used: %v", d.ring.used, err)
	}
}

// TestBlocks: addresses of blocks that were lent in any order are found, and no others.
func TestBlocks(t *testing.T) {
	d := open(t, Options{})
	for _, bytes := range []int{5000, 8, 1 << 20, 256, 70_000} {
		if _, err := d.Alloc(bytes); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.lent) != 5 || !slices.IsSortedFunc(d.lent, func(a, b block) int { return int(int64(a.ptr) - int64(b.ptr)) }) {
		t.Fatalf("blocks %v, want 5 in the order of their addresses", d.lent)
	}
	b := blocks{{1000, 16}, {1016, 8}, {2000, 100}}
	for p, want := range map[uintptr]int{999: -1, 1000: 0, 1015: 0, 1016: 1, 1023: 1, 1024: -1, 1999: -1, 2000: 2, 2099: 2, 2100: -1, 9000: -1} {
		if i, ok := b.find(p); ok != (want >= 0) || ok && i != want {
			t.Errorf("address %d: block %d, %v, want %d", p, i, ok, want)
		}
	}
}
