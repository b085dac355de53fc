package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// MaxPool2D takes the largest element of every window of k by k. Padding never
// wins; where a window has a NaN, y is NaN. The gradient goes to the largest
// element, to the first of equals in row-major order, and to the last NaN if there is
// one.
//
// Shapes: x is (N, C, H, W); y is (N, C, H', W') with
//
//	H' = (H + 2·pad - dilation·(k-1) - 1) / stride + 1   rounded down;
//
// see [CeilMode]. The padding is at most k/2, and no window may miss x by its
// dilation.
//
// Options: [Stride], by default k; [Pad], [Dilation], [CeilMode], [KernelSize].
func MaxPool2D(x *graph.Node, k int, opts ...MaxPoolOption) *graph.Node {
	return maxPoolOver(x.Layer("MaxPool2D"), x, 2, k, opts)
}

// MaxPool1D is [MaxPool2D] with one spatial axis: x is (N, C, L).
func MaxPool1D(x *graph.Node, k int, opts ...MaxPoolOption) *graph.Node {
	return maxPoolOver(x.Layer("MaxPool1D"), x, 1, k, opts)
}

func maxPoolOver(s *graph.Scope, x *graph.Node, dims, k int, opts []MaxPoolOption) *graph.Node {
	of, err := maxPooled(x, dims, k, opts)
	if err != nil {
		return s.Fail(err)
	}
	s, op := s.Describe("%s", of.text()), maxPool{of}
	if all, in, ok := behindNorm(op, x); ok {
		return s.Apply(all, in...)
	}
	return s.Apply(op, x)
}

type maxPool struct{ pooled }

func (op maxPool) String() string { return fmt.Sprintf("MaxPool{x %v, %+v}", op.x, *op.g) }

func (op maxPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op maxPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.g, y, in, maxPoolForward[float32], maxPoolForward[float64])
}

func maxPoolForward[T kernel.Float](g *kernel.Pool, y []T, in [][]T) {
	kernel.MaxPoolForward(g, y, in[0])
}

func (op maxPool) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("MaxPoolGrad").Apply(maxPoolGrad{op}, in[0], dy)}
}

// maxPoolGrad finds the largest elements again: to keep where they are would
// take more memory than x does.
type maxPoolGrad struct{ of maxPool }

func (op maxPoolGrad) String() string { return "MaxPoolGrad{" + op.of.String() + "}" }

func (op maxPoolGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op maxPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.g, dx, in, maxPoolBackward[float32], maxPoolBackward[float64])
}

// behind declares the gradient through a ReLU with the output y that is pooled. What
// goes to an element goes through if that is positive, and the maximum is what it is:
// so the gradient of the ReLU is taken of the maxima, which are fewer.
func (op maxPoolGrad) behind(s *graph.Scope, y, dy *graph.Node) *graph.Node {
	top := s.Apply(op.of, y) // which there is already
	return s.Apply(op, y, s.Apply(reluGrad{x: top.Gorgonia().ID()}, top, dy))
}

func maxPoolBackward[T kernel.Float](g *kernel.Pool, dx []T, in [][]T) {
	kernel.MaxPoolBackward(g, dx, in[0], in[1])
}
