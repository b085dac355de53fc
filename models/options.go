package models

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/regularize"
)

// A DropOption says what a model drops in its dense layers; in models that drop at
// one kind of place, there.
type DropOption interface {
	MLPOption
	LeNet5Option
	ClassicCNNOption
	VGGOption
	ResNetOption
	CIFARResNetOption
	PlainCNNOption
	DropoutCNNOption
	WideResNetOption
	LSTMClassifierOption
	AWDLSTMOption
}

// Dropout is the probability to drop a value, in each place where the model has
// dropout, from 0, which is none, to 1.
func Dropout(p float64) DropOption {
	return dropOption(func(c *config) { c.drops.rates, c.drops.each, c.drops.with = []float64{p}, false, nil })
}

// DropoutRates gives each place where the model has dropout a rate of its own, in
// order from the input on. Another number of rates than of places is an error, which
// lists the places; for one rate in all of them there is [Dropout].
func DropoutRates(p ...float64) DropOption {
	return dropOption(func(c *config) { c.drops.rates, c.drops.each, c.drops.with = append([]float64{}, p...), true, nil })
}

// DropWith puts f where the model has dropout: another member of the family, or
// anything of the same shape. f gets a scope of its own for each place.
//
//	models.MLP(10, models.DropWith(func(s *graph.Scope, x *graph.Node) *graph.Node {
//		return regularize.GaussianDropout(s, x, 0.5)
//	}))
func DropWith(f graph.Func) DropOption {
	return dropOption(func(c *config) { c.drops.with = given("DropWith", f) })
}

type dropOption func(*config)

func (o dropOption) set(c *config) { o(c) }
func (dropOption) mlp()            {}
func (dropOption) leNet5()         {}
func (dropOption) classicCNN()     {}
func (dropOption) vgg()            {}
func (dropOption) resNet()         {}
func (dropOption) cifarResNet()    {}
func (dropOption) plainCNN()       {}
func (dropOption) dropoutCNN()     {}
func (dropOption) wideResNet()     {}
func (dropOption) lstmClassifier() {}
func (dropOption) awdLSTM()        {}

// A MapDropOption says what a model drops of its feature maps, if it drops in its
// dense layers too.
type MapDropOption interface {
	ClassicCNNOption
	PlainCNNOption
	SeriesCNNOption
	UNetOption
}

// SpatialDropout is the probability to drop a feature map at the end of each block,
// from 0, which is none, to 1.
func SpatialDropout(p float64) MapDropOption {
	return mapDropOption(func(c *config) { c.maps = spatialDropout(p) })
}

// MapDropWith puts f where the model drops of its feature maps, as [DropWith] does
// in dense layers; f gets (N, C, H, W).
func MapDropWith(f graph.Func) MapDropOption {
	return mapDropOption(func(c *config) { c.maps = given("MapDropWith", f) })
}

type mapDropOption func(*config)

func (o mapDropOption) set(c *config) { o(c) }
func (mapDropOption) classicCNN()     {}
func (mapDropOption) plainCNN()       {}
func (mapDropOption) seriesCNN()      {}
func (mapDropOption) unet()           {}

// An InputOption adjusts what a model does to its input.
type InputOption interface {
	MLPOption
	DropoutCNNOption
	AWDLSTMOption
}

// InputDropout is the probability to drop a value of the input, from 0, which is
// none, to 1.
func InputDropout(p float64) InputOption {
	return inputOption(func(c *config) { c.inputDropout = p })
}

type inputOption func(*config)

func (o inputOption) set(c *config) { o(c) }
func (inputOption) mlp()            {}
func (inputOption) dropoutCNN()     {}
func (inputOption) awdLSTM()        {}

// A ChannelsOption sets the width of convolutions.
type ChannelsOption interface {
	ClassicCNNOption
	VGGOption
	ResNetOption
	CIFARResNetOption
	PlainCNNOption
	DropoutCNNOption
	SeriesCNNOption
	UNetOption
}

// Channels sets the channels of the blocks, one number a block.
func Channels(n ...int) ChannelsOption {
	return channelsOption(func(c *config) { c.channels = slices.Clone(n) })
}

type channelsOption func(*config)

func (o channelsOption) set(c *config) { o(c) }
func (channelsOption) classicCNN()     {}
func (channelsOption) vgg()            {}
func (channelsOption) resNet()         {}
func (channelsOption) cifarResNet()    {}
func (channelsOption) plainCNN()       {}
func (channelsOption) dropoutCNN()     {}
func (channelsOption) seriesCNN()      {}
func (channelsOption) unet()           {}

// A HiddenOption sets the widths of hidden layers, dense or recurrent.
type HiddenOption interface {
	MLPOption
	VGGOption
	DropoutCNNOption
	LSTMClassifierOption
	AWDLSTMOption
}

// Hidden sets the widths of the hidden layers, dense or recurrent, one number a layer.
// Dense layers may be none: then the output layer follows at once.
func Hidden(widths ...int) HiddenOption {
	return hiddenOption(func(c *config) { c.hidden = append([]int{}, widths...) })
}

type hiddenOption func(*config)

func (o hiddenOption) set(c *config) { o(c) }
func (hiddenOption) mlp()            {}
func (hiddenOption) vgg()            {}
func (hiddenOption) dropoutCNN()     {}
func (hiddenOption) lstmClassifier() {}
func (hiddenOption) awdLSTM()        {}

// A DepthOption says which residual blocks a model leaves out.
type DepthOption interface {
	ResNetOption
	CIFARResNetOption
}

// StochasticDepth is the probability to leave out the branch of the last residual
// block; that of the others rises to it in a line, by [regularize.LinearDecay]. The
// default is 0, and the paper's 0.5. With it goes [regularize.RowMode], by which each
// sample draws for itself, or a schedule.
func StochasticDepth(p float64, opts ...regularize.StochasticDepthOption) DepthOption {
	return depthOption(func(c *config) { c.depth, c.depthOptions = p, slices.Clone(opts) })
}

type depthOption func(*config)

func (o depthOption) set(c *config) { o(c) }
func (depthOption) resNet()         {}
func (depthOption) cifarResNet()    {}

// A DenseOption sets the width of the one hidden dense layer.
type DenseOption interface {
	ClassicCNNOption
	PlainCNNOption
}

// Dense sets the width of the hidden dense layer.
func Dense(n int) DenseOption {
	return denseOption(func(c *config) { c.hidden = []int{n} })
}

type denseOption func(*config)

func (o denseOption) set(c *config) { o(c) }
func (denseOption) classicCNN()     {}
func (denseOption) plainCNN()       {}

// A BoundOption bounds weights.
type BoundOption interface {
	MLPOption
	DropoutCNNOption
}

// MaxNorm bounds the length of the incoming weight vector of each hidden unit;
// see [regularize.MaxNorm]. It must be above 0.
func MaxNorm(length float64) BoundOption {
	return boundOption(func(c *config) { c.bounded, c.maxNorm = true, length })
}

type boundOption func(*config)

func (o boundOption) set(c *config) { o(c) }
func (boundOption) mlp()            {}
func (boundOption) dropoutCNN()     {}
