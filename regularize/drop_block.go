package regularize

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/guard"
)

// DropBlock2D zeroes squares of size by size elements in each map of each sample,
// and scales up what is left:
//
//	y = 0 inside a square, else x · count(all) / count(left)
//
// where both are counted over the whole batch, or in [graph.MonteCarlo] mode over each
// sample, so that a draw is none of the others. dx is the same of dy: the scale is a
// constant. Neighbouring positions of a map say nearly the same, so that a
// convolution gets round what [Dropout] takes from it; a square takes the
// neighbours too.
//
// Squares begin at random, with probability
//
//	γ = p · H·W / (size² · (H-size+1) · (W-size+1))
//
// at each position where all of the square lies in the map. So p is the part that
// would be dropped if no two of them overlapped; as some do, it is less. γ is at
// most 1, and rounded to a 65536th unless it is below a 1024th. A size that exceeds a side of the map is that
// side. With size 1 single elements are dropped as by Dropout, and with that of the
// map whole maps as by [SpatialDropout2D], except for the scale. Even sizes are as
// good as odd ones.
//
// The paper's setting for ResNet-50 is p = 0.1 with size 7 in the last two groups
// of blocks, and LinearRate(0, steps) over the whole training.
//
// Shapes: x is (N, C, H, W); y is as x.
//
// Modes and the random stream are as for Dropout. Options: [CoupleChannels], a
// [Schedule]. It is torchvision's DropBlock2d.
//
// Source: Ghiasi, Lin, Le, DropBlock: A regularization method for convolutional
// networks, NeurIPS 2018, https://arxiv.org/abs/1810.12890.
func DropBlock2D(s *graph.Scope, x *graph.Node, p float64, size int, opts ...DropBlockOption) *graph.Node {
	return dropBlock(s.Layer("DropBlock2D", x), x, p, size, opts, 2)
}

// DropBlock1D is [DropBlock2D] for x of shape (N, C, L): it drops runs of size
// positions.
func DropBlock1D(s *graph.Scope, x *graph.Node, p float64, size int, opts ...DropBlockOption) *graph.Node {
	return dropBlock(s.Layer("DropBlock1D", x), x, p, size, opts, 1)
}

// DropBlock3D is [DropBlock2D] for x of shape (N, C, D, H, W): it drops cubes.
func DropBlock3D(s *graph.Scope, x *graph.Node, p float64, size int, opts ...DropBlockOption) *graph.Node {
	return dropBlock(s.Layer("DropBlock3D", x), x, p, size, opts, 3)
}

// A DropBlockOption adjusts one [DropBlock1D], [DropBlock2D] or [DropBlock3D].
type DropBlockOption interface{ dropBlock(*dropBlockConfig) }

type dropBlockConfig struct {
	rate   rate
	couple bool
}

func (sc Schedule) dropBlock(c *dropBlockConfig) { c.rate.take(sc) }

func (c dropBlockConfig) text(size int) string {
	text := fmt.Sprintf("%s, size=%d", c.rate.text(), size)
	if c.couple {
		text += ", channels coupled"
	}
	return text
}

// CoupleChannels drops the same blocks in all channels of a sample, as timm does by
// default. Without it each channel has blocks of its own, as in torchvision.
func CoupleChannels() DropBlockOption { return coupleChannels{} }

type coupleChannels struct{}

func (coupleChannels) dropBlock(c *dropBlockConfig) { c.couple = true }

func dropBlock(s *graph.Scope, x *graph.Node, p float64, size int, opts []DropBlockOption, axes int) *graph.Node {
	c := dropBlockConfig{rate: rate{p: p}}
	for _, opt := range guard.Given(opts) {
		opt.dropBlock(&c)
	}
	c.rate.check(s)
	switch {
	case s.Err() != nil:
	case x.Dims() != axes+2:
		return s.Errorf("x has shape %v, want %s", x.Shape(), maps[axes])
	case size < 1:
		return s.Errorf("size is %d, want at least 1", size)
	}
	key, draws := c.rate.claim(s, x)
	if !draws {
		return x
	}
	b := newBlocks(key, c.rate, x.Shape(), size, c.couple, s.Mode() == graph.MonteCarlo)
	s = s.Describe("%s", c.text(size))
	if c.couple {
		return s.Apply(masked{}, x, s.Apply(blockMask{b}, source(x), s.Step()))
	}
	return s.Apply(blockDropout{b}, x, s.Step())
}

// maps says how an input with one, two or three spatial axes is laid out.
var maps = [...]string{1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}
