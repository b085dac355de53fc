package train

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Predict returns the outputs of a model for all samples of data, stacked, in
// batches of the size the model was built for. The output must have a row for
// each sample. For a tensor at hand, see [graph.Model.Predict].
func Predict(ctx context.Context, m *graph.Model, data Dataset) (*tensor.Dense, error) {
	var all []float64
	shape, err := eachBatch(ctx, m, data, func(x *tensor.Dense) error {
		y, err := m.Predict(x)
		if err == nil {
			all = append(all, float64s(y)...)
		}
		return err
	})
	if err != nil {
		return nil, guard.At("train.Predict", err)
	}
	return ofType(m.Dtype(), all, shape), nil
}

// PredictMonteCarlo runs the model n times on all samples with dropout drawing,
// and returns the mean and the standard deviation of the outputs, of the shape
// that [Predict] returns:
//
//	mean = Σ y_k / n,   std = √(Σ (y_k - mean)² / n)
//
// With [Softmax] the outputs are turned to probabilities first, which is what
// the mean of a classifier should be taken of. A model without dropout gives a
// standard deviation of 0.
//
// Source: Gal, Ghahramani, Dropout as a Bayesian Approximation, ICML 2016,
// https://arxiv.org/abs/1506.02142.
func PredictMonteCarlo(ctx context.Context, m *graph.Model, data Dataset, n int, opts ...MonteCarloOption) (mean, std *tensor.Dense, err error) {
	if n < 1 {
		return nil, nil, errors.Errorf("train.PredictMonteCarlo: n is %d, want at least 1", n)
	}
	var settings monteCarlo
	guard.Apply(&settings, opts)
	var means, stds []float64
	shape, err := eachBatch(ctx, m, data, func(x *tensor.Dense) error {
		mu, sigma, err := settings.moments(ctx, m, x, n)
		means, stds = append(means, mu...), append(stds, sigma...)
		return err
	})
	if err != nil {
		return nil, nil, guard.At("train.PredictMonteCarlo", err)
	}
	return ofType(m.Dtype(), means, shape), ofType(m.Dtype(), stds, shape), nil
}

// A MonteCarloOption adjusts [PredictMonteCarlo].
type MonteCarloOption func(*monteCarlo)

type monteCarlo struct{ softmax bool }

// Softmax turns logits of shape (n, classes) to probabilities before their
// moments are taken.
func Softmax() MonteCarloOption { return func(s *monteCarlo) { s.softmax = true } }

// moments returns the mean and the standard deviation for one batch, by
// Welford's recurrence, which does not cancel.
func (s *monteCarlo) moments(ctx context.Context, m *graph.Model, x *tensor.Dense, n int) (mean, std []float64, err error) {
	for k := range n {
		if err := ctx.Err(); err != nil {
			return nil, nil, errors.WithStack(err)
		}
		out, err := m.Sample(x, uint64(k))
		if err != nil {
			return nil, nil, err
		}
		y := float64s(out)
		if s.softmax {
			if out.Dims() != 2 {
				return nil, nil, errors.Errorf("the output has shape %v, Softmax wants (n, classes)", out.Shape())
			}
			softmaxRows(y, out.Shape()[1])
		}
		if k == 0 {
			mean, std = make([]float64, len(y)), make([]float64, len(y))
		}
		for i, v := range y {
			d := v - mean[i]
			mean[i] += d / float64(k+1)
			std[i] += d * (v - mean[i])
		}
	}
	for i, v := range std {
		std[i] = math.Sqrt(v / float64(n))
	}
	return mean, std, nil
}

func softmaxRows(y []float64, classes int) {
	for ; len(y) > 0; y = y[classes:] {
		row, top, sum := y[:classes], math.Inf(-1), 0.0
		for _, v := range row {
			top = max(top, v)
		}
		for i, v := range row {
			row[i] = math.Exp(v - top)
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	}
}

// eachBatch calls f with the inputs of all samples in order and returns the
// shape of all outputs together.
func eachBatch(ctx context.Context, m *graph.Model, data Dataset, f func(x *tensor.Dense) error) (tensor.Shape, error) {
	batch, err := batchSize(m)
	if err != nil {
		return nil, err
	}
	shape := m.OutputShape()
	if shape.Dims() == 0 || shape[0] != batch {
		return nil, errors.Errorf("the output has shape %v for an input of shape %v, want a row for each sample", shape, m.Shape())
	}
	l, err := NewLoader(data, batch)
	if err != nil {
		return nil, err
	}
	for b, err := range l.Epoch(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if err := f(b.X); err != nil {
			return nil, l.at(err, b.Index)
		}
	}
	shape[0] = l.n
	return shape, nil
}

// float64s returns a copy of the elements.
func float64s(d *tensor.Dense) []float64 {
	if v := graph.Data[float64](d); v != nil {
		return append([]float64(nil), v...)
	}
	single := graph.Data[float32](d)
	out := make([]float64, len(single))
	for i, v := range single {
		out[i] = float64(v)
	}
	return out
}

// ofType returns a tensor of a floating-point type.
func ofType(dt tensor.Dtype, v []float64, shape tensor.Shape) *tensor.Dense {
	if dt == tensor.Float64 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))
	}
	single := make([]float32, len(v))
	for i, x := range v {
		single[i] = float32(x)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(single))
}
