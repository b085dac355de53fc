package nodes

import (
	"fmt"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/kernel"
	"gorgonia.org/tensor"
)

// Reshape gives x another shape; the elements stay in row-major order and are
// not copied.
//
// A 0 keeps the size that the axis has in x, and one -1 takes what is left. So
// Reshape(x, 0, -1) holds for every batch size, as a model should: the batch is
// not always the one given to [graph.Build]. Without a shape, y is a scalar.
func Reshape(x *graph.Node, shape ...int) *graph.Node {
	s := x.Layer("Reshape")
	to, err := reshaped(x.Shape(), shape)
	if err != nil {
		return s.Fail(err)
	}
	return s.Apply(reshape{to}, x)
}

// reshaped replaces 0 and -1.
func reshaped(x graph.Shape, shape []int) (graph.Shape, error) {
	to := append(graph.Shape{}, shape...)
	total, known, open := x.TotalSize(), 1, -1
	for i, d := range to {
		switch {
		case d == 0 && i < len(x):
			to[i] = x[i]
		case d == 0:
			return nil, errors.Errorf("shape is %v, whose axis %d is 0, want a size: x of shape %v has no such axis to keep", shape, i, x)
		case d == -1 && open < 0:
			open = i
			continue
		case d < 0:
			return nil, errors.Errorf("shape is %v, want sizes ≥ 0 and at most one -1", shape)
		}
		if to[i] > total { // or the product might overflow
			return nil, errors.Errorf("x has shape %v and so %d elements, want as many as in %v", x, total, shape)
		}
		known *= to[i]
		if known > total {
			break
		}
	}
	if open >= 0 && total%known == 0 {
		to[open] = total / known
		known = total
	}
	if known != total {
		return nil, errors.Errorf("x has shape %v and so %d elements, want as many as in %v", x, total, shape)
	}
	return to, nil
}

// reshape is x in another shape of the same size.
type reshape struct{ to graph.Shape }

func (op reshape) String() string { return fmt.Sprintf("Reshape{%v}", op.to) }

func (op reshape) InferShape(...graph.Shape) (graph.Shape, error) { return op.to.Clone(), nil }

// View implements [graph.Viewer].
func (reshape) View() {}

// Forward copies, for machines that know no views.
func (op reshape) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	return graph.Run(op, y, in, reshapeForward[float32], reshapeForward[float64])
}

func reshapeForward[T kernel.Float](_ reshape, y []T, in [][]T) { copy(y, in[0]) }

func (op reshape) Backward(in []*graph.Node, y, dy *graph.Node) []*graph.Node {
	return []*graph.Node{y.Layer("Reshape").Apply(reshape{in[0].Shape().Clone()}, dy)}
}
