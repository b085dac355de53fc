package train

import (
	"context"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// PredictMonteCarlo runs the model with dropout drawing, draws times for every
// sample, and returns what the outputs have in common and how far they differ.
// All else is as in evaluation: batch norm has its running statistics. For a
// classifier that returns logits, ask for [Softmax].
//
// # Which masks
//
// Draw k has the same masks for every sample: it is one thinned network, and the
// draws together are an ensemble of these; see [PredictEnsemble]. So what comes out
// for a sample is a function of the seed of the model, the number of draws and the
// sample alone, of no other sample and no place in a batch, and the first draws of
// many are those of few. The rounding of the last bit apart, that is; and none of
// the masks is that of a training step.
//
// # In how many passes
//
// Copies of a sample side by side in one batch are draws of their own, so all draws
// of a sample are one pass, up to 64 of them: [AtOnce] says how many. Where
// something draws once for a whole batch, such as a mask for weights, every draw is a
// pass over the samples in batches of the size the model was built for; with both in
// one model it is a pass for each sample, which is slow. So it is where dropout reads
// what has the batch on another axis than the first, as (T, N, F) does. A norm that always has the
// statistics of the batch ([nodes.Untracked]) sees the copies instead of the samples.
//
// A model in which nothing draws has a variance of 0. To let one node of a model
// draw and no other, set the modes of scopes by [graph.Scope.InMode]. The mean is
// also how a Swapout or a stochastic depth is evaluated better than by its one-pass
// rule, which errs behind a nonlinearity.
//
// Source: Gal, Ghahramani, Dropout as a Bayesian Approximation: Representing Model
// Uncertainty in Deep Learning, ICML 2016, https://arxiv.org/abs/1506.02142.
func PredictMonteCarlo(ctx context.Context, m *graph.Model, data Dataset, draws int, opts ...MonteCarloOption) (*Uncertainty, error) {
	u, err := predictMonteCarlo(ctx, newMonteCarlo(m, draws, opts), data)
	if err != nil {
		return nil, guard.At("train.PredictMonteCarlo", err)
	}
	return u, nil
}

// PredictEnsemble returns the outputs of members thinned networks for all samples,
// of shape (members, n, ...): those of the draws of [PredictMonteCarlo], which says
// how masks are drawn. A member has the same masks for every sample, so it is a
// function of its input, as smooth as the network. With [Softmax] the outputs are
// turned to probabilities.
func PredictEnsemble(ctx context.Context, m *graph.Model, data Dataset, members int, opts ...MonteCarloOption) (*tensor.Dense, error) {
	mc := newMonteCarlo(m, members, opts)
	var outputs [][]float64 // by member
	shape, err := mc.each(ctx, data, func(_, k int, y []float64) {
		if k == len(outputs) {
			outputs = append(outputs, nil)
		}
		outputs[k] = append(outputs[k], y...)
	})
	if err != nil {
		return nil, guard.At("train.PredictEnsemble", err)
	}
	return ofType(m.Dtype(), slices.Concat(outputs...), append(tensor.Shape{members}, shape...)), nil
}

// A MonteCarloOption adjusts [PredictMonteCarlo] or [PredictEnsemble].
type MonteCarloOption func(*monteCarlo)

// Softmax turns logits of shape (n, classes) or (n, classes, ...) to probabilities
// first, which is what the mean of a classifier should be taken of.
func Softmax() MonteCarloOption { return func(mc *monteCarlo) { mc.softmax = true } }

// Precision adds 1/tau to each variance: the noise of the targets of a regression,
// which no draw shows. For dropout at a rate of p, n training samples, a weight decay
// of lambda (the factor of the squared weights in a loss that is half the mean squared
// error) and a prior length scale of l,
//
//	tau = (1-p) l² / (2 n lambda)
func Precision(tau float64) MonteCarloOption { return func(mc *monteCarlo) { mc.tau = &tau } }

// AtOnce sets how many draws of a sample are computed in one pass. The default is
// 64. Memory grows with it. Which masks the draws after the first so many have depends
// on it.
func AtOnce(draws int) MonteCarloOption { return func(mc *monteCarlo) { mc.atOnce = draws } }

type monteCarlo struct {
	m       *graph.Model
	draws   int
	atOnce  int
	softmax bool
	tau     *float64 // nil without one
}

func newMonteCarlo(m *graph.Model, draws int, opts []MonteCarloOption) *monteCarlo {
	mc := &monteCarlo{m: m, draws: draws, atOnce: 64}
	guard.Apply(mc, opts)
	return mc
}

func (mc *monteCarlo) check() error {
	switch {
	case mc.draws < 1:
		return errors.Errorf("the number of draws is %d, want at least 1", mc.draws)
	case mc.atOnce < 1:
		return errors.Errorf("AtOnce is %d, want at least 1", mc.atOnce)
	case mc.tau != nil && !(*mc.tau > 0):
		return errors.Errorf("Precision is %v, want more than 0", *mc.tau)
	}
	if _, err := batchSize(mc.m); err != nil {
		return err
	}
	if out := mc.m.OutputShape(); mc.softmax && out.Dims() > 0 && (out.Dims() < 2 || out[1] < 2) {
		return errors.Errorf("the output has shape %v, Softmax wants (n, classes) or (n, classes, ...) with two classes or more", out)
	}
	return nil
}

// each calls use with the output of each draw for each sample, those of a sample in
// order and those of a draw in order, and returns the shape of all outputs of a draw.
func (mc *monteCarlo) each(ctx context.Context, data Dataset, use func(sample, draw int, y []float64)) (tensor.Shape, error) {
	if err := mc.check(); err != nil {
		return nil, err
	}
	what, err := mc.m.Drawing()
	if err != nil {
		return nil, err
	}
	first := 0 // sample of a batch
	return eachBatch(ctx, mc.m, data, func(x *tensor.Dense) error {
		of, err := rowsOf(x)
		if err != nil {
			return err
		}
		n, atOnce := of.shape[0], mc.atOnce
		if what.Batches {
			atOnce = 1
		}
		for i := 0; i < n && err == nil && what.Samples; i++ {
			err = mc.copies(ctx, of, i, atOnce, func(k int, y []float64) { use(first+i, k, y) })
		}
		for k := 0; k < mc.draws && err == nil && !what.Samples; k++ {
			err = mc.pass(ctx, x, k, func(i int, y []float64) { use(first+i, k, y) })
		}
		first += n
		return err
	})
}

// copies runs the model on copies of sample i, at most atOnce in a pass.
func (mc *monteCarlo) copies(ctx context.Context, of rows, i, atOnce int, use func(draw int, y []float64)) error {
	for k := 0; k < mc.draws; k += atOnce {
		x := of.gather(slices.Repeat([]int{i}, min(atOnce, mc.draws-k)))
		if err := mc.pass(ctx, x, k/atOnce, func(row int, y []float64) { use(k+row, y) }); err != nil {
			return err
		}
	}
	return nil
}

// pass runs the model once.
func (mc *monteCarlo) pass(ctx context.Context, x *tensor.Dense, number int, use func(row int, y []float64)) error {
	if err := ctx.Err(); err != nil {
		return errors.WithStack(err)
	}
	out, err := mc.m.Sample(x, uint64(number))
	if err != nil {
		return err
	}
	y, n := float64s(out), out.Shape()[0]
	size := len(y) / n
	for row := range n {
		one := y[row*size:][:size:size]
		if mc.softmax {
			softmaxOver(one, out.Shape()[1])
		}
		use(row, one)
	}
	return nil
}
