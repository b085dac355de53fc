package graph_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"github.com/thinnet/thinnet/train"
	"gorgonia.org/tensor"
)

func TestAllocProbe(t *testing.T) {
	m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("c"), x, 8, 3, nodes.Pad(1))))
		x = nodes.MaxPool2D(regularize.SpatialDropout2D(s.In("sd"), x, .1), 2)
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), nodes.Flatten(x), 32))
		x = regularize.Dropout(s.In("d"), x, 0.5)
		return nodes.Linear(s.In("fc2"), x, 10)
	}, graph.Shape{4, 3, 8, 8})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(tensor.WithShape(4, 3, 8, 8), tensor.Of(tensor.Float32))
	y := tensor.New(tensor.WithShape(4), tensor.Of(tensor.Int))
	tr := m.Trainer(nodes.CrossEntropy())
	o := train.SGD(0.01, train.Momentum(0.9))
	step := func() {
		if _, err := tr.Step(x, y); err != nil {
			t.Fatal(err)
		}
		if err := tr.Update(o); err != nil {
			t.Fatal(err)
		}
	}
	step()
	t.Log("allocs", testing.AllocsPerRun(2000, step))
}
