package train

import (
	"context"
	"iter"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// RecalibrateBatchNorm estimates the running statistics of all batch norms of a model
// anew, from the samples of data and in one pass over them. What a norm gets are the
// mean and the unbiased variance of all that it sees in the pass, where the norms
// before it normalise by the batch, and dropout is off. Parameters stay as they are;
// norms with frozen statistics do too, and after an error all of them.
//
// It is the remedy where the statistics of training do not fit what a prediction
// sees: with dropout before a norm (variance shift), after averaging weights, for
// data of another kind, or after a training too short for the running averages.
//
// The batches have the size the model was built for and come in an order drawn from
// its seed, since norms behind others depend on who is in a batch with whom. A
// loader's options apply, such as [Transforms] for what training augments, or
// [DropLast] where one sample would be left, which has no variance.
//
// PyTorch's torch.optim.swa_utils.update_bn takes the mean of the variances of the
// batches instead, which lacks what their means differ by, and leaves dropout on.
//
// Source: Li, Chen, Hu, Yang, Understanding the Disharmony between Dropout and Batch
// Normalization by Variance Shift, CVPR 2019, https://arxiv.org/abs/1801.05134.
func RecalibrateBatchNorm(ctx context.Context, m *graph.Model, data Dataset, opts ...LoaderOption) error {
	size, err := batchSize(m)
	if err != nil {
		return guard.At("train.RecalibrateBatchNorm", err)
	}
	l, err := NewLoader(data, size, append([]LoaderOption{Shuffle(m.Seed())}, opts...)...)
	if err != nil {
		return guard.At("train.RecalibrateBatchNorm", err)
	}
	return guard.At("train.RecalibrateBatchNorm", recalibrate(ctx, m, l, size))
}

// recalibrate cuts each batch of the loader into pieces of at most so many samples, as
// [graph.InPieces] does.
func recalibrate(ctx context.Context, m *graph.Model, l *Loader, most int) error {
	var last Batch
	var failed error // of the loader, which says where
	err := m.Calibrate(func(yield func(*tensor.Dense, error) bool) {
		for last, failed = range l.Epoch(ctx, 0) {
			if failed != nil {
				yield(nil, failed)
				return
			}
			for piece, err := range inPieces(last.X, most) {
				if !yield(piece, err) {
					return
				}
			}
		}
	})
	if err == nil || failed != nil {
		return err
	}
	return l.at(err, last.Index)
}

// inPieces yields equal pieces of x of at most so many rows.
func inPieces(x *tensor.Dense, most int) iter.Seq2[*tensor.Dense, error] {
	return func(yield func(*tensor.Dense, error) bool) {
		r, err := rowsOf(x)
		if err != nil {
			yield(nil, err)
			return
		}
		n := x.Shape()[0]
		count := (n + most - 1) / most
		for i := range count {
			if !yield(r.cut(i*n/count, (i+1)*n/count), nil) {
				return
			}
		}
	}
}
