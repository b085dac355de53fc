package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// stack puts two vectors into the rows of a matrix: a running mean and variance
// into the form that moments has. It has no gradient: they are constants.
type stack struct{}

func (stack) String() string { return "Stack" }

func (stack) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return append(graph.Shape{2}, in[0]...), nil
}

func (op stack) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, stackForward[float32], stackForward[float64])
}

func stackForward[T kernel.Float](_ stack, y []T, in [][]T) {
	copy(y[copy(y, in[0]):], in[1])
}

// track is the next value of a running statistic, for inputs the statistic, the
// moments of the batch and the number of batches with this one:
//
//	(1-momentum)·running + momentum·factor·moments[row]
//
// where momentum is 1/number for a cumulative average.
type track struct {
	row        int
	factor     float64
	momentum   float64
	cumulative bool
}

func (op track) String() string {
	return fmt.Sprintf("Track{row %d, factor %v, momentum %v, cumulative %v}", op.row, op.factor, op.momentum, op.cumulative)
}

func (track) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op track) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	if op.cumulative {
		op.momentum = 1 / float64(in[2].Int64s()[0])
	}
	return graph.Run(op, y, in, trackForward[float32], trackForward[float64])
}

func trackForward[T kernel.Float](op track, y []T, in [][]T) {
	running, batch := in[0], in[1][op.row*len(y):]
	for c := range y {
		y[c] = T((1-op.momentum)*float64(running[c]) + op.momentum*op.factor*float64(batch[c]))
	}
}

// increment adds 1 to a counter.
type increment struct{}

func (increment) String() string { return "Increment" }

func (increment) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (increment) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	y.Int64s()[0] = in[0].Int64s()[0] + 1
	return nil
}
