package graph

import (
	"strings"

	"github.com/thinnet/thinnet/internal/cuda"
	"gorgonia.org/tensor"
)

// penalty adds a term to the training loss for every weight under a path.
type penalty struct {
	scope *Scope
	term  func(s *Scope, w *Node) *Node
}

// constraint projects every weight under a path after each update.
type constraint struct {
	scope   *Scope
	project func(w *tensor.Dense) error
	launch  func(c *cuda.Commands, w cuda.Value) // nil without a kernel
}

// Penalise adds term(w), a scalar, to the training loss for every weight at or
// under this scope, wherever in the model function the call stands. A weight is
// a parameter with at least two axes that is not [Exempt]: biases and the
// parameters of normalisations are left alone.
func (s *Scope) Penalise(term func(s *Scope, w *Node) *Node) {
	s.b.penalised = append(s.b.penalised, penalty{s, term})
}

// AddLoss adds a term, a scalar of the model's element type, to the training loss:
// a penalty of activations, say. It is Keras's add_loss; PyTorch has no equivalent. At
// a scope of another mode than [Train] it does nothing. For terms made of weights there
// is [Scope.Penalise].
func (s *Scope) AddLoss(term *Node) {
	switch {
	case term == nil:
		s.Errorf("the term is nil, want a scalar node")
	case term.n == nil: // the mistake is known
	case term.b != s.b:
		s.Errorf("the term belongs to another graph; declare all nodes of a model inside its function")
	case term.Dims() != 0:
		s.Errorf("the term has shape %v, want a scalar", term.Shape())
	case term.Dtype() != s.b.dtype:
		s.Errorf("the term has type %v, want %v", term.Dtype(), s.b.dtype)
	case s.b.mode == Train && s.mode == Train:
		s.b.terms = append(s.b.terms, term)
	}
}

// Constrain calls project on every weight at or under this scope after each
// update; see [Scope.Penalise] for what a weight is. Of a model on a CUDA device each
// weight goes to the host for it, and back.
func (s *Scope) Constrain(project func(w *tensor.Dense) error) {
	s.b.constrained = append(s.b.constrained, constraint{scope: s, project: project})
}

// ConstrainBy is [Scope.Constrain] by a constraint that CUDA devices have a kernel for.
func (s *Scope) ConstrainBy(c Constraint) {
	s.b.constrained = append(s.b.constrained, constraint{s, c.Project, c.Launch})
}

// A Constraint projects weights, on the host and on CUDA devices.
type Constraint interface {
	// Project changes a weight on the host.
	Project(w *tensor.Dense) error

	// Launch records the same for a weight on a device. There is no working memory.
	Launch(c *cuda.Commands, w cuda.Value)
}

// covered returns the weights under s in order of declaration, and reports a
// rule that covers none.
func (b *builder) covered(s *Scope) []*weight {
	var out []*weight
	for _, w := range b.store.order {
		under := s.path == "" || strings.HasPrefix(w.Name, s.path+".")
		if _, here := b.weights[w.Name]; here && under && w.Trainable && !w.exempt && w.Value.Dims() >= 2 {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		s.Errorf("no weight lies under %q; want the scope of a layer, or of a part of the model, that has one", s.path)
	}
	return out
}

// Penalties declares the terms of all rules made so far by [Scope.Penalise] in this
// graph, and returns them, followed by the terms of [Scope.AddLoss]. A trainer adds
// them to the loss by itself; in a graph of Gorgonia's, where [Embed] declares nodes,
// it is up to the caller.
func (s *Scope) Penalties() []*Node { return s.b.penalties() }

// penalties declares the terms of all rules, and adds those that are there.
func (b *builder) penalties() []*Node {
	var out []*Node
	for _, r := range b.penalised {
		for _, w := range b.covered(r.scope) {
			term := r.term(r.scope, b.weights[w.Name])
			if !term.inert() && term.Dims() != 0 {
				r.scope.Errorf("a penalty has shape %v, want a scalar", term.Shape())
			}
			out = append(out, term)
		}
	}
	return append(out, b.terms...)
}

// A projection is a constraint of one weight.
type projection struct {
	w       *weight
	project func() error
	launch  func(c *cuda.Commands, w cuda.Value) // nil without a kernel
	program *cuda.Program                        // of the launch, from its first run on
}

// projections returns the constraints of the model, for every weight that is not frozen.
func (b *builder) projections() []projection {
	var out []projection
	for _, c := range b.constrained {
		for _, w := range b.covered(c.scope) {
			if b.frozen[w] {
				continue
			}
			out = append(out, projection{w: w, launch: c.launch, project: func() error {
				if err := c.project(w.Value); err != nil {
					return locate(err, w.Name, c.scope.kind)
				}
				return nil
			}})
		}
	}
	return out
}
