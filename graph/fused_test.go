package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
	"gorgonia.org/tensor"
)

func ones(dt tensor.Dtype, shape ...int) *tensor.Dense { return tensor.Ones(dt, shape...) }

func buildNet(t *testing.T, net graph.Func, shape graph.Shape, opts ...graph.Option) *graph.Model {
	t.Helper()
	m, err := graph.Build(net, shape, opts...)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return m
}

// A layer that is computed together with what follows it keeps its name: in what
// is found to be infinite, and in profiles.
func TestLayersKeepTheirNamesWhenMerged(t *testing.T) {
	m := buildNet(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.ReLU(nodes.Linear(s.In("fc1"), x, 4, nodes.WeightInit(graph.Constant(3e38))))
		return nodes.Linear(s.In("fc2"), x, 2)
	}, graph.Shape{2, 3})
	tr := m.Trainer(nodes.MSE())
	if _, err := tr.Step(ones(tensor.Float32, 2, 3), ones(tensor.Float32, 2, 2)); err != nil {
		t.Fatal(err)
	}
	if err := tr.NonFinite(); err == nil || !strings.HasPrefix(err.Error(), "fc1: Linear: ") {
		t.Errorf("got %v, want an error of fc1", err)
	}

	m = buildNet(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.Conv2D(s.In("conv1"), x, 4, 3, nodes.Pad(1))
		return nodes.GlobalAvgPool(nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), x)))
	}, graph.Shape{2, 3, 8, 8})
	if got := paths(t, m); !slices.Contains(got, "conv1 ConvProduct") {
		t.Errorf("the profile names %v, want conv1 in it", got)
	}
}

// paths returns the rows of the profile of a prediction.
func paths(t *testing.T, m *graph.Model) (rows []string) {
	t.Helper()
	p, err := m.Profile(ones(tensor.Float32, m.Shape()...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p {
		rows = append(rows, strings.TrimSpace(c.Path+" "+c.Op))
	}
	return rows
}

// What packed weights have between their panels is not looked at. A step that
// failed leaves its values behind in memory, so the second one finds them there.
func TestNonFiniteLooksAtValuesAlone(t *testing.T) {
	m := buildNet(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		x = nodes.LeakyReLU(nodes.Conv2D(s.In("a"), x, 64, 3, nodes.Pad(1)))
		x = nodes.LeakyReLU(nodes.Conv2D(s.In("b"), x, 64, 3, nodes.Pad(1)))
		return nodes.Linear(s.In("big"), nodes.GlobalAvgPool(x), 3, nodes.WeightInit(graph.Constant(3e38)), nodes.BiasInit(graph.Constant(3e38)))
	}, graph.Shape{8, 64, 32, 32})
	x, y := ones(tensor.Float32, 8, 64, 32, 32), ones(tensor.Float32, 8, 3)
	tr := m.Trainer(nodes.MSE())
	for range 3 {
		if _, err := tr.Step(x, y); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.NonFinite(); err == nil || !strings.HasPrefix(err.Error(), "big: Linear: ") {
		t.Errorf("got %v, want an error of big", err)
	}
}

// A convolution or a product that two ops could take over is computed once.
func TestNothingCostlyIsComputedTwice(t *testing.T) {
	for name, net := range map[string]graph.Func{
		"convolution": func(s *graph.Scope, x *graph.Node) *graph.Node {
			y := nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1))
			return nodes.GlobalAvgPool(nodes.Concat(1, nodes.ReLU(y), nodes.BatchNorm2D(s.In("bn"), y)))
		},
		"two norms": func(s *graph.Scope, x *graph.Node) *graph.Node {
			y := nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1))
			return nodes.GlobalAvgPool(nodes.Concat(1, nodes.BatchNorm2D(s.In("bn1"), y), nodes.BatchNorm2D(s.In("bn2"), y)))
		},
		"norm read twice": func(s *graph.Scope, x *graph.Node) *graph.Node {
			y := nodes.BatchNorm2D(s.In("bn"), nodes.Conv2D(s.In("conv"), x, 4, 3, nodes.Pad(1)))
			return nodes.GlobalAvgPool(nodes.Concat(1, nodes.ReLU(y), nodes.LeakyReLU(y)))
		},
		"linear": func(s *graph.Scope, x *graph.Node) *graph.Node {
			y := nodes.Linear(s.In("fc"), nodes.Flatten(x), 4)
			return nodes.Add(nodes.ReLU(y), nodes.BatchNorm1D(s.In("bn"), y))
		},
		"linear norm": func(s *graph.Scope, x *graph.Node) *graph.Node {
			y := nodes.BatchNorm1D(s.In("bn"), nodes.Linear(s.In("fc"), nodes.Flatten(x), 4))
			z := nodes.ReLU(y)
			return nodes.Add(z, nodes.ReLU(nodes.Add(z, nodes.LeakyReLU(y))))
		},
	} {
		for _, opts := range [][]graph.Option{nil, {graph.Float64()}} {
			m := buildNet(t, net, graph.Shape{2, 3, 8, 8}, opts...)
			p, err := m.Profile(ones(m.Dtype(), 2, 3, 8, 8))
			if err != nil {
				t.Fatal(err)
			}
			var costly []string
			for _, c := range p {
				if c.FLOPs > 0 {
					costly = append(costly, c.Op)
				}
			}
			if len(costly) != 1 {
				t.Errorf("%s in %v: costly are %v, want one", name, m.Dtype(), costly)
			}
		}
	}
}

// The gradient of a weight with a penalty is a sum, which is written where the
// solver reads it.
func TestSummedGradientsAreNotCopied(t *testing.T) {
	m := buildNet(t, func(s *graph.Scope, x *graph.Node) *graph.Node {
		regularize.L2(s, 0.5)
		return nodes.Linear(s.In("fc"), x, 2, nodes.WeightInit(graph.Constant(3)), nodes.NoBias())
	}, graph.Shape{1, 2})
	tr := m.Trainer(nodes.L1(nodes.Sum))
	if _, err := tr.Step(ones(tensor.Float32, 1, 2), ones(tensor.Float32, 1, 2)); err != nil {
		t.Fatal(err)
	}
	if got := tr.Gradients()[0].Value.Float32s(); !slices.Equal(got, []float32{4, 4, 4, 4}) {
		t.Errorf("the gradient is %v, want 1 + 3 for each", got)
	}
	p, err := tr.Profile()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p {
		if c.Op == "Sum" {
			t.Errorf("the step runs %v: there is a sum beside the gradient", p)
		}
	}
}
