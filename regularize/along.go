package regularize

import "github.com/thinnet/thinnet/graph"

// along is the shape of draws that differ along some axes of x alone.
func along(x *graph.Node, axes ...int) graph.Shape {
	shape := make(graph.Shape, x.Dims())
	for i := range shape {
		shape[i] = 1
	}
	for _, axis := range axes {
		if axis < len(shape) {
			shape[axis] = x.Dim(axis)
		}
	}
	return shape
}

// firstAxis is the shape of draws that all but the first axis share.
func firstAxis(w *graph.Node) graph.Shape { return along(w, 0) }
