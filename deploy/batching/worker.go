package batching

import (
	"sync/atomic"
	"time"

	"github.com/thinnet/thinnet/internal/guard"
)

// A request waits in the queue until a batch claims it, or whoever made it.
type request struct {
	x, dst  []float32
	samples int
	queued  time.Time
	claimed atomic.Bool
	done    chan error // of room for one
}

// claim reports whether the caller is the first.
func (r *request) claim() bool { return r.claimed.CompareAndSwap(false, true) }

// work makes batches and runs them until the queue is closed and empty.
func (b *Batcher) work() {
	x, y := make([]float32, b.most*b.in), make([]float32, b.most*b.out)
	var batch []*request
	for {
		batch = b.collect(batch[:0])
		if len(batch) == 0 {
			return
		}
		b.run(batch, x, y)
		clear(batch) // so that no request is kept
	}
}

// collect waits for a request and then for others, until there are enough or the first
// has waited for long. It returns none if the batcher is closed.
func (b *Batcher) collect(batch []*request) []*request {
	b.collecting.Lock()
	defer b.collecting.Unlock()
	var late <-chan time.Time
	samples := 0
	for samples < b.most {
		r := b.next(late)
		switch {
		case r == nil:
			return batch
		case samples+r.samples > b.most:
			b.over = r
			return batch
		case !r.claim():
			continue
		}
		batch = append(batch, r)
		samples += r.samples
		if late == nil { // it is there already if the first waited behind other batches
			timer := time.NewTimer(time.Until(r.queued.Add(b.wait)))
			defer timer.Stop()
			late = timer.C
		}
	}
	return batch
}

// next returns the next request, nil if none comes in time or ever.
func (b *Batcher) next(late <-chan time.Time) *request {
	if r := b.over; r != nil {
		b.over = nil
		return r
	}
	select {
	case r := <-b.queue: // one that is there comes before the end of the time
		return r
	default:
	}
	select {
	case r := <-b.queue:
		return r
	case <-late:
		return nil
	}
}

// run predicts for a batch and answers its requests.
func (b *Batcher) run(batch []*request, x, y []float32) {
	began := time.Now()
	samples := 0
	for _, r := range batch {
		copy(x[samples*b.in:], r.x)
		samples += r.samples
	}
	err := guard.Call("the function", func() error { return b.predict(y[:samples*b.out], x[:samples*b.in]) })
	ended := time.Now()
	at := 0
	for _, r := range batch {
		if err == nil {
			copy(r.dst, y[at*b.out:])
		}
		at += r.samples
	}
	first := batch[0].queued
	for _, r := range batch {
		r.done <- err
	}
	b.observe(Batch{Requests: len(batch), Samples: samples, Waited: began.Sub(first), Took: ended.Sub(began), Err: err})
}
