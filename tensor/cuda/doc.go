// Package cuda is a device of the engine on NVIDIA hardware, through gorgonia.org/cu and the CUDA
// driver. Open makes it the active one: from then on the functions of package tensor that have a
// kernel here run it, and the others stay on the processor and are counted.
//
//	d, err := cuda.Open(0)
//	if err != nil { ... }
//	defer d.Close()
//	tensor.MatMul(c, a, b) // on the device
//
// It is a module of its own, because it needs cgo, and because importing gorgonia.org/cu ends a
// process that finds no driver or no device: nothing of the engine's own module imports it.
//
// # Kernels
//
// kernels/FAMILY.cu holds the kernels of a family, with the loop in Go above each that it stands
// for, and kernels/FAMILY.ptx what NVRTC 11.8 makes of it for compute_70, which every driver since
// CUDA 11.8 and every device since Volta takes. Functions of one and two variables are translated
// from the table in Go (kernels/functions.cuh), so that there is one definition of each.
//
// # Memory
//
// Operands in memory of device.Lend are used where they lie (managed memory). All others are
// staged: uploaded for a launch and downloaded after it, which is right for checking, and too slow
// for training.
//
// # Without a GPU
//
// standin/run runs any command with a driver of our own that interprets the PTX; see its README.
package cuda
