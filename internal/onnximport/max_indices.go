package onnximport

import (
	"fmt"
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// maxIndices are where a max pooling finds its elements, as numbers of elements of the whole
// input: row-major, or with byColumn column-major within a map.
type maxIndices struct {
	w        windows
	to       []int // the spatial axes of the output
	byColumn bool
}

func (op maxIndices) String() string { return fmt.Sprintf("MaxPoolIndices{%v}", op.w) }

func (op maxIndices) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return append(in[0][:2].Clone(), op.to...), nil
}

// HasGradient implements [graph.PartlyDifferentiable].
func (maxIndices) HasGradient(int) bool { return false }

// Backward implements [graph.Differentiable].
func (maxIndices) Backward([]*graph.Node, *graph.Node, *graph.Node) []*graph.Node {
	return []*graph.Node{nil}
}

func (op maxIndices) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, maxIndicesForward[float32], maxIndicesForward[float64])
}

func maxIndicesForward[T graph.Float](op maxIndices, y []T, in [][]T) {
	size, out := sizeOf(op.w.in), sizeOf(op.to)
	for m := range len(y) / out { // a map
		for i := range out {
			y[m*out+i] = T(m*size + op.place(maxOf(op, in[0][m*size:][:size], i)))
		}
	}
}

// maxOf returns the number within a map of the first of the largest elements of window i.
func maxOf[T graph.Float](op maxIndices, x []T, i int) int {
	best, most := 0, math.Inf(-1)
	for k := range sizeOf(op.w.kernel) {
		at, ok := op.at(i, k)
		if v := float64(x[max(at, 0)]); ok && (v > most || math.IsInf(most, -1) && v == most) {
			best, most = at, v
		}
	}
	return best
}

// at is the number of element k of window i within a map, unless it is padding.
func (op maxIndices) at(i, k int) (at int, ok bool) {
	step := 1
	for axis := len(op.to) - 1; axis >= 0; axis-- {
		p := i%op.to[axis]*op.w.stride[axis] + k%op.w.kernel[axis]*op.w.dilation[axis] - op.w.low[axis]
		if p < 0 || p >= op.w.in[axis] {
			return 0, false
		}
		at += p * step
		step *= op.w.in[axis]
		i, k = i/op.to[axis], k/op.w.kernel[axis]
	}
	return at, true
}

// place is the number of an element in the order that is asked for.
func (op maxIndices) place(at int) int {
	if !op.byColumn {
		return at
	}
	place := 0
	for axis := len(op.w.in) - 1; axis >= 0; axis-- {
		place = place*op.w.in[axis] + at%op.w.in[axis]
		at /= op.w.in[axis]
	}
	return place
}

// ONNX implements [onnxgraph.Op].
func (op maxIndices) ONNX(c *onnxgraph.Call) onnxgraph.Value {
	number := map[bool]int{true: 1}
	return c.Cast(c.Nodes("MaxPool", onnxgraph.Attributes{
		"kernel_shape": op.w.kernel, "strides": op.w.stride, "dilations": op.w.dilation,
		"pads": slices.Concat(op.w.low, op.w.high), "ceil_mode": number[op.w.ceil], "storage_order": number[op.byColumn],
	}, 2, c.In[0])[1], c.Float)
}

// indices is the second output of a max pooling whose first one is y.
func (c *call) indices(x *value, w windows, y *value) *value {
	if len(c.n.Output) < 2 || !c.reads(c.n.Output[1]) {
		return nil
	}
	return computed(ints, c.s.Apply(maxIndices{w, slices.Clone([]int(y.shape[2:])), c.attrInt("storage_order", 0) == 1}, x.node()))
}
