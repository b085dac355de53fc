package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Transpose reorders the axes of x: axis i of y is axis axes[i] of x, as in
// NumPy's transpose and PyTorch's permute. axes names each axis of x once;
// negative ones count from the end.
//
// Transpose(x, 0, 2, 3, 1) makes (N, H, W, C) of (N, C, H, W).
func Transpose(x *graph.Node, axes ...int) *graph.Node {
	s := x.Layer("Transpose")
	from, err := permutation(axes, x.Dims())
	if err != nil {
		return s.Fail(err)
	}
	return s.Apply(transpose{from}, x)
}

// permutation checks axes and counts all of them from the start.
func permutation(axes []int, dims int) ([]int, error) {
	out := make([]int, 0, dims)
	seen := make([]bool, dims)
	for _, axis := range axes {
		if axis < 0 {
			axis += dims
		}
		if axis < 0 || axis >= dims || seen[axis] {
			break
		}
		seen[axis] = true
		out = append(out, axis)
	}
	if len(out) != dims || len(axes) != dims {
		return nil, errors.Errorf("axes are %v, want each of the %d axes of x once", axes, dims)
	}
	return out, nil
}

type transpose struct{ axes []int }

func (op transpose) String() string { return fmt.Sprintf("Transpose{%v}", op.axes) }

func (op transpose) InferShape(in ...graph.Shape) (graph.Shape, error) {
	y := make(graph.Shape, len(op.axes))
	for i, axis := range op.axes {
		y[i] = in[0][axis]
	}
	return y, nil
}

func (op transpose) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(permuted{in[0].Shape(), op.axes}, y, in, transposeForward[float32], transposeForward[float64])
}

type permuted struct{ x, axes []int }

func transposeForward[T kernel.Float](p permuted, y []T, in [][]T) {
	kernel.Permute(y, in[0], p.x, p.axes)
}

// Backward applies the inverse permutation.
func (op transpose) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	inverse := make([]int, len(op.axes))
	for i, axis := range op.axes {
		inverse[axis] = i
	}
	return []*graph.Node{y.Layer("Transpose").Apply(transpose{inverse}, dy)}
}
