package nodes

import (
	"fmt"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/graph"
	"gorgonia.org/tensor"
)

// checkedLengths is its second input, lengths (N) that an option gives for an axis of
// the first one, in the type of the first one.
type checkedLengths struct {
	option string
	axis   int
	of     string // what an axis of x counts
}

// apply declares the lengths for x (N, ...).
func (op checkedLengths) apply(s *graph.Scope, x, lengths *graph.Node) *graph.Node {
	switch want := (graph.Shape{x.Dim(0)}); {
	case lengths == nil:
		return s.Errorf("%s is nil, want a node of shape %v, one length for each sample", op.option, want)
	case s.Err() == nil && !slices.Equal(lengths.Shape(), want):
		return s.Errorf("%s has shape %v, want %v, one length for each sample", op.option, lengths.Shape(), want)
	}
	wantNumbers(s, op.option, lengths)
	return s.Apply(op, x, lengths)
}

func (op checkedLengths) String() string { return fmt.Sprintf("%s{axis %d}", op.option, op.axis) }

func (checkedLengths) InferShape(in ...graph.Shape) (graph.Shape, error) {
	return in[1].Clone(), nil
}

func (op checkedLengths) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	most := in[0].Shape()[op.axis]
	for n := range y.Shape()[0] {
		v := number(in[1], n)
		if !(v >= 0 && v <= float64(most)) || v != float64(int(v)) {
			return op.wrong(n, v, most)
		}
		switch y.Dtype() {
		case tensor.Float32:
			y.Float32s()[n] = float32(v)
		case tensor.Float64:
			y.Float64s()[n] = v
		}
	}
	return nil
}

// wrong says that the length of sample n can't be v.
func (op checkedLengths) wrong(n int, v float64, most int) error {
	return errors.Errorf("%s: the length of sample %d is %v, want a whole number from 0 to %d, the %s", op.option, n, v, most, op.of)
}
