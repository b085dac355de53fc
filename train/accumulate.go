package train

import (
	"math"

	"github.com/pkg/errors"
)

// Accumulate makes each step one of n batches: their gradients are averaged, weighted by
// samples, before the one update. So a step sees n times [BatchSize] samples in the memory
// of one batch:
//
//	train.Fit(ctx, m, data, loss, train.SGD(0.1), train.BatchSize(32), train.Accumulate(8)) // steps of 256
//
// With a loss that is a mean over samples, and without batch normalisation, the gradients
// are those of a batch of 256, up to rounding; [graph.InPieces] says what differs
// otherwise. Everything that counts steps counts updates: schedules of the learning rate,
// callbacks, checkpoints, [SkipNonFinite], which leaves out all n, clipping, and
// [DropLast], which wants n whole batches. What is short at the end of an epoch is cut into
// equal batches. Only masks and the rates of dropout have steps for each batch.
//
// It is accumulate_grad_batches in Lightning and gradient_accumulation_steps in Keras. n is
// 1 by default. n ≥ 1.
func Accumulate(n int) FitOption { return func(s *fitSettings) { s.accumulate = n } }

// stepSize returns the number of samples of a step.
func (s *fitSettings) stepSize() (int, error) {
	switch {
	case s.accumulate < 1:
		return 0, errors.Errorf("Accumulate is %d, want at least 1", s.accumulate)
	case s.batch > math.MaxInt/s.accumulate:
		return 0, errors.Errorf("Accumulate is %d, too many for batches of %d", s.accumulate, s.batch)
	}
	return s.batch * s.accumulate, nil
}

// batchesPerEpoch returns how many batches an epoch has, where the loader has steps.
func (f *fit) batchesPerEpoch() int {
	whole, rest := f.loader.n/f.loader.batch, f.loader.n%f.loader.batch
	if f.loader.dropLast {
		rest = 0
	}
	return whole*f.accumulate + (rest+f.batch-1)/f.batch
}
