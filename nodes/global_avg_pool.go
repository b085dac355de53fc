package nodes

import "github.com/thinnet/thinnet/graph"

// GlobalAvgPool takes the mean of every map.
//
// Shapes: x is (N, C, ...) with at least one spatial axis; y is (N, C).
//
// Source: Lin, Chen, Yan, Network In Network, https://arxiv.org/abs/1312.4400.
func GlobalAvgPool(x *graph.Node) *graph.Node {
	s := x.Layer("GlobalAvgPool")
	if x.Dims() < 3 {
		return s.Errorf("x has shape %v, want (N, C, ...) with at least one spatial axis", x.Shape())
	}
	maps := channels(x.Shape())
	return s.Apply(adaptiveAvgPool{
		maps: maps.Outer * maps.Groups, in: extents{1, 1, maps.Inner}, out: extents{1, 1, 1},
		x: x.Shape().Clone(), y: graph.Shape{maps.Outer, maps.Groups},
	}, x)
}
