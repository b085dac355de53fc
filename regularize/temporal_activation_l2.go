package regularize

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// TemporalActivationL2 adds to the training loss, for a sequence of states h,
//
//	β · mean((h[t+1] - h[t])²)
//
// the mean being over samples, features and the T-1 pairs of neighbours in time; a
// sequence of one step has none, and adds nothing. It is the temporal activation
// regularisation (TAR) of language models, there with β = 1 and for the output of
// the last LSTM layer before its dropout: a fresh mask for each step would make
// differences of its own. β must be finite and not negative.
//
// Shapes: h is (N, T, F).
//
// Only [graph.Train] mode has the term; see [graph.Scope.AddLoss].
//
// Source: as for [ActivationL2]; what is said there about the norm holds here.
func TemporalActivationL2(s *graph.Scope, h *graph.Node, beta float64) {
	s = s.Layer("TemporalActivationL2", h)
	switch {
	case !checkStrength(s, "β", beta):
	case s.Err() == nil && h.Dims() != 3:
		s.Errorf("h has shape %v, want (N, T, F)", h.Shape())
	case h.Dim(1) > 1:
		addMeanSquare(s, s.Apply(timeDifference{}, h), beta)
	}
}

// timeDifference is y[n,t] = x[n,t+1] - x[n,t].
type timeDifference struct{}

func (timeDifference) String() string { return "TimeDifference" }

func (timeDifference) InferShape(in ...graph.Shape) (graph.Shape, error) {
	x := in[0]
	if len(x) != 3 || x[1] < 2 {
		return nil, errors.Errorf("x has shape %v, want (N, T, F) with two steps or more", x)
	}
	return graph.Shape{x[0], x[1] - 1, x[2]}, nil
}

func (timeDifference) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(in[0].Shape(), y, in, timeDifferenceForward[float32], timeDifferenceForward[float64])
}

func timeDifferenceForward[T kernel.Float](x graph.Shape, y []T, in [][]T) {
	kernel.TimeDifference(y, in[0], x[0], x[1], x[2])
}

func (timeDifference) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("TimeDifferenceGrad").Apply(timeDifferenceGrad{}, dy)}
}

// timeDifferenceGrad is dx[n,t] = dy[n,t-1] - dy[n,t], where dy outside of its steps
// is 0.
type timeDifferenceGrad struct{}

func (timeDifferenceGrad) String() string { return "TimeDifferenceGrad" }

func (timeDifferenceGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dy := in[0]
	return graph.Shape{dy[0], dy[1] + 1, dy[2]}, nil
}

func (timeDifferenceGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(dx.Shape(), dx, in, timeDifferenceBackward[float32], timeDifferenceBackward[float64])
}

func timeDifferenceBackward[T kernel.Float](x graph.Shape, dx []T, in [][]T) {
	kernel.TimeDifferenceGrad(dx, in[0], x[0], x[1], x[2])
}
