package nodes_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"gorgonia.org/gorgonia"
)

func TestGoldenFunctions(t *testing.T) {
	runGolden(t, map[string]goldenNet{
		"BatchNorm": batchNormNet,
		"LayerNorm": func(t *testing.T, g golden) (net, []int) {
			opts := normOptions[nodes.LayerNormOption](t, g, "elementwise_affine")
			opts = append(opts, nodes.Axes(len(arg[[]int](t, g, "normalized_shape"))))
			return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.LayerNorm(s, in[0], opts...) }, nil
		},
		"GroupNorm": func(t *testing.T, g golden) (net, []int) {
			opts := normOptions[nodes.GroupNormOption](t, g, "affine")
			groups := arg[int](t, g, "num_groups")
			return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
				return nodes.GroupNorm(s, in[0], groups, opts...)
			}, nil
		},

		"ReLU":    activation(nodes.ReLU),
		"SELU":    activation(nodes.SELU),
		"SiLU":    activation(nodes.SiLU),
		"Sigmoid": activation(nodes.Sigmoid),
		"Tanh":    activation(nodes.Tanh),
		"LeakyReLU": func(t *testing.T, g golden) (net, []int) {
			slope := nodes.NegativeSlope(arg[float64](t, g, "negative_slope"))
			return unary(func(x *graph.Node) *graph.Node { return nodes.LeakyReLU(x, slope) }), nil
		},
		"ELU": func(t *testing.T, g golden) (net, []int) {
			alpha := nodes.Alpha(arg[float64](t, g, "alpha"))
			return unary(func(x *graph.Node) *graph.Node { return nodes.ELU(x, alpha) }), nil
		},
		"GELU": func(t *testing.T, g golden) (net, []int) {
			var opts []nodes.GELUOption
			if arg[string](t, g, "approximate") == "tanh" {
				opts = append(opts, nodes.TanhApproximation())
			}
			return unary(func(x *graph.Node) *graph.Node { return nodes.GELU(x, opts...) }), nil
		},
		"Softplus": func(t *testing.T, g golden) (net, []int) {
			beta := nodes.Beta(arg[float64](t, g, "beta"))
			threshold := nodes.Threshold(arg[float64](t, g, "threshold"))
			return unary(func(x *graph.Node) *graph.Node { return nodes.Softplus(x, beta, threshold) }), nil
		},
		"Softmax": func(t *testing.T, g golden) (net, []int) {
			axis := arg[int](t, g, "dim")
			return unary(func(x *graph.Node) *graph.Node { return nodes.Softmax(x, axis) }), nil
		},
		"LogSoftmax": func(t *testing.T, g golden) (net, []int) {
			axis := arg[int](t, g, "dim")
			return unary(func(x *graph.Node) *graph.Node { return nodes.LogSoftmax(x, axis) }), nil
		},

		"CrossEntropy": func(t *testing.T, g golden) (net, []int) {
			opts := []nodes.CrossEntropyOption{reduction(t, g), nodes.LabelSmoothing(arg[float64](t, g, "label_smoothing")), nodes.IgnoreIndex(arg[int](t, g, "ignore_index"))}
			if w := weights(t, g, "weight"); w != nil {
				opts = append(opts, nodes.ClassWeights(w...))
			}
			return lossNet(nodes.CrossEntropy(opts...)), nil
		},
		"NLL": func(t *testing.T, g golden) (net, []int) {
			opts := []nodes.NLLOption{reduction(t, g), nodes.IgnoreIndex(arg[int](t, g, "ignore_index"))}
			if w := weights(t, g, "weight"); w != nil {
				opts = append(opts, nodes.ClassWeights(w...))
			}
			return lossNet(nodes.NLL(opts...)), nil
		},
		"BCEWithLogits": bceNet,
		"MSE": func(t *testing.T, g golden) (net, []int) {
			return lossNet(nodes.MSE(reduction(t, g))), nil
		},
		"L1": func(t *testing.T, g golden) (net, []int) {
			return lossNet(nodes.L1(reduction(t, g))), nil
		},
		"Huber": func(t *testing.T, g golden) (net, []int) {
			return lossNet(nodes.Huber(reduction(t, g), nodes.Delta(arg[float64](t, g, "delta")))), nil
		},
	})
}

func batchNormNet(t *testing.T, g golden) (net, []int) {
	opts := batchNormOptions(t, g)
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return batchNorm(s, in[0], opts) }, nil
}

func batchNormOptions(t *testing.T, g golden) []nodes.BatchNormOption {
	t.Helper()
	opts := normOptions[nodes.BatchNormOption](t, g, "affine")
	if m := arg[*float64](t, g, "momentum"); m == nil {
		opts = append(opts, nodes.CumulativeAverage())
	} else {
		opts = append(opts, nodes.Momentum(*m))
	}
	if !arg[bool](t, g, "track_running_stats") {
		opts = append(opts, nodes.Untracked())
	}
	return opts
}

// batchNorm is the norm for the axes of x.
func batchNorm(s *graph.Scope, x *graph.Node, opts []nodes.BatchNormOption) *graph.Node {
	switch x.Dims() {
	case 4:
		return nodes.BatchNorm2D(s, x, opts...)
	case 5:
		return nodes.BatchNorm3D(s, x, opts...)
	}
	return nodes.BatchNorm1D(s, x, opts...)
}

// normOptions are those that every normalisation has. O is the option type of
// one of them.
func normOptions[O any](t *testing.T, g golden, affine string) []O {
	t.Helper()
	opts := []any{nodes.Eps(arg[float64](t, g, "eps"))}
	if !arg[bool](t, g, affine) {
		opts = append(opts, nodes.NoAffine())
	}
	out := make([]O, len(opts))
	for i, o := range opts {
		out[i] = o.(O)
	}
	return out
}

// bceNet takes PyTorch's weight, of any shape that broadcasts, for class weights
// where it has one for each class; others would be weights of the samples of one
// batch, which the option does not offer: they multiply losses that were not
// reduced.
func bceNet(t *testing.T, g golden) (net, []int) {
	opts := []nodes.BCEOption{reduction(t, g)}
	if w := weights(t, g, "pos_weight"); w != nil {
		opts = append(opts, nodes.PosWeight(w...))
	}
	w := weights(t, g, "weight")
	if w != nil && len(w) == len(g.Inputs[0].Data) {
		return weighedSamples(g, w, reduction(t, g)), nil
	}
	if w != nil {
		opts = append(opts, nodes.ClassWeights(w...))
	}
	return lossNet(nodes.BCEWithLogits(opts...)), nil
}

func weighedSamples(g golden, w []float64, r nodes.Reduction) net {
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		losses := nodes.BCEWithLogits(nodes.None)(in[0], in[1])
		weight := s.In("(in)").State("weight", g.Inputs[0].Shape, graph.Values(w))
		return graph.Lift(func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			product, err := gorgonia.HadamardProd(in[0], in[1])
			switch {
			case err != nil || r == nodes.None:
				return product, err
			case r == nodes.Sum:
				return gorgonia.Sum(product)
			}
			return gorgonia.Mean(product)
		}, losses, weight)
	}
}

func activation(f func(*graph.Node) *graph.Node) goldenNet {
	return func(*testing.T, golden) (net, []int) { return unary(f), nil }
}

func unary(f func(*graph.Node) *graph.Node) net {
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return f(in[0]) }
}

func lossNet(loss graph.Loss) net {
	return func(_ *graph.Scope, in ...*graph.Node) *graph.Node { return loss(in[0], in[1]) }
}

func reduction(t *testing.T, g golden) nodes.Reduction {
	t.Helper()
	return map[string]nodes.Reduction{"mean": nodes.Mean, "sum": nodes.Sum, "none": nodes.None}[arg[string](t, g, "reduction")]
}

// weights returns the elements of an argument that is a tensor or null.
func weights(t *testing.T, g golden, name string) []float64 {
	t.Helper()
	if w := arg[*goldenTensor](t, g, name); w != nil {
		return w.floats()
	}
	return nil
}
