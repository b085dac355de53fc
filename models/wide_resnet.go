package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// WideResNet is the wide residual network WRN-depth-k for small images (N, C, H, W),
// k times as wide as the residual network it comes from. WRN-16-2:
//
//	layer          node                                output (N, ...)  parameters
//	conv           Conv2D 3×3, pad 1                    16, 32, 32             432
//	block1, 2      2 blocks                             32, 32, 32          32,992
//	block3, 4      2 blocks, the first of stride 2      64, 16, 16         131,520
//	block5, 6      2 blocks, the first of stride 2     128, 8, 8           525,184
//	bn             BatchNorm2D, ReLU                   128, 8, 8               256
//	               GlobalAvgPool                       128
//	fc             Linear                               10                   1,290
//
// The numbers are for images of 3 by 32 by 32 and 10 classes: 691,674 parameters. A
// block adds to its input x a branch of two convolutions, each after a norm and a ReLU
// and with dropout between them:
//
//	y = ReLU(BatchNorm(x))                                           bn1
//	branch = Conv3×3(Dropout(ReLU(BatchNorm(Conv3×3(y)))))           conv1, bn2, drop, conv2
//
// Where the number of channels changes, a 1×1 convolution of y, called shortcut,
// takes the place of x. The depth is 6n+4, with n blocks a group; of k, 10 is the
// paper's best with 28 layers: 36,479,194 parameters.
//
// Options: [Dropout], [DropoutRates] of the blocks, [DropWith]; by default 0.3, the
// paper's rate for CIFAR. For SVHN it has 0.4.
//
// Source: Zagoruyko, Komodakis, Wide Residual Networks, BMVC 2016,
// https://arxiv.org/abs/1605.07146. It trains at a rate of 0.1 with Nesterov momentum
// 0.9, batches of 128 and a weight decay of 5e-4, with the rate falling to a fifth at
// epochs 60, 120 and 160 of 200; on SVHN at 0.01.
func WideResNet(depth, k, classes int, opts ...WideResNetOption) graph.Func {
	c := configure(config{classes: classes, drops: places{rates: []float64{0.3}}}, opts)
	c.channels = []int{16 * k, 32 * k, 64 * k}
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return c.wideResNet(s, x, depth, k) }
}

// A WideResNetOption adjusts one [WideResNet].
type WideResNetOption interface {
	option
	wideResNet()
}

func (c *config) wideResNet(s *graph.Scope, x *graph.Node, depth, k int) *graph.Node {
	c.checkWideResNet(s.Layer("WideResNet", x), depth, k)
	x = nodes.Conv2D(s.In("conv"), x, 16, 3, nodes.Pad(1), nodes.NoBias(), fanOutNormal())
	place, perGroup := 0, (depth-4)/6
	for group, channels := range c.channels {
		for i := range perGroup {
			stride := 1
			if group > 0 && i == 0 {
				stride = 2
			}
			x = c.wideBlock(s.In(fmt.Sprintf("block%d", place+1)), x, channels, stride, place)
			place++
		}
	}
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), x))
	return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), c.classes)
}

func (c *config) wideBlock(s *graph.Scope, x *graph.Node, channels, stride, place int) *graph.Node {
	y := nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	branch := nodes.Conv2D(s.In("conv1"), y, channels, 3, nodes.Stride(stride), nodes.Pad(1), nodes.NoBias(), fanOutNormal())
	branch = nodes.ReLU(nodes.BatchNorm2D(s.In("bn2"), branch))
	branch = c.drops.at(s.In("drop"), branch, place)
	branch = nodes.Conv2D(s.In("conv2"), branch, channels, 3, nodes.Pad(1), nodes.NoBias(), fanOutNormal())
	if x.Dim(1) != channels {
		x = nodes.Conv2D(s.In("shortcut"), y, channels, 1, nodes.Stride(stride), nodes.NoBias(), fanOutNormal())
	}
	return nodes.Add(branch, x)
}

func (c *config) checkWideResNet(s *graph.Scope, depth, k int) {
	if depth < 10 || depth%6 != 4 {
		s.Errorf("depth is %d, want 6n+4 with n at least 1, such as 16, 28 or 40", depth)
	}
	if k < 1 {
		s.Errorf("k is %d, want at least 1", k)
	}
	c.checkClasses(s)
	c.drops.check(s, numbered("block%d.drop", (depth-4)/2)...)
}
