package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// factorsOf returns what the state is multiplied by on its way into the gates.
func (c *recurrentConfig) factorsOf(s *graph.Scope, name string, x *graph.Node, hidden int) *graph.Node {
	if c.factors == nil || s.Err() != nil {
		return nil
	}
	ones := s.Apply(onesOf{graph.Shape{x.Dim(1), hidden}}, x)
	k := replaced(s.In(name), "RecurrentFactors", c.factors, ones)
	if k == ones {
		return nil
	}
	return k
}

// onesOf is a constant 1 of a shape.
type onesOf struct{ shape graph.Shape }

func (op onesOf) String() string { return fmt.Sprintf("Ones{%v}", op.shape) }

func (op onesOf) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op onesOf) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, onesForward[float32], onesForward[float64])
}

func onesForward[T kernel.Float](_ onesOf, y []T, _ [][]T) {
	for i := range y {
		y[i] = 1
	}
}
