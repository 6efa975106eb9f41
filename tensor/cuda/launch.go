package cuda

import (
	"cmp"
	"errors"
	"slices"
	"unsafe"

	"elegans/tensor/internal/device"

	"gorgonia.org/cu"
)

// Launch implements device.Backend. Arguments in memory that was lent are given as they are. The
// others are staged in memory of exactly their size, so that a kernel that leaves its operands is
// found out.
func (d *Device) Launch(k device.Kernel, args []device.Arg) error {
	return d.call(func() error {
		f, err := d.function(k.Family, k.Name)
		if err != nil {
			return err
		}
		all := slices.Clip(args) // with the items of tables
		for _, a := range args {
			all = append(all, a.Items...)
		}
		slots := make([]uint64, len(all))
		groups, err := d.stage(slots, all)
		if err == nil {
			err = d.stageTables(slots, args)
		}
		if err == nil {
			err = arrive(groups, args)
		}
		if err == nil {
			// cu copies eight bytes from each pointer.
			params := make([]unsafe.Pointer, len(args))
			for i := range args {
				params[i] = unsafe.Pointer(&slots[i])
			}
			g, b := k.Grid, k.Block
			if err = f.Launch(g[0], g[1], g[2], b[0], b[1], b[2], 0, d.stream, params); err != nil {
				err = failed("cuLaunchKernel", err)
			}
		}
		waited := false
		if err == nil {
			waited, err = d.unstage(groups)
		}
		for _, g := range groups {
			if !g.inRing {
				d.pending = append(d.pending, g.on)
			}
		}
		if err != nil {
			return errors.Join(err, d.freePending())
		}
		switch {
		case waited:
			return d.freePending()
		case len(d.pending) > maxPending:
			return d.wait()
		}
		return nil
	})
}

// maxPending bounds the pieces of staging memory that wait for the end of their launches.
const maxPending = 1000

// group is a range of the host's memory that is staged as a whole: operands that overlap are one
// memory for the kernel too.
type group struct {
	host     uintptr
	ptr      unsafe.Pointer
	bytes    int
	in, out  bool
	on       cu.DevicePtr
	inRing   bool
	operands []int
}

// stage fills the slots of the parameters, and uploads what is not in the device's memory.
func (d *Device) stage(slots []uint64, args []device.Arg) ([]group, error) {
	groups := d.groups(slots, args)
	for i := range groups {
		g := &groups[i]
		var err error
		if !d.staged && !g.out {
			if g.on, g.inRing, err = d.ring.take(g.bytes); err != nil {
				return groups[:i], err
			}
		}
		if !g.inRing {
			if g.on, err = cu.MemAlloc(int64(g.bytes)); err != nil {
				return groups[:i], noMemory("cuMemAlloc", g.bytes, err)
			}
		}
		if g.in {
			if err := cu.MemcpyHtoD(g.on, g.ptr, int64(g.bytes)); err != nil {
				return groups[:i+1], failed("cuMemcpyHtoD", err)
			}
		}
		for _, a := range g.operands {
			slots[a] = uint64(g.on) + uint64(uintptr(args[a].Ptr)-g.host)
		}
	}
	return groups, nil
}

// stageTables uploads the tables among args, and fills their slots. The slots of their items, in
// order, are those behind the ones of args.
func (d *Device) stageTables(slots []uint64, args []device.Arg) error {
	items := slots[len(args):]
	for i, a := range args {
		table := items[:len(a.Items)]
		items = items[len(a.Items):]
		if len(table) == 0 {
			continue
		}
		bytes := 8 * len(table)
		on, err := cu.MemAlloc(int64(bytes))
		if err != nil {
			return noMemory("cuMemAlloc", bytes, err)
		}
		d.pending = append(d.pending, on)
		if err := cu.MemcpyHtoD(on, unsafe.Pointer(&table[0]), int64(bytes)); err != nil {
			return failed("cuMemcpyHtoD", err)
		}
		slots[i] = uint64(on)
	}
	return nil
}

// arrive waits for what was uploaded, if anything was. cuMemcpyHtoD returns once it has read
// pageable memory, perhaps before the device has it, and the stream of kernels does not wait for
// copies.
func arrive(groups []group, args []device.Arg) error {
	uploaded := slices.ContainsFunc(groups, func(g group) bool { return g.in }) ||
		slices.ContainsFunc(args, func(a device.Arg) bool { return len(a.Items) > 0 })
	if !uploaded {
		return nil
	}
	if err := cu.NoStream.Synchronize(); err != nil {
		return failed("cuStreamSynchronize", err)
	}
	return nil
}

// groups fills the slots of numbers and of memory that was lent, and collects the rest.
func (d *Device) groups(slots []uint64, args []device.Arg) (groups []group) {
	for i, a := range args {
		switch p := uintptr(a.Ptr); {
		case a.Mode == device.Whole || a.Mode == device.Number:
			slots[i] = a.Slot
		case a.Ptr == nil:
		default:
			if _, lent := d.lent.find(p); lent {
				slots[i] = uint64(p)
				continue
			}
			groups = append(groups, group{
				host: p, ptr: a.Ptr, bytes: a.Bytes, operands: []int{i},
				in: a.Mode != device.Write, out: a.Mode != device.Read,
			})
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.host, b.host) })
	merged := groups[:0]
	for _, g := range groups {
		last := len(merged) - 1
		if last < 0 || g.host >= merged[last].host+uintptr(merged[last].bytes) {
			merged = append(merged, g)
			continue
		}
		m := &merged[last]
		end := max(m.host+uintptr(m.bytes), g.host+uintptr(g.bytes))
		// What one of them only reads comes back as it was.
		m.in = m.in || g.in
		m.out = m.out || g.out
		m.bytes = int(end - m.host)
		m.operands = append(m.operands, g.operands...)
	}
	return merged
}

// unstage waits and downloads, if the kernel wrote to staging memory, and says whether it has.
func (d *Device) unstage(groups []group) (waited bool, err error) {
	if !slices.ContainsFunc(groups, func(g group) bool { return g.out }) {
		return false, nil
	}
	if err := d.stream.Synchronize(); err != nil {
		return true, failed("cuStreamSynchronize", err)
	}
	for _, g := range groups {
		if g.out {
			if err := cu.MemcpyDtoH(g.ptr, g.on, int64(g.bytes)); err != nil {
				return true, failed("cuMemcpyDtoH", err)
			}
		}
	}
	return true, nil
}

// freePending gives back the staging memory of launches that are complete.
func (d *Device) freePending() error {
	var errs []error
	for _, p := range d.pending {
		if err := cu.MemFree(p); err != nil {
			errs = append(errs, failed("cuMemFree", err))
		}
	}
	d.pending = d.pending[:0]
	return errors.Join(errs...)
}
