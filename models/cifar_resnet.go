package models

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// CIFARResNet is the residual network for small images (N, C, H, W) with 6n+2 layers:
// in the paper 20, 32, 44, 56 and 110. That of 20:
//
//	layer               node                             output (N, ...)  parameters
//	conv1, bn1          Conv2D 3×3, pad 1, norm, ReLU    16, 32, 32              464
//	layer1.0 to .2      3 blocks                         16, 32, 32           14,016
//	layer2.0 to .2      3 blocks, the first of stride 2  32, 16, 16           51,072
//	layer3.0 to .2      as layer2                        64, 8, 8            203,520
//	                    GlobalAvgPool                    64
//	fc                  Linear                           10                      650
//
// The numbers are for images of 3 by 32 by 32 and 10 classes: 269,722 parameters. A
// block is that of [ResNet] with two 3×3 convolutions, but that what enters has no
// parameters on its way round the branch: where the shape changes, every second pixel
// is taken, and maps of zeros are added, half of them in front. n blocks make a
// layer.
//
//	depth       20       32       44       56       110
//	parameters  269,722  464,154  658,586  853,018  1,727,962
//
// Options: [Projection]; [StochasticDepth]; [Channels] of the three layers, which don't
// shrink from one to the next; [Dropout], [DropoutRates], [DropWith] in each branch,
// before its second convolution, by default none.
//
// Sources: He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR
// 2016, https://arxiv.org/abs/1512.03385, section 4.2. It trains at a rate of 0.1 with
// momentum 0.9, batches of 128 and a weight decay of 1e-4, with the rate falling to a
// tenth at steps 32,000 and 48,000 of 64,000. With StochasticDepth(0.5), at depth 110:
// Huang, Sun, Liu, Sedra, Weinberger, Deep Networks with Stochastic Depth, ECCV 2016,
// https://arxiv.org/abs/1603.09382.
func CIFARResNet(depth, classes int, opts ...CIFARResNetOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{16, 32, 64}, drops: places{rates: []float64{0}}, shortcut: padding,
	}, opts)
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return c.cifarResNet(s, x, depth) }
}

// A CIFARResNetOption adjusts one [CIFARResNet].
type CIFARResNetOption interface {
	option
	cifarResNet()
}

// Projection makes what goes round a branch pass a 1×1 convolution and a norm where
// the shape changes, as in [ResNet]: at depth 20, 272,474 parameters.
func Projection() CIFARResNetOption {
	return cifarResNetOption(func(c *config) { c.shortcut = projection })
}

type cifarResNetOption func(*config)

func (o cifarResNetOption) set(c *config) { o(c) }
func (cifarResNetOption) cifarResNet()    {}

func (c *config) cifarResNet(s *graph.Scope, x *graph.Node, depth int) *graph.Node {
	c.checkCIFARResNet(s.Layer("CIFARResNet", x), depth)
	if s.Err() != nil {
		return x
	}
	x = nodes.ReLU(convNorm(s, "conv1", "bn1", x, c.channels[0], 3, nodes.Pad(1)))
	n := (depth - 2) / 6
	x = c.residualLayers(s, x, []int{n, n, n}, basicBranch, c.shortcut)
	return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), c.classes)
}

func (c *config) checkCIFARResNet(s *graph.Scope, depth int) {
	if depth < 8 || depth%6 != 2 {
		s.Errorf("depth is %d, want 6n+2 with n at least 1, such as 20, 32, 44, 56 or 110", depth)
	}
	c.checkClasses(s)
	c.checkChannels(s, 3)
	n := (depth - 2) / 6
	c.drops.check(s, residualPlaces(n, n, n)...)
	c.checkDepth(s)
	for i := 1; i < len(c.channels); i++ {
		if c.channels[i] < c.channels[i-1] {
			s.Errorf("block %d has %d channels after %d, want no fewer", i+1, c.channels[i], c.channels[i-1])
		}
	}
}
