package models

import (
	"fmt"
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// DropoutCNN is the convolutional network of the dropout paper, with dropout in every
// layer, for colour images (N, C, H, W):
//
//	layer    node                           output (N, ...)  parameters
//	drop_in  Dropout 0.1
//	conv1    Conv2D 5×5, pad 2, ReLU         96, 32, 32            7,296
//	         MaxPool2D 3, stride 2           96, 15, 15
//	drop1    Dropout 0.25
//	conv2    Conv2D 5×5, pad 2, ReLU        128, 15, 15          307,328
//	         MaxPool2D 3, stride 2          128, 7, 7
//	drop2    Dropout 0.25
//	conv3    Conv2D 5×5, pad 2, ReLU        256, 7, 7            819,456
//	         MaxPool2D 3, stride 2          256, 3, 3
//	drop3    Dropout 0.5
//	         Flatten                        2304
//	fc1      Linear, ReLU                   2048               4,720,640
//	drop4    Dropout 0.5
//	fc2      Linear, ReLU                   2048               4,196,352
//	drop5    Dropout 0.5
//	fc3      Linear                         10                    20,490
//
// The numbers are for images of 3 by 32 by 32 and 10 classes: 10,071,562 parameters.
// The incoming weights of each unit of all layers are bounded by a length of 4.
//
// Options: [InputDropout]; [DropoutRates] of the hidden layers, [Dropout], which is one
// rate for all of them, [DropWith]; [Channels]; [Hidden]; [MaxNorm], where
// math.Inf(1) is no bound.
//
//	models.DropoutCNN(10, models.InputDropout(0), models.DropoutRates(0, 0, 0, 0.5, 0.5))  in dense layers only
//
// Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting, JMLR 15, 2014, https://jmlr.org/papers/v15/srivastava14a.html, for
// CIFAR-10, CIFAR-100 and SVHN. What it leaves open is chosen here: the padding, and
// that dropout follows pooling.
func DropoutCNN(classes int, opts ...DropoutCNNOption) graph.Func {
	c := configure(config{
		classes: classes, channels: []int{96, 128, 256}, hidden: []int{2048, 2048},
		inputDropout: 0.1, bounded: true, maxNorm: 4,
	}, opts)
	if c.drops.rates == nil {
		c.drops.rates = dropoutCNNRates(len(c.channels), len(c.hidden))
	}
	return c.dropoutCNN
}

// A DropoutCNNOption adjusts one [DropoutCNN].
type DropoutCNNOption interface {
	option
	dropoutCNN()
}

// dropoutCNNRates are those of the paper: 0.5 from the last convolution on.
func dropoutCNNRates(convolutions, dense int) []float64 {
	rates := slices.Repeat([]float64{0.5}, convolutions+dense)
	for i := range convolutions - 1 {
		rates[i] = 0.25
	}
	return rates
}

func (c *config) dropoutCNN(s *graph.Scope, x *graph.Node) *graph.Node {
	c.checkDropoutCNN(s.Layer("DropoutCNN", x), x)
	if s.Err() != nil {
		return x
	}
	place := 0
	drop := func(x *graph.Node) *graph.Node {
		place++
		return c.drops.at(s.In(fmt.Sprintf("drop%d", place)), x, place-1)
	}
	x = regularize.Dropout(s.In("drop_in"), x, c.inputDropout)
	for i, channels := range c.channels {
		x = nodes.ReLU(nodes.Conv2D(s.In(fmt.Sprintf("conv%d", i+1)), x, channels, 5, nodes.Pad(2)))
		x = drop(nodes.MaxPool2D(x, 3, nodes.Stride(2)))
	}
	x = nodes.Flatten(x)
	for i, width := range c.hidden {
		x = drop(nodes.ReLU(nodes.Linear(s.In(fmt.Sprintf("fc%d", i+1)), x, width)))
	}
	regularize.MaxNorm(s, c.maxNorm)
	return nodes.Linear(s.In(fmt.Sprintf("fc%d", len(c.hidden)+1)), x, c.classes)
}

func (c *config) checkDropoutCNN(s *graph.Scope, x *graph.Node) {
	c.checkClasses(s)
	c.checkChannels(s, 0)
	c.checkHidden(s)
	c.drops.check(s, numbered("drop%d", len(c.channels)+len(c.hidden))...)
	if least := 1<<(len(c.channels)+1) - 1; x.Dims() == 4 && min(x.Dim(2), x.Dim(3)) < least {
		s.Errorf("the images have shape %v, want %d by %d pixels or more for %d poolings", x.Shape(), least, least, len(c.channels))
	}
}
