package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// ghostOps returns the ops of a norm over virtual batches of 3, 3 and 1 samples, with
// inputs.
func ghostOps(t *testing.T, shape graph.Shape) (ops []graph.Op, in [][]*tensor.Dense) {
	r := rand.New(rand.NewPCG(7, 8))
	x := normal(r, shape)
	op, of, dy := normalization(r, x)
	parts := ghosts{shape[0], 3}
	stats := forward(t, ghostMoments{moments{op.of}, parts}, x)
	affine := of[2:]
	given := append([]*tensor.Dense{x, stats, dy}, affine...)
	sums := forward(t, ghostSums{op, parts}, given...)
	count := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int64{7}))
	step := tensor.New(tensor.WithShape(1), tensor.WithBacking([]int{14}))
	return []graph.Op{
			ghostMoments{moments{op.of}, parts}, ghostNormalize{op, parts}, ghostSums{op, parts}, ghostGrad{op, parts},
			ghostTotal{1, parts, affine[0].Shape()}, track{parts: parts, values: op.of.Inner, momentum: 0.1},
			accumulate{parts, op.of},
		}, [][]*tensor.Dense{
			{x}, append([]*tensor.Dense{x, stats}, affine...), given, append(given, sums),
			{sums}, {affine[0], stats, count},
			{forward(t, stack{}, affine...), stats, step},
		}
}

func TestGhostBatchChannelsLast(t *testing.T) {
	for _, shape := range []graph.Shape{{7, 5, 4, 3}, {7, 3, 6}, {7, 2, 2, 2, 3}} {
		ops, in := ghostOps(t, shape)
		for i, op := range ops {
			if last, ok := op.(graph.ChannelsLast); ok {
				sameNumbers(t, op.String(), forwardLast(t, last, false, in[i]...), forward(t, op, in[i]...))
			}
		}
	}
}

func TestGhostBatchAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	ops, in := ghostOps(t, graph.Shape{7, 5, 8, 9})
	for i, op := range ops {
		y := forward(t, op, in[i]...)
		if n := testing.AllocsPerRun(20, func() {
			if err := op.Forward(y, in[i]...); err != nil {
				t.Fatal(err)
			}
		}); n >= 1 {
			t.Errorf("%v: %v allocations, want 0", op, n)
		}
	}
}
