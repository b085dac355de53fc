package graph

import (
	"fmt"

	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// trainingBytes returns the size of the buffers of a training step at the batch
// size given to [Build], with a loss that costs nothing; false for a model that
// cannot be trained at it.
func (m *Model) trainingBytes() (n int, ok bool) {
	loss := func(y, _ *Node) *Node { return y.Layer("Total").Apply(total{}, y) }
	err := alone(func() error {
		p, err := m.build(programKey{mode: Train, grads: true}, m.shape, loss, newDense(m.dtype, m.shape[:1]))
		if err == nil {
			n = p.plan.bytes()
		}
		return err
	})
	return n, err == nil
}

// total is the sum of all elements: it stands for a loss where none is known.
type total struct{}

func (total) String() string { return "Total" }

func (total) InferShape(...Shape) (Shape, error) { return Shape{}, nil }

func (op total) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, totalForward[float32], totalForward[float64])
}

func totalForward[T Float](_ total, y []T, in [][]T) { y[0] = kernel.Sum(in[0]) }

func (total) Backward(in []*Node, y, dy *Node) []*Node {
	return []*Node{y.Layer("Spread").Apply(spread{in[0].Shape().Clone()}, dy)}
}

// spread gives a scalar to every element of a shape.
type spread struct{ to Shape }

func (op spread) String() string { return fmt.Sprintf("Spread{%v}", op.to) }

func (op spread) InferShape(...Shape) (Shape, error) { return op.to.Clone(), nil }

func (op spread) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return Run(op, y, in, spreadForward[float32], spreadForward[float64])
}

func spreadForward[T Float](_ spread, y []T, in [][]T) {
	for i := range y {
		y[i] = in[0][0]
	}
}
