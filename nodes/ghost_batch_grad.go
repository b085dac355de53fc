package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// ghostSums is the gradients of bias and of weight that each virtual batch has,
// (virtual batches, 2, channels), for inputs x, moments, dy and, perhaps, weight and
// bias.
type ghostSums ghostNormalize

func (op ghostSums) String() string { return fmt.Sprintf("GhostSums{%v}", ghostNormalize(op)) }

func (op ghostSums) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[1].Clone(), nil }

func (op ghostSums) Forward(sums *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, sums, in, ghostSumsForward[float32], ghostSumsForward[float64])
}

func ghostSumsForward[T kernel.Float](op ghostSums, sums []T, in [][]T) {
	weight, bias := affineOf(in[3:])
	for k := range op.parts.count() {
		c := op.of.of.Groups
		kernel.NormalizeSums(op.parts.norm(op.of, k), statsOf(sums, c, k), part(in[0], op.parts, k),
			statsOf(in[1], c, k), weight, bias, part(in[2], op.parts, k))
	}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ghostSums) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	of, ok := op.of.last(in[0])
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: ghostSums{of, op.parts}, In: lastXAndDY(in), Follow: true}
}

// lastXAndDY says that x and dy lie channels-last.
func lastXAndDY(in []graph.Shape) []bool {
	at := make([]bool, len(in))
	at[0], at[2] = true, true
	return at
}

// ghostGrad is the gradient of x, for the inputs of ghostSums and then its sums.
type ghostGrad ghostNormalize

func (op ghostGrad) String() string { return fmt.Sprintf("GhostGrad{%v}", ghostNormalize(op)) }

func (op ghostGrad) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op ghostGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, dx, in, ghostBackward[float32], ghostBackward[float64])
}

func ghostBackward[T kernel.Float](op ghostGrad, dx []T, in [][]T) {
	last := len(in) - 1
	weight, bias := affineOf(in[3:last])
	for k := range op.parts.count() {
		c := op.of.of.Groups
		kernel.NormalizeBackward(op.parts.norm(op.of, k), part(dx, op.parts, k), part(in[0], op.parts, k),
			statsOf(in[1], c, k), weight, bias, part(in[2], op.parts, k), statsOf(in[last], c, k))
	}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ghostGrad) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	of, ok := op.of.last(in[0])
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: ghostGrad{of, op.parts}, In: lastXAndDY(in), Out: true, Follow: true}
}

// ghostTotal adds a row of the sums up over the virtual batches.
type ghostTotal struct {
	row   int
	parts ghosts
	to    graph.Shape
}

func (op ghostTotal) String() string {
	return fmt.Sprintf("GhostTotal{row %d, %v, %v}", op.row, op.parts, op.to)
}

func (op ghostTotal) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

func (op ghostTotal) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, ghostTotalForward[float32], ghostTotalForward[float64])
}

func ghostTotalForward[T kernel.Float](op ghostTotal, y []T, in [][]T) {
	clear(y)
	for k := range op.parts.count() {
		for c, v := range statsOf(in[0], len(y), k)[op.row*len(y):][:len(y)] {
			y[c] += v
		}
	}
}
