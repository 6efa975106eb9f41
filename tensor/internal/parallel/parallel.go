package parallel

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// Body is what a loop does with the iterations lo, lo+1, ..., hi-1.
type Body interface{ Do(lo, hi int) }

// MaxWorkers bounds the number of workers.
const MaxWorkers = 256

// EnvWorkers is the environment variable that sets the number of workers; unset, it is GOMAXPROCS.
const EnvWorkers = "ELEGANS_WORKERS"

var (
	workers atomic.Int32
	envErr  error
)

func init() {
	n := runtime.GOMAXPROCS(0)
	if s := os.Getenv(EnvWorkers); s != "" {
		if v, err := strconv.Atoi(s); err == nil && v >= 1 && v <= MaxWorkers {
			n = v
		} else {
			envErr = fmt.Errorf("%s=%q: want a whole number from 1 to %d", EnvWorkers, s, MaxWorkers)
		}
	}
	SetWorkers(min(n, MaxWorkers))
}

// EnvError returns the complaint about an unusable value of ELEGANS_WORKERS, which is otherwise
// ignored.
func EnvError() error { return envErr }

// Workers returns the number of goroutines that share a loop, the calling one included.
func Workers() int { return int(workers.Load()) }

// SetWorkers sets the number of goroutines that share a loop; it panics unless 1 <= n <=
// MaxWorkers.
func SetWorkers(n int) {
	if n < 1 || n > MaxWorkers {
		panic(fmt.Sprintf("parallel: SetWorkers(%d): want 1 to %d", n, MaxWorkers))
	}
	workers.Store(int32(n))
}

// For calls body.Do on the chunks [0, grain), [grain, 2 grain), ... of [0, n), on several
// goroutines, and returns when all are done. The grain must depend only on the shape of the data. A
// panic in the body is raised again by For.
func For[B any, P interface {
	*B
	Body
}](n, grain int, body B) {
	grain = max(grain, 1)
	list := recycled[B]()
	p := list.take()
	*p = body
	run(P(p), n, grain)
	*p = *new(B) // keep no reference to the caller's data
	list.put(p)
}

// freeList recycles the records of one kind of body.
type freeList[B any] struct {
	mu   sync.Mutex
	free []*B
}

var freeLists sync.Map // (*B)(nil) -> *freeList[B]

func recycled[B any]() *freeList[B] {
	key := any((*B)(nil))
	if l, ok := freeLists.Load(key); ok {
		return l.(*freeList[B])
	}
	l, _ := freeLists.LoadOrStore(key, &freeList[B]{})
	return l.(*freeList[B])
}

func (l *freeList[B]) take() *B {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		p := l.free[n-1]
		l.free = l.free[:n-1]
		return p
	}
	return new(B)
}

func (l *freeList[B]) put(p *B) {
	l.mu.Lock()
	l.free = append(l.free, p)
	l.mu.Unlock()
}
