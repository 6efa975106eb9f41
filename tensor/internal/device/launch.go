package device

import (
	"fmt"
	"strings"
)

// Threads is the number of threads of a block where nothing else is said. Kernels that reduce
// within a block rely on a power of two.
const Threads = 256

// maxBlocks bounds the blocks of kernels that step through their work in strides of the grid.
const maxBlocks = 1 << 15

// Size is how many blocks of how many threads run a kernel.
type Size struct{ Grid, Block [3]int }

// Each is a thread for each of n elements. Kernels step in strides of the grid, so that n may be
// any number.
func Each(n int) Size {
	return Size{[3]int{min((n+Threads-1)/Threads, maxBlocks), 1, 1}, [3]int{Threads, 1, 1}}
}

// Rows is a block for each of so many rows of n elements, with fewer threads where rows are short.
// Kernels step in strides of the grid.
func Rows(rows, n int) Size {
	threads := 32
	for threads < n && threads < Threads {
		threads *= 2
	}
	return Size{[3]int{min(rows, maxBlocks), 1, 1}, [3]int{threads, 1, 1}}
}

// Warps is a warp, 32 threads, for each of n pieces of work. Kernels step in strides of the grid.
func Warps(n int) Size {
	return Size{[3]int{min((n+Threads/32-1)/(Threads/32), maxBlocks), 1, 1}, [3]int{Threads, 1, 1}}
}

// Lines is for a tensor seen as [outer, n, inner] and its lines along the axis of length n. A block
// takes up to 32 neighbouring lines, so that its threads read neighbouring elements: x counts the
// lines, y the elements of a line. There are fewer threads where lines are short. Kernels step in
// strides of the grid.
func Lines(outer, n, inner int) Size {
	width := 1
	for width < inner && width < 32 {
		width *= 2
	}
	threads := 32
	for threads < n*width && threads < Threads {
		threads *= 2
	}
	return Size{[3]int{min(outer*((inner+width-1)/width), maxBlocks), 1, 1}, [3]int{width, threads / width, 1}}
}

// Once is one block, for a sum over n elements that ends in a single number.
func Once(n int) Size {
	threads := 32
	for threads < n && threads < 1024 {
		threads *= 2
	}
	return Size{[3]int{1, 1, 1}, [3]int{1, threads, 1}}
}

// Tiles is a block of threads x threads for each tile of a matrix of m rows and n columns, rows
// along y, batch along z. CUDA allows 65,535 blocks along these two: kernels step in strides of the
// grid there.
func Tiles(m, n, batch, tile, threads int) Size {
	const most = 1<<16 - 1
	return Size{
		[3]int{(n + tile - 1) / tile, min((m+tile-1)/tile, most), min(batch, most)},
		[3]int{threads, threads, 1},
	}
}

// Launch queues the kernel of the given family, whose name gets "_f32" or "_f64" by T. A launch of
// no blocks does nothing.
func Launch[T Float](d *Device, family, name string, size Size, args ...Arg) {
	if size.Grid[0] == 0 || size.Grid[1] == 0 || size.Grid[2] == 0 {
		return
	}
	suffix := "_f32"
	if _, ok := any(*new(T)).(float64); ok {
		suffix = "_f64"
	}
	k := Kernel{Family: family, Name: name + suffix, Grid: size.Grid, Block: size.Block}
	if err := d.Backend.Launch(k, args); err != nil {
		panic(&Error{describe(k, args), err})
	}
	d.launched(k.Name)
}

// describe names a kernel, its size and its operands: lengths of memory, and whole numbers.
func describe(k Kernel, args []Arg) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kernel %s, %d x %d x %d blocks of %d threads, arguments", k.Name, k.Grid[0], k.Grid[1], k.Grid[2], k.Block[0]*k.Block[1]*k.Block[2])
	for i, a := range args {
		if i > 0 {
			b.WriteString(",")
		}
		switch {
		case a.Mode == Whole:
			fmt.Fprintf(&b, " %d", int64(a.Slot))
		case a.Mode == Number:
			b.WriteString(" number")
		case a.Mode == Pointers:
			fmt.Fprintf(&b, " [%d pointers]", a.Len)
		case a.Ptr == nil:
			b.WriteString(" none")
		default:
			fmt.Fprintf(&b, " [%d]", a.Len)
		}
	}
	return b.String()
}
