package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// A network is one of those that are timed, also in bench/torch_models.py: there
// it has the same layers, names of parameters and sizes. All have 10 classes.
type network struct {
	name  string
	input graph.Shape // of one sample
	batch int         // the default
	net   func(l *layers, x *graph.Node) *graph.Node
}

var networks = []network{
	{"mlp", graph.Shape{784}, 128, perceptron(1024)},
	{"mlp800", graph.Shape{784}, 100, perceptron(800)},
	{"lenet_dropout", graph.Shape{1, 28, 28}, 64, lenet},
	{"cnn_bn_spatial", graph.Shape{3, 32, 32}, 64, cnn},
	{"wrn16_2", graph.Shape{3, 32, 32}, 32, wideResNet},
	{"conv1d6", graph.Shape{8, 1024}, 64, conv1D},
	{"lstm_dropout", graph.Shape{50, 64}, 32, lstm},
}

func networkNamed(name string) (network, error) {
	i := slices.IndexFunc(networks, func(n network) bool { return n.name == name })
	if i >= 0 {
		return networks[i], nil
	}
	var names []string
	for _, n := range networks {
		names = append(names, n.name)
	}
	return network{}, fmt.Errorf("-model is %q, want one of %s", name, strings.Join(names, ", "))
}

// perceptron has two hidden layers and dropout before every layer, the sizes of
// Srivastava et al. 2014.
func perceptron(width int) func(*layers, *graph.Node) *graph.Node {
	return func(l *layers, x *graph.Node) *graph.Node {
		x = l.dropout("drop1", x, 0.2)
		x = nodes.ReLU(l.linear("fc1", x, width))
		x = l.dropout("drop2", x, 0.5)
		x = nodes.ReLU(l.linear("fc2", x, width))
		x = l.dropout("drop3", x, 0.5)
		return l.linear("fc3", x, 10)
	}
}

// lenet is a wide LeNet: 5x5 convolutions of 32 and 64 channels.
func lenet(l *layers, x *graph.Node) *graph.Node {
	x = nodes.MaxPool2D(nodes.ReLU(l.conv2D("conv1", x, 32, 5, nodes.Pad(2))), 2)
	x = nodes.MaxPool2D(nodes.ReLU(l.conv2D("conv2", x, 64, 5, nodes.Pad(2))), 2)
	x = nodes.ReLU(l.linear("fc1", nodes.Flatten(x), 1024))
	return l.linear("fc2", l.dropout("drop", x, 0.5), 10)
}

// cnn has three blocks of 3x3 convolutions with batch norm, spatial dropout
// after each, and a dense layer with batch norm.
func cnn(l *layers, x *graph.Node) *graph.Node {
	for i, channels := range []int{32, 64, 128} {
		b := l.in(fmt.Sprintf("block%d", i+1))
		x = nodes.ReLU(nodes.BatchNorm2D(b.s.In("bn1"), b.conv2D("conv1", x, channels, 3, nodes.Pad(1))))
		x = nodes.ReLU(nodes.BatchNorm2D(b.s.In("bn2"), b.conv2D("conv2", x, channels, 3, nodes.Pad(1))))
		x = nodes.MaxPool2D(regularize.SpatialDropout2D(b.s.In("drop"), x, 0.1), 2)
	}
	x = l.linear("fc1", nodes.Flatten(x), 128)
	x = nodes.ReLU(nodes.BatchNorm1D(l.s.In("fc_bn"), x))
	return l.linear("fc2", l.dropout("drop", x, 0.5), 10)
}

// wideResNet is WRN-16-2 with dropout 0.3, whose multiply-adds are counted ahead: those
// of a sample, at 32 by 32 pixels.
func wideResNet(l *layers, x *graph.Node) *graph.Node {
	const first, others = 32 * 32 * 16 * 27, 100_664_576
	l.add(x.Dim(0) * first)
	l.add(x.Dim(0) * others)
	return models.WideResNet(16, 2, 10)(l.s, x)
}

// conv1D has six blocks of a convolution, batch norm, ReLU and pooling over a
// series of 1024 values in 8 channels.
func conv1D(l *layers, x *graph.Node) *graph.Node {
	for i := range 6 {
		b := l.in(fmt.Sprintf("block%d", i+1))
		x = nodes.BatchNorm1D(b.s.In("bn"), b.conv1D("conv", x, 64, 3, nodes.Pad(1)))
		x = nodes.MaxPool1D(nodes.ReLU(x), 2)
	}
	return l.linear("fc", nodes.GlobalAvgPool(x), 10)
}

// lstm has two LSTM layers over 50 steps, each with dropout after it that draws anew
// at every step, and classifies by the last of them.
func lstm(l *layers, x *graph.Node) *graph.Node {
	x = l.dropout("drop1", l.lstm("lstm1", x, 256).Output, 0.5)
	x = l.dropout("drop2", l.lstm("lstm2", x, 256).Last(), 0.5)
	return l.linear("fc", x, 10)
}
