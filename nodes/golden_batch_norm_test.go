package nodes_test

import (
	"iter"
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/tensor"
)

func TestGoldenBatchNorms(t *testing.T) {
	runGolden(t, map[string]goldenNet{
		"GhostBatchNorm": func(t *testing.T, g golden) (net, []int) {
			opts := append(batchNormOptions(t, g), nodes.GhostBatch(arg[int](t, g, "ghost")))
			return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return batchNorm(s, in[0], opts) }, nil
		},
		"FrozenBatchNorm": func(t *testing.T, g golden) (net, []int) {
			return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				bn := s.In("bn").InMode(graph.Eval)
				if in[0].Dims() == 4 {
					x := nodes.BatchNorm2D(bn, nodes.Conv2D(s.In("fc1"), in[0], 4, 3, nodes.Pad(1)))
					return nodes.Conv2D(s.In("fc2"), nodes.ReLU(x), 3, 3)
				}
				x := nodes.BatchNorm1D(bn, nodes.Linear(s.In("fc1"), in[0], 4))
				return nodes.Linear(s.In("fc2"), nodes.ReLU(x), 3)
			}, nil
		},
	})
}

// Statistics of all samples of batches of several sizes.
func TestGoldenCalibration(t *testing.T) {
	all, err := goldens()
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, g := range all {
		if g.Node != "Calibration" {
			continue
		}
		cases++
		for _, opts := range [][]graph.Option{{graph.Float64()}, nil} {
			m, err := graph.Build(func(s *graph.Scope, x *graph.Node) *graph.Node {
				x = nodes.ReLU(nodes.BatchNorm2D(s.In("bn1"), nodes.Conv2D(s.In("conv1"), x, 3, 3)))
				return nodes.BatchNorm2D(s.In("bn2"), nodes.Conv2D(s.In("conv2"), x, 2, 3, nodes.Stride(2)))
			}, graph.Shape{2, 1, 6, 7}, opts...)
			if err != nil {
				t.Fatalf("%+v", err)
			}
			g.setWeights(t, m)
			if err := m.Calibrate(batchesOf(g.Inputs)); err != nil {
				t.Fatalf("%+v", err)
			}
			for _, w := range m.Weights() {
				want := g.StateAfter[w.Name]
				if w.Trainable {
					want = g.Params[w.Name]
				}
				compare(t, g.Name+": "+w.Name, w.Value, want)
			}
		}
	}
	if cases == 0 {
		t.Error("there is no golden case of a calibration")
	}
}

func batchesOf(inputs []*goldenTensor) iter.Seq2[*tensor.Dense, error] {
	return func(yield func(*tensor.Dense, error) bool) {
		for _, x := range inputs {
			if !yield(tensor.New(tensor.WithShape(x.Shape...), tensor.WithBacking(x.floats())), nil) {
				return
			}
		}
	}
}
