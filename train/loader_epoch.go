package train

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// A Batch is what one step of training takes.
type Batch struct {
	X, T  *tensor.Dense // as [Dataset] has them
	Index int           // place in the epoch, from 0
}

func (b Batch) samples() int { return b.X.Shape()[0] }

// Epoch yields the batches of an epoch in order. Every sample occurs once,
// those that [DropLast] leaves out apart, unless [WeightedSampling], [BalancedClasses] or
// [MixedBatches] draw them. An error, that of ctx included, is
// yielded as the last pair, with an empty Batch. A panic of the data set or of a
// transform is an error too.
//
// Batches are made ahead on another goroutine. It has ended when the loop
// ends, however it ends.
func (l *Loader) Epoch(ctx context.Context, epoch int) iter.Seq2[Batch, error] {
	return l.from(ctx, epoch, 0)
}

// from is Epoch without the first batches.
func (l *Loader) from(ctx context.Context, epoch, first int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if ctx == nil {
			yield(Batch{}, errors.New("the context is nil, want context.Background() if there is no other"))
			return
		}
		order := l.order(epoch)
		if l.prefetch == 0 {
			l.inTurn(ctx, epoch, first, order, yield)
		} else {
			l.ahead(ctx, epoch, first, order, yield)
		}
	}
}

// order returns the indices of an epoch.
func (l *Loader) order(epoch int) []int {
	if l.sampling != nil {
		return l.sampling.order(l.seed, epoch)
	}
	if l.shuffle {
		return rand.New(philox.NewSource(philox.KeyOf(l.seed, "shuffle"), uint64(epoch))).Perm(l.n)
	}
	return firstIndices(l.n)
}

// inTurn makes each batch when it is asked for.
func (l *Loader) inTurn(ctx context.Context, epoch, first int, order []int, yield func(Batch, error) bool) {
	for i := first; i < l.Len(); i++ {
		if err := ctx.Err(); err != nil {
			yield(Batch{}, errors.WithStack(err))
			return
		}
		b, err := l.load(epoch, i, l.cut(order, i))
		if !yield(b, err) || err != nil {
			return
		}
	}
}

// ahead makes batches on a goroutine of its own.
func (l *Loader) ahead(ctx context.Context, epoch, first int, order []int, yield func(Batch, error) bool) {
	type result struct {
		batch Batch
		err   error
	}
	// A result waits in the channel or in the hands of its maker, so the
	// channel holds one fewer than are made ahead.
	results := make(chan result, min(l.prefetch, l.Len())-1)
	working, stop := context.WithCancel(ctx)
	var maker sync.WaitGroup
	defer maker.Wait()
	defer stop()
	maker.Go(func() {
		defer close(results)
		l.inTurn(working, epoch, first, order, func(b Batch, err error) bool {
			select {
			case results <- result{b, err}:
				return true
			case <-working.Done():
				return false
			}
		})
	})
	left := l.Len() - first
	for r := range results {
		if ctx.Err() != nil {
			break // what was made ahead is not wanted any more
		}
		if !yield(r.batch, r.err) || r.err != nil {
			return
		}
		left--
	}
	switch err := ctx.Err(); {
	case left > 0 && err != nil:
		yield(Batch{}, errors.WithStack(err))
	case left > 0:
		yield(Batch{}, errors.New("the data set ended the goroutine that makes batches"))
	}
}

// cut returns the indices of batch i.
func (l *Loader) cut(order []int, i int) []int {
	return order[i*l.batch : min((i+1)*l.batch, len(order))]
}

// load makes batch i of an epoch.
func (l *Loader) load(epoch, i int, indices []int) (Batch, error) {
	b := Batch{Index: i}
	err := guard.Call("the data set", func() (err error) {
		if b.X, b.T, err = l.ds.Batch(indices); err != nil {
			return err
		}
		return checkBatch(b.X, b.T, len(indices))
	})
	if err == nil && len(l.transforms) > 0 {
		err = guard.Call("a transform", func() (err error) {
			b.X, err = l.augment(epoch, i, indices, b.X)
			return err
		})
	}
	if err == nil && len(l.mixes) > 0 {
		err = guard.Call("a batch transform", func() error { return l.mix(epoch, &b) })
	}
	if err != nil {
		return Batch{}, l.at(err, i)
	}
	return b, nil
}

// mix applies the transforms of batches.
func (l *Loader) mix(epoch int, b *Batch) error {
	n := b.samples()
	r := rand.New(philox.NewSource(philox.KeyOf(l.seed, fmt.Sprintf("batches/%d", epoch)), uint64(b.Index)))
	for i, transform := range l.mixes {
		if transform == nil {
			return errors.Errorf("batch transform %d is nil", i)
		}
		if err := transform(r, b); err != nil {
			return errors.WithMessagef(err, "batch transform %d", i)
		}
		if err := checkBatch(b.X, b.T, n); err != nil {
			return errors.Errorf("batch transform %d left x of shape %v and a target of shape %v, want %d samples", i, shapeOf(b.X), shapeOf(b.T), n)
		}
	}
	return nil
}

// blame says which sample of the data set an error is about, if it names a row of
// the batch, and which batch of the epoch.
func (l *Loader) blame(err error, epoch, i int) error {
	var of interface{ Row() int }
	if len(l.mixes) == 0 && errors.As(err, &of) {
		if samples := l.cut(l.order(epoch), i); of.Row() < len(samples) {
			err = errors.WithMessagef(err, "sample %d of the data set", samples[of.Row()])
		}
	}
	return l.at(err, i)
}

// at says which batch of an epoch an error is about.
func (l *Loader) at(err error, i int) error {
	return errors.WithMessagef(err, "batch %d of %d", i+1, l.Len())
}

// checkBatch holds a data set, which may be anybody's, to its contract.
func checkBatch(x, t *tensor.Dense, n int) error {
	for _, v := range []*tensor.Dense{x, t} {
		if v == nil || v.Dims() == 0 || v.Shape()[0] != n {
			return errors.Errorf("the data set gave %v and %v for %d indices, want a row for each", shapeOf(x), shapeOf(t), n)
		}
	}
	return nil
}

func shapeOf(x *tensor.Dense) tensor.Shape {
	if x == nil {
		return nil
	}
	return x.Shape()
}

// augment applies the transforms to batch i. Each sample has a stream of its own, so
// its draws depend neither on threads nor, if it occurs once, on its place in the epoch.
func (l *Loader) augment(epoch, i int, indices []int, x *tensor.Dense) (*tensor.Dense, error) {
	if l.sampling != nil && l.sampling.repeats {
		key := philox.KeyOf(l.seed, fmt.Sprintf("augment place/%d", epoch))
		return transformed(x, indices, l.transforms, func(row int) *rand.Rand {
			return rand.New(philox.NewSource(key, uint64(i*l.batch+row)))
		})
	}
	key := philox.KeyOf(l.seed, fmt.Sprintf("augment/%d", epoch))
	return transformed(x, indices, l.transforms, func(row int) *rand.Rand {
		return rand.New(philox.NewSource(key, uint64(indices[row])))
	})
}
