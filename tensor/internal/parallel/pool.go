package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spins is how often an idle helper looks for a new loop before it parks: about 30 microseconds.
// Waking a parked goroutine on another core takes twice that.
const spins = 1 << 15

// loop is the one running loop.
type loop struct {
	body     Body
	n, grain int
	next     atomic.Int64 // first iteration that no one has claimed
}

var pool struct {
	busy sync.Mutex // held by the goroutine whose loop is running

	mu      sync.Mutex // guards open, failure and helpers, and joining
	open    bool       // helpers may join the current loop
	failure any        // first panic of a helper
	helpers []*helper

	loop   loop
	joined atomic.Int32  // helpers at work on the current loop
	epoch  atomic.Uint32 // counts loops; helpers spin on it
}

type helper struct {
	parked atomic.Bool
	wake   chan struct{}
}

// run executes body over [0, n) in chunks.
func run(body Body, n, grain int) {
	chunks := (n + grain - 1) / grain
	team := min(Workers(), chunks)
	if team <= 1 || !pool.busy.TryLock() {
		for lo := 0; lo < n; lo += grain {
			body.Do(lo, min(lo+grain, n))
		}
		return
	}
	defer pool.busy.Unlock()
	l := &pool.loop
	l.body, l.n, l.grain = body, n, grain
	l.next.Store(0)
	pool.mu.Lock()
	for i := len(pool.helpers); i < team-1; i++ {
		h := &helper{wake: make(chan struct{}, 1)}
		pool.helpers = append(pool.helpers, h)
		go h.main(i)
	}
	pool.open = true
	pool.epoch.Add(1)
	for _, h := range pool.helpers[:team-1] {
		if h.parked.CompareAndSwap(true, false) {
			h.wake <- struct{}{}
		}
	}
	pool.mu.Unlock()
	defer finish()
	l.work()
}

// finish closes the loop, waits for the helpers that joined it, and raises a panic of theirs again.
func finish() {
	pool.mu.Lock()
	pool.open = false
	pool.mu.Unlock()
	for i := 1; pool.joined.Load() > 0; i++ {
		if i%256 == 0 {
			runtime.Gosched()
		}
	}
	pool.loop.body = nil
	if f := pool.failure; f != nil {
		pool.failure = nil
		panic(f)
	}
}

// work claims chunks until none is left.
func (l *loop) work() {
	for {
		hi := int(l.next.Add(int64(l.grain)))
		lo := hi - l.grain
		if lo >= l.n {
			return
		}
		l.body.Do(lo, min(hi, l.n))
	}
}

// main is the life of helper number i.
func (h *helper) main(i int) {
	seen := uint32(0)
	for {
		seen = h.await(seen)
		pool.mu.Lock()
		join := pool.open && i < Workers()-1
		if join {
			pool.joined.Add(1)
		}
		pool.mu.Unlock()
		if join {
			h.help()
		}
	}
}

func (h *helper) help() {
	defer func() {
		if f := recover(); f != nil {
			pool.loop.next.Store(int64(pool.loop.n)) // no further chunks
			pool.mu.Lock()
			if pool.failure == nil {
				pool.failure = f
			}
			pool.mu.Unlock()
		}
		pool.joined.Add(-1)
	}()
	pool.loop.work()
}

// await returns the number of a loop newer than seen: it spins for a while, then parks.
func (h *helper) await(seen uint32) uint32 {
	for i := range spins {
		if e := pool.epoch.Load(); e != seen {
			return e
		}
		if i%4096 == 4095 && runtime.GOMAXPROCS(0) == 1 {
			break // nobody else can run while this goroutine spins
		}
	}
	for {
		h.parked.Store(true)
		if e := pool.epoch.Load(); e != seen {
			if !h.parked.CompareAndSwap(true, false) {
				<-h.wake
			}
			return e
		}
		<-h.wake
	}
}
