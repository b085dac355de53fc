package onnx

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"github.com/thinnet/thinnet/internal/onnxgraph"
	"gorgonia.org/tensor"
)

// A declaration is a model with sizes that may depend on the batch.
type declaration struct {
	*graph.Declaration
	dims  [][]onnxgraph.Dim // of each node
	wrong []error           // of a node with a size that no file can state
}

// declare finds them by declaring the model for two batch sizes.
func declare(m *graph.Model, training bool) (d declaration, err error) {
	shape := m.Shape()
	if len(shape) == 0 {
		return d, errors.New("the model is not built: use graph.Build")
	}
	mode, small := graph.Eval, max(2, shape[0]) // of one sample statistics are an error, and axes may go
	if training {
		mode = graph.Train
	}
	large := 2 * small
	if d.Declaration, err = m.Declare(mode, small); err != nil {
		return d, err
	}
	other, err := m.Declare(mode, large)
	if err != nil {
		return d, errors.WithMessagef(err, "for a batch of %d, to see what depends on its size", large)
	}
	if len(d.Nodes) != len(other.Nodes) {
		return d, errors.Errorf("the model function declares %d nodes for a batch of %d and %d for %d, want the same nodes for each batch size", len(d.Nodes), small, len(other.Nodes), large)
	}
	for i, n := range d.Nodes {
		of := other.Nodes[i]
		if n.Source != of.Source || reflect.TypeOf(n.Op) != reflect.TypeOf(of.Op) || n.Path != of.Path || !slices.Equal(n.In, of.In) || len(n.Shape) != len(of.Shape) {
			return d, n.At(errors.Errorf("the model function declares another node here for a batch of %d than for %d, want the same nodes for each batch size", large, small))
		}
		if n.Source == graph.FromConstant && !sameValue(n.Value, of.Value) {
			return d, n.At(errors.Errorf("a constant is another one for a batch of %d than for %d, want one that doesn't depend on its size", large, small))
		}
		if _, numeric := n.Op.(onnxgraph.Numeric); numeric && fmt.Sprint(n.Op) != fmt.Sprint(of.Op) {
			return d, n.At(errors.Errorf("it is %v for a batch of %d and %v for %d, want numbers that don't depend on its size", n.Op, small, of.Op, large))
		}
		dims, wrong := make([]onnxgraph.Dim, len(n.Shape)), error(nil)
		for axis, size := range n.Shape {
			dim, ok := dimOf(small, size, large, of.Shape[axis])
			if !ok {
				wrong = errors.Errorf("the shape is %v for a batch of %d and %v for %d, want sizes that are fixed or grow in proportion to the batch", n.Shape, small, of.Shape, large)
			}
			dims[axis] = dim
		}
		d.dims, d.wrong = append(d.dims, dims), append(d.wrong, wrong)
	}
	return d, nil
}

// dimOf returns the size that is n1 for a batch of b1 and n2 for b2.
func dimOf(b1, n1, b2, n2 int) (onnxgraph.Dim, bool) {
	each := (n2 - n1) / (b2 - b1)
	d := onnxgraph.Dim{Fixed: n1 - each*b1, Batch: each}
	return d, d.Fixed >= 0 && d.Batch >= 0 && d.Fixed+d.Batch*b2 == n2
}

func sameValue(a, b *tensor.Dense) bool {
	return a != nil && b != nil && slices.Equal(a.Shape(), b.Shape()) && fmt.Sprint(a.Data()) == fmt.Sprint(b.Data())
}
