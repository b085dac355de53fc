package regularize

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"github.com/thinnet/thinnet/nodes"
)

// DropFilterR is a convolution that drops other elements of its kernels at each position
// of each sample, with the activation that follows it: as the kernel moves over x, it is
// not the same kernel any more, which relaxes the sharing of weights.
//
//	u[n,o,p] = Σ_c,i k[n,p,o,c,i] · weight[o,c,i] · x[n,c,p+i] + k'[n,p,o] · bias[o]
//	y = a(u)
//
// where p and i run over both spatial axes. It is [DropConnectLinear] on the columns of
// [nodes.Unfold], each of which is a sample there.
//
// Shapes and parameters are those of [nodes.Conv2D] without groups. p, modes, evaluation,
// [GaussianMean] and [GaussianReLU] and the other options are as for
// [DropConnectConv2D], but for the random stream, which is that of s for the bias too.
//
// Masks are not kept, and the columns are: k·k times x. Each pass draws anew, a number
// for each product of the convolution in the forward pass and two in the backward pass.
// For a batch of 8 with 16 maps of 16 by 16, and kernels of 3 by 3 to 16 maps, a step takes
// 80 times the processor time of that of a Conv2D.
//
// Source: Pan, Niu, Li, Shen, Dou, DropFilterR: A Novel Regularization Method for
// Learning Convolutional Neural Networks, Neural Processing Letters, 2019,
// https://doi.org/10.1007/s11063-019-10147-0. Its way to compute faster is not here.
// For random rates see [RandomRate].
func DropFilterR(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...DropConnectConvOption) *graph.Node {
	c := newDropConnect(p)
	for _, opt := range guard.Given(opts) {
		opt.dropConnectConv(&c)
	}
	return c.layer(s.Layer("DropFilterR", x), x, x.Dims()-1, func(s *graph.Scope) *graph.Node {
		u := nodes.Conv2D(s, x, out, k, c.conv...)
		if s.Err() != nil {
			return u
		}
		if _, in := u.Made(); in[1].Dim(1) != x.Dim(1) {
			return s.Errorf("Groups is %d, want 1", x.Dim(1)/in[1].Dim(1))
		}
		return u
	}, func(s *graph.Scope, key philox.Key, u *graph.Node) *graph.Node {
		_, in := u.Made()
		in[0] = nodes.Transpose(nodes.Unfold(x, k, c.conv...), 0, 2, 1)
		in[1] = nodes.Reshape(in[1], out, -1)
		rows := s.Apply(dropConnect{bernoulli{key, c.rate, c.scale}}, append(in, s.Step())...)
		return nodes.Reshape(nodes.Transpose(rows, 0, 2, 1), u.Shape()...)
	})
}
