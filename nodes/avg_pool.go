package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// AvgPool2D takes the mean of every window of k by k. Padding counts as zeros
// unless [CountIncludePad] says otherwise; what lies beyond the padding, in
// [CeilMode], does not count.
//
// Shapes: x is (N, C, H, W); y is (N, C, H', W') with
//
//	H' = (H + 2·pad - k) / stride + 1   rounded down;
//
// see [CeilMode]. The padding is at most k/2.
//
// Options: [Stride], by default k; [Pad], [CeilMode], [CountIncludePad],
// [KernelSize].
func AvgPool2D(x *graph.Node, k int, opts ...AvgPoolOption) *graph.Node {
	return avgPoolOver(x.Layer("AvgPool2D"), x, 2, k, opts)
}

// AvgPool1D is [AvgPool2D] with one spatial axis: x is (N, C, L).
func AvgPool1D(x *graph.Node, k int, opts ...AvgPoolOption) *graph.Node {
	return avgPoolOver(x.Layer("AvgPool1D"), x, 1, k, opts)
}

func avgPoolOver(s *graph.Scope, x *graph.Node, dims, k int, opts []AvgPoolOption) *graph.Node {
	p := &pooling{window: window{kernel: []int{k}}, countPad: true}
	for _, opt := range guard.Given(opts) {
		opt.avgPool(p)
	}
	if x.Dims() != dims+2 {
		return s.Errorf("x has shape %v, want %s", x.Shape(), images[dims])
	}
	of, err := p.over(x.Shape())
	if err != nil {
		return s.Fail(err)
	}
	return s.Describe("%s", of.text()).Apply(avgPool{of}, x)
}

type avgPool struct{ pooled }

func (op avgPool) String() string { return fmt.Sprintf("AvgPool{x %v, %+v}", op.x, *op.g) }

func (op avgPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op avgPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.g, y, in, avgPoolForward[float32], avgPoolForward[float64])
}

func avgPoolForward[T kernel.Float](g *kernel.Pool, y []T, in [][]T) {
	kernel.AvgPoolForward(g, y, in[0])
}

func (op avgPool) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("AvgPoolGrad").Apply(avgPoolGrad{op}, dy)}
}

type avgPoolGrad struct{ of avgPool }

func (op avgPoolGrad) String() string { return "AvgPoolGrad{" + op.of.String() + "}" }

func (op avgPoolGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op avgPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of.g, dx, in, avgPoolBackward[float32], avgPoolBackward[float64])
}

func avgPoolBackward[T kernel.Float](g *kernel.Pool, dx []T, in [][]T) {
	kernel.AvgPoolBackward(g, dx, in[0])
}
