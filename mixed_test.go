package thinnet

import (
	"context"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/graph/graphtest"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// mixed is a network for images (N, 1, H, W) whose layers are by turns stock
// operations of Gorgonia and nodes of ours. It has no kinks, for the differences
// that check its gradients.
func mixed(s *graph.Scope, x *graph.Node) *graph.Node {
	// Stock convolution, our norm and dropout.
	filters := s.In("stock1").Param("weight", graph.Shape{4, 1, 3, 3}, graph.Normal(0, 0.3))
	x = graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Conv2d(in[0], in[1], tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1})
	}, x, filters)
	x = regularize.SpatialDropout2D(s.In("drop1"), nodes.BatchNorm2D(s.In("bn1"), x), 0.1)
	// Our convolution, stock activation.
	x = nodes.AvgPool2D(x, 2)
	x = stockTanh(nodes.Conv2D(s.In("conv2"), x, 6, 3))
	x = nodes.AvgPool2D(x, 2)
	// Stock reshape and product, our dropout.
	n, features := x.Dim(0), x.Dim(1)*x.Dim(2)*x.Dim(3)
	hidden := s.In("stock2").Param("weight", graph.Shape{features, 16}, graph.Normal(0, 0.1))
	x = graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		flat, err := gorgonia.Reshape(in[0], tensor.Shape{n, features})
		if err != nil {
			return nil, err
		}
		return gorgonia.Mul(flat, in[1])
	}, x, hidden)
	x = regularize.Dropout(s.In("drop2"), nodes.BatchNorm1D(s.In("bn2"), x), 0.2)
	// Two slices, one the gate of the other.
	left, right := stockColumns(x, 0, 8), stockColumns(x, 8, 16)
	x = nodes.Mul(left, nodes.Sigmoid(right))
	// A sum over an axis beside what was summed.
	total := graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sum(in[0], 1) }, right)
	x = nodes.Concat(1, x, nodes.Reshape(total, 0, 1))
	return nodes.Linear(s.In("fc"), stockTanh(x), 10)
}

func stockTanh(x *graph.Node) *graph.Node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Tanh(in[0]) }, x)
}

func stockColumns(x *graph.Node, from, to int) *graph.Node {
	return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Slice(in[0], nil, gorgonia.S(from, to))
	}, x)
}

func TestGradientsOfStockOperationsAmongOurs(t *testing.T) {
	graphtest.Check(t, graphtest.Case{
		Name: "mixed", In: []graphtest.Input{graphtest.Normal(3, 1, 10, 10)},
		Net: func(s *graph.Scope, in ...*graph.Node) *graph.Node { return mixed(s, in[0]) },
	})
}

// The last batch of an epoch is short, so that the stock operations are declared
// for two batch sizes. A guess has a loss of ln 10 = 2.3.
func TestFitStockOperationsAmongOurs(t *testing.T) {
	m := build(t, mixed, graph.Shape{16, 1, 28, 28}, graph.Seed(1))
	h, err := train.Fit(context.Background(), m, train.Digits(200, 1), nodes.CrossEntropy(), train.Adam(3e-2),
		train.Epochs(8), train.Validation(train.Digits(200, 1)), train.ReportTo(nil))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	first, last := h.Epochs[0].Validation.Loss, h.Epochs[len(h.Epochs)-1].Validation.Loss
	if !(last < first/2) {
		t.Errorf("got a loss of %.3g after %.3g, want at most half", last, first)
	}
}
