package nodes

import "github.com/thinnet/thinnet/graph"

// Flatten makes one axis of all but the first, without a copy: x of shape
// (N, ...) with two axes or more becomes (N, M). For other axes see [Reshape].
func Flatten(x *graph.Node) *graph.Node {
	s := x.Layer("Flatten")
	if x.Dims() < 2 {
		return s.Errorf("x has shape %v, want (N, ...) with two axes or more", x.Shape())
	}
	n := x.Dim(0)
	return s.Apply(reshape{graph.Shape{n, x.Shape().TotalSize() / n}}, x)
}
