package regularize_test

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
	"github.com/thinnet/thinnet/regularize"
)

// goldenWeight is a layer that uses a function of its weight.
func goldenWeight(f func(p float64, opts ...regularize.DropConnectOption) graph.Func) goldenNet {
	return func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		s, out, kernel := s.In("layer"), arg[int](g, "out"), arg[int](g, "kernel")
		with := nodes.Parametrize(f(arg[float64](g, "p")))
		switch layer := arg[string](g, "layer"); layer {
		case "Linear":
			return nodes.Linear(s, in[0], out, with)
		case "Conv1D":
			return nodes.Conv1D(s, in[0], out, kernel, with)
		case "Conv2D":
			return nodes.Conv2D(s, in[0], out, kernel, with)
		default:
			return s.Errorf("the layer is %q, want Linear, Conv1D or Conv2D", layer)
		}
	}
}

func goldenDropConnectLinear(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
	var opts []regularize.DropConnectLinearOption
	for _, o := range goldenLayer(g) {
		opts = append(opts, o)
	}
	return regularize.DropConnectLinear(s.In("fc"), in[0], arg[int](g, "out"), arg[float64](g, "p"), opts...)
}

// goldenDropConnectConv is for a convolution that drops its weights.
func goldenDropConnectConv(f func(s *graph.Scope, x *graph.Node, out, k int, p float64, opts ...regularize.DropConnectConvOption) *graph.Node) goldenNet {
	return func(g drawn, s *graph.Scope, in ...*graph.Node) *graph.Node {
		opts := []regularize.DropConnectConvOption{regularize.ConvOptions(nodes.Stride(arg[int](g, "stride")), nodes.Pad(arg[int](g, "padding")))}
		for _, o := range goldenLayer(g) {
			opts = append(opts, o)
		}
		return f(s.In("fc"), in[0], arg[int](g, "out"), arg[int](g, "kernel"), arg[float64](g, "p"), opts...)
	}
}

func goldenLayer(g drawn) []regularize.DropConnectLayerOption {
	opts := []regularize.DropConnectLayerOption{regularize.GaussianReLU()}
	if arg[string](g, "activation") == "tanh" {
		opts[0] = regularize.Activation(nodes.Tanh)
	}
	if arg[bool](g, "classic") {
		opts = append(opts, regularize.Classic())
	}
	return opts
}
