package tensor

import "sync"

// maxOperands is the largest number of operands of an elementwise loop, the destination included.
const maxOperands = 4

// nest is the loop nest of an elementwise operation over operands of one shape (broadcast axes have
// stride 0): axes of length 1 are dropped and neighbouring axes that all operands step through
// evenly are merged, so that a contiguous operation has one axis. The innermost axis is cut into
// blocks; a row of a block is the unit of work.
type nest struct {
	ndim    int
	shape   [MaxDims]int
	strides [maxOperands][MaxDims]int
	inner   int // length of the innermost axis
	blocks  int // blocks of the innermost axis
	units   int // blocks times rows
}

// block is the number of elements of a unit of work; a kernel call on it takes microseconds.
const block = 8192

// init sets the nest for the given shape and strides, of which unused ones are nil.
func (n *nest) init(shape []int, s0, s1, s2, s3 []int) {
	all := [maxOperands][]int{s0, s1, s2, s3}
	n.ndim = 0
	for axis, d := range shape {
		if d == 1 {
			continue
		}
		merge := n.ndim > 0
		for o, s := range all {
			merge = merge && (s == nil || n.strides[o][n.ndim-1] == s[axis]*d)
		}
		if merge {
			n.shape[n.ndim-1] *= d
		} else {
			n.shape[n.ndim] = d
			n.ndim++
		}
		for o, s := range all {
			if s != nil {
				n.strides[o][n.ndim-1] = s[axis]
			}
		}
	}
	if n.ndim == 0 {
		n.shape[0], n.ndim = 1, 1
		for o := range n.strides {
			n.strides[o][0] = 1
		}
	}
	n.inner = n.shape[n.ndim-1]
	n.blocks = (n.inner + block - 1) / block
	n.units = n.blocks
	for _, d := range n.shape[:n.ndim-1] {
		n.units *= d
	}
}

// unit returns the offset of each operand at the start of unit u and the number of elements of the
// unit.
func (n *nest) unit(u int) (offsets [maxOperands]int, length int) {
	row, b := u/n.blocks, u%n.blocks
	first := b * block
	for o := range offsets {
		offsets[o] = first * n.strides[o][n.ndim-1]
	}
	for axis := n.ndim - 2; axis >= 0; axis-- {
		i := row % n.shape[axis]
		row /= n.shape[axis]
		for o := range offsets {
			offsets[o] += i * n.strides[o][axis]
		}
	}
	return offsets, min(block, n.inner-first)
}

// innerStride returns the stride of an operand along the innermost axis.
func (n *nest) innerStride(operand int) int { return n.strides[operand][n.ndim-1] }

// grain converts a number of elements worth a chunk of parallel work into units.
func (n *nest) grain(elements int) int { return max(1, elements/min(n.inner, block)) }

// The number of elements below which an operation is not worth a second core: about 25 microseconds
// of arithmetic, or of functions such as exp.
const (
	grainArithmetic = 1 << 17
	grainFunction   = 1 << 15
)

// stage holds one unit of each operand in contiguous form, for kernels whose operands are strided.
type stage[T Float] struct{ buf [maxOperands][block]T }

// contiguous returns n elements of an operand with the given stride as a contiguous slice: a part
// of src, or a copy in buf.
func contiguous[T Float](buf, src []T, stride, n int) []T {
	if stride == 1 {
		return src[:n]
	}
	buf = buf[:n]
	for i := range buf {
		buf[i] = src[i*stride]
	}
	return buf
}

// scatter copies a contiguous buffer to a destination with the given stride.
func scatter[T Float](dst []T, stride int, buf []T) {
	for i, v := range buf {
		dst[i*stride] = v
	}
}

// stages recycles stage buffers of both element types.
var stages struct {
	mu  sync.Mutex
	f32 []*stage[float32]
	f64 []*stage[float64]
}

func stageList[T Float]() *[]*stage[T] {
	var l any = &stages.f32
	if _, ok := any(*new(T)).(float64); ok {
		l = &stages.f64
	}
	return l.(*[]*stage[T])
}

func takeStage[T Float]() *stage[T] {
	stages.mu.Lock()
	defer stages.mu.Unlock()
	l := stageList[T]()
	if n := len(*l); n > 0 {
		s := (*l)[n-1]
		*l = (*l)[:n-1]
		return s
	}
	return &stage[T]{}
}

func putStage[T Float](s *stage[T]) {
	stages.mu.Lock()
	l := stageList[T]()
	*l = append(*l, s)
	stages.mu.Unlock()
}
