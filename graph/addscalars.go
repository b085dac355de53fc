package graph

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// addScalars is the sum of scalars: a loss and its penalties.
type addScalars struct{}

func (addScalars) String() string { return "AddScalars" }

func (addScalars) InferShape(in ...Shape) (Shape, error) {
	for i, s := range in {
		if s.Dims() != 0 {
			return nil, errors.Errorf("term %d has shape %v, want a scalar", i, s)
		}
	}
	return Shape{}, nil
}

func (op addScalars) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, sumScalars[float32], sumScalars[float64])
}

func sumScalars[T kernel.Float](_ addScalars, y []T, in [][]T) {
	y[0] = 0
	for _, x := range in {
		y[0] += x[0]
	}
}

func (addScalars) Backward(in []*Node, _, dy *Node) []*Node {
	grads := make([]*Node, len(in))
	for i := range grads {
		grads[i] = dy
	}
	return grads
}
