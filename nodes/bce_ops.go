package nodes

import (
	"math"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// bceOp is the binary cross-entropy of each element, for logits and a target.
// Its weights repeat along the elements; nil is all 1.
type bceOp struct {
	attributes   string
	weights, pos []float64
}

func (op bceOp) String() string { return "BCEWithLogits" + op.attributes }

func (op bceOp) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op bceOp) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, bceForward[float32], bceForward[float64])
}

func bceForward[T kernel.Float](op bceOp, y []T, in [][]T) {
	kernel.BCEWithLogits(y, in[0], in[1], op.pos)
	weigh(y, op.weights)
}

// weigh multiplies by weights that repeat along y.
func weigh[T kernel.Float](y []T, weights []float64) {
	if weights == nil {
		return
	}
	for i := range y {
		y[i] *= T(weights[i%len(weights)])
	}
}

func (op bceOp) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("BCEWithLogitsGrad")
	return []*graph.Node{
		s.Apply(bceGrad(op), in[0], in[1], dy),
		s.Apply(bceTargetGrad(op), in[0], dy),
	}
}

// bceGrad is the gradient with respect to the logits, for logits, target and dy.
type bceGrad bceOp

func (op bceGrad) String() string { return "BCEWithLogitsGrad" + op.attributes }

func (op bceGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op bceGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, bceBackward[float32], bceBackward[float64])
}

func bceBackward[T kernel.Float](op bceGrad, dx []T, in [][]T) {
	kernel.BCEWithLogitsGrad(dx, in[0], in[1], in[2], op.pos)
	weigh(dx, op.weights)
}

// bceTargetGrad is the gradient with respect to the target, for logits and dy:
// w·(-log sigmoid(x)) + log sigmoid(-x), which is (w-1)·softplus(-x) - x.
type bceTargetGrad bceOp

func (op bceTargetGrad) String() string { return "BCEWithLogitsTargetGrad" + op.attributes }

func (op bceTargetGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op bceTargetGrad) Forward(dt *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dt, in, bceTargetBackward[float32], bceTargetBackward[float64])
}

func bceTargetBackward[T kernel.Float](op bceTargetGrad, dt []T, in [][]T) {
	for i, v := range in[0] {
		x := float64(v)
		d := -x
		if op.pos != nil {
			softplus := math.Max(-x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
			d += (op.pos[i%len(op.pos)] - 1) * softplus
		}
		dt[i] = T(d * float64(in[1][i]))
	}
	weigh(dt, op.weights)
}
