package graph

import (
	"slices"

	"github.com/pkg/errors"
	"github.com/thinnet/thinnet/internal/guard"
	"gorgonia.org/tensor"
)

// Frozen is what predictions read of a model: its weights, and what programs make of
// them before they run, with batch norm folded and in the order that kernels want. See
// package deploy, which keeps it in a file.
type Frozen struct {
	Weights []Weight
	// Prepared has those values by how they are made: of which weights, and by which
	// ops. Their order depends on the level of instructions of the kernels.
	Prepared map[string]*tensor.Dense
}

// Freeze calls use with what predictions for batches of the given sizes read. The tensors
// are those of the model: use must not write to them, and not keep them. No weight changes
// meanwhile; use must not call methods that change one.
func (m *Model) Freeze(batches []int, use func(*Frozen) error) error {
	if err := m.built(); err != nil {
		return err
	}
	var all []*program
	for _, n := range batches {
		if n < 1 {
			return errors.Errorf("graph.Model.Freeze: the batch is %d, want at least 1", n)
		}
		p, err := m.programs.get(m, programKey{mode: Eval}, m.shapeOf(n), nil, nil)
		if err != nil {
			return guard.At("graph.Model.Freeze", err)
		}
		all = append(all, p)
	}
	m.running.RLock()
	defer m.running.RUnlock()
	f := &Frozen{Prepared: map[string]*tensor.Dense{}}
	for _, w := range m.store.order {
		f.Weights = append(f.Weights, w.Weight)
	}
	for _, p := range all {
		if err := p.freeze(f, m.version.Load()); err != nil {
			return err
		}
	}
	return guard.Call("the function", func() error { return use(f) })
}

// freeze adds what p makes of a version of the weights, but for what it is known by no
// key.
func (p *program) freeze(f *Frozen, version uint64) error {
	mach, err := p.take()
	if err != nil {
		return err
	}
	defer p.give(mach)
	set, err := p.prepared.of(p.plan, version, mach.vals, p.found)
	if err != nil {
		return err
	}
	for k, w := range p.plan.wanted {
		if w.key != "" {
			f.Prepared[w.key] = set.vals[k].value
		}
	}
	return nil
}

// FromFrozen makes a model of values that are there, in place of drawing weights and
// making of them what predictions want. It reads them where they are and never writes to
// them, so they may lie in a file that is mapped to memory. The model predicts and does
// not learn: what would change its weights is an error. What f.Prepared lacks is made as
// it is wanted.
//
// The model function must declare all of f.Weights and no other ones.
func FromFrozen(f *Frozen) Option {
	return func(m *Model) {
		m.frozen = true
		m.store.given = map[string]*tensor.Dense{}
		if f == nil { // the first weight will be missed
			return
		}
		for _, w := range f.Weights {
			m.store.given[w.Name] = w.Value
		}
		m.store.made = make(map[string]*made, len(f.Prepared))
		for key, v := range f.Prepared {
			if v != nil {
				m.store.made[key] = &made{value: withEngine(v)}
			}
		}
	}
}

// take returns the value that is given for a weight.
func (st *store) take(name string, dt tensor.Dtype, shape Shape) (*tensor.Dense, error) {
	v := st.given[name]
	switch {
	case v == nil:
		return nil, errors.Errorf("there is no value of %s among those given; want those of this model", name)
	case v.Dtype() != dt || !sameShape(v.Shape(), shape):
		return nil, errors.Errorf("the value given for %s has type %v and shape %v, want %v and %v", name, v.Dtype(), v.Shape(), dt, shape)
	case !inOrder(v):
		return nil, errors.Errorf("the value given for %s is a view, want a tensor in row-major order", name)
	}
	return withEngine(v), nil
}

// untaken returns an error for a value that is of no weight.
func (st *store) untaken() error {
	for _, name := range sortedNames(st.given) {
		if st.byName[name] == nil {
			return errors.Errorf("the model function declares no %s, of which a value is given; want that of the model that was frozen", name)
		}
	}
	return nil
}

func sortedNames(of map[string]*tensor.Dense) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
