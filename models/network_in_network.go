package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// NetworkInNetwork is the network of Lin, Chen and Yan for CIFAR, in which a small
// dense network runs over the maps as 1×1 convolutions, and in which classes are
// maps. It takes images (N, C, H, W):
//
//	layer                 node                            output (N, ...)  parameters
//	conv1                 Conv2D 5×5, pad 2, ReLU         192, 32, 32           14,592
//	cccp1, cccp2          2 × Conv2D 1×1, ReLU             96, 32, 32           46,336
//	                      MaxPool2D 3, stride 2, ceil      96, 16, 16
//	drop1                 Dropout 0.5
//	conv2                 Conv2D 5×5, pad 2, ReLU         192, 16, 16          460,992
//	cccp3, cccp4          2 × Conv2D 1×1, ReLU            192, 16, 16           74,112
//	                      AvgPool2D 3, stride 2, ceil     192, 8, 8
//	drop2                 Dropout 0.5
//	conv3                 Conv2D 3×3, pad 1, ReLU         192, 8, 8            331,968
//	cccp5, cccp6          2 × Conv2D 1×1, ReLU             10, 8, 8             38,986
//	                      GlobalAvgPool                    10
//
// The numbers are for images of 3 by 32 by 32 and 10 classes: 966,986 parameters.
// cccp1 has 160 maps, cccp2 96, and all before the last 192. Global pooling takes the
// place of a dense head, which would have most of the parameters. As in the paper the
// maps of the classes pass a ReLU, too: a rate of learning that is too high makes one
// of them 0 for good.
//
// Options: [Dropout], [DropoutRates], [DropWith].
//
// Source: Lin, Chen, Yan, Network In Network, ICLR 2014,
// https://arxiv.org/abs/1312.4400. The sizes, and an average for the second pooling,
// are those of the authors' program for CIFAR-10.
func NetworkInNetwork(classes int, opts ...DropOption) graph.Func {
	c := configure(config{classes: classes, drops: places{rates: []float64{0.5}}}, opts)
	return c.networkInNetwork
}

func (c *config) networkInNetwork(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkNetworkInNetwork(s.Layer("NetworkInNetwork", x), x)
	x = perceptronConv(s, x, 1, 5, 192, 160, 96)
	x = c.drops.at(s.In("drop1"), nodes.MaxPool2D(x, 3, nodes.Stride(2), nodes.CeilMode()), 0)
	x = perceptronConv(s, x, 2, 5, 192, 192, 192)
	x = c.drops.at(s.In("drop2"), nodes.AvgPool2D(x, 3, nodes.Stride(2), nodes.CeilMode()), 1)
	x = perceptronConv(s, x, 3, 3, 192, 192, c.classes)
	return nodes.GlobalAvgPool(x)
}

// perceptronConv is convolution number i, of k by k, and two of 1 by 1 after it.
func perceptronConv(s *graph.Scope, x *graph.Node, i, k int, channels ...int) *graph.Node {
	layer := func(name string, out, k int) *graph.Node {
		return nodes.ReLU(nodes.Conv2D(s.In(name), x, out, k, nodes.Pad(k/2), nodes.WeightInit(graph.KaimingNormal(graph.GainReLU)), zeroBias()))
	}
	x = layer(fmt.Sprintf("conv%d", i), channels[0], k)
	x = layer(fmt.Sprintf("cccp%d", 2*i-1), channels[1], 1)
	return layer(fmt.Sprintf("cccp%d", 2*i), channels[2], 1)
}

func (c *config) checkNetworkInNetwork(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	c.drops.check(s, "drop1", "drop2")
	if x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < 6 {
		s.Errorf("the images have shape %v, want 6 by 6 pixels or more, for two poolings halve them", x.Shape())
	}
}
