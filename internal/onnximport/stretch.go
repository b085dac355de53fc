package onnximport

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// stretch repeats the one element of an axis n times. Its gradient adds them up.
type stretch struct{ axis, n int }

func (op stretch) String() string { return fmt.Sprintf("Stretch{axis %d to %d}", op.axis, op.n) }

func (op stretch) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] = op.n
	return y, nil
}

func (op stretch) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(rows{take{axis: op.axis, n: op.n}, y.Shape()}, y, in, stretchForward[float32], stretchForward[float64])
}

func stretchForward[T graph.Float](r rows, y []T, in [][]T) {
	inner := r.inner()
	for o := range r.outer() {
		for range r.n {
			copy(y[:inner], in[0][o*inner:])
			y = y[inner:]
		}
	}
}

func (op stretch) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("StretchGrad").Apply(fold{"ReduceSum", op.axis}, dy)}
}

// ONNX implements [onnxgraph.Op].
func (op stretch) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	return c.Do("Expand", c.In[0], c.Shape(c.Out...))
}

// stretch is v with the one element of an axis n times. As a node it is made of v, so that
// n may be the size of the batch.
func (r *run) stretch(v *value, axis, n int) *value {
	r.spend(n)
	shape := slices.Clone([]int(v.shape))
	shape[axis] = n
	y := &value{kind: v.kind, shape: shape, learn: v.learn, made: made{how: "stretch", of: []*value{v}}}
	y.node = once(func() *graph.Node {
		if sizeOf(shape) == 0 {
			fail("nothing is left of axis %d of shape %v", axis, v.shape)
		}
		if v.known != nil {
			r.spend(sizeOf(shape))
		}
		return r.s.Apply(stretch{axis, n}, v.node())
	})
	if v.known != nil {
		y.known = once(func() *array {
			r.spend(sizeOf(shape))
			a := &array{v.kind, shape, make([]float64, sizeOf(shape))}
			for i := range a.data {
				a.data[i] = v.known().data[source(i, shape, v.shape)]
			}
			return a
		})
	}
	return y
}

// short is what v was stretched from. What is done to each element is done to that, so that
// constants don't grow with the batch.
func (v *value) short() *value {
	for v.made.how == "stretch" {
		v = v.made.of[0]
	}
	return v
}

// expand broadcasts v.
func (r *run) expand(v *value, shape []int) *value {
	if missing := len(shape) - len(v.shape); missing > 0 {
		v = r.reshape(v, append(ones(missing), v.shape...)...)
	}
	for axis, n := range shape {
		if v.shape[axis] == 1 && n != 1 {
			v = r.stretch(v, axis, n)
		}
	}
	return v
}

// filled is a constant of one number.
func (r *run) filled(k kind, v float64, shape ...int) *value {
	return r.expand(r.constant(&array{k, ones(len(shape)), []float64{v}}), shape)
}
