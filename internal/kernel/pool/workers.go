package pool

import "sync/atomic"

// spins is how often a worker looks for work before it sleeps, and a caller for
// the end of its run. On a server's processor of today that takes 50 to 100 µs,
// about as long as waking a goroutine.
const spins = 4000

// workers are goroutines and the run that they share with a caller. Fields that
// several of them write lie on cache lines of their own.
type workers struct {
	workers []*worker

	busy atomic.Bool   // a caller owns the fields below
	turn atomic.Uint32 // counts runs; a new number is a new run
	quit atomic.Bool

	n, grain, chunks int
	job              Job

	_       [64]byte
	next    atomic.Int64 // chunk to hand out
	_       [56]byte
	inside  atomic.Int64 // workers that take part; with closed added between runs
	_       [56]byte
	failed  atomic.Pointer[any] // what a chunk panicked with
	done    chan struct{}       // wakes the caller
	waiting atomic.Bool         // the caller sleeps
}

// closed makes the number of workers negative where none may come in. A run ends
// without those that come too late: on a busy machine, a core may be gone for
// longer than the whole run takes.
const closed = -1 << 32

type worker struct {
	asleep atomic.Bool
	wake   chan struct{}
	_      [48]byte
}

func start(n int) *workers {
	p := &workers{done: make(chan struct{}, 1)}
	p.inside.Store(closed)
	for range n {
		w := &worker{wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
	}
	for _, w := range p.workers {
		go p.loop(w)
	}
	return p
}

// stop ends the goroutines, after the run that is under way if there is one.
func (p *workers) stop() {
	p.quit.Store(true)
	p.retire()
}

// retire wakes the workers for the last time, unless a run is under way: its
// caller comes here at its end.
func (p *workers) retire() {
	if p.busy.CompareAndSwap(false, true) {
		p.turn.Add(1)
		p.rouse()
	}
}

// share runs the chunks of a job on the workers and the caller.
func (p *workers) share(n, grain, chunks int, job Job) {
	p.n, p.grain, p.chunks, p.job = n, grain, chunks, job
	p.next.Store(0)
	p.inside.Add(-closed)
	p.turn.Add(1)
	p.rouse()
	p.work()
	p.join()
	p.job = nil
	r := p.failed.Swap(nil)
	p.busy.Store(false)
	if p.quit.Load() {
		p.retire()
	}
	if r != nil {
		panic(*r)
	}
}

// rouse wakes the workers that sleep.
func (p *workers) rouse() {
	for _, w := range p.workers {
		if w.asleep.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
}

// work takes chunks until there are none.
func (p *workers) work() {
	defer func() {
		if r := recover(); r != nil {
			reason := r // a variable whose address is taken here alone lies on the heap here alone
			p.failed.Store(&reason)
			p.next.Store(int64(p.chunks))
		}
	}()
	for {
		chunk := int(p.next.Add(1)) - 1
		if chunk >= p.chunks {
			return
		}
		lo := chunk * p.grain
		p.job.Do(lo, min(lo+p.grain, p.n))
	}
}

// join lets no more workers in and waits until those inside have finished.
func (p *workers) join() {
	if p.inside.Add(closed) == closed {
		return
	}
	for range spins {
		if p.inside.Load() == closed {
			return
		}
		pause()
	}
	// A wake-up is a hint: a worker that left an earlier run, and lost its core
	// before it looked whether the caller waits, may find that of this one waiting.
	for p.inside.Load() != closed {
		p.waiting.Store(true)
		if p.inside.Load() == closed && p.waiting.CompareAndSwap(true, false) {
			return
		}
		<-p.done // whoever took the flag sends
	}
}

func (p *workers) loop(w *worker) {
	last := uint32(0)
	for {
		last = p.await(w, last)
		if p.quit.Load() {
			return
		}
		if p.inside.Add(1) > 0 {
			p.work()
		}
		if p.inside.Add(-1) == closed && p.waiting.CompareAndSwap(true, false) {
			p.done <- struct{}{}
		}
	}
}

// await returns the number of the next run after last.
func (p *workers) await(w *worker, last uint32) uint32 {
	for {
		for range spins {
			if turn := p.turn.Load(); turn != last {
				return turn
			}
			pause()
		}
		w.asleep.Store(true)
		if p.turn.Load() == last || !w.asleep.CompareAndSwap(true, false) {
			<-w.wake
		}
	}
}
