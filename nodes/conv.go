package nodes

import (
	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/kernel"
)

// Conv2D slides out kernels of k by k weights over x:
//
//	y[n,o,p,q] = bias[o] + Σ_c,i,j weight[o,c,i,j] · x[n, c₀+c, p·stride-pad+i·dilation, q·stride-pad+j·dilation]
//
// where x is 0 outside, c runs over the in/groups channels of o's group, and c₀
// is the first of them. The kernel isn't flipped.
//
// Shapes: x is (N, in, H, W); y is (N, out, H', W') with
//
//	H' = (H + 2·pad - dilation·(k-1) - 1) / stride + 1   rounded down;
//
// weight is (out, in/groups, k, k) and bias (out).
//
// Options: [Stride], [Pad], [Same], [Dilation], [Groups], [KernelSize],
// [NoBias], [WeightInit], [BiasInit], [Parametrize],
// [SharedWeight].
func Conv2D(s *graph.Scope, x *graph.Node, out, k int, opts ...ConvOption) *graph.Node {
	return convolve(s.Layer("Conv2D", x), x, 2, out, k, opts)
}

// Conv1D is [Conv2D] with one spatial axis: x is (N, in, L).
func Conv1D(s *graph.Scope, x *graph.Node, out, k int, opts ...ConvOption) *graph.Node {
	return convolve(s.Layer("Conv1D", x), x, 1, out, k, opts)
}

// Conv3D is [Conv2D] with three spatial axes: x is (N, in, D, H, W).
func Conv3D(s *graph.Scope, x *graph.Node, out, k int, opts ...ConvOption) *graph.Node {
	return convolve(s.Layer("Conv3D", x), x, 3, out, k, opts)
}

func convolve(s *graph.Scope, x *graph.Node, dims, out, k int, opts []ConvOption) *graph.Node {
	c := newConvolution(k, opts)
	if x.Dims() != dims+2 {
		return s.Errorf("x has shape %v, want %s", x.Shape(), images[dims])
	}
	op, err := c.op(x.Shape(), out)
	if err != nil {
		return s.Fail(err)
	}
	op.winograd = s.Winograd()
	return c.apply(s.Describe("%s", op.text()), op, x, op.w, out)
}

func newConvolution(k int, opts []ConvOption) *convolution {
	c := &convolution{window: window{kernel: []int{k}}, affine: defaultAffine(), groups: 1}
	for _, opt := range guard.Given(opts) {
		opt.conv(c)
	}
	return c
}

func (c *convolution) op(x graph.Shape, out int) (conv, error) {
	g, err := c.over(x)
	if err != nil {
		return conv{}, err
	}
	if err := checkChannels(x[1], out, c.groups); err != nil {
		return conv{}, err
	}
	high := g.pad
	if c.same {
		if c.pad != nil {
			return conv{}, errors.Errorf("both Same and Pad%v are given, want one of them", c.pad)
		}
		if g.stride != (extents{1, 1, 1}) {
			return conv{}, errors.Errorf("Same with Stride%v, want a stride of 1", c.stride)
		}
		for axis := range high {
			total := g.span(axis) - 1
			g.pad[axis] = total / 2
			high[axis] = total - total/2
		}
	}
	to, err := g.out(high, false)
	if err != nil {
		return conv{}, err
	}
	return conv{
		g: &kernel.Conv{
			N: x[0], C: x[1], OC: out, Groups: c.groups,
			In: g.in, Kernel: g.kernel, Out: to, Stride: g.stride, Pad: g.pad, Dilation: g.dilation,
		},
		x: x.Clone(), w: g.shape(out, x[1]/c.groups, g.kernel), y: g.shape(x[0], out, to),
	}, nil
}

func checkChannels(in, out, groups int) error {
	switch {
	case out < 1:
		return errors.Errorf("out is %d, want at least 1", out)
	case groups < 1 || in%groups != 0 || out%groups != 0:
		return errors.Errorf("Groups is %d, want a divisor of both the %d channels of x and the %d of the output", groups, in, out)
	}
	return nil
}
