package nodes

import (
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
)

// SiLU, also called swish, is y = x · sigmoid(x) for x of any shape.
//
// Source: Elfwing, Uchibe, Doya, Sigmoid-Weighted Linear Units for Neural
// Network Function Approximation in Reinforcement Learning, 2017,
// https://arxiv.org/abs/1702.03118.
func SiLU(x *graph.Node) *graph.Node {
	return x.Layer("SiLU").Apply(pointwise{"SiLU", kernel.SiLU(), silu{}}, x)
}
