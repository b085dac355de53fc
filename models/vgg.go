package models

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

// VGG is the network of 3×3 convolutions of Simonyan and Zisserman with 11, 13, 16
// or 19 layers, for images (N, C, H, W) of 32 by 32 pixels or more. That of 16:
//
//	layer                    node                 output (N, ...)   parameters
//	features.0, .2           2 × Conv2D 3×3, ReLU   64, 224, 224        38,720
//	features.4               MaxPool2D 2            64, 112, 112
//	features.5, .7           2 × Conv2D 3×3, ReLU  128, 112, 112       221,440
//	features.9               MaxPool2D 2           128, 56, 56
//	features.10, .12, .14    3 × Conv2D 3×3, ReLU  256, 56, 56       1,475,328
//	features.16              MaxPool2D 2           256, 28, 28
//	features.17, .19, .21    3 × Conv2D 3×3, ReLU  512, 28, 28       5,899,776
//	features.23              MaxPool2D 2           512, 14, 14
//	features.24, .26, .28    3 × Conv2D 3×3, ReLU  512, 14, 14       7,079,424
//	features.30              MaxPool2D 2           512, 7, 7
//	                         AdaptiveAvgPool2D 7   512, 7, 7
//	classifier.0             Linear, ReLU          4096            102,764,544
//	classifier.2             Dropout 0.5
//	classifier.3             Linear, ReLU          4096             16,781,312
//	classifier.5             Dropout 0.5
//	classifier.6             Linear                1000              4,097,000
//
// The numbers are for images of 3 by 224 by 224 and 1000 classes: 138,357,544
// parameters. The convolutions, padded by 1, are in blocks with a pooling after
// each:
//
//	depth  convolutions of the blocks  parameters   with batch norm
//	11     1, 1, 2, 2, 2               132,863,336  132,868,840
//	13     2, 2, 2, 2, 2               133,047,848  133,053,736
//	16     2, 2, 3, 3, 3               138,357,544  138,365,992
//	19     2, 2, 4, 4, 4               143,667,240  143,678,248
//
// Options: [BatchNorm], by default none; [CIFARHead]; [Channels] of the five blocks;
// [Hidden] of the dense layers; [Dropout], [DropoutRates], [DropWith] after each
// of these.
//
// The names of the weights are those of torchvision's vgg16, vgg16_bn and so on,
// whose weights load. They are drawn from N(0, 2/fan), of the inputs in dense
// layers, so that narrow ones start well too, and of the outputs in convolutions;
// biases start at 0.
//
// Sources: Simonyan, Zisserman, Very Deep Convolutional Networks for Large-Scale
// Image Recognition, ICLR 2015, https://arxiv.org/abs/1409.1556. It trains at a
// rate of 0.01 with momentum 0.9, batches of 256 and a weight decay of 5e-4. Its
// networks have no batch norm, nor the adaptive pooling, which does nothing at 224
// by 224 pixels.
func VGG(depth, classes int, opts ...VGGOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{64, 128, 256, 512, 512},
		positions: 7, drops: places{rates: []float64{0.5}},
	}, opts)
	if c.hidden == nil { // not [Hidden], with or without widths
		c.hidden = []int{4096, 4096}
		if c.positions == 1 {
			c.hidden = []int{512, 512}
		}
	}
	return func(s *graph.Scope, x *graph.Node) *graph.Node { return c.vgg(s, x, depth) }
}

// A VGGOption adjusts one [VGG].
type VGGOption interface {
	option
	vgg()
}

// BatchNorm puts a batch norm between each convolution and its ReLU.
func BatchNorm() VGGOption {
	return vggOption(func(c *config) { c.batchNorm = true })
}

// CIFARHead is a head for small images: the maps are averaged to one value each
// instead of 7 by 7, and the hidden dense layers have 512 units, or those of [Hidden].
func CIFARHead() VGGOption {
	return vggOption(func(c *config) { c.positions = 1 })
}

type vggOption func(*config)

func (o vggOption) set(c *config) { o(c) }
func (vggOption) vgg()            {}

// vggBlocks are the numbers of convolutions of the blocks, by depth.
var vggBlocks = map[int][]int{
	11: {1, 1, 2, 2, 2},
	13: {2, 2, 2, 2, 2},
	16: {2, 2, 3, 3, 3},
	19: {2, 2, 4, 4, 4},
}

func (c *config) vgg(s *graph.Scope, x *graph.Node, depth int) *graph.Node {
	c.checkVGG(s.Layer("VGG", x), x, depth)
	if s.Err() != nil {
		return x
	}
	x = c.vggFeatures(s.In("features"), x, vggBlocks[depth])
	x = nodes.Flatten(nodes.AdaptiveAvgPool2D(x, c.positions, c.positions))
	return c.vggClassifier(s.In("classifier"), x)
}

// vggFeatures counts the layers as torchvision does: a convolution, perhaps a norm, a
// ReLU and a pooling each have an index.
func (c *config) vggFeatures(s *graph.Scope, x *graph.Node, blocks []int) *graph.Node {
	index := 0
	next := func() *graph.Scope {
		index++
		return s.In(fmt.Sprint(index - 1))
	}
	for i, convolutions := range blocks {
		for range convolutions {
			x = nodes.Conv2D(next(), x, c.channels[i], 3, nodes.Pad(1), fanOutNormal(), zeroBias())
			if c.batchNorm {
				x = nodes.BatchNorm2D(next(), x)
			}
			next()
			x = nodes.ReLU(x)
		}
		next()
		x = nodes.MaxPool2D(x, 2)
	}
	return x
}

func (c *config) vggClassifier(s *graph.Scope, x *graph.Node) *graph.Node {
	layer := func(i, out int) *graph.Node {
		return nodes.Linear(s.In(fmt.Sprint(3*i)), x, out, nodes.WeightInit(graph.KaimingNormal(graph.GainReLU)), zeroBias())
	}
	for i, width := range c.hidden {
		x = nodes.ReLU(layer(i, width))
		x = c.drops.at(s.In(vggDrop(i)), x, i)
	}
	return layer(len(c.hidden), c.classes)
}

// vggDrop is the index of dropout i in the classifier.
func vggDrop(i int) string { return fmt.Sprint(3*i + 2) }

func (c *config) checkVGG(s *graph.Scope, x *graph.Node, depth int) {
	if vggBlocks[depth] == nil {
		s.Errorf("depth is %d, want 11, 13, 16 or 19", depth)
	}
	c.checkClasses(s)
	c.checkChannels(s, 5)
	c.checkHidden(s)
	places := make([]string, len(c.hidden))
	for i := range places {
		places[i] = "classifier." + vggDrop(i)
	}
	c.drops.check(s, places...)
	if x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < 32 {
		s.Errorf("the images have shape %v, want 32 by 32 pixels or more, for five poolings halve them", x.Shape())
	}
}
