package models_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
)

// all are the models, small ones, with what they drop if that can be given.
var all = map[string]struct {
	f     func(drop ...models.DropOption) graph.Func
	shape graph.Shape
}{
	"AWDLSTM": {func(drop ...models.DropOption) graph.Func {
		return models.AWDLSTM(5, append(optionsOf[models.AWDLSTMOption](drop), models.Hidden(3, 3), models.EmbeddingSize(2))...)
	}, graph.Shape{2, 4}},
	"CIFARResNet": {func(drop ...models.DropOption) graph.Func {
		return models.CIFARResNet(8, 2, append(optionsOf[models.CIFARResNetOption](drop), models.Channels(1, 2, 3))...)
	}, graph.Shape{2, 3, 8, 8}},
	"ClassicCNN": {func(drop ...models.DropOption) graph.Func {
		return models.ClassicCNN(2, optionsOf[models.ClassicCNNOption](drop)...)
	}, graph.Shape{2, 1, 8, 8}},
	"DropoutCNN": {func(drop ...models.DropOption) graph.Func {
		return models.DropoutCNN(2, append(optionsOf[models.DropoutCNNOption](drop), models.Channels(2, 3), models.Hidden(4))...)
	}, graph.Shape{2, 3, 16, 16}},
	"LeNet5": {func(drop ...models.DropOption) graph.Func {
		return models.LeNet5(2, optionsOf[models.LeNet5Option](drop)...)
	}, graph.Shape{2, 1, 28, 28}},
	"LeNet5Original": {func(drop ...models.DropOption) graph.Func { return models.LeNet5Original(2, drop...) }, graph.Shape{2, 1, 32, 32}},
	"LSTMClassifier": {func(drop ...models.DropOption) graph.Func {
		return models.LSTMClassifier(2, append(optionsOf[models.LSTMClassifierOption](drop), models.Hidden(3, 4))...)
	}, graph.Shape{2, 5, 3}},
	"MLP": {func(drop ...models.DropOption) graph.Func {
		return models.MLP(2, append(optionsOf[models.MLPOption](drop), models.Hidden(4, 4, 4))...)
	}, graph.Shape{2, 5}},
	"NetworkInNetwork": {func(drop ...models.DropOption) graph.Func { return models.NetworkInNetwork(2, drop...) }, graph.Shape{2, 3, 8, 8}},
	"PlainCNN": {func(drop ...models.DropOption) graph.Func {
		return models.PlainCNN(2, append(optionsOf[models.PlainCNNOption](drop), models.PoolDropout(0))...)
	}, graph.Shape{2, 1, 8, 8}},
	"ResNet": {func(drop ...models.DropOption) graph.Func {
		return models.ResNet(18, 2, append(optionsOf[models.ResNetOption](drop), models.Channels(1, 2, 3, 4))...)
	}, graph.Shape{2, 3, 32, 32}},
	"SeriesCNN": {func(...models.DropOption) graph.Func { return models.SeriesCNN(2, models.Channels(2, 3)) }, graph.Shape{2, 1, 16}},
	"UNet":      {func(...models.DropOption) graph.Func { return models.UNet(1, models.Channels(2, 3)) }, graph.Shape{2, 1, 8, 8}},
	"VGG": {func(drop ...models.DropOption) graph.Func {
		return models.VGG(11, 2, append(optionsOf[models.VGGOption](drop), models.CIFARHead(), models.Channels(1, 1, 1, 1, 1), models.Hidden(4, 5))...)
	}, graph.Shape{2, 3, 32, 32}},
	"WideResNet": {func(drop ...models.DropOption) graph.Func {
		return models.WideResNet(10, 1, 2, optionsOf[models.WideResNetOption](drop)...)
	}, graph.Shape{2, 3, 8, 8}},
}

// optionsOf are options of what drops, as those of a model.
func optionsOf[O any](drop []models.DropOption) (out []O) {
	for _, opt := range drop {
		out = append(out, any(opt).(O))
	}
	return out
}

// What a wrong number of rates is told is where the model drops.
func TestWrongNumberOfRates(t *testing.T) {
	for name, m := range all {
		var want []string
		build(t, m.f(models.DropWith(func(s *graph.Scope, x *graph.Node) *graph.Node {
			want = append(want, s.Path())
			return x
		})), m.shape...)
		if want == nil {
			continue // SeriesCNN and UNet drop maps alone
		}
		for _, rates := range [][]float64{make([]float64, len(want)-1), make([]float64, len(want)+1)} {
			_, err := graph.Build(m.f(models.DropoutRates(rates...)), m.shape)
			if err == nil || !strings.HasPrefix(err.Error(), "graph.Build: "+name+": DropoutRates has ") ||
				!strings.HasSuffix(err.Error(), "one for each place: "+strings.Join(want, ", ")) {
				t.Errorf("%s with %d rates: got error %v, want one with the places %q", name, len(rates), err, want)
			}
		}
		build(t, m.f(models.DropoutRates(slices.Repeat([]float64{0.1}, len(want))...)), m.shape...)
		build(t, m.f(models.Dropout(0.1)), m.shape...)
	}
}

func TestModelsOfNil(t *testing.T) {
	for name, m := range all {
		_, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node { return m.f()(s.In("net"), nil) }, m.shape)
		if want := "graph.Build: net: " + name + ": x is nil, want a node"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
