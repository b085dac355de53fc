package graph

import (
	"maps"

	"gorgonia.org/tensor"
)

// Given returns this scope with a weight that is made elsewhere: a node function that
// declares a parameter or a state called name at it gets n, which must have the shape and
// the type that it declares, and declares none of its own. So two layers share a weight,
// or a layer uses one that a file calls otherwise:
//
//	w := s.Param("kernel", graph.Shape{16, 3, 3, 3}, graph.HeNormal())
//	x = nodes.Conv2D(s.In("conv1").Given("weight", w), x, 16, 3)
//
// What is given is learned, saved and penalised under the name that it was declared by,
// if it is a parameter. In the place of a state that training changes only a state can be
// given.
func (s *Scope) Given(name string, n *Node) *Scope {
	if s == nil {
		return nil
	}
	given := *s
	given.have = maps.Clone(s.have)
	if given.have == nil {
		given.have = map[string]*Node{}
	}
	given.have[join(s.path, name)] = n
	return &given
}

// use returns what is given for a weight.
func (s *Scope) use(full string, n *Node, dt tensor.Dtype, shape Shape) *Node {
	switch {
	case n == nil:
		return s.Errorf("what is given for %s is nil, want a node", full)
	case n.b != s.b:
		return s.Errorf("what is given for %s belongs to another graph; declare all nodes of a model inside its function", full)
	case n.inert():
	case n.Dtype() != dt:
		return s.Errorf("what is given for %s has element type %v, want %v", full, n.Dtype(), dt)
	case !sameShape(n.Shape(), shape):
		return s.Errorf("what is given for %s has shape %v, want %v", full, n.Shape(), shape)
	}
	return n
}
