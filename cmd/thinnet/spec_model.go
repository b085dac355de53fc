package main

import (
	"reflect"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/config"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
)

// A model is one of package models.
type model struct{ config.Chosen }

// Options implements config's choice.
func (model) Options() []config.Option {
	var out []config.Option
	for _, r := range readyModels {
		out = append(out, config.Option{Name: r.name, Doc: r.doc, New: r.spec})
	}
	return out
}

// build returns the model function for data of some classes.
func (m *model) build(classes int, layout layout) graph.Func {
	s := m.Spec.(*modelSpec)
	return s.ready.adapt(s.ready.build(s.sizes, classes, s.options()), layout)
}

// An input is what the samples of a model are.
type input uint8

const (
	anything input = iota
	images         // (N, C, H, W), or (N, H, W) of one channel
	series         // (N, C, L)
	steps          // (N, T, F)
)

// A readyModel is one that a config may name.
type readyModel struct {
	name, doc string
	in        input
	sizes     []string // what comes before the number of classes
	build     func(sizes []int, classes int, options []any) graph.Func
	takes     func(option any) bool
}

// ready asks the type of a model's options which ones it takes.
func ready[O any](name string, in input, doc string, f func(sizes []int, classes int, opts []O) graph.Func, sizes ...string) readyModel {
	return readyModel{name, doc, in, sizes,
		func(sizes []int, classes int, options []any) graph.Func {
			var opts []O
			for _, opt := range options {
				opts = append(opts, opt.(O))
			}
			return f(sizes, classes, opts)
		},
		func(option any) bool { _, ok := option.(O); return ok },
	}
}

var readyModels = []readyModel{
	ready("MLP", anything, "dense layers, for inputs of any shape", func(_ []int, c int, o []models.MLPOption) graph.Func { return models.MLP(c, o...) }),
	ready("LeNet5", images, "two convolutions and three dense layers", func(_ []int, c int, o []models.LeNet5Option) graph.Func { return models.LeNet5(c, o...) }),
	ready("LeNet5Original", images, "LeNet-5 in the layers of 1998, for images of 32 by 32", func(_ []int, c int, o []models.DropOption) graph.Func { return models.LeNet5Original(c, o...) }),
	ready("PlainCNN", images, "convolutions and poolings, without norms", func(_ []int, c int, o []models.PlainCNNOption) graph.Func { return models.PlainCNN(c, o...) }),
	ready("ClassicCNN", images, "blocks of two convolutions with batch norm and spatial dropout", func(_ []int, c int, o []models.ClassicCNNOption) graph.Func { return models.ClassicCNN(c, o...) }),
	ready("DropoutCNN", images, "three convolutions with dropout in every layer", func(_ []int, c int, o []models.DropoutCNNOption) graph.Func { return models.DropoutCNN(c, o...) }),
	ready("NetworkInNetwork", images, "convolutions of 1 by 1 in place of dense layers", func(_ []int, c int, o []models.DropOption) graph.Func { return models.NetworkInNetwork(c, o...) }),
	ready("VGG", images, "up to 19 layers of 3 by 3 convolutions, for images of 32 by 32 or more", func(n []int, c int, o []models.VGGOption) graph.Func { return models.VGG(n[0], c, o...) }, "depth"),
	ready("ResNet", images, "the residual network for large images", func(n []int, c int, o []models.ResNetOption) graph.Func { return models.ResNet(n[0], c, o...) }, "depth"),
	ready("CIFARResNet", images, "the residual network for small images", func(n []int, c int, o []models.CIFARResNetOption) graph.Func {
		return models.CIFARResNet(n[0], c, o...)
	}, "depth"),
	ready("WideResNet", images, "the wide residual network for small images", func(n []int, c int, o []models.WideResNetOption) graph.Func {
		return models.WideResNet(n[0], n[1], c, o...)
	}, "depth", "k"),
	ready("SeriesCNN", series, "convolutions over series", func(_ []int, c int, o []models.SeriesCNNOption) graph.Func { return models.SeriesCNN(c, o...) }),
	ready("LSTMClassifier", steps, "LSTMs over series", func(_ []int, c int, o []models.LSTMClassifierOption) graph.Func {
		return models.LSTMClassifier(c, o...)
	}),
}

// modelSizes are the arguments of models before the number of classes.
var modelSizes = map[string]string{
	"depth": "layers, as the model counts them",
	"k":     "how many times as wide as the residual network it comes from",
}

// A modelKey is an option of package models: its name there in lower case.
type modelKey struct {
	config.Field
	of     reflect.Type
	option func(v reflect.Value) any // nil for none
}

func key[V, O any](name, in, doc string, option func(V) O) modelKey {
	return modelKey{config.Field{Key: name, In: in, Doc: doc, Absent: "that of the model"}, reflect.TypeFor[V](),
		func(v reflect.Value) any { return option(v.Interface().(V)) }}
}

// toggle is an option without an argument.
func toggle[O any](name, doc string, option func() O) modelKey {
	return modelKey{config.Field{Key: name, Doc: doc, Absent: "`false`"}, reflect.TypeFor[bool](), func(v reflect.Value) any {
		if !v.Bool() {
			return nil
		}
		return option()
	}}
}

var modelKeys = []modelKey{
	key("dropout", "[0,1]", "probability to drop a value, in each place where the model has dropout", models.Dropout),
	key("dropout_rates", "[0,1]", "a probability for each of these places", func(p []float64) models.DropOption { return models.DropoutRates(p...) }),
	key("spatial_dropout", "[0,1]", "probability to drop a feature map", models.SpatialDropout),
	key("input_dropout", "[0,1]", "probability to drop a value of the input", models.InputDropout),
	key("pool_dropout", "[0,1]", "probability to drop a value after each pooling", models.PoolDropout),
	key("stochastic_depth", "[0,1]", "probability to leave out the last residual block", func(p float64) models.DepthOption { return models.StochasticDepth(p) }),
	key("drop_with", "", "a member of the dropout family in place of dropout", func(d dropWith) models.DropOption { return models.DropWith(d.f()) }),
	key("map_drop_with", "", "the same where the model drops of its feature maps", func(d dropWith) models.MapDropOption { return models.MapDropWith(d.f()) }),
	key("channels", "[1,1e6]", "channels of the blocks", func(n []int) models.ChannelsOption { return models.Channels(n...) }),
	key("hidden", "[1,1e6]", "widths of the hidden layers", func(n []int) models.HiddenOption { return models.Hidden(n...) }),
	key("dense", "[1,1e6]", "width of the one hidden dense layer", models.Dense),
	key("max_norm", "(0,inf]", "bound on the length of the incoming weights of each hidden unit", models.MaxNorm),
	units(),
	key("padded", "", "number that stands behind the end of shorter series", models.Padded),
	toggle("bidirectional", "LSTMs in both directions", models.Bidirectional),
	toggle("batch_norm", "a batch norm behind each convolution", models.BatchNorm),
	toggle("cifar_head", "a small head, for small images", models.CIFARHead),
	toggle("projection", "a convolution on the way round a branch where the shape changes", models.Projection),
	toggle("unpadded", "the first convolution without padding", models.Unpadded),
}

// units are functions by the name of their node.
func units() modelKey {
	functions := map[string]func(*graph.Node) *graph.Node{
		"ReLU": nodes.ReLU, "Sigmoid": nodes.Sigmoid, "Tanh": nodes.Tanh, "SiLU": nodes.SiLU,
	}
	k := key("units", "", "what the hidden units compute", func(name string) models.MLPOption { return models.Units(functions[name]) })
	k.Of = "ReLU|Sigmoid|Tanh|SiLU"
	return k
}

// A modelSpec holds the options that a config gives to a model.
type modelSpec struct {
	ready  readyModel
	sizes  []int
	given  []reflect.Value // pointers, nil if not given
	taken  []modelKey
	fields []config.Field
}

// spec lists the keys that the model takes.
func (r readyModel) spec() any {
	s := &modelSpec{ready: r, sizes: make([]int, len(r.sizes))}
	for i, name := range r.sizes {
		s.fields = append(s.fields, config.Field{Key: name, Doc: modelSizes[name], Need: true, In: "[1,1e4]", Value: reflect.ValueOf(&s.sizes[i]).Elem()})
	}
	for _, k := range modelKeys {
		sample := reflect.New(k.of).Elem()
		if k.of.Kind() == reflect.Bool {
			sample.SetBool(true)
		}
		if !r.takes(k.option(sample)) {
			continue
		}
		f := k.Field
		f.Value = reflect.New(reflect.PointerTo(k.of)).Elem()
		s.given, s.taken, s.fields = append(s.given, f.Value), append(s.taken, k), append(s.fields, f)
	}
	return s
}

// Fields implements [config.Fielder].
func (s *modelSpec) Fields() []config.Field { return s.fields }

func (s *modelSpec) options() []any {
	var out []any
	for i, v := range s.given {
		if v.IsNil() {
			continue
		}
		if opt := s.taken[i].option(v.Elem()); opt != nil {
			out = append(out, opt)
		}
	}
	return out
}

// adapt lets a model have the samples of a data set: images without an axis for their
// one channel, and series that are one step after the other.
func (r readyModel) adapt(f graph.Func, l layout) graph.Func {
	switch {
	case r.in == images:
		return func(s *graph.Scope, x *graph.Node) *graph.Node {
			if x.Dims() == 3 {
				x = nodes.Reshape(x, 0, 1, x.Dim(1), x.Dim(2))
			}
			return f(s, x)
		}
	case r.in == series && l == stepsFirst:
		return func(s *graph.Scope, x *graph.Node) *graph.Node { return f(s, nodes.Transpose(x, 0, 2, 1)) }
	}
	return f
}
