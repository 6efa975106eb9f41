package cuda

import (
	_ "embed"
	"runtime"
	"testing"
	"unsafe"

	"gorgonia.org/cu"
)

//go:embed standin/tests/saxpy.ptx
var saxpyPTX string

// TestSaxpy runs a kernel through gorgonia.org/cu, with the stand-in or with a device.
func TestSaxpy(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	device, err := cu.GetDevice(0)
	must(err)
	context, err := device.RetainPrimaryCtx()
	must(err)
	defer func() { must(device.ReleasePrimaryCtx()) }()
	must(cu.SetCurrentContext(context))
	free, _, err := cu.MemInfo()
	must(err)
	module, err := cu.LoadData(saxpyPTX)
	must(err)
	saxpy, err := module.Function("saxpy")
	must(err)
	stream, err := cu.MakeStream(cu.DefaultStream)
	must(err)

	const n = 1000
	const bytes = n * int64(unsafe.Sizeof(float32(0)))
	x, y, want := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], y[i] = float32(i)/7, float32(n-i)
		want[i] = 2.5*x[i] + y[i]
	}
	xs, err := cu.MemAlloc(bytes)
	must(err)
	ys, err := cu.MemAlloc(bytes)
	must(err)
	must(cu.MemcpyHtoD(xs, unsafe.Pointer(&x[0]), bytes))
	must(cu.MemcpyHtoD(ys, unsafe.Pointer(&y[0]), bytes))
	must(cu.NoStream.Synchronize())
	a, count := float32(2.5), int64(n)
	arguments := []uint64{uint64(ys), uint64(xs), uint64(*(*uint32)(unsafe.Pointer(&a))), uint64(count)}
	pointers := make([]unsafe.Pointer, len(arguments))
	for i := range arguments {
		pointers[i] = unsafe.Pointer(&arguments[i])
	}
	must(saxpy.Launch(3, 1, 1, 128, 1, 1, 0, stream, pointers))
	must(stream.Synchronize())
	must(cu.MemcpyDtoH(unsafe.Pointer(&y[0]), ys, bytes))
	for i := range y {
		if d := y[i] - want[i]; d > 1e-4 || d < -1e-4 { // the kernel's product is not rounded
			t.Fatalf("element %d is %v, expected %v", i, y[i], want[i])
		}
	}
	must(cu.MemFree(xs))
	must(cu.MemFree(ys))
	must(stream.Destroy())
	must(module.Unload())
	if left, _, err := cu.MemInfo(); err != nil || left != free {
		t.Fatalf("%d bytes free, expected %d: %v", left, free, err)
	}
}
