package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// ClassicCNN is a convolutional network of blocks, with batch norm and with both
// kinds of dropout, for images (N, C, H, W):
//
//	layer              node                           output (N, ...)  parameters
//	block1.conv1, bn1  Conv2D 3×3, BatchNorm2D, ReLU  32, 28, 28           352
//	block1.conv2, bn2  Conv2D 3×3, BatchNorm2D, ReLU  32, 28, 28         9,280
//	                   SpatialDropout2D 0.1
//	                   MaxPool2D 2                    32, 14, 14
//	block2             as block1                      64, 7, 7          55,552
//	                   Flatten                        3136
//	fc1, fc_bn         Linear, BatchNorm1D, ReLU      128              401,664
//	                   Dropout 0.5
//	fc2                Linear                         10                 1,290
//
// The numbers are for images of 1 by 28 by 28, 10 classes and no options: 468,138
// parameters. Convolutions are padded by 1. What a norm follows has no bias, as
// the norm would take it away. A block halves height and width, rounded down, so
// n blocks want images of 2ⁿ by 2ⁿ or more. Training wants batches of two or more,
// because of fc_bn.
//
// Options: [Channels]; [Dense]; [SpatialDropout], [MapDropWith] in the blocks;
// [Dropout], [DropWith] before the last layer.
//
// Sources: Simonyan, Zisserman, Very Deep Convolutional Networks for Large-Scale
// Image Recognition, ICLR 2015, https://arxiv.org/abs/1409.1556, for blocks of
// 3×3 convolutions; those of the norm and of the dropouts are at [nodes.BatchNorm1D],
// [regularize.SpatialDropout1D] and [regularize.Dropout].
func ClassicCNN(classes int, opts ...ClassicCNNOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{32, 64}, hidden: []int{128},
		maps: spatialDropout(0.1), drops: places{rates: []float64{0.5}},
	}, opts)
	return c.classicCNN
}

// A ClassicCNNOption adjusts one [ClassicCNN].
type ClassicCNNOption interface {
	option
	classicCNN()
}

func (c *config) classicCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkClassicCNN(s.Layer("ClassicCNN", x))
	for i, channels := range c.channels {
		x = c.classicBlock(s.In(fmt.Sprintf("block%d", i+1)), x, channels)
	}
	x = nodes.Linear(s.In("fc1"), nodes.Flatten(x), c.hidden[0], nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm1D(s.In("fc_bn"), x))
	x = c.drops.at(s.In("drop"), x, 0)
	return nodes.Linear(s.In("fc2"), x, c.classes)
}

func (c *config) classicBlock(s *graph.Scope, x *graph.Node, channels int) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	x = nodes.Conv2D(s.In("conv2"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn2"), x))
	x = c.maps(s.In("drop"), x)
	return halve(s, x)
}

func (c *config) checkClassicCNN(s *graph.Scope) {
	c.checkClasses(s)
	c.checkChannels(s, 0)
	c.checkDense(s)
	c.drops.check(s, "drop")
}
