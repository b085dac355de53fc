package models_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

func ExampleMLP() {
	describe(models.MLP(10), 64, 1, 28, 28)
	// Output:
	// output (64, 10), 669706 parameters
}

func ExampleLeNet5() {
	describe(models.LeNet5(10, models.Dropout(0.5)), 64, 1, 28, 28)
	// Output:
	// output (64, 10), 61706 parameters
}

func ExampleClassicCNN() {
	describe(models.ClassicCNN(10), 64, 1, 28, 28)
	// Output:
	// output (64, 10), 468138 parameters
}

// A network without dropout, for comparison.
func ExampleHidden() {
	describe(models.MLP(10, models.Hidden(800, 800), models.InputDropout(0), models.Dropout(0)), 100, 784)
	// Output:
	// output (100, 10), 1276810 parameters
}

// Three blocks for colour images of 32 by 32, and a wider head.
func ExampleChannels() {
	describe(models.ClassicCNN(100, models.Channels(32, 64, 128), models.Dense(256)), 32, 3, 32, 32)
	// Output:
	// output (32, 100), 837956 parameters
}

func describe(net graph.Func, shape ...int) {
	m, err := graph.Build(net, shape)
	if err != nil {
		log.Fatal(err)
	}
	parameters := 0
	for _, w := range m.Weights() {
		if w.Trainable {
			parameters += w.Value.Shape().TotalSize()
		}
	}
	fmt.Printf("output %v, %d parameters\n", m.OutputShape(), parameters)
}

// VGG of 16 layers with batch norm, for images of 32 by 32.
func ExampleVGG() {
	describe(models.VGG(16, 10, models.BatchNorm(), models.CIFARHead()), 1, 3, 32, 32)
	// Output:
	// output (1, 10), 15253578 parameters
}

func ExampleResNet() {
	describe(models.ResNet(18, 1000), 1, 3, 224, 224)
	// Output:
	// output (1, 1000), 11689512 parameters
}

// Pixels instead of whole maps in the convolutions.
func ExampleMapDropWith() {
	pixels := func(s *graph.Scope, x *graph.Node) *graph.Node { return regularize.Dropout(s, x, 0.1) }
	describe(models.ClassicCNN(10, models.MapDropWith(pixels)), 64, 1, 28, 28)
	// Output:
	// output (64, 10), 468138 parameters
}

// The rates of each layer, the first one lower.
func ExampleDropoutRates() {
	describe(models.MLP(10, models.Hidden(800, 800), models.DropoutRates(0.3, 0.5)), 100, 784)
	// Output:
	// output (100, 10), 1276810 parameters
}

func ExampleLeNet5Original() {
	describe(models.LeNet5Original(10), 64, 1, 32, 32)
	// Output:
	// output (64, 10), 61750 parameters
}

// The network whose maps are 24, 12, 8 and 4 pixels wide.
func ExampleUnpadded() {
	describe(models.LeNet5(10, models.Unpadded()), 64, 1, 28, 28)
	// Output:
	// output (64, 10), 44426 parameters
}

// Three convolutions of 16, 32 and 64 channels.
func ExamplePlainCNN() {
	describe(models.PlainCNN(10), 64, 1, 28, 28)
	describe(models.PlainCNN(10, models.Channels(16, 32, 64)), 64, 3, 32, 32)
	// Output:
	// output (64, 10), 421642 parameters
	// output (64, 10), 156074 parameters
}

// Dropout in all layers, and in the dense layers of a narrower network.
func ExampleDropoutCNN() {
	describe(models.DropoutCNN(10), 64, 3, 32, 32)
	describe(models.DropoutCNN(10, models.Hidden(256, 256), models.InputDropout(0), models.DropoutRates(0, 0, 0, 0.5, 0.5)), 64, 3, 32, 32)
	// Output:
	// output (64, 10), 10071562 parameters
	// output (64, 10), 1792522 parameters
}

// The network of stochastic depth.
func ExampleCIFARResNet() {
	describe(models.CIFARResNet(110, 10, models.StochasticDepth(0.5)), 128, 3, 32, 32)
	// Output:
	// output (128, 10), 1727962 parameters
}

// WRN-16-2 for SVHN.
func ExampleWideResNet() {
	describe(models.WideResNet(16, 2, 10, models.Dropout(0.4)), 128, 3, 32, 32)
	// Output:
	// output (128, 10), 691674 parameters
}

func ExampleNetworkInNetwork() {
	describe(models.NetworkInNetwork(10), 128, 3, 32, 32)
	// Output:
	// output (128, 10), 966986 parameters
}

// Utterances of up to 29 steps, padded with zeros.
func ExampleLSTMClassifier() {
	describe(models.LSTMClassifier(9, models.Padded(0)), 30, 29, 12)
	// Output:
	// output (30, 9), 53833 parameters
}

// The settings for WikiText-2, in a tenth of the size.
func ExampleAWDLSTM() {
	describe(models.AWDLSTM(3000, models.EmbeddingSize(40), models.Hidden(115, 115), models.DropoutRates(0.2, 0.2, 0.4)), 80, 70)
	// Output:
	// output (80, 3000, 70), 327060 parameters
}

// A denoiser of small images.
func ExampleUNet() {
	describe(models.UNet(1, models.Channels(16, 32, 64), models.SpatialDropout(0.2)), 64, 1, 28, 28)
	// Output:
	// output (64, 1, 28, 28), 117073 parameters
}

func ExampleSeriesCNN() {
	describe(models.SeriesCNN(10, models.SpatialDropout(0.1)), 64, 8, 1024)
	// Output:
	// output (64, 10), 64394 parameters
}

// A network of logistic units, initialised for them.
func ExampleUnits() {
	describe(models.MLP(10, models.Hidden(1024, 1024, 1024), models.Units(nodes.Sigmoid),
		models.WeightInit(graph.XavierUniform(1))), 100, 784)
	// Output:
	// output (100, 10), 2913290 parameters
}
