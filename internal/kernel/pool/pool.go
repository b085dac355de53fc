// Package pool runs the kernels' work on a fixed set of goroutines.
//
// There is one pool, as there is one set of cores. Its workers wait for work in a
// short busy loop before they sleep: waking one that sleeps takes as long as a
// small kernel. A caller that finds the pool at work for another one does its own
// work itself, so that concurrent predictions do not wait for each other.
//
// A run allocates nothing, and takes no lock unless it wakes a goroutine.
package pool

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A Job is the arguments of a kernel; its method is the kernel.
type Job interface {
	// Do handles the units [lo, hi).
	Do(lo, hi int)
}

// Run splits [0, n) into chunks of grain units, the last one perhaps shorter, and
// calls Do once for each, on up to [Threads] goroutines, in no fixed order.
//
// The chunks depend on n and grain alone. A Do that writes only what belongs to
// its own range therefore gives the same bits on any number of threads.
//
// A panic inside Do stops the handing out of further chunks and is raised again
// on the caller's goroutine once the chunks in flight have ended; of several, one
// is raised. grain must be at least 1.
func Run[J any, P interface {
	*J
	Job
}](n, grain int, job J) {
	if n <= 0 {
		return
	}
	j := borrow[J]()
	*j = job
	run(n, grain, P(j))
	var none J
	*j = none // let go of what it points to
	giveBack(j)
}

func run(n, grain int, job Job) {
	chunks := (n + grain - 1) / grain
	if chunks == 1 {
		job.Do(0, n)
		return
	}
	p := ready()
	if len(p.workers) == 0 || !p.busy.CompareAndSwap(false, true) {
		for lo := 0; lo < n; lo += grain {
			job.Do(lo, min(lo+grain, n))
		}
		return
	}
	p.share(n, grain, chunks, job)
}

// Threads returns the number of goroutines that work at one time, the caller's
// included. It is GOMAXPROCS at the first use unless [SetThreads] was called.
func Threads() int {
	p := ready()
	return len(p.workers) + 1
}

// SetThreads sets the number of goroutines that work at one time, at least 1.
// Runs that are under way keep theirs.
func SetThreads(n int) {
	resizing.Lock()
	defer resizing.Unlock()
	resize(max(1, n))
}

var (
	current  atomic.Pointer[workers]
	resizing sync.Mutex
)

// ready returns the workers, which start at the first use.
func ready() *workers {
	if p := current.Load(); p != nil {
		return p
	}
	resizing.Lock()
	defer resizing.Unlock()
	if p := current.Load(); p != nil { // SetThreads was faster
		return p
	}
	return resize(runtime.GOMAXPROCS(0))
}

func resize(n int) *workers {
	old := current.Load()
	if old != nil && len(old.workers) == n-1 {
		return old
	}
	p := start(n - 1)
	current.Store(p)
	if old != nil {
		old.stop()
	}
	return p
}
