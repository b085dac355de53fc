package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// softNLL is the cross-entropy of each position, for log-probabilities and a
// target of probabilities t over axis 1:
//
//	loss = -Σ_c w[c] · q[c] · logp[c],   q[c] = (1-smoothing)·t[c] + smoothing/C
type softNLL struct {
	weights   []float64
	smoothing float64
}

func (op softNLL) String() string {
	return fmt.Sprintf("SoftNLL{weights %v, smoothing %v}", op.weights, op.smoothing)
}

func (op softNLL) InferShape(in ...graph.Shape) (graph.Shape, error) { return positions(in[0]), nil }

// A softCall is softNLL, or its gradient, on a shape. q[c] = slope·t[c] + floor.
type softCall struct {
	lines
	weights      []float64
	slope, floor float64
}

func (op softNLL) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	l := linesAlong(in[0].Shape(), 1)
	c := softCall{l, op.weights, 1 - op.smoothing, op.smoothing / float64(l.n)}
	return graph.Run(c, y, in, softForward[float32], softForward[float64])
}

func softForward[T kernel.Float](c softCall, y []T, in [][]T) {
	logp, target := in[0], in[1]
	for p := range y {
		e := c.first(p)
		var loss float64
		for k := range c.n {
			loss -= c.weight(k) * (c.slope*float64(target[e]) + c.floor) * float64(logp[e])
			e += c.inner
		}
		y[p] = T(loss)
	}
}

// first returns where class 0 of a position lies.
func (c softCall) first(p int) int { return p/c.inner*c.n*c.inner + p%c.inner }

func (c softCall) weight(k int) float64 {
	if c.weights == nil {
		return 1
	}
	return c.weights[k]
}

func (op softNLL) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("SoftNLLGrad")
	logp, target := in[0], in[1]
	return []*graph.Node{
		s.Apply(softNLLGrad{op.weights, 1 - op.smoothing, op.smoothing / float64(logp.Dim(1))}, target, dy),
		s.Apply(softNLLGrad{op.weights, 1 - op.smoothing, 0}, logp, dy),
	}
}

// softNLLGrad is the gradient with respect to one factor of the products that
// softNLL sums, for the other factor and dy: -w[c]·(slope·other + floor)·dy.
type softNLLGrad struct {
	weights      []float64
	slope, floor float64
}

func (op softNLLGrad) String() string {
	return fmt.Sprintf("SoftNLLGrad{weights %v, slope %v, floor %v}", op.weights, op.slope, op.floor)
}

func (op softNLLGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op softNLLGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	c := softCall{linesAlong(dx.Shape(), 1), op.weights, op.slope, op.floor}
	return graph.Run(c, dx, in, softBackward[float32], softBackward[float64])
}

func softBackward[T kernel.Float](c softCall, dx []T, in [][]T) {
	other, dy := in[0], in[1]
	for p, d := range dy {
		e := c.first(p)
		for k := range c.n {
			dx[e] = T(-c.weight(k) * (c.slope*float64(other[e]) + c.floor) * float64(d))
			e += c.inner
		}
	}
}
