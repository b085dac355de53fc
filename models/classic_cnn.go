package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// ClassicCNN is a convolutional network with batch norm and both kinds of
// dropout, for images (N, C, H, W). It has a block for each number of channels,
//
//	layer       node                                 output (N, ...)  parameters
//	block1                                           32, 14, 14
//	.conv1, bn1  Conv2D 3×3, pad 1, BatchNorm2D, ReLU  32, 28, 28        352
//	.conv2, bn2  Conv2D 3×3, pad 1, BatchNorm2D, ReLU  32, 28, 28      9,280
//	            SpatialDropout2D 0.1
//	            MaxPool2D 2                          32, 14, 14
//	block2      as block1                            64, 7, 7         55,552
//	            Flatten                              3136
//	fc1, fc_bn  Linear, BatchNorm1D, ReLU            128             401,664
//	            Dropout 0.5
//	fc2         Linear                               10                1,290
func ClassicCNN(classes int, opts ...ClassicCNNOption) graph.Func {
	m := &classicCNN{classes: classes, channels: []int{32, 64}, dense: 128, spatialDropout: 0.1, dropout: 0.5}
	for _, opt := range opts {
		opt.classicCNN(m)
	}
	return m.declare
}
