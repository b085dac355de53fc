package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// PoolWindows is what a pooling looks at, for an op that pools in a way of its own:
// its input and output are (N, C, ...), and output p of an axis sees the positions
//
//	p·Stride - Pad + i·Dilation,   0 ≤ i < Kernel
//
// that lie inside the input. The spatial axes are the last ones of three; those in
// front are of length 1, with a kernel of 1.
type PoolWindows struct {
	X, Y                          graph.Shape
	In, Out                       [3]int
	Kernel, Stride, Pad, Dilation [3]int
}

// MaxPoolWindows returns the windows of [MaxPool1D] or [MaxPool2D], whichever has as
// many spatial axes as x, or says what is wrong with them.
func MaxPoolWindows(x *graph.Node, k int, opts ...MaxPoolOption) (PoolWindows, error) {
	p, err := maxPooled(x, max(1, min(x.Dims()-2, 2)), k, opts)
	if err != nil {
		return PoolWindows{}, err
	}
	return PoolWindows{
		X: p.x, Y: p.y, In: p.g.In, Out: p.g.Out,
		Kernel: p.g.Kernel, Stride: p.g.Stride, Pad: p.g.Pad, Dilation: p.g.Dilation,
	}, nil
}

// maxPooled returns the geometry of a max pooling over a number of spatial axes.
func maxPooled(x *graph.Node, dims, k int, opts []MaxPoolOption) (pooled, error) {
	p := &pooling{window: window{kernel: []int{k}}}
	for _, opt := range guard.Given(opts) {
		opt.maxPool(p)
	}
	if x.Dims() != dims+2 {
		return pooled{}, errors.Errorf("x has shape %v, want %s", x.Shape(), images[dims])
	}
	return p.over(x.Shape())
}
