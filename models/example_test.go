package models_test

import (
	"fmt"
	"log"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/models"
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
