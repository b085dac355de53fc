package graph

import (
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"github.com/thinnet/thinnet/internal/philox"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Weight is a parameter or a state of a model.
type Weight struct {
	// Name is the path, as PyTorch writes it: conv1.weight, bn1.running_mean.
	Name string
	// Value is the live tensor: writing to it changes the model. Write inside
	// [Model.Exclusively], or at the latest before the first prediction after
	// [Model.Weights] if no program is running: predictions keep what they made of
	// the weights, packed or folded, until then.
	Value *tensor.Dense
	// Trainable is true for parameters and false for state.
	Trainable bool
}

type weight struct {
	Weight
	init   Init // of its first value
	exempt bool // from penalties and constraints
}

// store holds the weights of a model, shared by all its programs.
type store struct {
	order  []*weight
	byName map[string]*weight
	closed bool // after Build the set of weights is fixed

	// Of a frozen model:
	given map[string]*tensor.Dense // values of weights, by name
	made  map[string]*made         // see Frozen.Prepared
}

func newStore() *store { return &store{byName: map[string]*weight{}} }

// Param declares a trainable parameter called name at this scope. The first
// program of a model draws its value from (seed, path) with init; later ones
// share it. It must be finite.
func (s *Scope) Param(name string, shape Shape, init Init, opts ...ParamOption) *Node {
	w := weight{Weight: Weight{Trainable: true}}
	guard.Apply(&w, opts)
	return s.weight(name, s.b.dtype, shape, init, w)
}

// A ParamOption adjusts one [Scope.Param].
type ParamOption func(*weight)

// Exempt keeps penalties and constraints off a parameter, as off the scale of a
// normalisation, whatever its number of axes.
func Exempt() ParamOption { return func(w *weight) { w.exempt = true } }

// State declares a value that training changes by [Scope.Assign] instead of by
// gradients, such as running statistics. It is saved with the parameters.
func (s *Scope) State(name string, shape Shape, init Init) *Node {
	return s.weight(name, s.b.dtype, shape, init, weight{})
}

// Counter declares a state that counts: a scalar of type int64, initially 0.
func (s *Scope) Counter(name string) *Node {
	return s.weight(name, tensor.Int64, Shape{}, Zeros(), weight{})
}

// Assign gives a state declared at this graph its next value, which it takes
// when the model is updated after a training step, or in [Model.Calibrate]. In other
// modes, and at a scope of another mode than the program, it does nothing.
func (s *Scope) Assign(state, value *Node) {
	if !s.b.mode.Tracks() || s.mode != s.b.mode || state.inert() || value.inert() {
		return
	}
	w := s.b.store.byName[state.n.Name()]
	switch {
	case state.b != s.b || value.b != s.b:
		s.Errorf("Assign to %q: the state or its value belongs to another graph", state.n.Name())
	case w == nil || w.Trainable:
		s.Errorf("Assign to %q, which is no state", state.n.Name())
	case !sameShape(value.Shape(), state.Shape()):
		s.Errorf("Assign to state %s of shape %v a value of shape %v", w.Name, state.Shape(), value.Shape())
	case value.Dtype() != state.Dtype():
		s.Errorf("Assign to state %s of type %v a value of type %v", w.Name, state.Dtype(), value.Dtype())
	default:
		s.b.assigns = append(s.b.assigns, assignment{w, s.held(state, value)})
	}
}

// weight declares a weight with the properties of w.
func (s *Scope) weight(name string, dt tensor.Dtype, shape Shape, init Init, w weight) *Node {
	if s.b.err != nil {
		return &Node{b: s.b, path: s.path}
	}
	full := join(s.path, name)
	if n, given := s.have[full]; given {
		return s.use(full, n, dt, shape)
	}
	if _, twice := s.b.weights[full]; twice {
		return s.Errorf("%s is declared twice; give each layer a scope of its own, as in s.In(%q)", full, "fc2")
	}
	for i, d := range shape {
		if d <= 0 {
			return s.Errorf("%s has shape %v; axis %d must be positive", full, shape, i)
		}
	}
	if err := checkSize(shape); err != nil {
		return s.Fail(errors.WithMessage(err, full))
	}
	w.Name = full
	value, err := s.b.store.get(w, s.b.seed, dt, shape, init)
	if err != nil {
		return s.Fail(err)
	}
	n := newInput(s.b.graph, full, dt, shape)
	if err := gorgonia.Let(n, fromDense(value)); err != nil {
		return s.Fail(errors.Wrapf(err, "binding %s", full))
	}
	node := &Node{b: s.b, n: n, path: s.path}
	s.b.nodes[n] = node
	s.b.weights[full] = node
	return node
}

// get returns the value of the weight called w.Name, new if there is none yet.
func (st *store) get(w weight, seed uint64, dt tensor.Dtype, shape Shape, init Init) (*tensor.Dense, error) {
	if have := st.byName[w.Name]; have != nil {
		if !sameShape(have.Value.Shape(), shape) {
			return nil, errors.Errorf("%s has shape %v here and %v in the model as built; a weight must not depend on the mode or the batch size", w.Name, shape, have.Value.Shape())
		}
		return have.Value, nil
	}
	if st.closed {
		return nil, errors.Errorf("%s is not in the model as built; declare the same weights in every mode and for every batch size", w.Name)
	}
	var value *tensor.Dense
	var err error
	if st.given != nil {
		value, err = st.take(w.Name, dt, shape)
	} else {
		value, err = initial(w.Name, seed, dt, shape, init)
	}
	if err != nil {
		return nil, err
	}
	w.Value, w.init = value, init
	st.byName[w.Name] = &w
	st.order = append(st.order, &w)
	return value, nil
}

// initial draws a value. It is drawn in float64, so that a float32 and a
// float64 model of one seed start from the same weights.
func initial(name string, seed uint64, dt tensor.Dtype, shape Shape, init Init) (*tensor.Dense, error) {
	if init == nil {
		return nil, errors.Errorf("%s has no initialiser", name)
	}
	draws := make([]float64, shape.TotalSize())
	r := rand.New(philox.NewSource(philox.KeyOf(seed, "init "+name), 0))
	if err := init(r, shape, draws); err != nil {
		return nil, errors.WithMessagef(err, "initialising %s", name)
	}
	if dt == tensor.Int64 {
		counts := make([]int64, len(draws))
		for i, v := range draws {
			counts[i] = int64(v)
		}
		return denseOver(counts, shape), nil
	}
	value, err := convert(denseOver(slices.Clip(draws), shape), dt)
	if err == nil {
		err = finite(value)
	}
	return value, errors.WithMessagef(err, "initialising %s", name)
}
