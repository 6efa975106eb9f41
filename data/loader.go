package data

import (
	"context"
	"fmt"
	"iter"

	"elegans/tensor"
)

// LoaderConfig says how a Loader makes batches.
type LoaderConfig struct {
	BatchSize int
	Seed      uint64
	// Shuffle takes a new order each epoch, a function of Seed and the epoch, instead of the
	// order of the Dataset.
	Shuffle  bool
	DropLast bool      // leave out the last batch of an epoch if it is smaller
	Augment  []Augment // applied to each image in this order
	Prefetch int       // batches that are prefetched, at least 1; 0 means 2
}

// Batch is some images and their labels. It belongs to the Loader: its contents are valid until the
// next batch is asked for.
type Batch struct {
	Epoch, Step int
	Images      *tensor.Tensor[float32] // [n, C, H, W]
	Labels      []int                   // [n]
	Indices     []int                   // [n], into the Dataset

	pix         []float32
	labels, idx []int
	panicked    any // what an Augment raised while this batch was made
}

// Loader prefetches batches in a goroutine of its own, one epoch after the other without end. What
// is in a batch depends on the configuration, the epoch and the step alone, never on timing, so a
// run that resumes with Seek sees the batches that it would have seen. Buffers are recycled: after
// the first few batches nothing is allocated. One goroutine may use a Loader at a time. Close stops
// it.
type Loader struct {
	set   *Dataset
	cfg   LoaderConfig
	steps int

	// all batches are in these channels, in the hands of the producer, or held
	full, free  chan *Batch
	held        *Batch // what Next returned last
	stop        chan struct{}
	done        chan struct{} // closed when the producer has ended; nil if there is none
	epoch, step int           // of the batch that Next will return
	closed      bool
}

// NewLoader returns a Loader at the start of epoch 0. The work begins at the first call of Next. It
// panics if the batch size is below 1, or if an epoch would be empty.
func NewLoader(d *Dataset, cfg LoaderConfig) *Loader {
	if cfg.Prefetch < 1 {
		cfg.Prefetch = 2
	}
	l := &Loader{set: d, cfg: cfg}
	if cfg.BatchSize >= 1 {
		l.steps = d.Len() / cfg.BatchSize
		if !cfg.DropLast && d.Len()%cfg.BatchSize != 0 {
			l.steps++
		}
	}
	if l.steps == 0 {
		tensor.PanicUsage("data.NewLoader", fmt.Sprintf("no batch of %d in %d images", cfg.BatchSize, d.Len()))
	}
	return l
}

// Steps returns the number of batches in an epoch.
func (l *Loader) Steps() int { return l.steps }

// Dataset returns the set the batches are made of.
func (l *Loader) Dataset() *Dataset { return l.set }

// Position returns the epoch and the step of the batch that Next will return.
func (l *Loader) Position() (epoch, step int) { return l.epoch, l.step }

// Order writes the order of the images in an epoch into dst, which has the length of the Dataset.
func (l *Loader) Order(dst []int, epoch int) {
	for i := range dst {
		dst[i] = i
	}
	if l.cfg.Shuffle {
		_ = shuffle(context.Background(), dst, tensor.NewKey(l.cfg.Seed, "shuffle", uint64(epoch)))
	}
}

// Seek makes the given batch the next; a step equal to Steps means the start of the following
// epoch. It costs the prefetched batches, unless the Loader is there already.
func (l *Loader) Seek(epoch, step int) {
	if epoch < 0 || step < 0 || step > l.steps {
		tensor.PanicUsage("data.Loader.Seek", fmt.Sprintf("epoch %d, step %d, expected an epoch from 0 on and a step from 0 to %d", epoch, step, l.steps))
	}
	if step == l.steps {
		epoch, step = epoch+1, 0
	}
	if l.epoch == epoch && l.step == step {
		return
	}
	l.halt()
	l.epoch, l.step = epoch, step
}

// Next returns the next batch, or nil after Close. A panic of an Augment is raised again here.
func (l *Loader) Next() *Batch {
	if l.closed {
		return nil
	}
	if l.done == nil {
		l.start()
	}
	if l.held != nil {
		l.free <- l.held
	}
	l.held = <-l.full
	if p := l.held.panicked; p != nil {
		l.Close()
		panic(p)
	}
	if l.step++; l.step == l.steps {
		l.epoch, l.step = l.epoch+1, 0
	}
	return l.held
}

// Epoch returns the batches of one epoch from a step on, for a range statement; it seeks if the
// Loader is elsewhere.
func (l *Loader) Epoch(epoch, step int) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		if step >= l.steps {
			return
		}
		l.Seek(epoch, step)
		for ; step < l.steps; step++ {
			if b := l.Next(); b == nil || !yield(b) {
				return
			}
		}
	}
}

// Close stops the goroutine and waits for its end. The last batch stays valid. Further calls do
// nothing.
func (l *Loader) Close() {
	l.halt()
	l.closed = true
}

// start makes the buffers on first use and starts the producer at the current position.
func (l *Loader) start() {
	if l.full == nil {
		n := l.cfg.Prefetch + 2 // prefetched, one in the making, one held by the caller
		l.full, l.free = make(chan *Batch, n), make(chan *Batch, n)
		c, h, w := l.set.Shape()
		size := min(l.cfg.BatchSize, l.set.Len())
		for range n {
			b := &Batch{pix: make([]float32, size*c*h*w), labels: make([]int, size), idx: make([]int, size)}
			b.Images = tensor.FromSlice(b.pix, size, c, h, w)
			l.free <- b
		}
	}
	l.stop, l.done = make(chan struct{}), make(chan struct{})
	p := producer{Loader: l, epoch: l.epoch, step: l.step, stop: l.stop, done: l.done}
	go p.run()
}

// halt ends the producer and takes back the batches that it has prefetched.
func (l *Loader) halt() {
	if l.done == nil {
		return
	}
	close(l.stop)
	<-l.done
	l.done = nil
	for len(l.full) > 0 {
		l.free <- <-l.full
	}
}

// producer is the goroutine's side of a Loader; of the Loader it reads only what never changes.
type producer struct {
	*Loader
	epoch, step int
	stop, done  chan struct{}
	order       []int
	image       Image
}

func (p *producer) run() {
	defer close(p.done)
	p.order = make([]int, p.set.Len())
	p.Order(p.order, p.epoch)
	for {
		var b *Batch
		select {
		case <-p.stop:
			return
		case b = <-p.free:
		}
		p.fill(b)
		p.full <- b // never blocks: there is room for all batches
		if b.panicked != nil {
			return
		}
		if p.step++; p.step == p.steps {
			p.epoch, p.step = p.epoch+1, 0
			p.Order(p.order, p.epoch)
		}
	}
}

// fill makes the batch of the current epoch and step.
func (p *producer) fill(b *Batch) {
	defer func() { b.panicked = recover() }()
	lo := p.step * p.cfg.BatchSize
	n := min(p.cfg.BatchSize, p.set.Len()-lo)
	c, h, w := p.set.Shape()
	size := c * h * w
	b.Epoch, b.Step = p.epoch, p.step
	b.Labels, b.Indices = b.labels[:n], b.idx[:n]
	copy(b.Indices, p.order[lo:lo+n])
	b.Images.Rebind(b.pix[:n*size], n, c, h, w)
	p.set.Batch(b.Images, b.Labels, b.Indices)
	if len(p.cfg.Augment) == 0 {
		return
	}
	p.image.C, p.image.H, p.image.W = c, h, w
	for j, i := range b.Indices {
		p.image.Pix = b.pix[j*size:][:size]
		key := tensor.NewKey(p.cfg.Seed, "augment", uint64(p.epoch), uint64(i))
		for k, a := range p.cfg.Augment {
			a.Apply(&p.image, key.Sub("op", uint64(k)))
		}
	}
}
