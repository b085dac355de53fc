// Package batching predicts for many who ask for little: it puts the samples of requests
// that come at about the same time into one batch, which takes far less time than one
// prediction for each.
//
//	b, err := batching.New(p.PredictInto, 784, 10, batching.MaxBatch(32), batching.MaxWait(2*time.Millisecond))
//	defer b.Close()
//	err = b.Predict(ctx, y, x) // from any number of goroutines
//
// A request waits for others for at most [MaxWait], and for no one while batches are under
// way that it has to wait for anyhow. There is room for a bounded number of requests, see
// [Queue]; more are refused at once with [ErrBusy]. None that was accepted is lost: its
// answer, or an error, comes also when the batcher is closed meanwhile.
package batching

import (
	"context"
	stderrors "errors"
	"sync"
	"time"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// Errors of [Batcher.Predict] for which there is nothing wrong with the request.
var (
	ErrBusy   = stderrors.New("the queue is full: try again later")
	ErrClosed = stderrors.New("the batcher is closed")
)

// A Func writes the outputs for the samples in x to dst, as deploy.Predictor.PredictInto
// does. It must keep neither.
type Func func(dst, x []float32) error

// A Batcher makes batches of requests.
type Batcher struct {
	config
	predict Func
	in, out int // elements of a sample and of its output

	mu     sync.RWMutex // held for reading while a request is queued
	closed bool
	queue  chan *request
	ended  sync.WaitGroup // the workers

	collecting sync.Mutex // by one worker at a time
	over       *request   // did not fit the last batch
}

// New starts a batcher for samples of in elements and outputs of out elements.
//
// Options: [MaxBatch], [MaxWait], [Queue], [Workers], [Observe].
func New(predict Func, in, out int, opts ...Option) (*Batcher, error) {
	b := &Batcher{predict: predict, in: in, out: out, config: config{
		most: 32, wait: 2 * time.Millisecond, room: 256, workers: 1, observe: func(Batch) {},
	}}
	guard.Apply(&b.config, opts)
	switch {
	case predict == nil:
		return nil, errors.New("batching.New: the function is nil")
	case in < 1 || out < 1:
		return nil, errors.Errorf("batching.New: samples have %d elements and outputs %d, want at least 1 of each", in, out)
	}
	if err := b.check(); err != nil {
		return nil, errors.WithMessage(err, "batching.New")
	}
	b.queue = make(chan *request, b.room)
	for range b.workers {
		b.ended.Go(b.work)
	}
	return b, nil
}

// Predict writes the outputs for the samples in x, one or more, to dst, and waits for
// them. When ctx is done before the batch has begun, it returns the error of ctx. It keeps
// neither dst nor x.
func (b *Batcher) Predict(ctx context.Context, dst, x []float32) error {
	n := len(x) / b.in
	switch {
	case len(x) == 0 || len(x)%b.in != 0:
		return errors.Errorf("the input has %d elements, want a multiple of %d, those of a sample", len(x), b.in)
	case n > b.most:
		return errors.Errorf("the request has %d samples, want at most %d, the largest batch", n, b.most)
	case len(dst) != n*b.out:
		return errors.Errorf("there is room for %d elements of output, want room for %d", len(dst), n*b.out)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{x: x, dst: dst, samples: n, queued: time.Now(), done: make(chan error, 1)}
	if err := b.enqueue(r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.claim() {
			return ctx.Err()
		}
		return <-r.done // a batch has it: dst and x are in use
	}
}

func (b *Batcher) enqueue(r *request) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return ErrClosed
	}
	select {
	case b.queue <- r:
		return nil
	default:
		return ErrBusy
	}
}

// Waiting returns how many requests are in the queue.
func (b *Batcher) Waiting() int { return len(b.queue) }

// Close takes no more requests and waits until all that were taken are answered.
func (b *Batcher) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.queue)
	}
	b.mu.Unlock()
	b.ended.Wait()
}
