package models

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// ResNet is the residual network for large images (N, C, H, W) with 18, 34, 50, 101
// or 152 layers. That of 18:
//
//	layer            node                               output (N, ...)  parameters
//	conv1, bn1       Conv2D 7×7, stride 2, norm, ReLU    64, 112, 112         9,536
//	                 MaxPool2D 3, stride 2, pad 1        64, 56, 56
//	layer1.0, .1     2 blocks                            64, 56, 56         147,968
//	layer2.0, .1     2 blocks, the first of stride 2    128, 28, 28         525,568
//	layer3.0, .1     as layer2                          256, 14, 14       2,099,712
//	layer4.0, .1     as layer2                          512, 7, 7         8,393,728
//	                 GlobalAvgPool                      512
//	fc               Linear                             1000                513,000
//
// The numbers are for images of 3 by 224 by 224 and 1000 classes: 11,689,512
// parameters. A block adds a branch to what enters it, and its output is the ReLU of
// the sum. In the branch are two 3×3 convolutions; from 50 layers on three, 1×1, 3×3
// and 1×1, the last of which has four times the channels. Each has a batch norm after
// it and all but the last a ReLU. A stride is in the first 3×3 convolution. Where
// the shape changes, what enters passes a 1×1 convolution and a norm, called
// downsample.
//
//	depth  blocks of the layers  branch  parameters
//	18     2, 2, 2, 2            3×3     11,689,512
//	34     3, 4, 6, 3            3×3     21,797,672
//	50     3, 4, 6, 3            1×1     25,557,032
//	101    3, 4, 23, 3           1×1     44,549,160
//	152    3, 8, 36, 3           1×1     60,192,808
//
// Options: [Channels] of the four layers, by default 64, 128, 256, 512;
// [StochasticDepth]; [Dropout], [DropoutRates], [DropWith] in each branch, before its
// last convolution, by default none.
//
// The names and first values of the weights are those of torchvision's resnet18 and
// so on, whose weights load.
//
// Source: He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR
// 2016, https://arxiv.org/abs/1512.03385. It trains at a rate of 0.1 with momentum
// 0.9, batches of 256 and a weight decay of 1e-4. There the stride of a branch of
// three is in its first convolution.
func ResNet(depth, classes int, opts ...ResNetOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{64, 128, 256, 512}, drops: places{rates: []float64{0}},
	}, opts)
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return c.resNet(s, x, depth) }
}

// A ResNetOption adjusts one [ResNet].
type ResNetOption interface {
	option
	resNet()
}

// resNetBlocks are the numbers of blocks of the layers, by depth.
var resNetBlocks = map[int][]int{
	18:  {2, 2, 2, 2},
	34:  {3, 4, 6, 3},
	50:  {3, 4, 6, 3},
	101: {3, 4, 23, 3},
	152: {3, 8, 36, 3},
}

func (c *config) resNet(s *graph.Scope, x *graph.Node, depth int) *graph.Node {
	c.checkResNet(s.Layer("ResNet", x), depth)
	if s.Err() != nil {
		return x
	}
	x = convNorm(s, "conv1", "bn1", x, c.channels[0], 7, nodes.Stride(2), nodes.Pad(3))
	x = nodes.MaxPool2D(nodes.ReLU(x), 3, nodes.Stride(2), nodes.Pad(1))
	branch := basicBranch
	if depth >= 50 {
		branch = bottleneckBranch
	}
	x = c.residualLayers(s, x, resNetBlocks[depth], branch, projection)
	return nodes.Linear(s.In("fc"), nodes.GlobalAvgPool(x), c.classes)
}

func (c *config) checkResNet(s *graph.Scope, depth int) {
	blocks := resNetBlocks[depth]
	if blocks == nil {
		s.Errorf("depth is %d, want 18, 34, 50, 101 or 152", depth)
	}
	c.checkClasses(s)
	c.checkChannels(s, 4)
	c.drops.check(s, residualPlaces(blocks...)...)
	c.checkDepth(s)
}
