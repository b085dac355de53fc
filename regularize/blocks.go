package regularize

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/tensor"
)

// blocks draws factors that are 0 in blocks, and elsewhere what makes their mean 1.
type blocks struct {
	key   philox.Key
	rate  rate
	size  int
	of    *kernel.Blocks
	shape graph.Shape // of the factors
	perP  float64     // γ/p
}

// newBlocks prepares blocks for x, of which each sample is counted by itself if each.
func newBlocks(key philox.Key, r rate, x graph.Shape, size int, couple, each bool) blocks {
	shape := x.Clone()
	if couple {
		shape[1] = 1
	}
	in, box := [3]int{1, 1, 1}, [3]int{1, 1, 1}
	size = min(size, slices.Min(x[2:]))
	perP := 1.0
	for i, d := range x[2:] {
		axis := 3 - len(x[2:]) + i
		in[axis], box[axis] = d, size
		perP *= float64(d) / float64(size*(d-size+1))
	}
	groups, maps := 1, shape[0]*shape[1]
	if each {
		groups, maps = shape[0], shape[1]
	}
	return blocks{key, r, size, kernel.NewBlocks(groups, maps, in, box), shape, perP}
}

func (b blocks) String() string {
	return fmt.Sprintf("%v, size %d, key %08x", b.rate, b.size, b.key)
}

// at returns where blocks begin at a step.
func (b blocks) at(step *tensor.Dense) kernel.Corners { return b.atStep(uint64(step.Ints()[0])) }

func (b blocks) atStep(n uint64) kernel.Corners {
	return kernel.NewCorners(b.key, n, min(1, b.perP*b.rate.at(b.key, n)))
}

// blockDropout draws and applies the factors, and draws them again in the backward
// pass. Its inputs are x and the step.
type blockDropout struct{ blocks }

func (op blockDropout) String() string { return fmt.Sprintf("DropBlock{%v}", op.blocks) }

// ShiftsVariance implements [graph.Noisy].
func (blockDropout) ShiftsVariance() bool { return true }

func (op blockDropout) InferShape(in ...graph.Shape) (graph.Shape, error) { return in[0].Clone(), nil }

func (op blockDropout) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(blocksOfStep{op.of, op.at(in[1])}, y, in, blockDropoutForward[float32], blockDropoutForward[float64])
}

type blocksOfStep struct {
	of *kernel.Blocks
	at kernel.Corners
}

func blockDropoutForward[T kernel.Float](b blocksOfStep, y []T, in [][]T) {
	kernel.BlocksApply(b.of, b.at, y, in[0])
}

// Backward applies the op itself: a diagonal map is its own adjoint.
func (op blockDropout) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("DropBlockGrad").Apply(op, dy, in[1]), nil}
}

// ChannelsLast implements [graph.ChannelsLast].
func (op blockDropout) ChannelsLast(...graph.Shape) graph.LastLayout {
	return follow(blockDropoutLast{op}, true)
}

// blockDropoutLast drops the same elements.
type blockDropoutLast struct{ blockDropout }

func (op blockDropoutLast) String() string { return op.blockDropout.String() + " channels-last" }

func (op blockDropoutLast) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	x := op.shape
	kernel.BlocksApplyLast(op.of, op.at(in[1]), y.Float32s(), in[0].Float32s(), x[0], x[1], x[2:].TotalSize())
	return nil
}

// blockMask is the factors for all channels of a sample together, a node. Its inputs
// are one of the element type, and the step.
type blockMask struct{ blocks }

func (op blockMask) String() string {
	return fmt.Sprintf("BlockMask{%v, shape %v}", op.blocks, op.shape)
}

func (op blockMask) InferShape(...graph.Shape) (graph.Shape, error) { return op.shape.Clone(), nil }

func (op blockMask) Forward(k *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(blocksOfStep{op.of, op.at(in[1])}, k, in, blockMaskForward[float32], blockMaskForward[float64])
}

func blockMaskForward[T kernel.Float](b blocksOfStep, k []T, _ [][]T) {
	kernel.BlocksCells(b.of, b.at, k)
}

// ChannelsLast implements [graph.ChannelsLast]: of the first input only the element
// type counts.
func (op blockMask) ChannelsLast(...graph.Shape) graph.LastLayout { return follow(op, false) }
