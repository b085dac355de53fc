package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// PlainCNN is the small convolutional network of tutorials, without norms, for
// images (N, C, H, W):
//
//	layer   node                     output (N, ...)  parameters
//	conv1   Conv2D 3×3, pad 1, ReLU  32, 28, 28              320
//	        MaxPool2D 2              32, 14, 14
//	drop1   Dropout 0.25
//	conv2   Conv2D 3×3, pad 1, ReLU  64, 14, 14           18,496
//	        MaxPool2D 2              64, 7, 7
//	drop2   Dropout 0.25
//	        Flatten                  3136
//	fc1     Linear, ReLU             128                 401,536
//	drop    Dropout 0.5
//	fc2     Linear                   10                    1,290
//
// The numbers are for images of 1 by 28 by 28 and 10 classes: 421,642 parameters. It
// has seven layers, two of each kind and the one that flattens. With
// Channels(16, 32, 64) it has three convolutions, and as many poolings. A pooling
// halves height and width, rounded down, so n blocks want images of 2ⁿ by 2ⁿ or more.
//
// Options: [Channels]; [Dense]; [PoolDropout], [SpatialDropout], [MapDropWith] after
// the poolings; [Dropout], [DropWith] before the last layer.
//
// Source: the rates are those of Srivastava et al., Dropout: A Simple Way to Prevent
// Neural Networks from Overfitting, JMLR 15, 2014, for convolutions and dense layers.
func PlainCNN(classes int, opts ...PlainCNNOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{32, 64}, hidden: []int{128},
		maps: dropout(0.25), drops: places{rates: []float64{0.5}},
	}, opts)
	return c.plainCNN
}

// A PlainCNNOption adjusts one [PlainCNN].
type PlainCNNOption interface {
	option
	plainCNN()
}

// PoolDropout is the probability to drop a value after each pooling, from 0, which is
// none, to 1.
func PoolDropout(p float64) PlainCNNOption {
	return plainCNNOption(func(c *config) { c.maps = dropout(p) })
}

type plainCNNOption func(*config)

func (o plainCNNOption) set(c *config) { o(c) }
func (plainCNNOption) plainCNN()       {}

func (c *config) plainCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkPlainCNN(s.Layer("PlainCNN", x))
	for i, channels := range c.channels {
		conv := s.In(fmt.Sprintf("conv%d", i+1))
		x = nodes.ReLU(nodes.Conv2D(conv, x, channels, 3, nodes.Pad(1)))
		x = halve(conv, x)
		x = c.maps(s.In(fmt.Sprintf("drop%d", i+1)), x)
	}
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), c.hidden[0]))
	x = c.drops.at(s.In("drop"), x, 0)
	return nodes.Linear(s.In("fc2"), x, c.classes)
}

func (c *config) checkPlainCNN(s *graph.Scope) {
	c.checkClasses(s)
	c.checkChannels(s, 0)
	c.checkDense(s)
	c.drops.check(s, "drop")
}

// halve pools 2 by 2 pixels, and says at s where there are too few.
func halve(s *graph.Scope, x *graph.Node) *graph.Node {
	if x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < 2 {
		return s.Errorf("the images that reach this block have shape %v, want 2 by 2 pixels or more to halve; choose fewer Channels", x.Shape())
	}
	return nodes.MaxPool2D(x, 2)
}
