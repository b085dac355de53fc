package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// expectedReLU is the mean of max(u, 0) for normal u, for the inputs mean and standard
// deviation.
type expectedReLU struct{}

func (expectedReLU) String() string { return "ExpectedReLU" }

func (expectedReLU) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op expectedReLU) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, expectedForward[float32], expectedForward[float64])
}

func expectedForward[T kernel.Float](_ expectedReLU, y []T, in [][]T) {
	kernel.ExpectedReLU(y, in[0], in[1])
}

// ChannelsLast implements [graph.ChannelsLast].
func (op expectedReLU) ChannelsLast(...graph.Shape) graph.LastLayout { return elementwise(op, 2) }

func (expectedReLU) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("ExpectedReLUGrad")
	return []*graph.Node{s.Apply(expectedGrad{}, in[0], in[1], dy), s.Apply(expectedGrad{deviation: true}, in[0], in[1], dy)}
}

// expectedGrad is the gradient by the mean, Φ(m/s)·dy, or by the deviation, φ(m/s)·dy.
type expectedGrad struct{ deviation bool }

func (op expectedGrad) String() string {
	return fmt.Sprintf("ExpectedReLUGrad{deviation %v}", op.deviation)
}

func (expectedGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op expectedGrad) Forward(d *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, d, in, expectedBackward[float32], expectedBackward[float64])
}

// ChannelsLast implements [graph.ChannelsLast].
func (op expectedGrad) ChannelsLast(...graph.Shape) graph.LastLayout { return elementwise(op, 3) }

func expectedBackward[T kernel.Float](op expectedGrad, d []T, in [][]T) {
	if op.deviation {
		kernel.ExpectedReLUGradDeviation(d, in[0], in[1], in[2])
		return
	}
	kernel.ExpectedReLUGradMean(d, in[0], in[1], in[2])
}

// meanOfCopies is the mean over z batches that lie behind each other.
type meanOfCopies struct{ z int }

func (op meanOfCopies) String() string { return fmt.Sprintf("MeanOfCopies{%d}", op.z) }

func (op meanOfCopies) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[0] /= op.z
	return y, nil
}

func (op meanOfCopies) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, meanOfForward[float32], meanOfForward[float64])
}

func meanOfForward[T kernel.Float](op meanOfCopies, y []T, in [][]T) {
	kernel.SumAxis(y, in[0], 1, op.z, len(y))
	kernel.Scale(y, y, 1/float64(op.z))
}

func (op meanOfCopies) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("MeanOfCopiesGrad").Apply(copiesGrad(op), dy)}
}

// copiesGrad is z copies of dy/z.
type copiesGrad struct{ z int }

func (op copiesGrad) String() string { return fmt.Sprintf("MeanOfCopiesGrad{%d}", op.z) }

func (op copiesGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dx := in[0].Clone()
	dx[0] *= op.z
	return dx, nil
}

func (op copiesGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, copiesBackward[float32], copiesBackward[float64])
}

func copiesBackward[T kernel.Float](op copiesGrad, dx []T, in [][]T) {
	n := len(in[0])
	kernel.Scale(dx[:n], in[0], 1/float64(op.z))
	for k := 1; k < op.z; k++ {
		kernel.Copy(dx[k*n:][:n], dx[:n])
	}
}
