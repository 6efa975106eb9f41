package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"elegans/tensor/internal/device"

	"gorgonia.org/cu"
)

// Device is a CUDA device with its primary context, the loaded kernels, and the memory that it has
// lent. It implements device.Backend. Its methods may be called from any goroutine.
type Device struct {
	mu      sync.Mutex
	dev     cu.Device
	ctx     cu.CUContext
	stream  cu.Stream // does not wait for the default stream, on which copies run
	name    string
	modules map[string]cu.Module   // by family
	funcs   map[string]cu.Function // by name
	lent    blocks
	pending []cu.DevicePtr // staging memory of launches that may still run
	ring    ring
	staged  bool
	closed  bool
}

// Options say how a device is used. The zero value is the usual way.
type Options struct {
	// Staged gives out no managed memory: every operand of every launch is copied. It is the way
	// of devices older than Pascal and of systems other than Linux, and a check on the other way.
	Staged bool
}

// Open prepares a device and makes it the engine's; ordinal counts the devices from 0. Only one can
// be open at a time.
func Open(ordinal int, o Options) (*Device, error) {
	if device.Active() != nil {
		return nil, errors.New("a device is open already")
	}
	d := &Device{modules: map[string]cu.Module{}, funcs: map[string]cu.Function{}, staged: o.Staged}
	if err := d.open(ordinal); err != nil {
		return nil, fmt.Errorf("CUDA device %d: %w", ordinal, err)
	}
	device.Use(d)
	return d, nil
}

func (d *Device) open(ordinal int) (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n, err := cu.NumDevices()
	if err != nil {
		return failed("cuDeviceGetCount", err)
	}
	if ordinal < 0 || ordinal >= n {
		return fmt.Errorf("there is no such device, expected 0 to %d", n-1)
	}
	if d.dev, err = cu.GetDevice(ordinal); err != nil {
		return failed("cuDeviceGet", err)
	}
	if d.name, err = describeDevice(d.dev); err != nil {
		return err
	}
	// cuCtxCreate has another signature from CUDA 13 on; the primary context has not.
	if d.ctx, err = d.dev.RetainPrimaryCtx(); err != nil {
		return failed("cuDevicePrimaryCtxRetain", err)
	}
	if err = cu.SetCurrentContext(d.ctx); err == nil {
		if d.stream, err = cu.MakeStream(cu.NonBlocking); err == nil {
			return nil
		}
		err = failed("cuStreamCreate", err)
	} else {
		err = failed("cuCtxSetCurrent", err)
	}
	return errors.Join(err, d.dev.ReleasePrimaryCtx())
}

func describeDevice(dev cu.Device) (string, error) {
	name, err := dev.Name()
	if err != nil {
		return "", failed("cuDeviceGetName", err)
	}
	major, minor, err := dev.ComputeCapability()
	if err != nil {
		return "", failed("cuDeviceGetAttribute", err)
	}
	memory, err := dev.TotalMem()
	if err != nil {
		return "", failed("cuDeviceTotalMem", err)
	}
	return fmt.Sprintf("%s, compute capability %d.%d, %.1f GiB, driver %d", name, major, minor, float64(memory)/(1<<30), cu.Version()), nil
}

// Name implements device.Backend: the device's name, its compute capability, memory and driver.
func (d *Device) Name() string { return d.name }

// call runs f with the context on the thread of the caller, one call at a time.
func (d *Device) call(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errors.New("the device is closed")
	}
	runtime.LockOSThread() // contexts belong to threads of the system
	defer runtime.UnlockOSThread()
	if err := cu.SetCurrentContext(d.ctx); err != nil {
		return failed("cuCtxSetCurrent", err)
	}
	return f()
}

// Wait implements device.Backend.
func (d *Device) Wait() error { return d.call(d.wait) }

func (d *Device) wait() error {
	if err := d.stream.Synchronize(); err != nil {
		return failed("cuStreamSynchronize", err)
	}
	d.ring.used = 0
	return d.freePending()
}

// Close makes the processor compute again and gives back everything: memory of device.Lend must not
// be used any more.
func (d *Device) Close() error {
	var errs []error
	if active := device.Active(); active != nil && active.Backend == device.Backend(d) {
		errs = append(errs, d.Wait())
		device.Drop()
	}
	errs = append(errs, d.call(func() error {
		d.closed = true
		var errs []error
		keep := func(call string, err error) {
			if err != nil {
				errs = append(errs, failed(call, err))
			}
		}
		errs = append(errs, d.freePending(), d.ring.free())
		for _, b := range d.lent {
			keep("cuMemFree", cu.MemFree(b.ptr))
		}
		d.lent = nil
		keep("cuStreamDestroy", d.stream.Destroy())
		for _, m := range d.modules {
			keep("cuModuleUnload", m.Unload())
		}
		keep("cuDevicePrimaryCtxRelease", d.dev.ReleasePrimaryCtx())
		return errors.Join(errs...)
	}))
	return errors.Join(errs...)
}

// failed names the call of the driver that returned an error, with the driver's code.
func failed(call string, err error) error { return fmt.Errorf("%s: %w", call, err) }
