package onnx_test

import (
	"math/rand/v2"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxtest"
	"github.com/thinnet/thinnet/models"
)

// every is all models of package models, small ones.
var every = []struct {
	name  string
	net   graph.Func
	shape graph.Shape
	words int // the input is words
}{
	{name: "MLP", net: models.MLP(10, models.Hidden(20, 30)), shape: graph.Shape{2, 1, 8, 8}},
	{name: "LeNet5", net: models.LeNet5(10), shape: graph.Shape{2, 1, 28, 28}},
	{name: "LeNet5Original", net: models.LeNet5Original(10), shape: graph.Shape{2, 1, 32, 32}},
	{name: "PlainCNN", net: models.PlainCNN(10, models.Channels(4, 6)), shape: graph.Shape{2, 3, 16, 16}},
	{name: "DropoutCNN", net: models.DropoutCNN(10, models.Channels(4, 6, 8), models.Hidden(20, 20)), shape: graph.Shape{2, 3, 32, 32}},
	{name: "ClassicCNN", net: models.ClassicCNN(10), shape: graph.Shape{2, 1, 28, 28}},
	{name: "VGG 11", net: models.VGG(11, 10, models.Channels(4, 6, 8, 8, 8), models.Hidden(20, 20)), shape: graph.Shape{2, 3, 32, 32}},
	{name: "VGG 16 with batch norm", net: models.VGG(16, 10, models.CIFARHead(), models.BatchNorm(), models.Channels(4, 6, 8, 8, 8), models.Hidden(20)), shape: graph.Shape{2, 3, 32, 32}},
	{name: "ResNet 18", net: models.ResNet(18, 10, models.Channels(4, 6, 8, 8)), shape: graph.Shape{2, 3, 64, 64}},
	{name: "ResNet 50", net: models.ResNet(50, 10, models.Channels(2, 4, 4, 4)), shape: graph.Shape{2, 3, 64, 64}},
	{name: "CIFARResNet", net: models.CIFARResNet(20, 10, models.Channels(4, 6, 8)), shape: graph.Shape{2, 3, 32, 32}},
	{name: "WideResNet", net: models.WideResNet(10, 1, 10), shape: graph.Shape{2, 3, 16, 16}},
	{name: "NetworkInNetwork", net: models.NetworkInNetwork(10), shape: graph.Shape{2, 3, 32, 32}},
	{name: "LSTMClassifier", net: models.LSTMClassifier(10, models.Hidden(12, 8)), shape: graph.Shape{2, 7, 5}},
	{name: "LSTMClassifier, padded, bidirectional", net: models.LSTMClassifier(10, models.Hidden(12, 8), models.Bidirectional(), models.Padded(0)), shape: graph.Shape{2, 7, 5}},
	{name: "AWDLSTM", net: models.AWDLSTM(50, models.EmbeddingSize(12), models.Hidden(16, 16)), shape: graph.Shape{2, 9}, words: 50},
	{name: "UNet", net: models.UNet(3, models.Channels(4, 6, 8)), shape: graph.Shape{2, 1, 16, 16}},
	{name: "SeriesCNN", net: models.SeriesCNN(10, models.Channels(4, 6)), shape: graph.Shape{2, 3, 32}},
}

// trained are the models after some steps, so that no running statistic is what it was.
func trained(t *testing.T) (out []onnxtest.Case) {
	t.Helper()
	for _, c := range every {
		m, err := graph.Build(c.net, c.shape, graph.Seed(1))
		if err != nil {
			t.Fatalf("%s: %+v", c.name, err)
		}
		of := onnxtest.Case{Name: c.name, Model: m}
		if c.words > 0 {
			of.Input = func(r *rand.Rand) float64 { return float64(r.IntN(c.words)) }
		}
		move(m)
		out = append(out, of)
	}
	return out
}

// move takes all weights off their first values.
func move(m *graph.Model) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, w := range m.Weights() {
		if w.Value.Dtype() != m.Dtype() || w.Value.Dims() == 0 {
			continue
		}
		for i := range w.Value.Float32s() {
			w.Value.Float32s()[i] += float32(0.2 * r.Float64()) // variances stay positive
		}
	}
}

func TestModels(t *testing.T) { onnxtest.Agree(t, trained(t)) }
