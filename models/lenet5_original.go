package models

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// LeNet5Original is LeNet-5 in the layers of the paper, for images (N, C, 32, 32):
//
//	layer   node                                           output (N, ...)  parameters
//	c1      Conv2D 5×5, Tanh                               6, 28, 28               156
//	s2      AvgPool2D 2, a factor and a bias a map, Tanh   6, 14, 14                12
//	c3      Conv2D 5×5, Tanh                               16, 10, 10            2,416
//	s4      as s2                                          16, 5, 5                 32
//	c5      Conv2D 5×5, Tanh                               120, 1, 1            48,120
//	drop1   Dropout
//	f6      Linear, Tanh                                   84                   10,164
//	drop2   Dropout
//	output  Linear                                         10                      850
//
// The numbers are for images of one channel and 10 classes: 61,750 parameters. Four
// things differ from the paper. There c3 connects 60 of its 96 pairs of maps, with
// 1,516 parameters, and what comes before the output layer has 60,000 in all. The
// activation there is 1.7159·tanh(2x/3), a pooling adds up instead of averaging, which
// is a factor for the weights that follow, and the output is the distance of f6 to a
// fixed pattern for each class.
//
// Options: [Dropout], [DropoutRates], [DropWith], by default none, as in the paper.
//
// Source: LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to
// Document Recognition, Proceedings of the IEEE 86, 1998. [LeNet5] is how it is built
// today.
func LeNet5Original(classes int, opts ...DropOption) graph.Func {
	c := configure(config{classes: classes, drops: places{rates: []float64{0}}}, opts)
	return c.leNet5Original
}

func (c *config) leNet5Original(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkLeNet5Original(s.Layer("LeNet5Original", x), x)
	x = nodes.Tanh(nodes.Conv2D(s.In("c1"), x, 6, 5))
	x = subsample(s.In("s2"), x)
	x = nodes.Tanh(nodes.Conv2D(s.In("c3"), x, 16, 5))
	x = subsample(s.In("s4"), x)
	x = nodes.Tanh(nodes.Conv2D(s.In("c5"), x, 120, 5))
	x = c.drops.at(s.In("drop1"), nodes.Flatten(x), 0)
	x = nodes.Tanh(nodes.Linear(s.In("f6"), x, 84))
	x = c.drops.at(s.In("drop2"), x, 1)
	return nodes.Linear(s.In("output"), x, c.classes)
}

// subsample halves height and width by averages, with a learned factor and bias for
// each map: a convolution of 1 by 1 of each map by itself.
func subsample(s *graph.Scope, x *graph.Node) *graph.Node {
	maps := x.Dim(1)
	return nodes.Tanh(nodes.Conv2D(s, nodes.AvgPool2D(x, 2), maps, 1, nodes.Groups(maps), nodes.WeightInit(graph.Ones()), zeroBias()))
}

func (c *config) checkLeNet5Original(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	c.drops.check(s, "drop1", "drop2")
	if x.Dims() == 4 && (x.Dim(2) != 32 || x.Dim(3) != 32) {
		s.Errorf("the images have shape %v, want (N, C, 32, 32); LeNet5 takes other sizes", x.Shape())
	}
}
