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
	layer := s.Layer("Residual", x)
	if f == nil {
		return layer.Errorf("the branch is nil, want a function")
	}
	y := f(s, x)
	switch {
	case y == nil:
		return layer.Errorf("the branch returned nil, want a node")
	case layer.Err() == nil && !slices.Equal(x.Shape(), y.Shape()):
		return layer.Errorf("x has shape %v and its branch %v, want equal shapes", x.Shape(), y.Shape())
	}
	return broadcastOver(layer, add{}, x, y)
}
