package nodes

import (
	"fmt"

	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// AdaptiveAvgPool2D takes the mean over h by w regions of every map, whatever
// its size. Region i of h along an axis of H covers [⌊i·H/h⌋, ⌈(i+1)·H/h⌉);
// neighbours overlap where h does not divide H.
//
// Shapes: x is (N, C, H, W); y is (N, C, h, w).
func AdaptiveAvgPool2D(x *graph.Node, h, w int) *graph.Node {
	s := x.Layer("AdaptiveAvgPool2D")
	if x.Dims() != 4 {
		return s.Errorf("x has shape %v, want %s", x.Shape(), images[2])
	}
	if h < 1 || w < 1 || h > largest || w > largest {
		return s.Errorf("h and w are %d and %d, want at least 1 and at most 2³⁰", h, w)
	}
	n, c := x.Dim(0), x.Dim(1)
	return s.Apply(adaptiveAvgPool{
		maps: n * c, in: extents{1, x.Dim(2), x.Dim(3)}, out: extents{1, h, w},
		x: x.Shape().Clone(), y: graph.Shape{n, c, h, w},
	}, x)
}

// adaptiveAvgPool takes means over regions of maps.
type adaptiveAvgPool struct {
	maps    int
	in, out extents
	x, y    graph.Shape
}

func (op adaptiveAvgPool) String() string {
	return fmt.Sprintf("AdaptiveAvgPool{maps %d, from %v to %v, x %v, y %v}", op.maps, op.in, op.out, op.x, op.y)
}

// windows are for channels-last memory.
func (op adaptiveAvgPool) windows() *kernel.Windows {
	return kernel.AdaptiveWindows(op.x[1], op.in, op.out)
}

func (op adaptiveAvgPool) InferShape(...graph.Shape) (graph.Shape, error) { return op.y.Clone(), nil }

func (op adaptiveAvgPool) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, adaptiveForward[float32], adaptiveForward[float64])
}

func adaptiveForward[T kernel.Float](op adaptiveAvgPool, y []T, in [][]T) {
	kernel.AdaptiveAvgPoolForward(op.maps, op.in, op.out, y, in[0])
}

func (op adaptiveAvgPool) Backward(_ []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("AdaptiveAvgPoolGrad").Apply(adaptiveAvgPoolGrad{op}, dy)}
}

type adaptiveAvgPoolGrad struct{ of adaptiveAvgPool }

func (op adaptiveAvgPoolGrad) String() string { return "AdaptiveAvgPoolGrad{" + op.of.String() + "}" }

func (op adaptiveAvgPoolGrad) InferShape(...graph.Shape) (graph.Shape, error) {
	return op.of.x.Clone(), nil
}

func (op adaptiveAvgPoolGrad) Forward(dx *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op.of, dx, in, adaptiveBackward[float32], adaptiveBackward[float64])
}

func adaptiveBackward[T kernel.Float](op adaptiveAvgPool, dx []T, in [][]T) {
	kernel.AdaptiveAvgPoolBackward(op.maps, op.in, op.out, dx, in[0])
}
