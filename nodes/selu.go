package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// The constants of SELU, with which activations of mean 0 and variance 1 keep
// both.
const (
	seluScale = 1.0507009873554804934193349852946
	seluAlpha = 1.6732632423543772848170429916717
)

// SELU is, for x of any shape,
//
//	y = λ·x where x > 0, else λ·α · (exp(x) - 1),   λ ≈ 1.0507, α ≈ 1.6733
//
// The derivative at 0 is λ·α. It keeps activations normalised if weights are
// drawn by [graph.KaimingNormal] with [graph.GainLinear].
//
// Source: Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017,
// https://arxiv.org/abs/1706.02515.
func SELU(x *graph.Node) *graph.Node {
	return x.Layer("SELU").Apply(pointwise{"SELU", kernel.ELU(seluScale, seluAlpha), operator("Selu")}, x)
}
