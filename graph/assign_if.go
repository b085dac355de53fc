package graph

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// AssignIf returns this scope with its state held back: what [Scope.Assign] gives a
// state at or under it is taken at steps where gate is not 0, and at the others the
// state stays as it is. gate is one element of the model's type. Within another
// AssignIf both gates must be open. It is how a branch that a step leaves out keeps its
// running statistics.
func (s *Scope) AssignIf(gate *Node) *Scope {
	switch {
	case gate == nil:
		s.Errorf("AssignIf: the gate is nil, want a node of one element")
	case s.Err() == nil && (gate.Shape().TotalSize() != 1 || gate.Dtype() != s.Dtype()):
		s.Errorf("AssignIf: the gate has shape %v and type %v, want one element of type %v", gate.Shape(), gate.Dtype(), s.Dtype())
	}
	held := *s
	held.hold = append(slices.Clip(s.hold), gate)
	return &held
}

// held returns what a state is assigned: value, or the state itself if a gate of
// this scope is 0.
func (s *Scope) held(state, value *Node) *Node {
	for _, gate := range s.hold {
		value = s.Layer("").Apply(held{}, value, state, gate)
	}
	return value
}

// held is its first input, or the second if the third is 0.
type held struct{}

func (held) String() string { return "Held" }

func (held) InferShape(in ...Shape) (Shape, error) { return in[0].Clone(), nil }

func (held) Forward(y *tensor.Dense, in ...*tensor.Dense) error {
	from := in[0]
	if isZero(in[2]) {
		from = in[1]
	}
	switch y.Dtype() {
	case tensor.Float32:
		copy(y.Float32s(), from.Float32s())
	case tensor.Float64:
		copy(y.Float64s(), from.Float64s())
	case tensor.Int64:
		copy(y.Int64s(), from.Int64s())
	default:
		return errors.Errorf("state has type %v, want float32, float64 or int64", y.Dtype())
	}
	return nil
}

func isZero(d *tensor.Dense) bool {
	if d.Dtype() == tensor.Float32 {
		return d.Float32s()[0] == 0
	}
	return d.Float64s()[0] == 0
}
