package nodes

import (
	"fmt"
	"math"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// RankPool2D takes a weighted sum of every window of k by k, whose weights go by the
// order of its elements:
//
//	y = Σ_r weights[r] · x₍ᵣ₎,   x₍₀₎ ≥ x₍₁₎ ≥ ... the elements of the window
//
// Of equals, the first in row-major order comes first. {1} is max pooling, equal
// weights are an average, and {0, 0, 0, 0, 1} is the median of 3 by 3. With fewer
// weights than elements the smallest have none, and padding takes no part: a window
// of fewer elements has no use for the last weights. NaN counts as largest. The
// gradient goes to each element by its weight, of several NaN by the same order: with
// {1} it goes to the first, where that of max pooling goes to the last.
//
// Shapes and options are those of [MaxPool2D]. There is at least one weight; more than
// a window has elements are an error. PyTorch has no equivalent.
//
// Source: Shi, Ye, Wu, Rank-based pooling for deep convolutional neural networks,
// Neural Networks 83, 2016, https://doi.org/10.1016/j.neunet.2016.07.003.
func RankPool2D(x *graph.Node, k int, weights []float64, opts ...MaxPoolOption) *graph.Node {
	return rankPoolOver(x.Layer("RankPool2D"), x, 2, k, weights, opts)
}

// RankPool1D is [RankPool2D] with one spatial axis: x is (N, C, L).
func RankPool1D(x *graph.Node, k int, weights []float64, opts ...MaxPoolOption) *graph.Node {
	return rankPoolOver(x.Layer("RankPool1D"), x, 1, k, weights, opts)
}

func rankPoolOver(s *graph.Scope, x *graph.Node, dims, k int, weights []float64, opts []MaxPoolOption) *graph.Node {
	of, err := maxPooled(x, dims, k, opts)
	if err != nil {
		return s.Fail(err)
	}
	most := of.g.Kernel[0] * of.g.Kernel[1] * of.g.Kernel[2]
	if len(weights) == 0 || len(weights) > most {
		return s.Errorf("there are %d weights, want at least 1 and at most %d for a kernel of so many elements", len(weights), most)
	}
	for r, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return s.Errorf("weight %d is %v, want a finite one", r, w)
		}
	}
	return s.Describe("%s", of.text()).Apply(rankPool{of, slices.Clone(weights), of.g.Windows(1)}, x)
}

type rankPool struct {
	pooled
	weights []float64
	windows *kernel.Windows // of one channel
}

func (op rankPool) String() string {
	return fmt.Sprintf("RankPool{x %v, %+v, weights %v}", op.x, *op.g, op.weights)
}

func (op rankPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op rankPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, rankPoolForward[float32], rankPoolForward[float64])
}

func rankPoolForward[T kernel.Float](op rankPool, y []T, in [][]T) {
	kernel.RankPool(op.windows, op.weights, y, in[0])
}

func (op rankPool) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("RankPoolGrad").Apply(rankPoolGrad{op}, in[0], dy)}
}

// rankPoolGrad puts the elements in order again.
type rankPoolGrad struct{ of rankPool }

func (op rankPoolGrad) String() string { return "RankPoolGrad{" + op.of.String() + "}" }

func (op rankPoolGrad) InferShape(...graph.Shape) (graph.Shape, error) { return op.of.x.Clone(), nil }

func (op rankPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, dx, in, rankPoolBackward[float32], rankPoolBackward[float64])
}

func rankPoolBackward[T kernel.Float](op rankPool, dx []T, in [][]T) {
	kernel.RankPoolGrad(op.windows, op.weights, dx, in[0], in[1])
}

// ChannelsLast implements [graph.ChannelsLast].
func (op rankPool) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.g.Windows(op.x[1]), func(w *kernel.Windows, y []float32, in [][]float32) {
		kernel.RankPool(w, op.weights, y, in[0])
	}}, len(in))
}

// ChannelsLast implements [graph.ChannelsLast].
func (op rankPoolGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	return lastLayoutOf(poolLast{op, op.of.g.Windows(op.of.x[1]), func(w *kernel.Windows, dx []float32, in [][]float32) {
		kernel.RankPoolGrad(w, op.of.weights, dx, in[0], in[1])
	}}, len(in))
}
