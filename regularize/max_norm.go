package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// MaxNorm bounds the incoming weights of each unit at or under the scope. After
// every update the vector w of a unit becomes
//
//	w · min(1, c / ‖w‖₂)
//
// where w is one row of a matrix (out, in), or one filter of (out, in, kernel...);
// its bias doesn't count. c must be above 0. [graph.Scope.Penalise] says what a
// weight is; the call may stand before or after the layers. Only updates after a
// step in [graph.Train] mode project.
//
// It is PyTorch's torch.renorm(w, p=2, dim=0, maxnorm=c), and Keras's MaxNorm(c)
// over all axes but that of the outputs. Axis 0 is always taken to be the
// outputs. A transposed convolution has its inputs there, and MaxNorm would bound
// what leaves each of them; an embedding has its words there, and MaxNorm bounds
// the vector of each.
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks
// from Overfitting, JMLR 15, 2014, section 5.1. With dropout it allows learning
// rates that would otherwise blow up the weights.
func MaxNorm(s *graph.Scope, c float64) {
	s = s.Layer("MaxNorm")
	if !(c > 0) { // this way round, NaN fails too
		s.Errorf("c is %v, want c > 0", c)
		return
	}
	holdNorms(s, 0, c)
}

// holdNorms keeps the norm of the weights of each unit between bounds.
func holdNorms(s *graph.Scope, low, high float64) {
	s.ConstrainBy(norms{low, high})
}

// norms are bounds for the norm of the weights of a unit.
type norms struct{ low, high float64 }

// Project implements [graph.Constraint].
func (n norms) Project(w *tensor.Dense) error {
	return graph.Run(unitNorms{n, w.Shape()[0]}, w, nil, project[float32], project[float64])
}

type unitNorms struct {
	norms
	units int
}

func project[T kernel.Float](n unitNorms, w []T, _ [][]T) {
	kernel.RenormRows(w, n.units, len(w)/n.units, n.low, n.high)
}
