package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
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
// Options: [Channels], [SpatialDropout], [Dense], [Dropout], by default 0.5.
//
// Sources: Simonyan, Zisserman, Very Deep Convolutional Networks for Large-Scale
// Image Recognition, ICLR 2015, https://arxiv.org/abs/1409.1556, for blocks of
// 3×3 convolutions; those of the norm and of the dropouts are at [nodes.BatchNorm1D],
// [regularize.SpatialDropout1D] and [regularize.Dropout].
func ClassicCNN(classes int, opts ...ClassicCNNOption) graph.Func {
	m := &classicCNN{classes: classes, channels: []int{32, 64}, dense: 128, spatialDropout: 0.1, dropout: 0.5}
	for _, opt := range opts {
		opt.classicCNN(m)
	}
	return m.declare
}

type classicCNN struct {
	classes, dense          int
	channels                []int
	spatialDropout, dropout float64
}

func (m *classicCNN) declare(s *graph.Scope, x *graph.Node) *graph.Node {
	m.check(s.Layer("ClassicCNN"))
	for i, channels := range m.channels {
		x = m.block(s.In(fmt.Sprintf("block%d", i+1)), x, channels)
	}
	x = nodes.Linear(s.In("fc1"), nodes.Flatten(x), m.dense, nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm1D(s.In("fc_bn"), x))
	x = regularize.Dropout(s.In("drop"), x, m.dropout)
	return nodes.Linear(s.In("fc2"), x, m.classes)
}

func (m *classicCNN) block(s *graph.Scope, x *graph.Node, channels int) *graph.Node {
	if x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < 2 {
		return s.Errorf("the images that reach this block have shape %v, want 2 by 2 pixels or more to halve; choose fewer Channels", x.Shape())
	}
	x = nodes.Conv2D(s.In("conv1"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	x = nodes.Conv2D(s.In("conv2"), x, channels, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn2"), x))
	x = regularize.SpatialDropout2D(s.In("drop"), x, m.spatialDropout)
	return nodes.MaxPool2D(x, 2)
}

func (m *classicCNN) check(s *graph.Scope) {
	checkClasses(s, m.classes)
	if len(m.channels) == 0 {
		s.Errorf("Channels has no number, want one for each block")
	}
	for i, c := range m.channels {
		if c < 1 {
			s.Errorf("block %d has %d channels, want at least 1", i+1, c)
		}
	}
	if m.dense < 1 {
		s.Errorf("Dense is %d, want at least 1", m.dense)
	}
}

// Channels sets the channels of the blocks of a [ClassicCNN], one number a block.
// The default is 32, 64.
func Channels(n ...int) ClassicCNNOption { return channels(n) }

type channels []int

func (c channels) classicCNN(m *classicCNN) { m.channels = c }

// Dense is the width of the hidden dense layer of a [ClassicCNN], by default 128.
type Dense int

func (d Dense) classicCNN(m *classicCNN) { m.dense = int(d) }

// SpatialDropout is the probability to drop a feature map at the end of each
// block of a [ClassicCNN], from 0, which is none, to 1. The default is 0.1.
type SpatialDropout float64

func (p SpatialDropout) classicCNN(m *classicCNN) { m.spatialDropout = float64(p) }
