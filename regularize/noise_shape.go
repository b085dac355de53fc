package regularize

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
)

// NoiseShape makes elements share a draw: dims has one number for each axis of
// the input, 1 where the axis shares, and 0 or -1 where it is as long as the
// input. The length of the axis itself may be given too; anything else is an
// error. It is Keras's noise_shape, with 0 or -1 for None.
//
//	(N, C, H, W), NoiseShape(0, 0, 1, 1)  whole feature maps, as SpatialDropout2D
//	(N, C, H, W), NoiseShape(1, 0, 1, 1)  the same maps in all samples, as ChannelDropout
//	(N, T, F),    NoiseShape(0, 1, 0)     one mask for all time steps, as LockedDropout
//	(N, ...),     NoiseShape(0, 1, ...)   whole samples, as StochasticDepth in row mode
func NoiseShape(dims ...int) NoiseShapeOption {
	return append(noiseShape{}, dims...)
}

// A NoiseShapeOption adjusts [Dropout] and [AlphaDropout].
type NoiseShapeOption interface {
	DropoutOption
	AlphaDropoutOption
}

// noiseShape is not nil: NoiseShape() fits a scalar only.
type noiseShape []int

func (n noiseShape) dropout(c *dropoutConfig) { c.noise = n }

// of returns the shape of the draws for x, that of x if n is nil.
func (n noiseShape) of(s *graph.Scope, x *graph.Node) graph.Shape {
	if n == nil || s.Err() != nil {
		return x.Shape()
	}
	shape, err := n.over(x.Shape())
	if err != nil {
		s.Fail(err)
	}
	return shape
}

// text is what a summary says of the option.
func (n noiseShape) text() string {
	if n == nil {
		return ""
	}
	return fmt.Sprint("shape=", graph.Shape(n))
}

// over returns the shape of the draws for an input of shape x.
func (n noiseShape) over(x graph.Shape) (graph.Shape, error) {
	if len(n) != x.Dims() {
		return nil, errors.Errorf("NoiseShape%v has %d axes, x has %d: its shape is %v", graph.Shape(n), len(n), x.Dims(), x)
	}
	out := x.Clone()
	for i, d := range n {
		switch d {
		case 1:
			out[i] = 1
		case 0, -1, x[i]:
		default:
			return nil, errors.Errorf("axis %d of NoiseShape%v is %d, want 1 to share a draw, or 0, -1 or %d for the axis of x of shape %v",
				i, graph.Shape(n), d, x[i], x)
		}
	}
	return out, nil
}
