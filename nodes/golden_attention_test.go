package nodes_test

import (
	"testing"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/nodes"
)

func TestGoldenAttention(t *testing.T) {
	runGolden(t, map[string]goldenNet{
		"MatMul":                    goldenBinary(nodes.MatMul),
		"ScaledDotProductAttention": goldenDotProductAttention,
		"MultiheadAttention":        goldenMultihead,
		"TransformerEncoderLayer":   goldenEncoderLayer,
		"SinusoidalPositions":       goldenUnary(nodes.SinusoidalPositions),
		"LearnedPositions":          goldenLearnedPositions,
	})
}

// goldenMasking returns the options that the arguments causal and lengths stand for.
func goldenMasking(t *testing.T, g golden) func(s *graph.Scope) []nodes.AttentionOption {
	return func(s *graph.Scope) (opts []nodes.AttentionOption) {
		if arg[bool](t, g, "causal") {
			opts = append(opts, nodes.Causal())
		}
		if lengths := arg[[]int](t, g, "lengths"); lengths != nil {
			opts = append(opts, nodes.KeyLengths(s.Ints(graph.Shape{len(lengths)}, lengths)))
		}
		return opts
	}
}

func goldenDotProductAttention(t *testing.T, g golden) (net, []int) {
	masking := goldenMasking(t, g)
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []nodes.ScaledDotProductAttentionOption
		for _, opt := range masking(s) {
			opts = append(opts, opt)
		}
		if scale := arg[float64](t, g, "scale"); scale != 0 {
			opts = append(opts, nodes.AttentionScale(scale))
		}
		if len(in) > 3 {
			opts = append(opts, nodes.AttentionMask(in[3]))
		}
		return nodes.ScaledDotProductAttention(s, in[0], in[1], in[2], opts...)
	}, nil
}

func goldenMultihead(t *testing.T, g golden) (net, []int) {
	masking, mask := goldenMasking(t, g), arg[*goldenTensor](t, g, "mask")
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []nodes.MultiheadAttentionOption
		for _, opt := range masking(s) {
			opts = append(opts, opt)
		}
		if mask != nil {
			opts = append(opts, nodes.AttentionMask(s.In("(in)").State("mask", mask.Shape, graph.Values(mask.floats()))))
		}
		if !arg[bool](t, g, "bias") {
			opts = append(opts, nodes.NoBias())
		}
		if len(in) == 1 {
			in = append(in, in[0], in[0])
		}
		return nodes.MultiheadAttention(s, in[0], in[1], in[2], arg[int](t, g, "heads"), opts...)
	}, nil
}

func goldenEncoderLayer(t *testing.T, g golden) (net, []int) {
	masking := goldenMasking(t, g)
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node {
		var opts []nodes.TransformerEncoderLayerOption
		for _, opt := range masking(s) {
			opts = append(opts, opt)
		}
		if arg[bool](t, g, "norm_first") {
			opts = append(opts, nodes.NormFirst())
		}
		if arg[string](t, g, "activation") == "gelu" {
			opts = append(opts, nodes.EncoderActivation(func(x *graph.Node) *graph.Node { return nodes.GELU(x) }))
		}
		return nodes.TransformerEncoderLayer(s, in[0], arg[int](t, g, "heads"), arg[int](t, g, "ff"), opts...)
	}, nil
}

func goldenLearnedPositions(t *testing.T, g golden) (net, []int) {
	most := arg[int](t, g, "most")
	return func(s *graph.Scope, in ...*graph.Node) *graph.Node { return nodes.LearnedPositions(s, in[0], most) }, nil
}
