package nodes

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
)

// Residual adds a branch to what it branches from:
//
//	y = x + f(x)
//
// f declares the branch at the same scope s. Its output must have the shape of
// x; where it has another one, add a projection of x with [Add].
//
// Source: He et al., Deep Residual Learning for Image Recognition, CVPR 2016,
// https://arxiv.org/abs/1512.03385.
func Residual(s *graph.Scope, x *graph.Node, f graph.Func) *graph.Node {
	y := f(s, x)
	s = s.Layer("Residual")
	if s.Err() == nil && !slices.Equal(x.Shape(), y.Shape()) {
		return s.Errorf("x has shape %v and its branch %v, want equal shapes", x.Shape(), y.Shape())
	}
	return broadcastOver(s, add{}, x, y)
}
