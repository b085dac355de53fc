package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel splits [0, n) into chunks of grain indices, the last one perhaps
// shorter, and calls f(lo, hi) once for each, on up to GOMAXPROCS goroutines.
//
// The chunks depend on n and grain alone. An f that writes only what belongs to
// its own range therefore gives the same bits on any number of CPUs. Chunks run
// in no fixed order. With one chunk, or one CPU, f runs on the caller's
// goroutine.
//
// A panic inside f stops the handing out of further chunks and is raised again
// on the caller's goroutine once the chunks in flight have ended; of several,
// one is raised. grain must be at least 1.
func Parallel(n, grain int, f func(lo, hi int)) {
	if n <= 0 {
		return
	}
	chunks := (n + grain - 1) / grain
	workers := min(runtime.GOMAXPROCS(0), chunks)
	if workers == 1 {
		for lo := 0; lo < n; lo += grain {
			f(lo, min(lo+grain, n))
		}
		return
	}

	var (
		next   atomic.Int64
		failed atomic.Pointer[any]
		group  sync.WaitGroup
	)
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				failed.Store(&r)
				next.Store(int64(chunks))
			}
		}()
		for {
			chunk := int(next.Add(1)) - 1
			if chunk >= chunks {
				return
			}
			lo := chunk * grain
			f(lo, min(lo+grain, n))
		}
	}
	for range workers - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	if r := failed.Load(); r != nil {
		panic(*r)
	}
}
