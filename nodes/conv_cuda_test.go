package nodes

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Geometries of convolutions: tails of tiles, several tiles, strides with phases that no tap
// sees, dilations, groups, padding on one side and cropping, one to three axes.
var cudaConvs = []kernel.Conv{
	{N: 1, C: 1, OC: 1, Groups: 1, In: extents{1, 1, 1}, Kernel: extents{1, 1, 1}, Out: extents{1, 1, 1}},
	{N: 2, C: 3, OC: 5, Groups: 1, In: extents{1, 7, 9}, Kernel: extents{1, 3, 3}, Out: extents{1, 7, 9}, Pad: extents{0, 1, 1}},
	{N: 3, C: 8, OC: 33, Groups: 1, In: extents{1, 9, 9}, Kernel: extents{1, 3, 3}, Out: extents{1, 5, 5}, Pad: extents{0, 1, 1}, Stride: extents{1, 2, 2}},
	{N: 2, C: 16, OC: 70, Groups: 1, In: extents{1, 8, 8}, Kernel: extents{1, 3, 2}, Out: extents{1, 3, 4}, Pad: extents{0, 1, 0}, Stride: extents{1, 3, 2}},
	{N: 2, C: 70, OC: 9, Groups: 1, In: extents{1, 6, 6}, Kernel: extents{1, 1, 1}, Out: extents{1, 3, 3}, Stride: extents{1, 2, 2}},
	{N: 2, C: 8, OC: 24, Groups: 2, In: extents{1, 10, 7}, Kernel: extents{1, 3, 3}, Out: extents{1, 4, 3}, Dilation: extents{1, 2, 3}, Pad: extents{0, 1, 1}, Stride: extents{1, 2, 2}},
	{N: 2, C: 12, OC: 12, Groups: 12, In: extents{1, 9, 9}, Kernel: extents{1, 3, 3}, Out: extents{1, 5, 5}, Pad: extents{0, 1, 1}, Stride: extents{1, 2, 2}},
	{N: 2, C: 3, OC: 6, Groups: 3, In: extents{1, 1, 50}, Kernel: extents{1, 1, 5}, Out: extents{1, 1, 46}},
	{N: 1, C: 9, OC: 10, Groups: 1, In: extents{4, 5, 6}, Kernel: extents{2, 3, 2}, Out: extents{3, 3, 4}, Pad: extents{1, 0, 1}, Stride: extents{2, 1, 2}},
	{N: 2, C: 9, OC: 9, Groups: 1, In: extents{1, 8, 8}, Kernel: extents{1, 3, 3}, Out: extents{1, 4, 4}, Pad: extents{0, -1, -1}},
	{N: 4, C: 10, OC: 40, Groups: 1, In: extents{1, 16, 16}, Kernel: extents{1, 3, 3}, Out: extents{1, 16, 16}, Pad: extents{0, 1, 1}},
	{N: 20, C: 2, OC: 4, Groups: 1, In: extents{1, 20, 20}, Kernel: extents{1, 5, 5}, Out: extents{1, 16, 16}},
}

func TestConvOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	for _, g := range cudaConvs {
		for axis := range 3 {
			g.Stride[axis], g.Dilation[axis] = max(1, g.Stride[axis]), max(1, g.Dilation[axis])
		}
		op := conv{
			g: &g, x: graph.Shape{g.N, g.C, g.In[0], g.In[1], g.In[2]}, y: graph.Shape{g.N, g.OC, g.Out[0], g.Out[1], g.Out[2]},
			w: graph.Shape{g.OC, g.C / g.Groups, g.Kernel[0], g.Kernel[1], g.Kernel[2]},
		}
		x, w, b, dy := randomOf(r, 0, 1, op.x...), randomOf(r, 0, 1, op.w...), randomOf(r, 0, 1, g.OC), randomOf(r, 0, 1, op.y...)
		onBoth(t, op, 1e-5, x, w)
		onBoth(t, op, 1e-5, x, w, b)
		with := op
		with.relu = true
		onBoth(t, with, 1e-5, x, w, b)
		onBoth(t, with, 1e-5, x, w)
		onBoth(t, convGradX{op}, 1e-5, dy, w)
		onBoth(t, convGradW{op}, 1e-5, x, dy)
		onBoth(t, convTranspose{of: with}, 1e-5, dy, w, randomOf(r, 0, 1, g.C))
		onBoth(t, convTranspose{of: op}, 1e-5, dy, w, randomOf(r, 0, 1, g.C))
	}
}

// So many channels and points that the largest tiles are used.
func TestLargeConvOnCUDA(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 1))
	g := kernel.Conv{N: 1, C: 2, OC: 130, Groups: 1, In: extents{1, 162, 141}, Kernel: extents{1, 1, 2}, Out: extents{1, 162, 140}, Stride: extents{1, 1, 1}, Dilation: extents{1, 1, 1}}
	op := conv{g: &g, x: graph.Shape{1, 2, 162, 141}, w: graph.Shape{130, 2, 1, 2}, y: graph.Shape{1, 130, 162, 140}}
	onBoth(t, op, 1e-5, randomOf(r, 0, 1, op.x...), randomOf(r, 0, 1, op.w...), randomOf(r, 0, 1, 130))
	g = kernel.Conv{N: 1, C: 600, OC: 1040, Groups: 1, In: extents{1, 2, 3}, Kernel: extents{1, 3, 3}, Out: extents{1, 2, 3}, Pad: extents{0, 1, 1}, Stride: extents{1, 1, 1}, Dilation: extents{1, 1, 1}}
	op = conv{g: &g, x: graph.Shape{1, 600, 2, 3}, w: graph.Shape{1040, 600, 3, 3}, y: graph.Shape{1, 1040, 2, 3}}
	onBoth(t, convGradW{op}, 1e-5, randomOf(r, 0, 1, op.x...), randomOf(r, 0, 1, op.y...))
}
