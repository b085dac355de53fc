package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// nllSettings are the attributes of every op of this file.
type nllSettings struct {
	classes     int
	weights     []float64
	smoothing   float64
	ignoreIndex int
}

func (o nllSettings) attributes() string {
	return fmt.Sprintf("{classes %d, weights %v, smoothing %v, ignore %d}", o.classes, o.weights, o.smoothing, o.ignoreIndex)
}

// nllCall is an op of this file on a target that has been checked.
type nllCall struct {
	kernel.NLL
	target []int
}

// call checks the target. Every op does, as a program may run the gradient's
// before the loss's.
func (o nllSettings) call(target *tensor.Dense) (nllCall, error) {
	shape := target.Shape()
	c := nllCall{kernel.NLL{
		Outer: shape[0], Classes: o.classes, Inner: shape[1:].TotalSize(),
		Weights: o.weights, Smoothing: o.smoothing, IgnoreIndex: o.ignoreIndex, Ignore: true,
	}, target.Ints()}
	if i, ok := kernel.NLLCheck(&c.NLL, c.target); !ok {
		return c, o.wrong(shape, i, c.target[i])
	}
	return c, nil
}

// wrong says that element i of a target is no class.
func (o nllSettings) wrong(shape graph.Shape, i, value int) error {
	return wrongTarget(shape, i, value, fmt.Sprintf("0 ≤ target < %d, the number of classes, or %d, which is ignored", o.classes, o.ignoreIndex))
}

// coordinates of element i.
func coordinates(shape graph.Shape, i int) []int {
	at := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		at[k] = i % shape[k]
		i /= shape[k]
	}
	return at
}

// nllLosses is the loss of each position, for log-probabilities and a target.
type nllLosses struct{ nllSettings }

func (op nllLosses) String() string { return "NLLLosses" + op.attributes() }

func (op nllLosses) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[1].Clone(), nil }

func (op nllLosses) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	c, err := op.call(in[1])
	if err != nil {
		return err
	}
	return graph.Run(c, y, in, nllForward[float32], nllForward[float64])
}

func nllForward[T kernel.Float](c nllCall, y []T, in [][]T) {
	kernel.NLLForward(&c.NLL, y, in[0], c.target)
}

func (op nllLosses) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("NLLGrad").Apply(nllGrad(op), dy, in[1]), nil}
}

// nllGrad is the gradient with respect to the log-probabilities, for dy and a
// target.
type nllGrad struct{ nllSettings }

func (op nllGrad) String() string { return "NLLGrad" + op.attributes() }

func (op nllGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return append(graph.Shape{in[1][0], op.classes}, in[1][1:]...), nil
}

func (op nllGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	c, err := op.call(in[1])
	if err != nil {
		return err
	}
	return graph.Run(c, dx, in, nllBackward[float32], nllBackward[float64])
}

func nllBackward[T kernel.Float](c nllCall, dx []T, in [][]T) {
	kernel.NLLBackward(&c.NLL, dx, in[0], c.target)
}

// nllMean is the sum of the losses over the sum of the weights of the targets,
// for losses and a target.
type nllMean struct{ nllSettings }

func (op nllMean) String() string { return "NLLMean" + op.attributes() }

func (op nllMean) InferShape(...graph.Shape) (graph.Shape, error) { return graph.Shape{}, nil }

func (op nllMean) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	c, err := op.call(in[1])
	if err != nil {
		return err
	}
	return graph.Run(c, y, in, nllMeanForward[float32], nllMeanForward[float64])
}

func nllMeanForward[T kernel.Float](c nllCall, y []T, in [][]T) {
	y[0] = kernel.Sum(in[0]) / T(kernel.NLLWeight(&c.NLL, c.target))
}

func (op nllMean) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("NLLMeanGrad").Apply(nllMeanGrad(op), dy, in[1]), nil}
}

// nllMeanGrad is the gradient of nllMean, for dy and a target.
type nllMeanGrad struct{ nllSettings }

func (op nllMeanGrad) String() string { return "NLLMeanGrad" + op.attributes() }

func (op nllMeanGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[1].Clone(), nil }

func (op nllMeanGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	c, err := op.call(in[1])
	if err != nil {
		return err
	}
	return graph.Run(c, dx, in, nllMeanBackward[float32], nllMeanBackward[float64])
}

func nllMeanBackward[T kernel.Float](c nllCall, dx []T, in [][]T) {
	fill(dx, in[0][0]/T(kernel.NLLWeight(&c.NLL, c.target)))
}
