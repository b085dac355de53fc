package models

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// LeNet5 is the convolutional network of 1998 as it is built today, with ReLU,
// maximum pooling and a plain output layer, for images (N, C, H, W):
//
//	layer  node                      output (N, ...)  parameters
//	conv1  Conv2D 5×5, pad 2, ReLU   6, 28, 28           156
//	       MaxPool2D 2               6, 14, 14
//	conv2  Conv2D 5×5, ReLU          16, 10, 10        2,416
//	       MaxPool2D 2               16, 5, 5
//	       Flatten                   400
//	fc1    Linear, ReLU              120              48,120
//	       Dropout
//	fc2    Linear, ReLU              84               10,164
//	       Dropout
//	fc3    Linear                    10                  850
//
// The numbers are for images of 1 by 28 by 28 and 10 classes: 61,706 parameters.
// The padding makes of them what the paper has with 32 by 32 pixels; other sizes
// from 12 by 12 on work too. [Unpadded] leaves it out, as networks of 5 by 5
// convolutions for 28 by 28 pixels often do: then the sizes are 6, 24, 24; 6, 12, 12;
// 16, 8, 8; 16, 4, 4 and 256, there are 44,426 parameters, and images must have 16 by
// 16 pixels or more.
//
// Options: [Unpadded]; [Dropout], [DropoutRates], [DropWith], by default none, as in
// the paper.
//
// Source: LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to
// Document Recognition, Proceedings of the IEEE 86, 1998. There the activation is
// a tanh, pooling is a trained average, conv2 connects some pairs of channels
// only, and the output is a distance to fixed patterns; see [LeNet5Original].
func LeNet5(classes int, opts ...LeNet5Option) graph.Func {
	c := configure(config{classes: classes, drops: places{rates: []float64{0}}}, opts)
	return c.leNet5
}

// A LeNet5Option adjusts one [LeNet5].
type LeNet5Option interface {
	option
	leNet5()
}

// Unpadded leaves out the padding of the first convolution.
func Unpadded() LeNet5Option {
	return leNet5Option(func(c *config) { c.unpadded = true })
}

type leNet5Option func(*config)

func (o leNet5Option) set(c *config) { o(c) }
func (leNet5Option) leNet5()         {}

func (c *config) leNet5(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkLeNet5(s.Layer("LeNet5", x), x)
	pad := 2
	if c.unpadded {
		pad = 0
	}
	x = nodes.ReLU(nodes.Conv2D(s.In("conv1"), x, 6, 5, nodes.Pad(pad)))
	x = nodes.MaxPool2D(x, 2)
	x = nodes.ReLU(nodes.Conv2D(s.In("conv2"), x, 16, 5))
	x = nodes.MaxPool2D(x, 2)
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 120))
	x = c.drops.at(s.In("drop1"), x, 0)
	x = nodes.ReLU(nodes.Linear(s.In("fc2"), x, 84))
	x = c.drops.at(s.In("drop2"), x, 1)
	return nodes.Linear(s.In("fc3"), x, c.classes)
}

func (c *config) checkLeNet5(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	c.drops.check(s, "drop1", "drop2")
	least := 12
	if c.unpadded {
		least = 16
	}
	if x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < least {
		s.Errorf("the images have shape %v, want %d by %d pixels or more, for two convolutions and two poolings", x.Shape(), least, least)
	}
}
