package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A branch is what a block adds to its input x. drop stands before its last
// convolution.
type branch func(s *graph.Scope, x *graph.Node, channels, stride int, drop graph.Func) *graph.Node

// basicBranch is of two 3×3 convolutions.
func basicBranch(s *graph.Scope, x *graph.Node, channels, stride int, drop graph.Func) *graph.Node {
	x = nodes.ReLU(convNorm(s, "conv1", "bn1", x, channels, 3, nodes.Stride(stride), nodes.Pad(1)))
	return convNorm(s, "conv2", "bn2", drop(s.In("drop"), x), channels, 3, nodes.Pad(1))
}

// bottleneckBranch is of a 3×3 convolution between two of 1×1, the second of which
// makes four times the channels.
func bottleneckBranch(s *graph.Scope, x *graph.Node, channels, stride int, drop graph.Func) *graph.Node {
	x = nodes.ReLU(convNorm(s, "conv1", "bn1", x, channels, 1))
	x = nodes.ReLU(convNorm(s, "conv2", "bn2", x, channels, 3, nodes.Stride(stride), nodes.Pad(1)))
	return convNorm(s, "conv3", "bn3", drop(s.In("drop"), x), 4*channels, 1)
}

// A shortcut gives the input x of a block the number of channels and the size of
// its branch.
type shortcut func(s *graph.Scope, x *graph.Node, channels, stride int) *graph.Node

// projection is a 1×1 convolution and a norm.
func projection(s *graph.Scope, x *graph.Node, channels, stride int) *graph.Node {
	return convNorm(s.In("downsample"), "0", "1", x, channels, 1, nodes.Stride(stride))
}

// padding takes every second pixel and adds maps of zeros, half of them in front: it
// has no parameters.
func padding(_ *graph.Scope, x *graph.Node, channels, stride int) *graph.Node {
	more := channels - x.Dim(1)
	return nodes.ZeroPad(nodes.AvgPool2D(x, 1, nodes.Stride(stride)), 1, more/2, more-more/2)
}

// residualLayers declares layers of residual blocks, layer1 and so on; from the
// second layer on the first block of each halves height and width.
func (c *config) residualLayers(s *graph.Scope, x *graph.Node, blocks []int, f branch, to shortcut) *graph.Node {
	place, total := 0, sum(blocks)
	for i, n := range blocks {
		for j := range n {
			stride := 1
			if i > 0 && j == 0 {
				stride = 2
			}
			block := s.In(fmt.Sprintf("layer%d", i+1)).In(fmt.Sprint(j))
			drop := func(s *graph.Scope, x *graph.Node) *graph.Node { return c.drops.at(s, x, place) }
			p := regularize.LinearDecay(place+1, total, c.depth)
			y := regularize.StochasticBranch(block, x, p, func(s *graph.Scope, x *graph.Node) *graph.Node {
				return f(s, x, c.channels[i], stride, drop)
			}, c.depthOptions...)
			if x.Dim(1) != y.Dim(1) || stride != 1 {
				x = to(block, x, y.Dim(1), stride)
			}
			x = nodes.ReLU(nodes.Add(y, x))
			place++
		}
	}
	return x
}

// residualPlaces returns the paths of dropout in the blocks of the layers.
func residualPlaces(blocks ...int) (at []string) {
	for i, n := range blocks {
		for j := range n {
			at = append(at, fmt.Sprintf("layer%d.%d.drop", i+1, j))
		}
	}
	return at
}

// convNorm is a convolution without a bias, called conv, and a batch norm, called
// norm.
func convNorm(s *graph.Scope, conv, norm string, x *graph.Node, channels, k int, opts ...nodes.ConvOption) *graph.Node {
	opts = append(opts, nodes.NoBias(), fanOutNormal())
	return nodes.BatchNorm2D(s.In(norm), nodes.Conv2D(s.In(conv), x, channels, k, opts...))
}

func sum(n []int) (total int) {
	for _, v := range n {
		total += v
	}
	return total
}
