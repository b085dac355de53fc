package onnximport

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// take is indices of an axis of n, in their order: a slice, a part, rows by number, what
// is broadcast. Its gradient adds up what goes to an index.
type take struct {
	axis, n int
	index   []int
}

func (op take) String() string {
	return fmt.Sprintf("Take{axis %d of %d, %v}", op.axis, op.n, op.index)
}

func (op take) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] = len(op.index)
	return y, nil
}

func (op take) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(rows{op, y.Shape()}, y, in, takeForward[float32], takeForward[float64])
}

// rows is a take of tensors of a shape, that of what was taken.
type rows struct {
	take
	shape graph.Shape
}

func (r rows) outer() int { return sizeOf(r.shape[:r.axis]) }
func (r rows) inner() int { return sizeOf(r.shape[r.axis+1:]) }

func takeForward[T graph.Float](r rows, y []T, in [][]T) {
	inner := r.inner()
	for o := range r.outer() {
		for _, i := range r.index {
			copy(y[:inner], in[0][(o*r.n+i)*inner:])
			y = y[inner:]
		}
	}
}

func (op take) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("TakeGrad").Apply(takeGrad(op), dy)}
}

// ONNX implements [onnxgraph.Op].
func (op take) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	if c.Out[op.axis].Batch != 0 || c.In[0].Dims[op.axis].Batch != 0 {
		return c.Errorf("rows along the batch have no form in ONNX")
	}
	return c.Node("Gather", onnxgraph.Attributes{"axis": op.axis}, c.In[0], c.Ints(op.index...))
}

type takeGrad take

func (op takeGrad) String() string { return "TakeGrad{" + take(op).String() + "}" }

func (op takeGrad) InferShape(in ...graph.Shape) (graph.Shape, error) {
	dx := in[0].Clone()
	dx[op.axis] = op.n
	return dx, nil
}

func (op takeGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(rows{take(op), in[0].Shape()}, dx, in, takeBackward[float32], takeBackward[float64])
}

func takeBackward[T graph.Float](r rows, dx []T, in [][]T) {
	clear(dx)
	inner, dy := r.inner(), in[0]
	for o := range r.outer() {
		for _, i := range r.index {
			to := dx[(o*r.n+i)*inner:][:inner]
			for k, v := range dy[:inner] {
				to[k] += v
			}
			dy = dy[inner:]
		}
	}
}
