// Package device is the seam between the functions of package tensor and a device that computes in
// their place, such as a GPU. It is pure Go and knows no device: an adapter (elegans/tensor/cuda)
// implements Backend and makes itself the active one by Use.
//
// A function of package tensor asks first:
//
//	if d := device.Active(); d != nil {
//		device.Launch[T](d, "softmax", "softmax", device.Rows(rows, n),
//			device.Out(dst), device.In(x), device.Int(rows), device.Int(n))
//		return
//	}
//
// and one that has no kernel says so by device.Stay, which waits for the device, since the function
// is about to read memory that the device may still be writing, and counts. So nothing is ever
// taken for computed on a device that was not: the tally tells what ran where.
//
// Operands are slices, wherever they lie. The adapter gives a kernel those in memory that Lend has
// got from it as they are; it stages all others, that is, uploads them before the kernel runs and
// downloads them after it. What Launch has queued is complete after Wait.
//
// Without a device, asking costs the load of one pointer.
package device

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// Float is the set of element types.
type Float interface{ float32 | float64 }

// Backend is what an adapter implements. Its methods may be called from any goroutine.
type Backend interface {
	// Name describes the device in one line.
	Name() string
	// Launch queues a kernel, after all that was queued before. Memory of args that the backend
	// does not own is staged: then the kernel is complete when Launch returns.
	Launch(k Kernel, args []Arg) error
	// Wait returns when everything queued is complete.
	Wait() error
	// Alloc returns zeroed memory that both the host and kernels can use, until the backend is
	// closed. It is nil, without an error, if the backend stages everything.
	Alloc(bytes int) (unsafe.Pointer, error)
}

// Kernel names a kernel and the threads that run it.
type Kernel struct {
	Family string // the file that holds it, such as "softmax"
	Name   string // with the element type, such as "softmax_f32"
	Grid   [3]int // blocks
	Block  [3]int // threads of a block
}

// Device is an active backend with its tally.
type Device struct {
	Backend
	tally
	slab  slab
	spare spare
}

var active atomic.Pointer[Device]

// Active returns the device that computes, or nil.
func Active() *Device { return active.Load() }

// Use makes a backend the active one. Operations must not be running.
func Use(b Backend) { active.Store(&Device{Backend: b}) }

// Drop makes the processor compute again. Its caller has waited for the device.
func Drop() { active.Store(nil) }

// Error is the value of panics where a device fails: functions of package tensor return no errors.
type Error struct {
	Doing string // what was asked of the device: the kernel with its operands, for one
	Err   error
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Doing, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (d *Device) wait() {
	if err := d.Backend.Wait(); err != nil {
		panic(&Error{"waiting for the device", err})
	}
}

// Wait returns when the active device, if there is one, has done all that was asked of it. It
// comes before the host touches elements.
func Wait() {
	if d := Active(); d != nil {
		d.wait()
	}
}

// Stay says that op computes on the processor although a device may be active. It waits for the
// device and counts.
func Stay(op string) {
	if d := Active(); d != nil {
		d.stay(op)
	}
}

func (d *Device) stay(op string) {
	d.wait()
	d.stayed(op)
}
