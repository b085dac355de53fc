package onnximport

import (
	"fmt"
	"slices"

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

// take has the given indices of an axis of v, in their order.
func (r *run) take(v *value, axis int, index []int) *value {
	r.spend(len(index))
	for _, i := range index {
		if i < 0 || i >= v.shape[axis] {
			fail("index %d is outside of axis %d of shape %v", i, axis, v.shape)
		}
	}
	if v.made.how == "concat" && v.made.axis == axis && len(index) > 0 { // of one part alone
		from := 0
		for _, part := range v.made.of {
			n := part.shape[axis]
			if slices.Min(index) >= from && slices.Max(index) < from+n {
				within := slices.Clone(index)
				for i := range within {
					within[i] -= from
				}
				return r.take(part, axis, within)
			}
			from += n
		}
	}
	if v.made.how == "take" && v.made.axis == axis {
		both := make([]int, len(index))
		for i, at := range index {
			both[i] = v.made.axes[at]
		}
		v, index = v.made.of[0], both
	}
	if whole(index, v.shape[axis]) {
		return v
	}
	shape, index := slices.Clone([]int(v.shape)), slices.Clone(index)
	shape[axis] = len(index)
	return r.rearranged(shape, made{how: "take", of: []*value{v}, axes: index, axis: axis}, func() []float64 {
		a, out := v.known(), make([]float64, 0, sizeOf(shape))
		inner := sizeOf(shape[axis+1:])
		for o := range sizeOf(shape[:axis]) {
			for _, i := range index {
				out = append(out, a.data[(o*v.shape[axis]+i)*inner:][:inner]...)
			}
		}
		return out
	}, func() *graph.Node {
		if len(index) == 0 {
			fail("nothing is left of axis %d of shape %v", axis, v.shape)
		}
		return r.s.Apply(take{axis, v.shape[axis], index}, v.node())
	})
}

// whole says whether indices are those of all n, in order.
func whole(index []int, n int) bool {
	if len(index) != n {
		return false
	}
	for i, at := range index {
		if i != at {
			return false
		}
	}
	return true
}

// part is n indices of an axis.
func (r *run) part(v *value, axis, from, n int) *value {
	if from < 0 || n < 0 || from+n > v.shape[axis] {
		fail("it has shape %v, want %d at axis %d", v.shape, from+n, axis)
	}
	r.spend(n)
	index := make([]int, n)
	for i := range index {
		index[i] = from + i
	}
	return r.take(v, axis, index)
}
