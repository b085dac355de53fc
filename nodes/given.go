package nodes

import (
	"slices"

	"github.com/thinnet/thinnet/graph"
)

// replaced returns what f, the function of an option, makes of x at s: a node of the
// same shape and type.
func replaced(s *graph.Scope, option string, f graph.Func, x *graph.Node) *graph.Node {
	if f == nil {
		return s.Errorf("the function of %s is nil", option)
	}
	y := f(s, x)
	switch {
	case y == nil:
		return s.Errorf("the function of %s returned nil, want a node", option)
	case s.Err() == nil && (!slices.Equal(y.Shape(), x.Shape()) || y.Dtype() != x.Dtype()):
		return s.Errorf("the function of %s returned shape %v of %v, want those of its input, %v of %v", option, y.Shape(), y.Dtype(), x.Shape(), x.Dtype())
	}
	return y
}
