package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// A Reduction says what becomes of the losses of the positions of a batch. It is
// an option of every loss: nodes.MSE(nodes.Sum).
type Reduction uint8

const (
	// Mean divides the sum by the number of losses; with class weights, those of
	// [CrossEntropy] and [NLL] divide it by the sum of the weights of the targets.
	// It is the default. The mean of no losses is NaN, as in PyTorch.
	Mean Reduction = iota
	// Sum adds them up.
	Sum
	// None leaves them as they are, to be used in a further node: a training
	// step wants a scalar.
	None
)

func (r Reduction) crossEntropy(o *classLoss) { o.reduction = r }
func (r Reduction) nll(o *classLoss)          { o.reduction = r }
func (r Reduction) bce(o *binaryLoss)         { o.reduction = r }
func (r Reduction) regression(o *elementLoss) { o.reduction = r }
func (r Reduction) huber(o *elementLoss)      { o.reduction = r }

// of declares the reduction of losses. Mean divides by their number.
func (r Reduction) of(s *graph.Scope, losses *graph.Node) *graph.Node {
	switch r {
	case Mean:
		return s.Apply(reduce{losses.Shape().TotalSize()}, losses)
	case Sum:
		return s.Apply(reduce{1}, losses)
	case None:
		return losses
	}
	return s.Errorf("the reduction is %d, want Mean, Sum or None", r)
}

// reduce is the sum of all elements over a number.
type reduce struct{ by int }

func (op reduce) String() string { return fmt.Sprintf("Reduce{by %d}", op.by) }

func (op reduce) InferShape(...graph.Shape) (graph.Shape, error) { return graph.Shape{}, nil }

func (op reduce) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, reduceForward[float32], reduceForward[float64])
}

func reduceForward[T kernel.Float](op reduce, y []T, in [][]T) {
	y[0] = kernel.Sum(in[0]) / T(op.by)
}

func (op reduce) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Spread").Apply(spread{op.by, in[0].Shape()}, dy)}
}

// spread is a scalar over a number, in every element of a shape.
type spread struct {
	by int
	to graph.Shape
}

func (op spread) String() string { return fmt.Sprintf("Spread{by %d, shape %v}", op.by, op.to) }

func (op spread) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (op spread) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, spreadForward[float32], spreadForward[float64])
}

func spreadForward[T kernel.Float](op spread, dx []T, in [][]T) { fill(dx, in[0][0]/T(op.by)) }

func fill[T kernel.Float](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
