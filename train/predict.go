package train

import (
	"context"

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
