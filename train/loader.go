package train

import (
	"math/rand/v2"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
)

// A Loader cuts a data set into batches, epoch after epoch.
//
// Which sample comes where, and how it is augmented, is a function of the
// seed, the epoch and the sample's index alone: not of the number of
// processors, of Prefetch or of the epochs before. Where a sample may occur twice
// in an epoch, its place stands for its index.
type Loader struct {
	ds         Dataset
	n          int // samples of an epoch
	batch      int
	shuffle    bool
	seed       uint64
	dropLast   bool
	samplings  []samplingOption
	sampling   *sampling // nil for every sample once
	transforms []Transform
	mixes      []BatchTransform
	prefetch   int
}

// A LoaderOption adjusts a [Loader].
type LoaderOption func(*Loader)

// Shuffle gives each epoch an order of its own. The seed also keys the
// randomness of [Transforms], and what [WeightedSampling] and others draw; without
// Shuffle it is 0 and the order, if they do not draw it, is that of the data set.
func Shuffle(seed uint64) LoaderOption {
	return func(l *Loader) { l.shuffle, l.seed = true, seed }
}

// DropLast leaves out the last batch of an epoch if it is short.
func DropLast() LoaderOption { return func(l *Loader) { l.dropLast = true } }

// Transforms applies transforms to each sample, in order. Batches then are of
// float32, whatever the data set holds, and must have shape (n, c, h, w),
// (n, h, w) or (n, w); targets stay as they are.
//
// They apply to the batches of this loader only: what must hold for validation
// and prediction too, such as [Normalize], belongs in the data set: see [Map].
func Transforms(ts ...Transform) LoaderOption {
	return func(l *Loader) { l.transforms = append(l.transforms, ts...) }
}

// A BatchTransform changes a batch after the [Transforms] of its samples, in x and
// target, drawing what is random from r: [Mixup] and [CutMix] are such ones. The number
// of samples stays.
type BatchTransform func(r *rand.Rand, b *Batch) error

// BatchTransforms applies transforms to each batch, in order. What they draw is a
// function of the seed, the epoch and the place of the batch in it.
func BatchTransforms(ts ...BatchTransform) LoaderOption {
	return func(l *Loader) { l.mixes = append(l.mixes, ts...) }
}

// Prefetch sets how many batches are made ahead while the caller computes, 2
// by default. With 0 a batch is made when it is asked for.
func Prefetch(n int) LoaderOption { return func(l *Loader) { l.prefetch = n } }

// NewLoader returns a loader of batches of the given number of samples; the
// last one of an epoch may have fewer (see [DropLast]).
//
// It is an error if ds has no samples, if batch is below 1 or Prefetch below
// 0, if DropLast would leave nothing, if what is drawn cannot be, or if a transform fails on sample 0.
func NewLoader(ds Dataset, batch int, opts ...LoaderOption) (*Loader, error) {
	n, err := lenOf(ds)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, errors.New("data set is empty, want at least one sample")
	}
	l := &Loader{ds: ds, n: n, batch: batch, prefetch: 2}
	guard.Apply(l, opts)
	if batch < 1 {
		return nil, errors.Errorf("batch is %d, want at least 1", batch)
	}
	if l.prefetch < 0 {
		return nil, errors.Errorf("Prefetch is %d, want at least 0", l.prefetch)
	}
	if err := l.sample(); err != nil {
		return nil, err
	}
	if l.Len() == 0 {
		return nil, errors.Errorf("DropLast drops the only batch: %d samples in batches of %d", l.n, batch)
	}
	if len(l.transforms) > 0 || len(l.mixes) > 0 {
		if _, err := l.load(0, 0, []int{0}); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Len is the number of batches in an epoch.
func (l *Loader) Len() int {
	n := l.n / l.batch
	if l.n%l.batch > 0 && !l.dropLast {
		n++
	}
	return n
}

// samples is the number of samples in an epoch.
func (l *Loader) samples() int { return min(l.n, l.Len()*l.batch) }
