package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
)

// SpatialDropout1D zeroes each channel of each sample with probability p, at
// all positions together, and scales up the others:
//
//	y[n,c,...] = k[n,c] · x[n,c,...],   k = 0 with probability p, else 1/(1-p)
//
// Shapes: x is (N, C, L); y is as x. A convolution sees neighbouring positions,
// which say nearly the same: [Dropout], which drops them one by one, hides
// little from it.
//
// Modes, p and the random stream are as for [Dropout]; the option is a [Schedule].
// It is PyTorch's Dropout1d and, but for the layout, Keras's SpatialDropout1D.
//
// Source: Tompson, Goroshin, Jain, LeCun, Bregler, Efficient Object Localization
// Using Convolutional Networks, CVPR 2015, https://arxiv.org/abs/1411.4280.
func SpatialDropout1D(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	return spatial(s.Layer("SpatialDropout1D", x), x, p, opts, 3, "(N, C, L)")
}

// SpatialDropout2D is [SpatialDropout1D] for x of shape (N, C, H, W).
func SpatialDropout2D(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	return spatial(s.Layer("SpatialDropout2D", x), x, p, opts, 4, "(N, C, H, W)")
}

// SpatialDropout3D is [SpatialDropout1D] for x of shape (N, C, D, H, W).
func SpatialDropout3D(s *graph.Scope, x *graph.Node, p float64, opts ...Option) *graph.Node {
	return spatial(s.Layer("SpatialDropout3D", x), x, p, opts, 5, "(N, C, D, H, W)")
}

// spatial draws once for a channel of a sample. axes is the number of axes of
// want, the layout of x.
func spatial(s *graph.Scope, x *graph.Node, p float64, opts []Option, axes int, want string) *graph.Node {
	if x.Dims() != axes && s.Err() == nil {
		return s.Errorf("x has shape %v, want %s%s", x.Shape(), want, fitting(x.Dims()))
	}
	return noise{rate: newRate(s, p, opts), shape: along(x, 0, 1)}.on(s, x)
}

// fitting names the node that takes a number of axes.
func fitting(axes int) string {
	switch axes {
	case 2:
		return "; with no positions to share a draw, use Dropout"
	case 3, 4, 5:
		return fmt.Sprintf("; use SpatialDropout%dD", axes-2)
	}
	return ""
}
