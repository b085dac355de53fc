package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/kernel/recurrent"
	"gorgonia.org/tensor"
)

// timeMajor makes (T, N, F), the order in which a sequence runs, of (N, T, F), and with
// back the reverse. It sets to 0 what is beyond the lengths, the second input, if they
// are there.
type timeMajor struct{ back bool }

func timeMajorOf(s *graph.Scope, x, lengths *graph.Node) *graph.Node {
	return s.Apply(timeMajor{}, some(x, lengths)...)
}

// some returns the nodes that are not nil.
func some(xs ...*graph.Node) (out []*graph.Node) {
	for _, x := range xs {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

func (op timeMajor) String() string { return fmt.Sprintf("TimeMajor{back %v}", op.back) }

func (timeMajor) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return graph.Shape{in[0][1], in[0][0], in[0][2]}, nil
}

func (op timeMajor) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	m := moving{y.Shape()[1], y.Shape()[0], y.Shape()[2], op.back}
	return graph.Run(m, y, in, timeMajorForward[float32], timeMajorForward[float64])
}

// moving is the size of y (outer, inner, width).
type moving struct {
	inner, outer, width int
	back                bool
}

func timeMajorForward[T kernel.Float](m moving, y []T, in [][]T) {
	var lengths []T
	if len(in) > 1 {
		lengths = in[1]
	}
	if m.back {
		recurrent.BatchMajor(y, in[0], m.inner, m.outer, m.width, lengths)
	} else {
		recurrent.TimeMajor(y, in[0], m.outer, m.inner, m.width, lengths)
	}
}

func (timeMajor) HasGradient(i int) bool { return i == 0 }

func (op timeMajor) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	grads := make([]*graph.Node, len(in))
	grads[0] = y.Layer("TimeMajorGrad").Apply(timeMajor{!op.back}, append([]*graph.Node{dy}, in[1:]...)...)
	return grads
}
