// Quickstart declares, trains and exports a small network.
package main

import (
	"context"
	"log"

	"github.com/thinnet/thinnet/export"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
)

func net(s *graph.Scope, x *graph.Node) *graph.Node {
	x = nodes.Conv2D(s.In("conv1"), x, 16, 3, nodes.Pad(1), nodes.NoBias())
	x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x))
	x = regularize.SpatialDropout2D(s.In("drop1"), nodes.MaxPool2D(x, 2), 0.1)
	x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 64))
	return nodes.Linear(s.In("fc2"), regularize.Dropout(s.In("drop2"), x, 0.2), 10)
}

func main() {
	m, err := graph.Build(net, graph.Shape{64, 1, 28, 28}, graph.Seed(1))
	if err != nil {
		log.Fatalf("%+v", err)
	}
	if _, err := train.Fit(context.Background(), m, train.Digits(6000, 1), nodes.CrossEntropy(),
		train.Adam(2e-3), train.Epochs(4), train.Metrics(nodes.Accuracy())); err != nil {
		log.Fatalf("%+v", err)
	}
	if err := export.SaveSafetensors(m, "digits.safetensors"); err != nil {
		log.Fatalf("%+v", err)
	}
}
