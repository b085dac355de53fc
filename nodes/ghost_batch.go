package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// GhostBatch makes a batch norm cut each batch into virtual or ghost batches of n
// samples. Each is normalised by statistics of its own, so that the noise of small
// batches stays when the real ones grow. The running statistics move once for each of
// them, as if they came one after the other, and num_batches_tracked grows by their
// number. PyTorch has no equivalent.
//
// Where n does not divide a batch, the last virtual batch is smaller; one value per
// channel is too few there as anywhere. A batch of at most n samples, and every
// evaluation, is as without the option.
//
// Source: Hoffer, Hubara, Soudry, Train longer, generalize better: closing the
// generalization gap in large batch training of neural networks, NeurIPS 2017,
// https://arxiv.org/abs/1705.08741.
func GhostBatch(n int) BatchNormOption { return ghostBatch(n) }

type ghostBatch int

func (n ghostBatch) batchNorm(op *batchNorm) { op.ghost, op.ghosts = int(n), true }

// ghosts cuts n samples into virtual batches of a size; the last one may be smaller.
type ghosts struct{ n, size int }

func (g ghosts) String() string { return fmt.Sprintf("%d samples by %d", g.n, g.size) }

func (g ghosts) count() int { return (g.n + g.size - 1) / g.size }

// least is the size of the smallest one.
func (g ghosts) least() int {
	if rest := g.n % g.size; rest > 0 {
		return rest
	}
	return g.size
}

// at returns the first sample of one, and how many it has.
func (g ghosts) at(k int) (from, n int) {
	from = k * g.size
	return from, min(g.size, g.n-from)
}

// part returns the elements of a virtual batch. Samples are outermost in either
// order of memory.
func part[T any](x []T, g ghosts, k int) []T {
	from, n := g.at(k)
	size := len(x) / g.n
	return x[from*size : (from+n)*size]
}

// over returns the layout of the virtual batch k, given that of all samples.
func (g ghosts) over(of kernel.Layout, k int) kernel.Layout {
	_, n := g.at(k)
	of.Outer = of.Outer / g.n * n
	return of
}

// norm returns the kernel of the virtual batch k.
func (g ghosts) norm(of normalize, k int) kernel.Norm {
	n := of.kernel()
	n.Of, n.Affine = g.over(n.Of, k), g.over(n.Affine, k)
	return n
}

// statsOf returns the two rows of the virtual batch k, of moments or of sums.
func statsOf[T any](stats []T, channels, k int) []T { return stats[2*channels*k:][:2*channels] }

// ghostMoments is the moments of each virtual batch, (virtual batches, 2, channels).
type ghostMoments struct {
	of    moments
	parts ghosts
}

func (op ghostMoments) String() string { return fmt.Sprintf("Ghost%v{%v}", op.of, op.parts) }

func (op ghostMoments) InferShape(...graph.Shape) (graph.Shape, error) {
	return graph.Shape{op.parts.count(), 2, op.of.of.Groups}, nil
}

func (op ghostMoments) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, ghostMomentsForward[float32], ghostMomentsForward[float64])
}

func ghostMomentsForward[T kernel.Float](op ghostMoments, y []T, in [][]T) {
	for k := range op.parts.count() {
		kernel.Moments(statsOf(y, op.of.of.Groups, k), part(in[0], op.parts, k), op.parts.over(op.of.of, k))
	}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ghostMoments) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	of, ok := columns(op.of.of, in[0])
	if !ok {
		return graph.LastLayout{}
	}
	return graph.LastLayout{Op: ghostMoments{moments{of}, op.parts}, In: []bool{true}, Follow: true}
}

// ghostNormalize normalises each virtual batch by its own moments. Inputs are those
// of a normalize.
type ghostNormalize struct {
	of    normalize
	parts ghosts
}

func (op ghostNormalize) String() string { return fmt.Sprintf("Ghost%v{%v}", op.of, op.parts) }

func (op ghostNormalize) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return op.of.InferShape(in...)
}

func (op ghostNormalize) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, ghostNormalizeForward[float32], ghostNormalizeForward[float64])
}

func ghostNormalizeForward[T kernel.Float](op ghostNormalize, y []T, in [][]T) {
	weight, bias := affineOf(in[2:])
	for k := range op.parts.count() {
		kernel.Normalize(op.parts.norm(op.of, k), part(y, op.parts, k), part(in[0], op.parts, k),
			statsOf(in[1], op.of.of.Groups, k), weight, bias)
	}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op ghostNormalize) ChannelsLast(in ...graph.Shape) graph.LastLayout {
	to := op.of.ChannelsLast(in...)
	if of, ok := to.Op.(normalize); ok {
		to.Op = ghostNormalize{of, op.parts}
	}
	return to
}

// HasGradient implements [graph.PartlyDifferentiable].
func (op ghostNormalize) HasGradient(input int) bool { return op.of.HasGradient(input) }

// Backward implements [graph.Differentiable].
func (op ghostNormalize) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	s := y.Layer("NormalizeGrad")
	given := append([]*graph.Node{in[0], in[1], dy}, in[2:]...)
	sums := s.Apply(ghostSums(op), given...)
	grads := []*graph.Node{s.Apply(ghostGrad(op), append(given, sums)...), nil}
	for i, p := range in[2:] {
		grads = append(grads, s.Apply(ghostTotal{1 - i, op.parts, p.Shape()}, sums))
	}
	return grads
}
