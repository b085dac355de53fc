package onnximport

import (
	"fmt"
	"sort"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// topK are the k largest or smallest elements along an axis, in order, or their indices.
type topK struct {
	axis, k  int
	smallest bool
	indices  bool
}

func (op topK) String() string {
	return fmt.Sprintf("TopK{axis %d, k %d, smallest %v, indices %v}", op.axis, op.k, op.smallest, op.indices)
}

func (op topK) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := in[0].Clone()
	y[op.axis] = op.k
	return y, nil
}

// lines is a topK of tensors of a shape.
type lines struct {
	topK
	outer, n, inner int
}

func (op topK) over(x graph.Shape) lines {
	return lines{op, sizeOf(x[:op.axis]), x[op.axis], sizeOf(x[op.axis+1:])}
}

// top are the indices of the elements of line i of an outer block; of equals the first come
// first.
func top[T graph.Float](l lines, order []int, x []T) []int {
	order = order[:l.n]
	for k := range order {
		order[k] = k
	}
	sort.SliceStable(order, func(a, b int) bool {
		u, v := x[order[a]*l.inner], x[order[b]*l.inner]
		if l.smallest {
			return u < v
		}
		return u > v
	})
	return order[:l.k]
}

func (op topK) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.over(in[0].Shape()), y, in, topKForward[float32], topKForward[float64])
}

func topKForward[T graph.Float](l lines, y []T, in [][]T) {
	order := make([]int, l.n)
	for o := range l.outer {
		for i := range l.inner {
			x := in[0][o*l.n*l.inner+i:]
			for k, at := range top(l, order, x) {
				if y[(o*l.k+k)*l.inner+i] = x[at*l.inner]; l.indices {
					y[(o*l.k+k)*l.inner+i] = T(at)
				}
			}
		}
	}
}

// HasGradient implements [graph.PartlyDifferentiable].
func (op topK) HasGradient(int) bool { return !op.indices }

// Backward implements [graph.Differentiable].
func (op topK) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	if op.indices {
		return []*graph.Node{nil}
	}
	return []*graph.Node{y.Layer("TopKGrad").Apply(topKGrad(op), in[0], dy)}
}

// ONNX implements [onnxgraph.Op].
func (op topK) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	largest := map[bool]int{false: 1}
	out := c.Nodes("TopK", onnxgraph.Attributes{"axis": op.axis, "largest": largest[op.smallest]}, 2, c.In[0], c.Ints(op.k))
	if op.indices {
		return c.Cast(out[1], c.Float)
	}
	return out[0]
}

type topKGrad topK

func (op topKGrad) String() string { return "TopKGrad{" + topK(op).String() + "}" }

func (op topKGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op topKGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(topK(op).over(in[0].Shape()), dx, in, topKBackward[float32], topKBackward[float64])
}

func topKBackward[T graph.Float](l lines, dx []T, in [][]T) {
	clear(dx)
	order := make([]int, l.n)
	for o := range l.outer {
		for i := range l.inner {
			at := o*l.n*l.inner + i
			for k, place := range top(l, order, in[0][at:]) {
				dx[at+place*l.inner] = in[1][(o*l.k+k)*l.inner+i]
			}
		}
	}
}

// topK has the elements and their indices. They are in order, also where sorted is 0.
func (c *call) topK() []*value {
	x := c.x(0)
	k := c.attrInt("k", 0)
	if c.has(1) {
		k = int(c.number(1, 0))
	}
	op := topK{axis: c.axis(c.attrInt("axis", -1), len(x.shape)), k: k, smallest: c.attrInt("largest", 1) == 0}
	if k < 1 || k > x.shape[op.axis] {
		fail("k is %d, want 1 to %d, the size of axis %d", k, x.shape[op.axis], op.axis)
	}
	where := op
	where.indices = true
	return []*value{computed(x.kind, c.s.Apply(op, x.node())), computed(ints, c.s.Apply(where, x.node()))}
}
