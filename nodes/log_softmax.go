package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// LogSoftmax is the logarithm of [Softmax], exact also where that is close to 0:
//
//	y[i] = x[i] - log Σ_j exp(x[j])
//
// Shapes and axis: as there.
func LogSoftmax(x *graph.Node, axis int) *graph.Node {
	return x.Layer("LogSoftmax").Describe("axis=%d", axis).Apply(logSoftmax{axis}, x)
}

type logSoftmax struct{ axis int }

func (op logSoftmax) String() string { return fmt.Sprintf("LogSoftmax{axis %d}", op.axis) }

func (op logSoftmax) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), checkAxis(in[0], op.axis)
}

func (op logSoftmax) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(linesAlong(y.Shape(), op.axis), y, in, logSoftmaxForward[float32], logSoftmaxForward[float64])
}

func logSoftmaxForward[T kernel.Float](l lines, y []T, in [][]T) {
	kernel.LogSoftmax(y, in[0], l.outer, l.n, l.inner)
}

func (op logSoftmax) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("LogSoftmaxGrad").Apply(logSoftmaxGrad(op), y, dy)}
}

type logSoftmaxGrad struct{ axis int }

func (op logSoftmaxGrad) String() string { return fmt.Sprintf("LogSoftmaxGrad{axis %d}", op.axis) }

func (op logSoftmaxGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[0].Clone(), nil
}

func (op logSoftmaxGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(linesAlong(dx.Shape(), op.axis), dx, in, logSoftmaxBackward[float32], logSoftmaxBackward[float64])
}

func logSoftmaxBackward[T kernel.Float](l lines, dx []T, in [][]T) {
	kernel.LogSoftmaxBackward(dx, in[0], in[1], l.outer, l.n, l.inner)
}
