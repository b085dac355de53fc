package batching

import (
	"time"

	"github.com/pkg/errors"
)

type config struct {
	most, room, workers int
	wait                time.Duration
	observe             func(Batch)
}

func (c config) check() error {
	switch {
	case c.most < 1:
		return errors.Errorf("MaxBatch is %d, want at least 1", c.most)
	case c.room < 1:
		return errors.Errorf("Queue is %d, want at least 1", c.room)
	case c.workers < 1:
		return errors.Errorf("Workers is %d, want at least 1", c.workers)
	case c.wait < 0:
		return errors.Errorf("MaxWait is %v, want none or more", c.wait)
	case c.observe == nil:
		return errors.New("Observe is given no function")
	}
	return nil
}

// An Option adjusts one [New].
type Option func(*config)

// MaxBatch sets the most samples of a batch, by default 32.
func MaxBatch(samples int) Option { return func(c *config) { c.most = samples } }

// MaxWait sets for how long a request waits for others to share a batch with, by default
// 2 ms.
func MaxWait(d time.Duration) Option { return func(c *config) { c.wait = d } }

// Queue sets how many requests may wait, by default 256.
func Queue(requests int) Option { return func(c *config) { c.room = requests } }

// Workers sets how many batches run at a time, by default 1. Kernels use all threads for
// one batch already; a second one helps where samples are small.
func Workers(n int) Option { return func(c *config) { c.workers = n } }

// Observe has f called after each batch, by its worker: for metrics.
func Observe(f func(Batch)) Option { return func(c *config) { c.observe = f } }

// A Batch is what there is to say about one.
type Batch struct {
	Requests, Samples int
	Waited            time.Duration // by its first request, until the batch began
	Took              time.Duration
	Err               error // that of the function
}
